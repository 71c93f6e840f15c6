"""A bearer token in, who calls out: an access key of this project, or a token of an OAuth 2.1 authorization server.

The server is a resource server only: it issues nothing. A token is good when its signature, issuer, audience and
expiry are (RFC 9068), and its subject is one of the project's people.
"""

from __future__ import annotations

import asyncio
from typing import assert_never

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken, TokenVerifier
from mcp.server.mcpserver.exceptions import ToolError

from loadline.app import App
from loadline.errors import LoadlineError
from loadline.surfaces.mcp.server import WhoCalls
from loadline.values.access import OPENS, AccessKey, Bearer, May, NotKnown
from loadline.values.rule import Principal


class BearerVerifier(TokenVerifier):
    """Access keys of the project, and tokens of the issuer it trusts, as bearer tokens for this `resource` (its URL).
    A token has to be made out for an audience that the project names."""

    def __init__(self, app: App, resource: str) -> None:
        self._app = app
        self._resource = resource

    async def verify_token(self, token: str) -> AccessToken | None:
        found = await asyncio.to_thread(self._app.bearer, token)
        match found:
            case NotKnown():
                return None
            case Bearer():
                return AccessToken(
                    token=token,
                    client_id=found.agent or found.id,
                    scopes=[found.role.value],
                    # its end was looked at, by our clock and with its leeway
                    expires_at=None,
                    resource=self._resource,
                    subject=found.person,
                )
            case unreachable:
                assert_never(unreachable)


def whoever_holds_the_token(app: App) -> WhoCalls:
    """Each call is its token's."""

    def who(wanted: May) -> Principal:
        token = get_access_token()
        found = app.bearer(token.token) if token is not None else NotKnown(why="no key")
        if isinstance(found, NotKnown):
            raise ToolError("this call carries no key that is known here")
        return holding(app, found, wanted)

    return who


def holding(app: App, key: AccessKey | Bearer, wanted: May) -> Principal:
    """Who calls with a key, where it opens this door. Raises ToolError."""
    if wanted not in OPENS[key.role]:
        raise ToolError(f"a key of role {key.role.value} does not open this: it takes one that may {wanted}")
    try:
        return app.holder(key)
    except LoadlineError as error:
        raise ToolError(str(error)) from None
