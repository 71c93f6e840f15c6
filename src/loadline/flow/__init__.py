"""The one river: admit, then carry out."""
