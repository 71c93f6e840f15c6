"""A tree or a line in; where a secret stands in it, or the line with the secret blotted out.

INVARIANT I8: a project holds no secret. What looks like one is an error, and no message or excerpt repeats it.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from loadline.project.tree import Entries, Entry, Items, Node, Scalar

BLOT = "********"

_KEYS = "|".join(
    (
        "password", "passwd", "passwort", "pwd", "pass", "passphrase", "secret", "token", "credentials?", "api_?key",
        "apikey", "access_?key(?:_?id)?", "secret_?key", "private_?key", "account_?key", "signing_?key",
        "encryption_?key", "(?:client|shared|app|api|consumer)_?secret", "secret_?access_?key",
        "aws_?secret_?access_?key", "aws_?access_?key_?id", "(?:access|refresh|auth|bearer|api|session|id|sas)_?token",
        "connection_?string", "conn_?str", "[a-z0-9_]+_(?:password|passwd|passphrase|secret|token|api_?key)",
    )
)  # fmt: skip
_SECRET_KEY = re.compile(rf"(?:{_KEYS})", re.IGNORECASE)
_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*")
_KEY_IN_LINE = re.compile(rf"(?i)(?P<key>[\"']?\b(?:{_KEYS.replace('_?', '[-_]?')})\b[\"']?\s*[:=]\s*)(?P<value>\S.*)$")

LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what the YAML reader counts as the end of a line
_KEY_BEGINS = "-----BEGIN"
_KEY_ENDS = re.compile(r"-----END [A-Z ]*-----")
_BARE_KEY = re.compile(rf"(?i)\b(?:{_KEYS.replace('_?', '[-_]?')})[\"']?\s*:\s*[|>]?[-+0-9]*\s*$")

# Each pattern is the documented form of one issuer's secret, or a form that has no other use.
_SHAPES = (
    ("an access key of AWS", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    ("a URL with a password", re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@'\"]*:[^\s/@'\"]+@")),
    ("a token of GitHub", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,})")),
    ("a token of GitLab", re.compile(r"\bglpat-[A-Za-z0-9_-]{16,}")),
    ("a token of Slack", re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}")),
    ("a key of Google", re.compile(r"\bAIza[0-9A-Za-z_-]{35}")),
    ("a key of an API", re.compile(r"\b(?:sk|rk|pk)[-_](?:live|test|proj|ant|or)[-_][A-Za-z0-9_-]{12,}")),
    ("a key of an API", re.compile(r"\bsk-[A-Za-z0-9]{32,}")),
    ("a token of Databricks", re.compile(r"\bdapi[0-9a-f]{32}\b")),
    ("a signed token", re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*")),
    ("a password", re.compile(r"(?i)\b(?:password|passwd|pwd)\s*=\s*(?!env:)[^\s;'\"]+")),
)  # fmt: skip

_HINT = re.compile(r"AKIA|ASIA|-----|://|gh[pousr]_|github_|glpat-|xox|AIza|[srp]k[-_]|dapi|eyJ|(?i:passw|pwd)")

# Below these keys a key is a name the user chose, and its value an expression, a path or a sentence.
_NAMING_KEYS = frozenset({"fields", "files", "audiences"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A secret: the value, the key it stands under, and what it looks like."""

    value: Scalar
    key: str | None
    looks_like: str


def find_secrets(node: Node, *, under: str | None = None) -> Iterator[Found]:
    """Every value that looks like a secret, or stands under a key that says so and is no `env:NAME` reference."""
    match node:
        case Scalar():
            looks_like = shape_of(node.raw)
            if looks_like is not None:
                yield Found(value=node, key=under, looks_like=looks_like)
        case Items(items=items):
            for item in items:
                yield from find_secrets(item, under=under)
        case Entries(entries=entries):
            custom = _custom_property(node)
            for name, entry in entries.items():
                key = custom if custom is not None and name == "value" else name
                looks_like = shape_of(name)
                if under not in _NAMING_KEYS and is_secret_key(key):
                    yield from _values_under(key, entry.value)
                else:
                    yield from find_secrets(entry.value, under=None if looks_like else name)
                if looks_like is not None:
                    yield Found(value=entry.key, key=None, looks_like=looks_like)


def without_secrets(node: Node, secrets: Container[Scalar]) -> Node:
    """The same tree with each of `secrets` blotted out, so that nobody who reads on can repeat one."""
    match node:
        case Scalar():
            return node._replace(raw=BLOT, value=BLOT, length=1) if node in secrets else node
        case Items(items=items):
            return replace(node, items=tuple(without_secrets(item, secrets) for item in items))
        case Entries(entries=entries):
            kept = {}
            for name, entry in entries.items():
                if entry.key not in secrets:
                    kept[name] = Entry(key=entry.key, value=without_secrets(entry.value, secrets))
            return replace(node, entries=kept)


def secret_lines(lines: Iterable[str]) -> Iterator[int]:
    """Lines to hide whatever the rest of the text is: private keys, and what follows a bare `password:`."""
    is_in_key = False
    is_expected = False
    for number, line in enumerate(lines, start=1):
        is_in_key = is_in_key or _KEY_BEGINS in line
        if is_in_key or (is_expected and line.strip()):
            yield number
        if is_in_key and _KEY_ENDS.search(line):
            is_in_key = False
        if line.strip():
            is_expected = _BARE_KEY.search(line) is not None


@lru_cache(maxsize=4096)  # the same few keys stand in every file
def is_secret_key(key: str) -> bool:
    return _SECRET_KEY.fullmatch(re.sub(r"[-\s.]+", "_", _split_capitals(key))) is not None


def shape_of(text: str) -> str | None:
    """What secret `text` holds, if it has the form of one."""
    if len(text) < 8 or not _HINT.search(text):
        return None
    return next((looks_like for looks_like, pattern in _SHAPES if pattern.search(text)), None)


def blot(line: str, *, is_secret: bool) -> str:
    """The line as it may be shown. A line known to hold a secret keeps its key and nothing behind it."""
    line = without_shapes(line)
    if is_secret:
        key = re.match(r"\s*(?:-\s+)?[\"']?[\w.-]+[\"']?\s*:", line)
        return BLOT if key is None else f"{key.group()} {BLOT}"
    return _KEY_IN_LINE.sub(_blot_value, line)


def without_shapes(text: str) -> str:
    """The text with everything that has the form of a secret blotted out."""
    if _HINT.search(text):
        for _, pattern in _SHAPES:
            text = pattern.sub(BLOT, text)
    return text


def _blot_value(found: re.Match[str]) -> str:
    value = found["value"]
    if _REFERENCE.match(value.strip("\"'")):
        return found.group()
    return f"{found['key']}{BLOT}"


def _values_under(key: str, node: Node) -> Iterator[Found]:
    match node:
        case Scalar(value=None | bool()):
            return
        case Scalar(raw=raw):
            if raw.strip() and not _REFERENCE.fullmatch(raw.strip()):
                yield Found(value=node, key=key, looks_like="a secret")
        case Items(items=items):
            for item in items:
                yield from _values_under(key, item)
        case Entries():
            yield from find_secrets(node, under=key)


def _custom_property(node: Entries) -> str | None:
    """The key that an ODCS custom property really sets: `{property: password, value: …}`."""
    if "property" not in node.entries or "value" not in node.entries:
        return None
    named = node.entries["property"].value
    return named.raw if isinstance(named, Scalar) else None


def _split_capitals(key: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key)
