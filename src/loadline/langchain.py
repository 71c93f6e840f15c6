"""A project in, tools of LangChain and LangGraph out; see `loadline.surfaces.frameworks.langchain`."""

from loadline.surfaces.frameworks.langchain import open_tools

__all__ = ["open_tools"]
