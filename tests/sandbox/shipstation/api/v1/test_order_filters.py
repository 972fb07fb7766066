from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.connections.vendors.shipstation.simulated import Simulated, line, order


def offset_to(moment: str) -> float:
    """The clock offset that makes it this UTC moment now."""
    return datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() - datetime.now(UTC).timestamp()


def test_it_reads_filters_as_pacific_time(account: Simulated) -> None:
    account.set(clock_offset=offset_to("2026-07-01T12:00"))
    account.make()
    assert account.get("/orders", createDateStart="2026-07-01 05:00:00")["total"] == 1
    assert account.get("/orders", createDateStart="2026-07-01 12:00:00")["total"] == 0
    assert account.get("/orders", createDateStart="2026-07-01T12:00:00-00:00")["total"] == 1


def test_it_finds_orders_by_the_start_of_their_number(account: Simulated) -> None:
    for number in ("SO-1", "SO-11", "SO-2"):
        account.make(number)
    page = account.get("/orders", orderNumber="SO-1", sortBy="ModifyDate", sortDir="DESC")
    assert [row["orderNumber"] for row in page["orders"]] == ["SO-11", "SO-1"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"customerName": "ola"}, ["2"]),
        ({"itemKeyword": "wax"}, ["2"]),
        ({"orderStatus": "on_hold"}, ["3"]),
        ({"storeId": 179331}, ["3"]),
        ({"orderDateStart": "2026-11-21", "orderDateEnd": "2026-11-22"}, ["2"]),
        ({"paymentDateEnd": "2026-01-02"}, ["1"]),
        ({"sortBy": "OrderDate", "sortDir": "DESC"}, ["2", "3", "1"]),
        ({}, ["1", "2", "3"]),
    ],
)
def test_it_filters_and_sorts(account: Simulated, query: dict[str, Any], expected: list[str]) -> None:
    account.make("1", paymentDate="2026-01-01")
    account.make("2", shipTo={"name": "Ola"}, items=[line("1", "WAX")], orderDate="2026-11-21T10:00:00")
    account.make("3", orderStatus="on_hold", advancedOptions={"storeId": 179331})
    page = account.get("/orders", **query)
    assert [row["orderNumber"] for row in page["orders"]] == expected
    assert page["total"] == len(expected)


def test_it_pages_with_at_most_five_hundred(account: Simulated) -> None:
    for start in range(0, 600, 100):
        account.post("/orders/createorders", [order(f"{n:04d}") for n in range(start, start + 100)])
    first = account.get("/orders", pageSize=1000, sortBy="ModifyDate")
    second = account.get("/orders", pageSize=1000, sortBy="ModifyDate", page=2)
    assert (len(first["orders"]), len(second["orders"])) == (500, 100)
    assert (first["total"], first["pages"], second["page"]) == (600, 2, 2)
    assert len({row["orderId"] for row in first["orders"] + second["orders"]}) == 600


def test_it_sees_a_changed_order_by_its_modify_date(account: Simulated) -> None:
    account.make("1")
    middle = account.make("2")["modifyDate"]
    account.make("1", internalNotes="again")
    page = account.get("/orders", modifyDateStart=middle, sortBy="ModifyDate", sortDir="ASC")
    assert [row["orderNumber"] for row in page["orders"]] == ["2", "1"]


def test_it_can_leave_out_the_ends_of_a_range(account: Simulated) -> None:
    stamp = account.make()["modifyDate"]
    assert account.get("/orders", modifyDateStart=stamp)["total"] == 1
    account.set(range_ends="exclusive")
    assert account.get("/orders", modifyDateStart=stamp)["total"] == 0
