"""Recorded entries in, what a reader wants to know of them out: folds, each over one reading of the ledger."""
