"""Writing documents one by one, so that one of them never stops or hides the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from connections.errors import ConnectionBroken, OutcomeUnknown, Surprise, TryLater, VendorError
from connections.vendor import Outgoing, Refused

Result = TypeVar("Result")


def one_by_one(
    documents: Sequence[Outgoing],
    write: Callable[[Outgoing], Result],
    refusals: tuple[type[VendorError], ...] = (VendorError,),
) -> list[Result | Refused]:
    """Write each document; one outcome each, in their order. `write` may also return what is still to be written.

    An error of the classes `refusals` is the outcome of its document alone. Any other, and a cause that concerns the
    whole account, ends the rest unsent, with that error. It is raised only while nothing can have been written, since
    an exception speaks for all documents.
    """
    outcomes: list[Result | Refused] = []
    for position, document in enumerate(documents):
        try:
            outcomes.append(write(document))
        except VendorError as error:
            if isinstance(error, refusals) and not concerns_all(error):
                outcomes.append(Refused(error))
                continue
            if all(map(not_written, outcomes)):
                raise
            return [*outcomes, *(Refused(error) for _ in documents[position:])]
    return outcomes


def not_written(outcome: object) -> bool:
    """Whether an outcome says that its document was not written, for sure."""
    return isinstance(outcome, Refused) and not isinstance(outcome.error, OutcomeUnknown | Surprise)


@contextmanager
def nothing_written() -> Iterator[None]:
    """Around what reads before it writes: an unreadable answer there is a passing error, such as a maintenance page.

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
