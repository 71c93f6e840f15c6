"""What PyYAML says of broken syntax in; what, why and mend in a user's words out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from loadline.project.secrets import LINE_END
from loadline.project.wording import quoted
from loadline.values.place import Place

# YAML's printable characters; a NUL or an escape code in a definition is never meant.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntaxFault:
    place: Place
    what: str
    why: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """`{it}` is the character pointed at. A problem noticed long after it began is pointed at where it began."""

    what: str
    why: str
    mend: str
    points_at_start: bool = False


_SAID: Mapping[str, _Said] = {
    "found character that cannot start any token": _Said(
        what="a value begins with {it}",
        why="{it} has no meaning in YAML at the beginning of a value",
        mend="put the value in quotes",
    ),
    "mapping values are not allowed in this context": _Said(
        what="a `:` stands where no key can be",
        why="`key: value` stands once in a line, in the column of its neighbours",
        mend="put a value that holds `: ` in quotes, and indent the key like its neighbours",
    ),
    "found unexpected end of stream": _Said(
        what="a quote is opened and never closed",
        why="a quoted value ends with the quote it began with",
        mend="close the quote",
        points_at_start=True,
    ),
    "did not find expected ',' or ']'": _Said(
        what="a list is opened with `[` and not closed",
        why="a list in brackets ends with `]`, its items separated by commas",
        mend="close it with `]`, and put items that hold brackets or commas in quotes",
        points_at_start=True,
    ),
    "did not find expected ',' or '}'": _Said(
        what="a mapping is opened with `{{` and not closed",
        why="a mapping in braces ends with `}}`, its entries separated by commas",
        mend="close it with `}}`, and put values that hold braces or commas in quotes",
        points_at_start=True,
    ),
    "did not find expected key": _Said(
        what="the line does not fit into the mapping it stands in",
        why="the keys of one mapping begin in the same column, and nothing follows a closing quote",
        mend="indent the line like its neighbours; put a value in quotes as a whole or not at all",
    ),
    "did not find expected '-' indicator": _Said(
        what="the line does not fit into the list it stands in",
        why="the items of one list begin with `-` in the same column",
        mend="begin the item with `- ` below the others, or move the key out of the list",
    ),
    "could not find expected ':'": _Said(
        what="a key has no `:` behind it",
        why="every key is followed by `:` and a space",
        mend="write `key: value`; text over several lines begins with `>` or `|` behind the key",
        points_at_start=True,
    ),
    "found unknown escape character": _Said(
        what="an unknown escape stands in double quotes",
        why="in double quotes a backslash begins an escape",
        mend="write `\\\\` for a backslash, or use single quotes",
    ),
}


_COLON_INSIDE = _Said(
    what="a value in braces holds `: `, which begins another value",
    why="in braces each entry is `key: value` up to the next comma; a value that holds `: ` is in quotes",
    mend="put the value in quotes, or a comma before the next key",
)


def unprintable(file: str, text: str) -> SyntaxFault | None:
    """The first character that YAML does not allow, if there is one."""
    found = _UNPRINTABLE.search(text)
    if found is None:
        return None
    before = LINE_END.split(text[: found.start()])
    return SyntaxFault(
        place=Place(file=file, line=len(before), column=len(before[-1]) + 1),
        what=f"the character U+{ord(found.group()):04X} stands here",
        why="control characters are not allowed in YAML: what cannot be seen cannot be reviewed",
        mend="delete the character",
    )


def syntax_fault(file: str, lines: list[str], error: yaml.MarkedYAMLError) -> SyntaxFault:
    place = _place(file, lines, error.problem_mark or error.context_mark)
    line = lines[place.line - 1] if lines else ""
    character = line[place.column - 1 : place.column]
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" in indent or character == "\t":
        return SyntaxFault(
            place=Place(file=file, line=place.line, column=line.index("\t") + 1),
            what="a tab is used to indent",
            why="YAML indents with spaces only: a tab is as wide as each editor likes",
            mend="replace the tab by spaces",
        )
    said = _SAID.get(error.problem or "")
    if said is None:
        return SyntaxFault(
            place=place,
            what=f"the text is not YAML: {error.problem or 'it breaks off here'}",
            why="every file of a project is YAML 1.2",
            mend="mend the syntax here; a value with a special character goes in quotes",
        )
    if said is _SAID["did not find expected ',' or '}'"] and character == ":":
        said = _COLON_INSIDE
    if said.points_at_start and error.context_mark:
        place = _place(file, lines, error.context_mark)
    it = quoted(character) if character.strip() else "the end of the line"
    return SyntaxFault(
        place=place, what=said.what.format(it=it), why=said.why.format(it=it), mend=said.mend.format(it=it)
    )


def _place(file: str, lines: list[str], mark: Any) -> Place:
    """The mark as a place that exists: the parser points behind the last line when a file ends too soon."""
    if mark is None:
        return Place(file=file)
    line, column = mark.line + 1, mark.column + 1
    while line > 1 and (line > len(lines) or not lines[line - 1].strip()):
        line -= 1
        column = len(lines[line - 1].rstrip()) + 1 if line <= len(lines) else 1
    return Place(file=file, line=line, column=column)
