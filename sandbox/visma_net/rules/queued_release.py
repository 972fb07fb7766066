"""A release that was queued: it is done after so many reads of the document, or never."""

from __future__ import annotations

from sandbox.visma_net.store import Row

STUCK = -1


def queue(row: Row, reads: int) -> None:
    row.body["_reads_left"] = reads


def due_by_read(row: Row) -> bool:
    """The document was read. Returns whether its release is to be done now."""
    left: int | None = row.body["_reads_left"]
    if left is None or left == STUCK:
        return False
    row.body["_reads_left"] = left - 1
    return left <= 0
