"""A bearer token in, who calls out: an access key of this project, or a token of an OAuth 2.1 authorization server.

The server is a resource server only: it issues nothing. A token is good when its signature, issuer, audience and
expiry are (RFC 9068), and its subject is one of the project's people.
"""

from __future__ import annotations

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken, TokenVerifier
from mcp.server.mcpserver.exceptions import ToolError

from loadline.app import App
from loadline.errors import LoadlineError
from loadline.surfaces.mcp.server import WhoCalls
from loadline.values.access import OPENS, AccessKey, May
from loadline.values.rule import Principal


class KeyVerifier(TokenVerifier):
    """Access keys of the project as bearer tokens, for this `resource` (its URL)."""

    def __init__(self, app: App, resource: str) -> None:
        self._app = app
        self._resource = resource

    async def verify_token(self, token: str) -> AccessToken | None:
        key = self._app.key_of(token)
        if key is None:
            return None
        expires = int(key.expires_at.timestamp()) if key.expires_at else None
        return AccessToken(
            token=token,
            client_id=key.agent or key.id,
            scopes=[key.role.value],
            expires_at=expires,
            resource=self._resource,
            subject=key.person,
        )


def whoever_holds_the_token(app: App) -> WhoCalls:
    """Each call is its token's."""

    def who(wanted: May) -> Principal:
        token = get_access_token()
        key = app.key_of(token.token) if token is not None else None
        if key is None:
            raise ToolError("this call carries no key that is known here")
        return holding(app, key, wanted)

    return who


def holding(app: App, key: AccessKey, wanted: May) -> Principal:
    """Who calls with a key, where it opens this door. Raises ToolError."""
    if wanted not in OPENS[key.role]:
        raise ToolError(f"a key of role {key.role.value} does not open this: it takes one that may {wanted}")
    try:
        return app.holder(key)
    except LoadlineError as error:
        raise ToolError(str(error)) from None
