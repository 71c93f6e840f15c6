"""`from loadline import guard`: the gate for agents that are written in Python, as `surfaces.guard` has it."""

from loadline.surfaces.guard import Guard, Withheld, open_guard

__all__ = ["Guard", "Withheld", "open_guard"]
