"""Documents as people read them: indented, with the digits they came with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from connections import exact_json

FOLD_OVER_CHARS = 1500
MAX_CHARS = 200_000


@dataclass(frozen=True)
class DocumentPanel:
    """One document on a page."""

    title: str
    text: str
    note: str = ""

    @property
    def long(self) -> bool:
        return len(self.text) > FOLD_OVER_CHARS


def pretty(document: Any) -> str:
    """Indented JSON whose numbers are untouched."""
    return msgspec.json.format(exact_json.dumps(document), indent=2)


def document_panel(title: str, document: Any, missing: str) -> DocumentPanel:
    """A document, or the sentence that says why there is none."""
    if document is None:
        return DocumentPanel(title, "", missing)
    text = pretty(document)
    cut = "Only its beginning is shown." if len(text) > MAX_CHARS else ""
    return DocumentPanel(title, text[:MAX_CHARS], cut)


def as_text(body: bytes) -> str:
    """A notification's body: indented if it is JSON, else as it came."""
    try:
        return msgspec.json.format(body, indent=2).decode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return body.decode("utf-8", "replace")
