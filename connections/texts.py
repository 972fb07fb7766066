"""Texts that every database takes."""

from __future__ import annotations

INSTEAD_OF_NUL = "\ufffd"


def without_nul(text: str) -> str:
    """The text as both databases take it: PostgreSQL refuses the character NUL, and with it whatever stands beside it."""
    return text.replace("\0", INSTEAD_OF_NUL) if "\0" in text else text
