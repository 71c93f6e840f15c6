"""What a server lists of a tool in, its definition and the digest of it out: what a person accepts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from loadline.values.canonical import digest, plain

_HINTS = ("title", "readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolDefinition:
    """All that an agent is told of a tool, as the Model Context Protocol names it. A server may say something else at
    any time; who accepted the one has not accepted the other."""

    name: str
    title: str = ""
    description: str = ""
    input_schema: Mapping[str, Any] = field(default_factory=dict)
    output_schema: Mapping[str, Any] = field(default_factory=dict)
    annotations: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """`sha256:…`; also of texts that are no Unicode, which a hostile server may send."""
        return digest(json.dumps(plain(self), sort_keys=True))


def read_definition(listed: Mapping[str, Any]) -> ToolDefinition:
    """One entry of `tools/list`. What is not there, and what is null, is the same."""
    hints = _mapping(listed, "annotations")
    return ToolDefinition(
        name=str(listed.get("name") or ""),
        title=str(listed.get("title") or ""),
        description=str(listed.get("description") or ""),
        input_schema=_mapping(listed, "inputSchema"),
        output_schema=_mapping(listed, "outputSchema"),
        annotations={name: hints[name] for name in _HINTS if hints.get(name) is not None},
    )


def _mapping(listed: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = listed.get(key)
    return value if isinstance(value, Mapping) else {}
