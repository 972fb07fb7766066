from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest

from connections.vendor import Page
from syncjobs.engine.read_ahead import read_ahead

pytestmark = pytest.mark.django_db(transaction=False)
DEPTHS = pytest.mark.parametrize("depth", [0, 1, 3])


def pages(count: int) -> list[Page]:
    return [Page([], {"page": number}) for number in range(count)]


@DEPTHS
def test_it_brings_all_pages_in_their_order(depth: int) -> None:
    assert list(read_ahead(iter(pages(7)), depth)) == pages(7)


@DEPTHS
def test_it_raises_what_reading_raised_after_the_pages_before_it(depth: int) -> None:
    def broken() -> Iterator[Page]:
        yield from pages(2)
        raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad")

    brought: list[Page] = []
    with pytest.raises(UnicodeDecodeError):
        brought.extend(read_ahead(broken(), depth))
    reader = read_ahead(broken(), depth)
    assert [next(reader), next(reader)] == pages(2)


def test_it_reads_no_further_ahead_than_it_may() -> None:
    read: list[int] = []

    def counted() -> Iterator[Page]:
        for page in pages(9):
            read.append(page.cursor["page"])
            yield page

    reader = read_ahead(counted(), 2)
    next(reader)
    reader.close()  # type: ignore[attr-defined]  # a generator
    assert len(read) <= 5


def test_it_leaves_no_thread_behind_when_nobody_wants_more() -> None:
    reader = read_ahead(iter(pages(50)), 1)
    next(reader)
    reader.close()  # type: ignore[attr-defined]  # a generator
    assert not [thread for thread in threading.enumerate() if thread.name == "read-ahead"]


def test_an_error_is_kept_by_nobody_once_it_was_raised() -> None:
    """With it went the frames that it has passed, and what they hold: clients, readers, threads."""

    class Odd(Exception):
        pass

    def broken() -> Iterator[Page]:
        yield from pages(1)
        raise Odd

    kept: list[weakref.ref[Odd]] = []
    gc.disable()
    try:
        try:
            list(read_ahead(broken(), 1))
        except Odd as error:
            kept.append(weakref.ref(error))
        for thread in [thread for thread in threading.enumerate() if thread.name == "read-ahead"]:
            thread.join()
        assert [ref() for ref in kept] == [None]
    finally:
        gc.enable()
