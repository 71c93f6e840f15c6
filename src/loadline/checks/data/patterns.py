"""A pattern as ECMA-262 means it in; one that every engine here reads alike out, or why there is none.

Engines disagree on escapes (`\\d` may mean other digits), on what `.` covers and on how a backslash is written in a
literal. So classes are spelled out and escapes become brackets; what cannot be spelled out is refused, never guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_", "s": " \t\n\r\f\v"}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
_SPECIAL = r"\^$.|?*+()[]{}"
_HEX = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})")


class Unportable(Exception):  # caught where promises are made; never shown as an error
    """The pattern uses something that engines disagree on."""


def portable(pattern: str) -> str:
    """Raises Unportable, which says what stands in the way."""
    return "".join(_parts(pattern))


def _parts(pattern: str) -> list[str]:
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            text, at = _escape(pattern, at + 1)
            parts.append(text)
        elif char == "[":
            text, at = _bracket(pattern, at + 1)
            parts.append(text)
        elif char == ".":
            parts.append("[^\n\r]")
            at += 1
        elif pattern.startswith("(?", at) and not pattern.startswith("(?:", at):
            raise Unportable("looks ahead or behind (`(?`), which engines do not share")
        else:
            parts.append(char)
            at += 1
    return parts


def _escape(pattern: str, at: int) -> tuple[str, int]:
    if at >= len(pattern):
        raise Unportable("ends in a backslash")
    char = pattern[at]
    if char in _CLASSES:
        return f"[{_CLASSES[char]}]", at + 1
    if char.lower() in _CLASSES:
        return f"[^{_CLASSES[char.lower()]}]", at + 1
    literal, after = _literal(pattern, at)
    if literal == "\\":
        return r"[\\]", after
    if literal == "^":
        return r"\^", after  # alone in a class it would negate nothing
    return (f"[{literal}]" if literal in _SPECIAL else literal), after


def _literal(pattern: str, at: int) -> tuple[str, int]:
    """The one character an escape stands for."""
    char = pattern[at]
    if found := _HEX.match(pattern, at):
        return chr(int(found[1] or found[2], 16)), found.end()
    if char in _CONTROLS:
        return _CONTROLS[char], at + 1
    if char.isalnum():
        raise Unportable(f"uses `\\{char}`, which engines do not share")
    return char, at + 1


def _bracket(pattern: str, at: int) -> tuple[str, int]:
    """A character class, its escapes spelled out; a literal `-` goes to the end, where it means itself."""
    head, body, has_dash = "", "", False
    if pattern.startswith("^", at):
        head, at = "^", at + 1
    while at < len(pattern) and pattern[at] != "]":
        char = pattern[at]
        if char == "\\":
            if at + 1 >= len(pattern):
                break
            escaped = pattern[at + 1]
            if escaped in _CLASSES:
                body, at = body + _CLASSES[escaped], at + 2
                continue
            if escaped.lower() in _CLASSES:
                raise Unportable(f"uses `\\{escaped}` within brackets, which engines do not share")
            literal, at = _literal(pattern, at + 1)
            if literal == "-":
                has_dash = True
            else:
                body += f"\\{literal}" if literal in "[]^\\" else literal
            continue
        if char == "[" or pattern.startswith("&&", at):
            raise Unportable("nests brackets, which engines do not share")
        if char == "-" and (not body or pattern[at + 1 : at + 2] in {"]", ""}):
            has_dash, at = True, at + 1
            continue
        body, at = body + char, at + 1
    if at >= len(pattern) or not (body or has_dash):
        raise Unportable("has brackets that are empty or never closed")
    return f"[{head}{body}{'-' if has_dash else ''}]", at + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A pattern of fixed length with characters of one class in one place: a text has it when it is `like` that, `_`
    standing for any character, and does not match `other`. Some engines look faster for what is not there."""

    like: str
    other: str


_ITEM = re.compile(
    r"(?:(?P<class>\[(?!\^)[^\[\]\\]+\])|(?P<char>[A-Za-z0-9 \-:/@#,;=&<>~!'\"]))(?:\{(?P<times>\d{1,2})\})?"
)


def shape_of(pattern: str) -> Shape | None:
    """Of a portable pattern; None for one that asks for more, or less."""
    if not pattern.startswith("^") or not pattern.endswith("$"):
        return None
    like, at, place, times, inside = "", 1, 0, 0, ""
    while at < len(pattern) - 1:
        item = _ITEM.match(pattern, at)
        many = int(item["times"] or 1) if item is not None else 0
        if item is None or not many:
            return None
        if found := item["class"]:
            if inside and (found != inside or place + times != len(like)):
                return None  # a second place, or another class
            inside, place, times = found, place if inside else len(like), times + many
        like += ("_" if found else item["char"]) * many
        at = item.end()
    if not inside:
        return None
    is_last = place + times == len(like)
    before = f"^.{{{place}}}" if place else "^"
    return Shape(like=like, other=f"{before}{inside}{'*' if is_last else f'{{0,{times - 1}}}'}[^{inside[1:]}")


FORMATS = {
    "email": r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
    "uuid": r"^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$",
    "uri": r"^[A-Za-z][A-Za-z0-9+.\-]*:[^\s]+$",
    "hostname": r"^[A-Za-z0-9]([A-Za-z0-9\-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9\-]{0,61}[A-Za-z0-9])?)*$",
    "ipv4": r"^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])$",
    "ipv6": r"^[0-9A-Fa-f:]*:[0-9A-Fa-f:]+(:[0-9.]+)?$",
}
"""What text of a format looks like, for those of the standard that can be told by looks."""
