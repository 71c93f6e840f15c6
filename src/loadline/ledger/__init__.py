"""What happened: entries, their Merkle tree, checkpoints and proofs."""

from loadline.ledger.codes import CODES
from loadline.ledger.export import entry_bundles, export_lines, proof_text, tiles
from loadline.ledger.merkle import (
    EMPTY_ROOT,
    ConsistencyProof,
    Frontier,
    InclusionProof,
    Node,
    ReadNode,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_order,
    read_frontier,
    verify_consistency,
    verify_inclusion,
)
from loadline.ledger.note import Signer, Verifier, open_checkpoint, parse_vkey, sign_checkpoint
from loadline.ledger.nouns import Draft, Entry, Kind, SignedCheckpoint
from loadline.ledger.prove import Proven, check_head, no_such_entry, node_missing, prove
from loadline.ledger.seal import SALT_BYTES, Prepared, open_entry, prepare, seal

__all__ = [
    "CODES",
    "EMPTY_ROOT",
    "SALT_BYTES",
    "ConsistencyProof",
    "Draft",
    "Entry",
    "Frontier",
    "InclusionProof",
    "Kind",
    "Node",
    "Prepared",
    "Proven",
    "ReadNode",
    "SignedCheckpoint",
    "Signer",
    "Verifier",
    "check_head",
    "consistency_proof",
    "entry_bundles",
    "export_lines",
    "inclusion_proof",
    "leaf_hash",
    "no_such_entry",
    "node_missing",
    "node_order",
    "open_checkpoint",
    "open_entry",
    "parse_vkey",
    "prepare",
    "proof_text",
    "prove",
    "read_frontier",
    "seal",
    "sign_checkpoint",
    "tiles",
    "verify_consistency",
    "verify_inclusion",
]
