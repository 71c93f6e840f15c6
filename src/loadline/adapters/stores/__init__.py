"""Stores: drafts in, durable entries out. `sqlite.py` keeps the ledger in one file."""

from loadline.adapters.stores.codes import CODES

__all__ = ["CODES"]
