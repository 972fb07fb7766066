from __future__ import annotations

import pytest

from connections.errors import ConnectionBroken, NotReady, OutcomeUnknown, Rejected, Surprise, TryLater, VendorError
from connections.vendor import Outcome, Outgoing, Refused, Written
from connections.writing import nothing_written, one_by_one

DOCUMENTS = [Outgoing(str(number), {}) for number in range(3)]


def written(failing: str, error: VendorError, *refusals: type[VendorError]) -> list[Outcome]:
    """The outcomes of three writes, one of which fails."""

    def write(document: Outgoing) -> Outcome:
        if document.natural_key == failing:
            raise error
        return Written(document.natural_key)

    return one_by_one(DOCUMENTS, write, refusals or (VendorError,))


@pytest.mark.parametrize(
    "error", [Rejected("no"), OutcomeUnknown("?"), TryLater("once", status=500), NotReady("no", waits_for="x")]
)
def test_one_failure_stops_nobody(error: VendorError) -> None:
    assert written("1", error) == [Written("0"), Refused(error), Written("2")]


@pytest.mark.parametrize("error", [ConnectionBroken("key"), TryLater("budget"), TryLater("slow", status=429)])
def test_a_cause_that_concerns_all_ends_the_rest(error: VendorError) -> None:
    assert written("1", error) == [Written("0"), Refused(error), Refused(error)]


def test_a_cause_that_concerns_all_is_raised_while_nothing_is_written() -> None:
    with pytest.raises(ConnectionBroken):
        written("0", ConnectionBroken("key"))


def test_what_is_no_refusal_is_raised_while_nothing_is_written() -> None:
    with pytest.raises(OutcomeUnknown):
        written("0", OutcomeUnknown("?"), Rejected)
    error = Rejected("no")
    assert written("0", error, Rejected) == [Refused(error), Written("1"), Written("2")]


def test_what_is_no_refusal_ends_the_rest_after_a_write() -> None:
    error = OutcomeUnknown("?")
    assert written("1", error, Rejected) == [Written("0"), Refused(error), Refused(error)]


def test_an_unreadable_answer_before_a_write_is_tried_later() -> None:
    with pytest.raises(TryLater, match="a page") as caught, nothing_written():
        raise Surprise("It answered with a page.", status=200)
    assert (type(caught.value), caught.value.status) == (TryLater, 200)
    with pytest.raises(OutcomeUnknown), nothing_written():
        raise OutcomeUnknown("?")


def test_a_cause_that_concerns_all_does_not_speak_for_what_may_be_written() -> None:
    lost, budget = OutcomeUnknown("?"), TryLater("budget")
    errors = iter([Rejected("no"), lost, budget])

    def write(document: Outgoing) -> Outcome:
        raise next(errors)

    outcomes = one_by_one(DOCUMENTS, write)
    assert [type(outcome.error) for outcome in outcomes if isinstance(outcome, Refused)] == [
        Rejected,
        OutcomeUnknown,
        TryLater,
    ]
