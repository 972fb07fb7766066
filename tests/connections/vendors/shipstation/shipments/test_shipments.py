from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import responses

from connections.errors import TryLater
from connections.vendor import Document, Page, Written
from connections.vendors.shipstation.orders.orders import Orders
from connections.vendors.shipstation.shipments.shipments import Shipments
from tests.connections.vendors.shipstation.accounts import V1_URL, item, opened, outgoing
from tests.connections.vendors.shipstation.simulated import Simulated
from tests.connections.vendors.shipstation.simulation import BEFORE, fault


@pytest.fixture
def shipments(simulator: Simulated) -> Iterator[Shipments]:
    client = opened(simulator.url)
    yield Shipments(client)
    client.close()


def sent(shipments: Shipments, number: str, **changes: Any) -> int:
    outcome = Orders(shipments.client).write([outgoing(number, **changes)])[0]
    assert isinstance(outcome, Written)
    return int(outcome.key)


def read(shipments: Shipments, cursor: dict[str, Any] | None = None) -> tuple[list[Document], dict[str, Any]]:
    cursor = cursor or shipments.start(BEFORE)
    documents: list[Document] = []
    for page in shipments.changes(cursor):
        documents += page.documents
        cursor = json.loads(json.dumps(page.cursor))
    return documents, cursor


def of(documents: Sequence[Document], order_key: str) -> list[Document]:
    return [document for document in documents if document.body["orderKey"] == order_key]


def lines(document: Document) -> list[tuple[Any, Any]]:
    return [(line["orderLine"], line["quantity"]) for line in document.body["items"]]


def test_it_reads_a_parcel_with_the_lines_of_its_order(shipments: Shipments, simulator: Simulated) -> None:
    order_id = sent(shipments, "ONE")
    made = simulator.do("ship", order_id=order_id)["shipments"][0]
    document = of(read(shipments)[0], "ONE")[0]
    assert document.key == f"shipment-{order_id}-{made['shipmentId']}"
    assert (document.body["kind"], document.status) == ("shipment", "shipped")
    assert lines(document) == [(1, 2), (2, 1)]
    assert document.body["items"][0]["lineItemKey"] == "ONE/1"


def test_it_reads_each_of_several_parcels(shipments: Shipments, simulator: Simulated) -> None:
    order_id = sent(shipments, "PARTS")
    simulator.do("ship", order_id=order_id, items=[{"sku": "SKI-180", "quantity": 1}])
    simulator.do("ship", order_id=order_id)
    documents = of(read(shipments)[0], "PARTS")
    assert sorted(lines(document) for document in documents) == [[(1, 1)], [(1, 1), (2, 1)]]


def test_it_leaves_adjustment_lines_out(shipments: Shipments, simulator: Simulated) -> None:
    discount = item(2, "OFF", 1) | {"adjustment": True, "unitPrice": -5}
    simulator.do("ship", order_id=sent(shipments, "DISCOUNT", items=[item(1, "SKI-180", 2), discount]))
    assert lines(of(read(shipments)[0], "DISCOUNT")[0]) == [(1, 2)]


def test_it_reads_an_order_marked_as_shipped(shipments: Shipments, simulator: Simulated) -> None:
    row = simulator.do("mark_shipped", order_id=sent(shipments, "MARKED"), tracking="EXT-1")
    document = of(read(shipments)[0], "MARKED")[0]
    assert document.key == f"fulfillment-{row['fulfillmentId']}"
    assert (document.body["kind"], document.body["itemsFrom"]) == ("fulfillment", "order")
    assert lines(document) == [(1, 2), (2, 1)]
    assert len(document.body["shipDate"]) == 10


def test_it_reads_a_void_as_a_later_version(shipments: Shipments, simulator: Simulated) -> None:
    made = simulator.do("ship", order_id=sent(shipments, "VOID"))["shipments"][0]
    documents, cursor = read(shipments)
    simulator.do("void", shipment_id=made["shipmentId"])
    before, after = of(documents, "VOID")[0], of(read(shipments, cursor)[0], "VOID")[-1]
    assert before.key == after.key
    assert (before.status, after.status) == ("shipped", "voided")
    assert after.version > before.version


def test_it_splits_a_parcel_of_merged_orders(shipments: Shipments, simulator: Simulated) -> None:
    ids = [sent(shipments, "MERGE-A"), sent(shipments, "MERGE-B", items=[item(7, "WAX", 4)])]
    simulator.do("merge", order_ids=ids)
    made = simulator.do("ship", order_id=ids[0])["shipments"][0]
    documents = read(shipments)[0]
    first, second = of(documents, "MERGE-A")[0], of(documents, "MERGE-B")[0]
    assert first.key == f"shipment-{ids[0]}-{made['shipmentId']}:MERGE-A"
    assert (lines(first), lines(second)) == ([(1, 2), (2, 1)], [(7, 4)])


@pytest.mark.parametrize("keeps", [True, False])
def test_it_leads_a_split_child_back_to_its_order(shipments: Shipments, simulator: Simulated, keeps: bool) -> None:
    simulator.set(split_keeps_key=keeps)
    number = f"SPLIT-{keeps}"
    child = simulator.do("split", order_id=sent(shipments, number), skus=["POLE-1"])
    simulator.do("ship", order_id=child["orderId"])
    document = of(read(shipments)[0], number)[0]
    assert lines(document) == [(2, 1)]


def test_it_asks_the_order_where_a_parcel_names_no_lines(shipments: Shipments, simulator: Simulated) -> None:
    simulator.do("ship", order_id=sent(shipments, "NAMELESS"), with_items=False)
    document = of(read(shipments)[0], "NAMELESS")[0]
    assert lines(document) == [(1, 2), (2, 1)]


@pytest.mark.parametrize("click", ["ship", "mark_shipped"])
def test_it_gets_a_parcel_by_its_key(shipments: Shipments, simulator: Simulated, click: str) -> None:
    simulator.do(click, order_id=sent(shipments, f"GET-{click}"))
    document = of(read(shipments)[0], f"GET-{click}")[0]
    assert shipments.get(document.key) == [document]


def test_it_gets_one_part_of_a_split_parcel(shipments: Shipments, simulator: Simulated) -> None:
    ids = [sent(shipments, "GET-A"), sent(shipments, "GET-B")]
    simulator.do("merge", order_ids=ids)
    simulator.do("ship", order_id=ids[0])
    document = of(read(shipments)[0], "GET-B")[0]
    assert shipments.get(document.key) == [document]
    assert len(shipments.get(document.key.partition(":")[0])) == 2


def test_it_has_nothing_for_an_unknown_key(shipments: Shipments) -> None:
    assert shipments.get("shipment-1-2") == []
    assert shipments.get("fulfillment-1") == []


def test_it_moves_the_other_positions_when_one_source_fails(shipments: Shipments, simulator: Simulated) -> None:
    simulator.do("ship", order_id=sent(shipments, "ALONE"))
    simulator.do("mark_shipped", order_id=sent(shipments, "MARKED-ALONE"))
    fault(simulator, "throttle", "/shipments", times=2)
    pages: list[Page] = []
    with pytest.raises(TryLater):
        pages.extend(shipments.changes(shipments.start(BEFORE)))
    cursor = pages[-1].cursor
    assert of([document for page in pages for document in page.documents], "MARKED-ALONE")
    assert cursor["created"] == shipments.start(BEFORE)["created"]
    assert cursor["fulfilled"]["since"] > shipments.start(BEFORE)["fulfilled"]["since"]


def test_it_asks_for_the_orders_and_the_labels_of_many_fulfillments_together(
    shipments: Shipments, simulator: Simulated
) -> None:
    for n in range(8):
        simulator.do("mark_shipped", order_id=sent(shipments, f"MANY{n}"))
    shipments.client.need_v1().exchanges.clear()
    documents = read(shipments)[0]
    assert all(of(documents, f"MANY{n}") for n in range(8))
    # The four lists of a reading, one of orders, one of labels; not two calls for each of the eight.
    assert len(shipments.client.need_v1().exchanges) <= 6


SHIPMENT = {
    "shipmentId": 1,
    "orderId": 2,
    "orderKey": "K",
    "createDate": "2026-11-20T06:51:33.6270000",
    "voided": False,
    "voidDate": None,
    "advancedOptions": None,
}


def listed(*rows: dict[str, Any]) -> None:
    responses.get(f"{V1_URL}/shipments", json={"shipments": rows, "total": len(rows), "page": 1, "pages": 1})
    responses.get(f"{V1_URL}/fulfillments", json={"fulfillments": [], "total": 0, "page": 1, "pages": 0})


@pytest.mark.usefixtures("network")
def test_it_maps_nameless_lines_by_the_item_ids_of_the_order() -> None:
    listed(SHIPMENT | {"shipmentItems": [{"orderItemId": 11, "lineItemKey": None, "sku": "A", "quantity": 1}]})
    responses.get(
        f"{V1_URL}/orders/2", json={"orderId": 2, "orderKey": "K", "items": [{"orderItemId": 11, "lineItemKey": "L/5"}]}
    )
    document = read(Shipments(opened()))[0][0]
    assert (document.body["orderKey"], lines(document)) == ("L", [(5, 1)])


@pytest.mark.usefixtures("network")
def test_it_asks_no_order_where_nothing_was_merged_or_split() -> None:
    options = {"mergedOrSplit": False}
    items = [{"orderItemId": 11, "lineItemKey": None, "sku": "A", "quantity": 1}]
    listed(SHIPMENT | {"shipmentItems": items, "advancedOptions": options})
    document = read(Shipments(opened()))[0][0]
    assert (document.body["orderKey"], lines(document)) == ("K", [(None, 1)])


@pytest.mark.usefixtures("network")
def test_it_does_not_take_a_shop_line_for_one_of_ours() -> None:
    items = [{"orderItemId": 11, "lineItemKey": "gid://shopify/LineItem/5", "sku": "A", "quantity": 1}]
    listed(SHIPMENT | {"shipmentItems": items})
    assert read(Shipments(opened()))[0][0].body["orderKey"] == "K"


@pytest.mark.usefixtures("network")
def test_it_reads_a_parcel_whose_order_is_gone() -> None:
    listed(SHIPMENT | {"shipmentItems": None})
    responses.get(f"{V1_URL}/orders/2", status=404, json={"message": "Not found"})
    document = read(Shipments(opened()))[0][0]
    assert (document.body["orderKey"], document.body["items"]) == ("K", [])
