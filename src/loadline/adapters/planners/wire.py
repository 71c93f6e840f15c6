"""An offer in, one HTTP request to a language model, and the JSON object found in its reply out.

Two wire formats: OpenAI's chat completions (https://platform.openai.com/docs/api-reference/chat), which many servers
speak, and Anthropic's messages (https://docs.anthropic.com/en/api/messages).
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from loadline.adapters.planners.faults import failed
from loadline.adapters.planners.prompt import instructions, told
from loadline.adapters.planners.timed import within
from loadline.flow.ports import Offer
from loadline.project import PlannerSettings

if TYPE_CHECKING:
    import httpx

LARGEST_REPLY = 200_000
_REFERENCE = "env:"
_DEFAULTS = {"openai": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com/v1"}
_MOST_TOKENS = 1_000


class WirePlanner:
    """The `Planner` port over HTTP. The key is read from the environment when somebody asks, and never printed."""

    def __init__(self, settings: PlannerSettings) -> None:
        self._settings = settings

    @property
    def provider(self) -> str:
        return self._settings.provider or self._settings.kind

    @property
    def region(self) -> str | None:
        return self._settings.region

    @property
    def name(self) -> str:
        return f"{self._settings.kind} {self._settings.model}"

    def draft_query(self, offer: Offer, *, timeout_seconds: float) -> object:
        try:
            import httpx  # noqa: PLC0415 - an extra: `pip install loadline-ai[llm]`
        except ImportError as error:
            raise failed(
                "httpx is not installed", "install the extra: `pip install loadline-ai[llm]`", retryable=False
            ) from error
        url, headers, body = self._request(offer)
        try:
            content = json.dumps(body).encode()  # escaped: no odd letter of a question makes it unsendable
            with httpx.Client(timeout=timeout_seconds, follow_redirects=False, trust_env=False) as client:
                # each read may take `timeout_seconds`; a server that sends a letter now and then is cut off as a whole
                raw = within(timeout_seconds, lambda: _sent(client, url, headers, content), name="the planner")
        except httpx.TimeoutException as error:
            raise failed(f"the planner took longer than {timeout_seconds:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise failed(f"the planner could not be reached ({type(error).__name__})") from None
        return self._object(raw if isinstance(raw, bytes) else b"")

    def _request(self, offer: Offer) -> tuple[str, dict[str, str], dict[str, Any]]:
        settings = self._settings
        base = (_found(settings.url) or _DEFAULTS[settings.kind]).rstrip("/")
        key = _found(settings.key)
        asked = told(offer)
        if settings.kind == "anthropic":
            headers = {"anthropic-version": "2023-06-01", **({"x-api-key": key} if key else {})}
            body: dict[str, Any] = {
                "model": settings.model, "max_tokens": _MOST_TOKENS, "temperature": 0, "system": instructions(),
                "messages": [{"role": "user", "content": asked}],
            }  # fmt: skip
            return f"{base}/messages", headers, body
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        messages = [{"role": "system", "content": instructions()}, {"role": "user", "content": asked}]
        body = {"model": settings.model, "temperature": 0, "max_tokens": _MOST_TOKENS, "messages": messages}
        return f"{base}/chat/completions", headers, body

    def _object(self, raw: bytes) -> object:
        try:
            reply = json.loads(raw)
            text = reply["content"][0]["text"] if "content" in reply else reply["choices"][0]["message"]["content"]
            begin, end = text.index("{"), text.rindex("}") + 1
            return json.loads(text[begin:end])
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
            raise failed("the planner's reply holds no JSON object") from error


def _sent(client: httpx.Client, url: str, headers: dict[str, str], content: bytes) -> bytes:
    """The body as it came: a packed one may unpack to anything, so none is asked for and none is taken."""
    sent = {**headers, "Content-Type": "application/json", "Accept-Encoding": "identity"}
    with client.stream("POST", url, headers=sent, content=content) as reply:
        if reply.status_code != 200:
            raise failed(f"the planner answered {reply.status_code}")
        if reply.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
            raise failed("the planner's reply is packed, and was asked for as it is", retryable=False)
        raw = bytearray()
        for part in reply.iter_raw():
            raw += part
            if len(raw) > LARGEST_REPLY:
                raise failed("the planner's reply does not end", retryable=False)
        return bytes(raw)


def _found(written: str | None) -> str | None:
    """What `env:NAME` refers to, or the text itself."""
    if written is None or not written.startswith(_REFERENCE):
        return written
    name = written.removeprefix(_REFERENCE)
    value = os.environ.get(name)
    if not value:
        raise failed(f"`{written}` is not set", f"set the environment variable {name}", retryable=False)
    return value
