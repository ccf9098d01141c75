"""Snapshots: the source folder as it was at submit, a Merkle tree of SHA-256 (schema: ``protocol/src/snapshot``)."""
