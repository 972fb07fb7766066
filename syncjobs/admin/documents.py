"""Documents as people read them: indented, with the digits they came with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from connections import exact_json

FOLDED_FROM = 1500
SHOWN_AT_MOST = 200_000


@dataclass(frozen=True)
class Shown:
    """One document on a page."""

    title: str
    text: str
    note: str = ""

    @property
    def long(self) -> bool:
        return len(self.text) > FOLDED_FROM


def pretty(document: Any) -> str:
    """Indented JSON whose numbers are untouched."""
    return msgspec.json.format(exact_json.dumps(document), indent=2)


def shown(title: str, document: Any, missing: str) -> Shown:
    """A document, or the sentence that says why there is none."""
    if document is None:
        return Shown(title, "", missing)
    text = pretty(document)
    cut = "Only its beginning is shown." if len(text) > SHOWN_AT_MOST else ""
    return Shown(title, text[:SHOWN_AT_MOST], cut)


def as_text(body: bytes) -> str:
    """A notification's body: indented if it is JSON, else as it came."""
    try:
        return msgspec.json.format(body, indent=2).decode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return body.decode("utf-8", "replace")
