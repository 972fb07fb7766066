"""Troubles: how an error that ends a run is told to a person."""

from __future__ import annotations

from audit.redaction import redact
from connections.errors import VendorError
from syncjobs.mapping.expressions import MappingError

LONGEST_TEXT = 500


def in_words(error: BaseException) -> str:
    """One sentence for a person, without secrets. Errors of our tree speak for themselves; others name their class."""
    if isinstance(error, VendorError | MappingError):
        return str(error)
    said = str(redact(str(error)))[:LONGEST_TEXT]
    return (
        f"It stopped by a fault in this program, not in a system: {type(error).__name__}{': ' if said else ''}{said}."
    )
