from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from connections.models import Connection
from syncjobs.models import Flow
from tests import factories as make
from toolkit import leases

pytestmark = pytest.mark.django_db


@pytest.fixture
def flow() -> Flow:
    return make.flow()


def test_only_the_first_gets_it(flow: Flow) -> None:
    mine = Flow.objects.filter(pk=flow.pk)
    assert leases.take(mine)
    assert leases.take(mine) == ""


def test_taking_changes_the_row_in_the_same_statement(flow: Flow) -> None:
    mine = Flow.objects.filter(pk=flow.pk)
    assert leases.take(mine, trouble="first")
    assert not leases.take(mine, trouble="second")
    assert mine.get().trouble == "first"


def test_it_runs_out_by_itself(flow: Flow) -> None:
    mine = Flow.objects.filter(pk=flow.pk)
    leases.take(mine, seconds=10)
    mine.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    assert leases.take(mine)


def test_a_holder_whose_lease_was_taken_over_changes_nothing(flow: Flow) -> None:
    mine = Flow.objects.filter(pk=flow.pk)
    first = leases.take(mine, seconds=-1)
    second = leases.take(mine)
    assert not leases.give_back(mine, first, trouble="late")
    assert (mine.get().lease, mine.get().trouble) == (second, "")


def test_what_was_given_back_can_be_taken(flow: Flow) -> None:
    mine = Flow.objects.filter(pk=flow.pk)
    assert leases.give_back(mine, leases.take(mine))
    assert leases.take(mine)


def test_several_leases_of_a_row_have_prefixes() -> None:
    mine = Connection.objects.filter(pk=make.connection().pk)
    token = leases.take(mine, prefix="session_")
    assert leases.held(mine, token, "session_").exists()
    assert leases.give_back(mine, token, prefix="session_")
    assert mine.get().session_lease_until is None
