"""A request with an idempotency key in, its reply out: worked for once, however often it is sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, assert_never

from pydantic import BaseModel
from starlette.responses import Response

from loadline.errors import LoadlineError
from loadline.surfaces.http.doors import Caller
from loadline.surfaces.http.problems import Refused
from loadline.surfaces.http.state import Served
from loadline.values.canonical import digest
from loadline.values.reply import InProgress, OtherRequest, Replied, Reply

Work = Callable[[], tuple[int, Any]]


@dataclass(frozen=True, slots=True)
class Once:
    served: Served

    def __call__(self, caller: Caller, route: str, key: str | None, body: BaseModel, work: Work) -> Response:
        """Raises Refused where the key is taken by another request, or by this one in progress."""
        if key is None:
            return _response(_reply(work))
        replies = self.served.app.replies
        asked = digest({"route": route, "body": body.model_dump(mode="json")})
        match replies.claim(caller.key, key, asked, datetime.now(UTC)):
            case None:
                try:
                    reply = _reply(work)
                except (Exception, KeyboardInterrupt) as error:
                    if isinstance(error, LoadlineError | Refused):
                        replies.release(caller.key, key)
                    raise
                replies.keep(caller.key, key, reply)
                return _response(reply)
            case Replied(reply=reply):
                return _response(reply, **{"Idempotent-Replayed": "true"})
            case InProgress():
                raise Refused(409, "in progress", "this request is being worked on, or its server stopped meanwhile")
            case OtherRequest():
                raise Refused(422, "key taken", "this idempotency key was used for another request: use a new one")
            case unreachable:
                assert_never(unreachable)


def _reply(work: Work) -> Reply:
    status, told = work()
    return Reply(status=status, body=json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode())


def _response(reply: Reply, **headers: str) -> Response:
    return Response(reply.body, status_code=reply.status, media_type="application/json", headers=headers)
