"""A warehouse looked at, and a project drafted from what it shows."""
