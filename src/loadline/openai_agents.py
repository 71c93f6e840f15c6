"""A project in, tools of the OpenAI Agents SDK out; see `loadline.surfaces.frameworks.openai_agents`."""

from loadline.surfaces.frameworks.openai_agents import open_tools

__all__ = ["open_tools"]
