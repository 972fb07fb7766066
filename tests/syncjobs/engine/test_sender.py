from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connections.errors import ConnectionBroken, OutcomeUnknown
from connections.models import Connection
from connections.slots import slot
from connections.vendor import Outgoing
from syncjobs.engine import collect, sender
from syncjobs.models import SyncRecord
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
    from syncjobs.engine.compiled import compile_flow

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
