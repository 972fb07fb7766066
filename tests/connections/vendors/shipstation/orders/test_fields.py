from __future__ import annotations

from connections.vendors.shipstation.orders.fields import over_current

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
