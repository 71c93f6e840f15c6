"""The frameworks' faces: a project in, tools of an agent framework out, an extra each. They share one list of tools."""
