from __future__ import annotations

from typing import Any

import pytest
import responses

from connections.vendor import ProbeLine
from connections.vendors.visma_net.probe import probe
from tests.connections.vendors.visma_net.accounts import SECRETS, TOKEN, client
from tests.connections.vendors.visma_net.desk import Desk


def lines(desk: Desk, secrets: dict[str, str] | None = None, **settings: Any) -> dict[str, ProbeLine]:
    visma = desk.open(None, secrets, **settings)
    probed = {line.what: line for line in probe(visma)}
    visma.close()
    return probed


def failed(probed: dict[str, ProbeLine]) -> list[str]:
    return [what for what, line in probed.items() if not (line.ok or line.advice)]


def test_all_is_well_at_a_good_connection(desk: Desk) -> None:
    probed = lines(desk, {**SECRETS, "webhook_key": "k"}, read_sales_orders=True)
    assert all(line.ok for line in probed.values()), probed
    assert "Oslo" in probed["Company"].detail
    assert "Hovedlager" in probed["Warehouses"].detail
    assert "Read sales orders (API v3)" in probed
    assert all(line.resources for line in probed.values())


def test_sales_orders_are_asked_only_where_they_are_read(desk: Desk) -> None:
    assert "Read sales orders (API v3)" not in lines(desk)
    assert desk.calls("salesorder") == 0


@pytest.mark.parametrize(
    ("switches", "settings", "line", "words"),
    [
        ({"secret_revoked": True}, {}, "Sign-in at Visma Connect", "secret"),
        ({"withheld_scopes": ["vismanet_erp_service_api:update"]}, {}, "Sign-in at Visma Connect", "scopes"),
        ({"approved": False}, {}, "Sign-in at Visma Connect", "approve"),
        ({"no_licence": True}, {}, "Company", "licence"),
        ({}, {"tenant_id": "c0ffee00-1111-4222-8333-444455556666"}, "Company", "customer (the contract)"),
        ({"company_mode": "strict"}, {"company_id": "999"}, "Company", "without a single branch"),
        ({}, {"tenant_id": ""}, "Sign-in at Visma Connect", "tenant ID of the company is missing"),
    ],
)
def test_what_is_wrong_with_the_whole_connection_is_one_line_at_the_end(
    desk: Desk, switches: dict[str, Any], settings: dict[str, Any], line: str, words: str
) -> None:
    desk.switch(**switches)
    probed = lines(desk, **settings)
    assert failed(probed) == [line]
    assert list(probed)[-1] == line
    assert words in probed[line].detail
    assert probed[line].screen


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/erp/v1/purchaseorder", "Read purchase orders"),
        ("/erp/v2/PurchaseReceipt", "Read purchase receipts"),
        ("/erp/v1/customerinvoice", "Read customer invoices"),
        ("/erp/v1/warehouse", "Warehouses"),
    ],
)
def test_a_right_that_is_missing_fails_its_own_line(desk: Desk, path: str, line: str) -> None:
    desk.fault("forbidden", path)
    probed = lines(desk)
    assert failed(probed) == [line]
    assert "scope" in probed[line].detail


def test_sales_orders_without_the_right_fail_their_line(desk: Desk) -> None:
    desk.fault("forbidden", "/salesorder")
    probed = lines(desk, read_sales_orders=True)
    assert failed(probed) == ["Read sales orders (API v3)"]


def test_a_time_zone_that_cannot_be_is_an_advice(desk: Desk) -> None:
    desk.order(STOL_101=1)
    line = lines(desk, time_zone="America/New_York")["Time zone"]
    assert (line.ok, line.advice) == (False, True)
    assert "still to come" in line.detail


def test_a_time_zone_that_does_not_exist_is_told(desk: Desk) -> None:
    assert not lines(desk, time_zone="Europe/Trondheim")["Time zone"].ok


def test_how_to_subscribe_is_an_advice(desk: Desk) -> None:
    line = lines(desk)["Notifications"]
    assert (line.ok, line.advice) == (False, True)
    assert "Developer Portal" in line.detail


def test_branches_without_the_right_are_asked_of_the_organization(desk: Desk) -> None:
    desk.fault("forbidden", "/erp/v1/branch")
    assert failed(lines(desk)) == []


@pytest.mark.parametrize(
    "kind", ["server_error", "gateway_html", "gateway_empty", "throttle", "cut_before", "not_json"]
)
def test_it_never_raises(desk: Desk, kind: str) -> None:
    desk.fault(kind, "/", times=99)
    probed = lines(desk)
    assert list(probed) == ["Sign-in at Visma Connect"]
    assert not probed["Sign-in at Visma Connect"].ok


def test_it_never_raises_at_an_address_that_is_not_there() -> None:
    with responses.RequestsMock() as wire:
        wire.post(TOKEN, status=404, body="<html></html>")
        assert [line.ok for line in probe(client())] == [False]


def test_no_line_tells_a_secret(desk: Desk) -> None:
    desk.switch(secret_revoked=True)
    assert all("sim-client-secret" not in line.detail for line in lines(desk).values())
