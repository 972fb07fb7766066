"""Writing several documents by several calls, so that one of them never stops or hides the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, TypeVar

from connections.errors import ConnectionBroken, Surprise, TryLater, VendorError
from connections.vendor import Body, Outgoing, Refused
from connections.vendors.shipstation import codec

T = TypeVar("T")


def one_by_one(documents: Sequence[Outgoing], write_one: Callable[[Outgoing], T]) -> list[T | Refused]:
    """One result each. A cause that concerns the whole account ends the rest unsent, with that cause.

    It is raised only while nothing has been written, since an exception speaks for all documents.
    """
    outcomes: list[T | Refused] = []
    stopped: VendorError | None = None
    for document in documents:
        if stopped:
            outcomes.append(Refused(stopped))
            continue
        try:
            with nothing_written():
                outcomes.append(write_one(document))
        except VendorError as error:
            if concerns_all(error):
                if all(isinstance(outcome, Refused) for outcome in outcomes):
                    raise
                stopped = error
            outcomes.append(Refused(error))
    return outcomes


@contextmanager
def nothing_written() -> Iterator[None]:
    """Around what reads before it writes: an unreadable answer there is a passing trouble, such as a maintenance page.

    An unreadable answer to the write itself is an `OutcomeUnknown`, which passes.
    """
    try:
        yield
    except Surprise as error:
        raise TryLater(error.message, next_step=error.next_step, status=error.status) from error


def concerns_all(error: VendorError) -> bool:
    """Whether the next call would fail like this one: bad credentials, no budget, no connection."""
    passing = type(error) is TryLater and error.status in {None, 429, 503}
    return isinstance(error, ConnectionBroken) or passing


def merged(current: Any, wanted: Any) -> Any:
    """`wanted` over `current`: what we do not send stays as a person set it; lists are replaced."""
    if isinstance(current, dict) and isinstance(wanted, dict):
        return current | {name: merged(current.get(name), part) for name, part in wanted.items()}
    return wanted


def agrees(current: Any, wanted: Any) -> bool:
    """Whether everything in `wanted` stands in `current`, whatever the case of texts and the digits of numbers."""
    if isinstance(wanted, dict):
        there: Body = current if isinstance(current, dict) else {}
        return all(agrees(there.get(name), part) for name, part in wanted.items())
    if isinstance(wanted, list):
        rows: list[Any] = current if isinstance(current, list) else []
        return len(rows) == len(wanted) and all(map(agrees, rows, wanted))
    if wanted is None or wanted == "":
        return current is None or current == ""
    if isinstance(wanted, bool) or isinstance(current, bool):
        return wanted is current
    if isinstance(wanted, int | Decimal) and isinstance(current, int | Decimal):
        return Decimal(wanted) == Decimal(current)
    mine, theirs = str(wanted).strip(), str(current).strip()
    instant = codec.sortable(mine)
    return mine.casefold() == theirs.casefold() or bool(instant and instant == codec.sortable(theirs))
