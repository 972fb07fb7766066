"""Several lists behind one cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from connections.errors import VendorError
from connections.vendor import Cursor, Document, Page

Source = Callable[[Cursor], Iterator[tuple[list[Document], Cursor]]]


def read_all(sources: Mapping[str, Source], cursor: Cursor) -> Iterator[Page]:
    """Pages of several sources, whose positions share one cursor. Raises the first trouble after the last source."""
    trouble: VendorError | None = None
    for name, read in sources.items():
        try:
            for documents, position in read(cursor[name]):
                cursor = {**cursor, name: position}
                yield Page(documents, cursor)
        except VendorError as error:
            trouble = trouble or error
    if trouble:
        raise trouble
