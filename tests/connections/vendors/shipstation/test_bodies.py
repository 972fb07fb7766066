from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connections.errors import ConnectionBroken, NotReady, OutcomeUnknown, Rejected, TryLater, VendorError
from connections.vendor import Outcome, Outgoing, Refused, Written
from connections.vendors.shipstation.bodies import agrees, merged, one_by_one
from connections.vendors.shipstation.orders.fields import over_current

DOCUMENTS = [Outgoing(str(n), {}) for n in range(3)]


def written(failing: str, error: VendorError) -> list[Outcome]:
    """The outcomes of three writes, one of which fails."""

    def write_one(document: Outgoing) -> Outcome:
        if document.natural_key == failing:
            raise error
        return Written(document.natural_key)

    return one_by_one(DOCUMENTS, write_one)


@pytest.mark.parametrize(
    "error", [Rejected("no"), OutcomeUnknown("?"), TryLater("once", status=500), NotReady("no", waits_for="x")]
)
def test_it_lets_one_failure_stop_nobody(error: VendorError) -> None:
    outcomes = written("1", error)
    assert outcomes == [Written("0"), Refused(error), Written("2")]


@pytest.mark.parametrize("error", [ConnectionBroken("key"), TryLater("budget"), TryLater("slow", status=429)])
def test_it_sends_nothing_more_for_a_cause_that_concerns_all(error: VendorError) -> None:
    assert written("1", error) == [Written("0"), Refused(error), Refused(error)]


def test_it_raises_a_cause_that_concerns_all_while_nothing_is_written() -> None:
    with pytest.raises(ConnectionBroken):
        written("0", ConnectionBroken("key"))


@pytest.mark.parametrize(
    ("current", "wanted", "same"),
    [
        (Decimal("100.00"), 100, True),
        (Decimal("0.1"), Decimal("0.2"), False),
        ("OSLO ", "Oslo", True),
        (None, "", True),
        (True, 1, False),
        ("2026-11-20T08:00:00.0000000Z", "2026-11-20T08:00:00Z", True),
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({"a": 1}, {"a": 1, "b": None}, True),
        ([{"sku": "A", "x": 1}], [{"sku": "A"}], True),
        ([{"sku": "A"}], [], False),
        (None, {"a": 1}, False),
    ],
)
def test_it_compares_what_we_want_with_what_is_there(current: Any, wanted: Any, same: bool) -> None:
    assert agrees(current, wanted) is same


def test_it_merges_objects_and_replaces_lists() -> None:
    current = {"shipTo": {"city": "Oslo", "phone": "1"}, "tagIds": [1, 2], "gift": True}
    assert merged(current, {"shipTo": {"city": "Bergen"}, "tagIds": [3]}) == {
        "shipTo": {"city": "Bergen", "phone": "1"},
        "tagIds": [3],
        "gift": True,
    }


OURS = {"lineItemKey": "A/1", "sku": "SKI", "quantity": 2}
CURRENT = {
    "orderId": 7,
    "orderKey": "A",
    "modifyDate": "2026-11-20T08:00:00Z",
    "items": [OURS | {"warehouseLocation": "B-2", "createDate": "x"}, {"lineItemKey": None, "sku": "GIFT"}],
}


def test_it_keeps_a_line_that_a_person_added() -> None:
    body = over_current(CURRENT, {"orderKey": "A", "items": [OURS | {"quantity": 3}]}, {"items": [OURS]})
    assert [line["sku"] for line in body["items"]] == ["SKI", "GIFT"]
    assert body["items"][0] == OURS | {"quantity": 3, "warehouseLocation": "B-2"}


def test_it_takes_lines_without_keys_for_its_own_where_it_sent_none() -> None:
    line = {"sku": "SKI", "quantity": 2}
    body = over_current(CURRENT, {"orderKey": "A", "items": [line]}, {"items": [line]})
    assert body["items"] == [line]


def test_it_sends_none_of_the_fields_that_are_shipstations_own() -> None:
    body = over_current(CURRENT, {"orderKey": "A"}, None)
    assert "modifyDate" not in body
    assert body["orderId"] == 7
