from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditEntry
from connections.errors import ConnectionBroken, OutcomeUnknown
from connections.models import Connection, Slot
from connections.slots import slot
from connections.vendor import Exchange, Outgoing
from syncjobs.engine import collect, deliver, poll, sender
from syncjobs.engine.compiled import compile_flow
from syncjobs.models import FlowRun, SyncRecord
from tests.syncjobs.conftest import Lab
from tests.syncjobs.engine.fakes import thing


class Killed(BaseException):
    """A SIGKILL as seen from inside: nothing after it runs, and nobody catches it."""


def test_new_records_are_claimed_by_the_transaction_that_stores_them(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(sender, "make_ready", killed)
    lab.shelf.add(thing("1"))
    with pytest.raises(Killed):
        lab.poll()
    record = lab.record()
    assert (record.state, record.attempts, record.in_flight) == ("sending", 1, record.target_lock)
    assert lab.shelf.calls == []


def test_what_was_claimed_and_never_sent_is_looked_up_and_then_sent_once(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(sender, "make_ready", killed)
        lab.shelf.add(thing("1"))
        with pytest.raises(Killed):
            lab.poll()
    for _ in range(4):
        lab.run_round()
    assert (lab.state(), lab.shelf.calls) == ("synced", [["N1"]])
    assert lab.shelf.finds == 2


def test_what_fits_no_batch_stays_due_and_follows_at_once(lab: Lab) -> None:
    states: list[list[str]] = []

    def read_states(documents: Sequence[Outgoing]) -> None:
        states.append(sorted(SyncRecord.objects.values_list("state", flat=True)))

    lab.shelf.before_write = read_states
    lab.shelf.add(*[thing(str(number)) for number in range(6)])
    lab.poll()
    assert states[0] == ["due"] * 2 + ["sending"] * 4
    assert set(SyncRecord.objects.values_list("state", flat=True)) == {"synced"}


def test_a_target_document_that_another_delivery_holds_is_stored_as_due(lab: Lab) -> None:
    lab.shelf.answers = [OutcomeUnknown("no answer")]
    lab.shelf.add(thing("1"))
    lab.poll()
    lab.shelf.add(thing("2", name="N1"))
    lab.poll()
    assert (lab.state("1"), lab.state("2")) == ("unknown", "due")
    assert len(lab.shelf.calls) == 1


def test_a_busy_target_leaves_new_records_due_for_the_worker_that_holds_it(lab: Lab) -> None:
    target = Connection.objects.get(pk=lab.right.pk)
    slots = [slot(target, "write") for _ in range(target.declaration.slots.get("write", 1))]
    for held in slots:
        assert held.__enter__()
    lab.shelf.add(thing("1"))
    lab.poll()
    assert (lab.state(), lab.shelf.calls) == ("due", [])
    for held in slots:
        held.__exit__(None, None, None)
    lab.run_round()
    assert lab.state() == "synced"


def test_a_claim_spares_reading_the_record_back(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        lab.poll()
    bodies = [
        query["sql"] for query in queries if query["sql"].startswith("SELECT") and '"source_body"' in query["sql"]
    ]
    assert bodies == []


def test_a_batch_of_claims_has_one_record_for_each_target_document(lab: Lab) -> None:
    compiled = compile_flow(lab.flow)
    records = [SyncRecord(flow=lab.flow, source_key=str(n), target_lock="same", state="due") for n in range(2)]
    collect._claim(compiled, records, lab.right.pk, timezone.now())
    assert [record.state for record in records] == ["sending", "due"]


def test_a_target_that_broke_is_called_no_more_by_the_poll_that_found_out(lab: Lab) -> None:
    lab.shelf.answers = [ConnectionBroken("revoked")]
    lab.shelf.add(thing("1"))
    lab.shelf.add(thing("2"))
    lab.poll()
    assert (lab.state("1"), lab.state("2"), len(lab.shelf.calls)) == ("due", "due", 1)


# What ends early


def claimed(lab: Lab, *keys: str) -> list[collect.Batch]:
    """A batch for each key, claimed for the target."""
    flow = compile_flow(lab.flow)
    return [
        batch for key in keys for batch in collect.store([flow], [thing(key)], "poll", claim_for=lab.right.pk).claimed
    ]


def test_a_slot_is_free_again_where_the_page_could_not_be_stored(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(poll, "store", fail)
    lab.shelf.add(thing("1"))
    with pytest.raises(ZeroDivisionError) as caught:
        poll._read(lab.flow, FlowRun.objects.create(flow=lab.flow), "", time.monotonic() + 60)
    assert caught.tb is not None  # as long as somebody looks at it, what its frames hold is not collected
    assert not Slot.objects.exclude(lease="").exists()


def test_each_record_of_a_lane_is_told_with_its_own_calls(lab: Lab) -> None:
    with sender.Sender(lab.flow.target, 0) as sending:
        writer = sending.reserve()
        assert writer is not None

        def call(documents: Sequence[Outgoing]) -> None:
            writer.access.exchanges.append(Exchange("POST", f"/{documents[0].natural_key}", 200, 1))

        lab.shelf.before_write = call
        sending.send(writer, claimed(lab, "1", "2"))
    entries = AuditEntry.objects.filter(action="record.synced").order_by("pk")
    assert [[call["path"] for call in entry.data["calls"]] for entry in entries] == [["/N1"], ["/N2"]]


def test_an_outcome_that_cannot_be_stored_takes_no_other_with_it(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    store = deliver.store_outcomes

    def fail_once(*arguments: object) -> None:
        monkeypatch.setattr(sender, "store_outcomes", store)
        raise ZeroDivisionError

    monkeypatch.setattr(sender, "store_outcomes", fail_once)
    batches = claimed(lab, "1", "2")
    with pytest.raises(ZeroDivisionError), sender.Sender(lab.flow.target, 2) as sending:
        for batch in batches:
            writer = sending.reserve()
            assert writer is not None
            sending.send(writer, [batch])
    assert (lab.state("1"), lab.state("2")) == ("sending", "synced")


def test_a_slot_is_given_back_only_when_its_writes_have_ended(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    def killed(*_: object) -> None:
        raise Killed

    def write_slowly(documents: Sequence[Outgoing]) -> None:
        time.sleep(0.1 * len(order))  # the second is under way while the first ends
        order.append("written")

    monkeypatch.setattr(sender, "store_outcomes", killed)
    lab.shelf.before_write = write_slowly
    batches = claimed(lab, "1", "2")
    with pytest.raises(Killed), sender.Sender(lab.flow.target, 1) as sending:
        writer = sending.reserve()
        assert writer is not None
        writer.slot.callback(order.append, "free")
        sending.send(writer, batches)
    assert order == ["written", "written", "free"]
