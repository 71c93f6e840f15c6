"""What happened: entries, their Merkle tree, checkpoints and proofs."""

from loadline.ledger.nouns import Draft, Entry, Kind, SignedCheckpoint

__all__ = ["Draft", "Entry", "Kind", "SignedCheckpoint"]
