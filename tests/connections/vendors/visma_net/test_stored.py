"""The client as the console opens it: session and budget in the database, shared by all workers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connections.clients import opened
from connections.fields import Secrets
from connections.lifecycle import sign_out
from connections.models import Connection, RateWindow
from connections.vendors.visma_net import VENDOR
from connections.vendors.visma_net.resources import PurchaseOrders
from tests import factories
from tests.connections.vendors.visma_net.accounts import SECRETS
from tests.connections.vendors.visma_net.desk import Desk
from tests.connections.vendors.visma_net.test_session import CODE, granted

pytestmark = pytest.mark.django_db


def connection(desk: Desk, secrets: dict[str, str], **settings: object) -> Connection:
    root = desk.running.root_url
    defaults = {
        "base_url": f"{root}/erp",
        "salesorder_url": f"{root}/salesorder/api/v3",
        "connect_url": f"{root}/connect-host",
        "tenant_id": desk.simulator.credentials["tenant_id"],
    }
    return factories.connection(vendor="visma_net", secrets=secrets, settings={**defaults, **settings})


def read(row: Connection) -> int:
    with opened(row) as access:
        orders = PurchaseOrders(access.client)
        pages = orders.changes(orders.start(row.created_at - timedelta(days=800)))
        return sum(len(page.documents) for page in pages)


def test_workers_share_one_token(desk: Desk) -> None:
    row = connection(desk, SECRETS)
    assert read(row) == 11
    assert read(row) == 11
    assert desk.calls("connect/token") == 1


def test_a_one_time_chain_goes_on_from_worker_to_worker(desk: Desk) -> None:
    desk.switch(refresh_mode="one_time", token_seconds=1)
    row = connection(desk, {**SECRETS, "refresh_token": granted(desk)}, **CODE)
    for _ in range(3):
        assert read(row) == 11
        stored = Connection._base_manager.get(pk=row.pk)
        assert stored.session
        assert stored.secrets
        assert stored.session["refresh_token"] != stored.secrets["refresh_token"]
        ended = Secrets({**stored.session, "renew_at": "0"})
        Connection._base_manager.filter(pk=row.pk).update(session=ended)


def test_the_budget_learns_the_window_of_the_account(desk: Desk) -> None:
    desk.switch(limit=100)
    row = connection(desk, SECRETS)
    read(row)
    window = RateWindow.objects.get()
    assert window.limit == 100
    assert window.used == desk.calls("GET /erp")
    assert VENDOR.rates["api"].reserve > 0


def test_an_idle_sign_out_keeps_the_sign_in_of_a_person(desk: Desk) -> None:
    desk.switch(refresh_mode="one_time")
    row = connection(desk, {**SECRETS, "refresh_token": granted(desk)}, **CODE)
    read(row)
    before = Connection._base_manager.get(pk=row.pk).session
    assert sign_out(row) is False
    assert Connection._base_manager.get(pk=row.pk).session == before
    assert read(row) == 11


def test_an_idle_sign_out_drops_the_token_of_a_service(desk: Desk) -> None:
    row = connection(desk, SECRETS)
    read(row)
    assert sign_out(row) is True
    assert Connection._base_manager.get(pk=row.pk).session is None


def test_two_companies_of_one_application_have_a_window_each(desk: Desk) -> None:
    desk.switch(limit=100)
    read(connection(desk, SECRETS))
    read(connection(desk, SECRETS, tenant_id=desk.simulator.other_tenant_id))
    assert RateWindow.objects.count() == 2
