from __future__ import annotations

from connections.errors import ConnectionBroken
from syncjobs.engine.reconcile import reconcile
from syncjobs.models import Flow, FlowRun, SyncRecord
from tests.syncjobs.conftest import Lab
from tests.syncjobs.engine.fakes import thing


def test_a_source_document_that_was_never_seen_is_collected(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    Flow.objects.update(cursor={"page": 99})
    reconcile(lab.flow.pk)
    assert (lab.state(), lab.flow.cursor) == ("synced", {"page": 99})


def test_a_document_that_is_gone_from_the_target_needs_a_person(lab: Lab) -> None:
    lab.shelf.add(thing("1"), thing("2"))
    lab.poll()
    del lab.shelf.target["N1"]
    counts = reconcile(lab.flow.pk)
    assert (lab.state("1"), lab.state("2"), counts["missing"]) == ("attention", "synced", 1)
    assert "does not have it any more" in lab.record("1").cause


def test_it_writes_nothing_to_the_target(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    lab.poll()
    calls = len(lab.shelf.calls)
    reconcile(lab.flow.pk)
    assert len(lab.shelf.calls) == calls


def test_a_run_of_it_is_kept_with_its_counts(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    lab.poll()
    reconcile(lab.flow.pk)
    assert FlowRun.objects.get(kind="reconcile").counts["compared"] == 1
    assert SyncRecord.objects.filter(flow__slug="boxes").count() == 1


def test_a_target_that_breaks_is_stopped_and_not_the_source(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    lab.poll()
    lab.shelf.find_error = ConnectionBroken("The key was revoked.")
    reconcile(lab.flow.pk)
    lab.left.refresh_from_db()
    lab.right.refresh_from_db()
    assert (lab.left.usable, lab.right.state, lab.right.cause) == (True, "broken", "The key was revoked.")
    assert FlowRun.objects.get(kind="reconcile").trouble == "The key was revoked."


def test_a_source_that_breaks_is_stopped_and_not_the_target(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    lab.shelf.read_error = ConnectionBroken("The key was revoked.")
    reconcile(lab.flow.pk)
    lab.left.refresh_from_db()
    lab.right.refresh_from_db()
    assert (lab.left.state, lab.right.usable) == ("broken", True)
