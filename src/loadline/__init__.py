"""Loadline: the governed layer between a company's AI assistants and its data."""
