"""Pages of a source, read on another thread while the last ones are being used."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

from django.db import connections as databases

from connections.vendor import Page

Item = Page | BaseException | None
"""A page; what ended the reading; or nothing, where it has come to its end."""
LONGEST_CALL = 130.0
"""Seconds, longer than any read time-out: the client must not be closed under the thread."""


def read_ahead(pages: Iterator[Page], depth: int) -> Iterator[Page]:
    """The same pages, but up to `depth` of them are read before they are asked for. Raises what reading raises."""
    if not depth:
        yield from pages
        return
    shelf: queue.Queue[Item] = queue.Queue(maxsize=depth)
    stop = threading.Event()
    reader = threading.Thread(target=_fill, args=(pages, shelf, stop), daemon=True, name="read-ahead")
    reader.start()
    try:
        while (item := shelf.get()) is not None:
            if isinstance(item, BaseException):
                try:
                    raise item
                finally:
                    del item  # or the error and this frame keep each other, and all that the error has passed
            yield item
    finally:
        stop.set()
        while not shelf.empty():
            shelf.get_nowait()
        reader.join(timeout=LONGEST_CALL)


def _fill(pages: Iterator[Page], shelf: queue.Queue[Item], stop: threading.Event) -> None:
    end: Item = None
    try:
        for page in pages:
            if not _put(shelf, page, stop):
                return
    except BaseException as error:  # noqa: BLE001 (carried to the thread that waits for pages)
        end = error
    finally:
        databases.close_all()  # this thread's own connections, opened by the budget and the session store
    _put(shelf, end, stop)
    del end  # as above


def _put(shelf: queue.Queue[Item], item: Item, stop: threading.Event) -> bool:
    """Returns whether it was put there before nobody waited for pages any more."""
    while not stop.is_set():
        try:
            shelf.put(item, timeout=0.2)
            return True
        except queue.Full:
            continue
    return False
