"""A declared action in; the tool that carries it out, out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from loadline.adapters.tools.function import Function, FunctionTool, find_function
from loadline.adapters.tools.http import HttpTool
from loadline.adapters.tools.mcp import McpTool
from loadline.errors import Bug
from loadline.flow.acting import codes
from loadline.flow.ports import Tool
from loadline.values.action import DeclaredAction, HttpMeans, McpMeans, PythonMeans, SqlMeans
from loadline.values.diagnostic import Diagnostic


def open_tool(action: DeclaredAction, environment: Mapping[str, str], functions: Mapping[str, Function]) -> Tool:
    """`functions` stand in for those that would be imported, by their name `module:function`. Raises OutsideError when
    one cannot be found."""
    match action.means:
        case HttpMeans() as means:
            return HttpTool(means, environment, action.arguments, is_idempotent=action.is_idempotent)
        case PythonMeans(function=name):
            return FunctionTool(name, functions.get(name) or find_function(name))
        case McpMeans() as means:
            return McpTool(means, environment, action.arguments)
        case SqlMeans():
            what, why = "a statement has no tool", "a statement runs on its target"
            raise Bug(Diagnostic(code=codes.NO_TARGET, what=what, why=why, mend="report it"))
        case unreachable:
            assert_never(unreachable)
