"""A project in, tools of pydantic-ai out; see `loadline.surfaces.frameworks.pydantic_ai`."""

from loadline.surfaces.frameworks.pydantic_ai import open_tools

__all__ = ["open_tools"]
