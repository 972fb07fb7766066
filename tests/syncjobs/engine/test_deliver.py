from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connections.clients import opened
from connections.errors import (
    ConnectionBroken,
    Locked,
    NotReady,
    OutcomeUnknown,
    Rejected,
    Surprise,
    TryLater,
)
from connections.vendor import Outcome, Outgoing, Refused, Unchanged, Written
from syncjobs.engine.collect import store
from syncjobs.engine.compiled import compile_flow
from syncjobs.engine.deliver import deliver
from syncjobs.models import State, SyncRecord
from tests.syncjobs.conftest import Lab
from tests.syncjobs.engine.fakes import thing


def refusing(key: str, error: Exception, lab: Lab):  # type: ignore[no-untyped-def]
    def answer(documents: Sequence[Outgoing]) -> list[Outcome]:
        return [
            Refused(error) if document.natural_key == key else lab.shelf.apply([document])[0]  # type: ignore[arg-type]
            for document in documents
        ]

    return answer


def test_there_is_a_stored_claim_before_a_write(lab: Lab) -> None:
    seen: list[tuple[str, int]] = []
    lab.shelf.before_write = lambda documents: seen.append((lab.record().state, lab.record().attempts))
    lab.shelf.add(thing("1"))
    lab.poll()
    assert seen == [("sending", 1)]


def test_it_writes_the_largest_batch_that_the_target_takes(lab: Lab) -> None:
    lab.shelf.add(*[thing(str(number)) for number in range(10)])
    lab.poll()
    assert [len(call) for call in lab.shelf.calls] == [4, 4, 2]


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (TryLater("busy"), "retrying"),
        (NotReady("not yet", waits_for="first order"), "waiting"),
        (OutcomeUnknown("no answer"), "unknown"),
        (Rejected("bad", fields={"name": "too long"}), "attention"),
        (Locked("shipped", current={"status": "shipped"}), "conflict"),
    ],
)
def test_the_class_of_an_error_says_what_happens_next(lab: Lab, error: Exception, state: str) -> None:
    lab.shelf.answers = [refusing("N2", error, lab)]
    lab.shelf.add(thing("1"), thing("2"), thing("3"))
    lab.poll()
    assert [lab.state("1"), lab.state("2"), lab.state("3")] == ["synced", state, "synced"]
    assert lab.record("2").cause


def test_a_refusal_of_the_whole_call_is_narrowed_down_to_the_guilty_one(lab: Lab) -> None:
    def strict(documents: Sequence[Outgoing]) -> list[Outcome]:
        if any(document.natural_key == "N3" for document in documents):
            raise Rejected("The request is invalid.")
        return lab.shelf.apply(documents)

    lab.shelf.answers = [strict] * 9
    lab.shelf.add(*[thing(str(number)) for number in (1, 2, 3, 4)])
    lab.poll()
    assert [lab.state(str(number)) for number in (1, 2, 3, 4)] == ["synced", "synced", "attention", "synced"]


@pytest.mark.parametrize("error", [OutcomeUnknown("cut"), Surprise("an HTML page"), RuntimeError("our own mistake")])
def test_a_write_without_a_trustworthy_answer_is_unknown_and_never_repeated(lab: Lab, error: Exception) -> None:
    lab.shelf.answers = [error]
    lab.shelf.add(thing("1"))
    lab.poll()
    assert lab.state() == "unknown"
    lab.run_tasks()
    assert len(lab.shelf.calls) == 1


def test_a_broken_target_stops_the_connection_and_the_records_wait(lab: Lab) -> None:
    lab.shelf.answers = [ConnectionBroken("The key was revoked.")]
    lab.shelf.add(thing("1"), thing("2"))
    lab.poll()
    lab.right.refresh_from_db()
    assert (lab.right.state, lab.state("1"), lab.state("2")) == ("broken", "due", "due")


def test_a_mapping_that_fails_needs_a_person_and_names_the_field(lab: Lab) -> None:
    lab.shelf.add(thing("1", carrier="ontrac"), thing("2"))
    lab.poll()
    assert [lab.state("1"), lab.state("2")] == ["attention", "synced"]
    assert "carrier: the value map “carriers” has no row for “ontrac”" in lab.record("1").cause


def test_what_was_sent_last_time_is_not_sent_again(lab: Lab) -> None:
    lab.shelf.add(thing("1", 1))
    lab.shelf.add(thing("1", 2, irrelevant="changed"))
    lab.poll()
    assert lab.history() == ["collected", "synced", "changed", "unchanged"]
    assert len(lab.shelf.calls) == 1


def test_a_source_that_changes_while_it_is_sent_is_sent_again(lab: Lab) -> None:
    from syncjobs.engine.collect import store
    from syncjobs.engine.compiled import compile_flow

    def meanwhile(documents: Sequence[Outgoing]) -> None:
        lab.shelf.before_write = lambda documents: None
        store([compile_flow(lab.flow)], [thing("1", 2, total=2)], "webhook")

    lab.shelf.before_write = meanwhile
    lab.shelf.add(thing("1", 1, total=1))
    lab.poll()
    assert lab.shelf.target["N1"]["total"] == 2
    assert lab.state() == "synced"


def test_a_record_waits_for_the_one_it_is_linked_to(lab: Lab) -> None:
    lab.shelf.add(thing("1", parent="2"))
    lab.poll()
    assert (lab.state(), lab.record().waits_flow, lab.record().waits_key) == ("waiting", "boxes", "2")


def test_what_a_record_waits_for_is_fetched_and_then_it_goes(lab: Lab) -> None:
    lab.shelf.add(thing("1", parent="2"))
    lab.poll()
    lab.shelf.add(thing("2"))
    lab.run_tasks()
    assert [lab.state("1"), lab.state("2")] == ["synced", "synced"]
    assert lab.shelf.target["N1"]["link"] == "T-N2"


def test_two_sources_never_share_one_target(lab: Lab) -> None:
    lab.shelf.answers = [lambda documents: [Written("T-same") for _ in documents]]
    lab.shelf.add(thing("1"), thing("2"))
    lab.poll()
    assert sorted([lab.state("1"), lab.state("2")]) == ["attention", "synced"]


def test_the_database_refuses_two_deliveries_to_one_target_document(lab: Lab) -> None:
    lab.shelf.add(thing("1"), thing("2"))
    lab.poll()
    lock = lab.record("1").target_lock
    busy = {"state": State.SENDING, "lease": "x", "lease_until": timezone.now(), "target_lock": lock, "in_flight": lock}
    SyncRecord.objects.filter(flow__slug="boxes", source_key="1").update(**busy)
    with pytest.raises(IntegrityError):
        SyncRecord.objects.filter(flow__slug="boxes", source_key="2").update(**busy)


def test_a_record_waits_while_another_flow_writes_the_same_document(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    lab.poll()
    lab.shelf.add(thing("1", 2, held=True))
    SyncRecord.objects.filter(flow__slug="boxes").update(
        state=State.UNKNOWN, in_flight=F("target_lock"), due_at=timezone.now() + timedelta(hours=1)
    )
    lab.poll()
    assert lab.state("1", "states") == "due"


def test_unchanged_counts_only_if_no_other_flow_wrote_the_document_since(lab: Lab) -> None:
    lab.shelf.add(thing("1", 1))
    lab.shelf.add(thing("1", 2, held=True))
    lab.shelf.add(thing("1", 3))
    lab.poll()
    assert lab.shelf.target["N1"] == {"name": "N1", "total": 1}


def test_a_target_that_has_nothing_to_do_leaves_the_record_out(lab: Lab) -> None:
    lab.shelf.answers = [lambda documents: [Unchanged(note="never sent there")]]
    lab.shelf.add(thing("1"))
    lab.poll()
    assert (lab.state(), lab.record().cause) == ("skipped", "never sent there")


def test_batches_shrink_after_an_unknown_outcome(lab: Lab) -> None:
    lab.shelf.answers = [OutcomeUnknown("no answer")]
    lab.shelf.add(*[thing(str(number)) for number in (1, 2, 3, 4)])
    lab.poll()
    for _ in range(4):
        lab.run_round()
    assert [len(call) for call in lab.shelf.calls] == [4, 1, 1, 1, 1]


def test_the_number_of_queries_is_the_same_for_one_record_and_for_many(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.syncjobs.engine import fakes

    monkeypatch.setattr(fakes.Boxes, "batch_size", 100)

    def queries(count: int, start: int, pages: int = 1) -> int:
        for page in range(pages):
            first = start + page * count
            lab.shelf.add(*[thing(str(number)) for number in range(first, first + count)])
        with CaptureQueriesContext(connection) as captured:
            lab.poll()
        return sum("SAVEPOINT" not in query["sql"] for query in captured)  # of the test's own transaction

    queries(1, 500)  # the first run makes the slots
    one, hundred = queries(1, 1000), queries(100, 2000)
    assert queries(100, 3000, pages=2) - hundred < 25
    assert abs(hundred - one) <= 3


@pytest.mark.parametrize(("error", "hours"), [(TryLater("busy"), 1), (NotReady("no order", waits_for="an order"), 24)])
def test_what_waits_for_something_outside_is_asked_ever_more_rarely(lab: Lab, error: Exception, hours: int) -> None:
    lab.shelf.answers = [refusing("N1", error, lab)]
    lab.shelf.add(thing("1"))
    lab.poll()
    SyncRecord.objects.update(attempts=20, due_at=timezone.now())
    lab.shelf.answers = [refusing("N1", error, lab)]
    lab.run_round()
    due = lab.record().due_at
    assert due is not None
    assert timedelta(hours=hours * 0.5) < due - timezone.now() <= timedelta(hours=hours)


def test_what_was_claimed_too_long_ago_is_not_written_any_more(lab: Lab) -> None:
    """A machine that was suspended between claim and write: another worker may be looking it up, or sending it."""
    (batch,) = store([compile_flow(lab.flow)], [thing("1")], "poll", claim_for=lab.right.pk).claimed
    with opened(lab.right) as access, time_machine.travel(batch.until, tick=False):
        deliver(batch, access)
    assert (lab.state(), lab.shelf.calls) == ("retrying", [])


def test_what_was_not_sent_because_the_target_broke_is_not_in_doubt(lab: Lab) -> None:
    lab.shelf.answers = [Rejected("one of them"), ConnectionBroken("revoked")]
    lab.shelf.add(*[thing(str(number)) for number in range(4)])
    lab.poll()
    assert {lab.state(str(number)) for number in range(4)} == {"due"}
