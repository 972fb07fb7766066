from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import responses

from connections.errors import Locked, OutcomeUnknown, Rejected
from connections.vendor import Document, Outgoing, Unchanged, Written
from connections.vendors.shipstation.client import ShipStationClient
from connections.vendors.shipstation.orders.orders import Orders
from connections.vendors.shipstation.parcels.labels import Labels
from connections.vendors.shipstation.parcels.shipments import Shipments
from connections.vendors.shipstation.stock import Inventory
from tests.connections.vendors.shipstation.accounts import V2_KEYS, V2_URL, item, opened, outgoing
from tests.connections.vendors.shipstation.simulated import Simulated
from tests.connections.vendors.shipstation.simulation import BEFORE, error_of, fault


@pytest.fixture
def client(simulator: Simulated) -> Iterator[ShipStationClient]:
    found = opened(simulator.url, V2_KEYS)
    yield found
    found.close()


def sent(client: ShipStationClient, number: str, **changes: Any) -> str:
    outcome = Orders(client).write([outgoing(number, **changes)])[0]
    assert isinstance(outcome, Written), outcome
    return outcome.key


def row_id(key: str) -> int:
    return int(key.removeprefix("se-"))


def read(resource: Any, cursor: dict[str, Any] | None = None) -> tuple[list[Document], dict[str, Any]]:
    cursor = cursor or resource.start(BEFORE)
    documents: list[Document] = []
    for page in resource.changes(cursor):
        documents += page.documents
        cursor = json.loads(json.dumps(page.cursor))
    return documents, cursor


def of(documents: list[Document], order_key: str) -> list[Document]:
    return [document for document in documents if document.body["orderKey"] == order_key]


def test_it_writes_an_order_once(client: ShipStationClient) -> None:
    key = sent(client, "V2-ONCE")
    assert sent(client, "V2-ONCE") == key
    assert Orders(client).find([outgoing("V2-ONCE"), outgoing("V2-NONE")], BEFORE).keys() == {"V2-ONCE"}


def test_it_updates_a_pending_order(client: ShipStationClient, simulator: Simulated) -> None:
    key = sent(client, "V2-UPDATE")
    sent(client, "V2-UPDATE", target_key=key, items=[item(1, "SKI-180", 9)])
    document = Orders(client).get(key)[0]
    assert [line["quantity"] for line in document.body["items"]] == [9]
    assert document.body["items"][0]["lineItemKey"] == "V2-UPDATE/1"


def test_it_refuses_to_change_a_shipped_order(client: ShipStationClient, simulator: Simulated) -> None:
    key = sent(client, "V2-LOCKED")
    simulator.do("ship", order_id=row_id(key))
    outcome = Orders(client).write([outgoing("V2-LOCKED", target_key=key)])[0]
    assert isinstance(error_of(outcome), Locked)


def test_it_has_nothing_to_change_in_a_shipped_order_that_says_what_was_sent(
    client: ShipStationClient, simulator: Simulated
) -> None:
    key = sent(client, "V2-AS-SENT")
    simulator.do("ship", order_id=row_id(key))
    document = outgoing("V2-AS-SENT", target_key=key, sent=outgoing("V2-AS-SENT").payload)
    assert isinstance(Orders(client).write([document])[0], Unchanged)


def test_it_finds_an_order_whose_answer_was_lost(client: ShipStationClient, simulator: Simulated) -> None:
    fault(simulator, "cut_after", "/v2/shipments", method="POST")
    outcome = Orders(client).write([outgoing("V2-LOST")])[0]
    assert isinstance(error_of(outcome), OutcomeUnknown)
    assert Orders(client).find([outgoing("V2-LOST")], BEFORE)["V2-LOST"].complete


def test_it_refuses_a_number_that_another_order_has(client: ShipStationClient) -> None:
    sent(client, "V2-NUMBER")
    other = Outgoing("V2-OTHER", outgoing("V2-NUMBER").payload)
    error = error_of(Orders(client).write([other])[0])
    assert isinstance(error, Rejected)
    assert error.words


def test_it_reads_changed_orders(client: ShipStationClient) -> None:
    sent(client, "V2-READ")
    documents, cursor = read(Orders(client))
    assert of(documents, "V2-READ")[0].status == "awaiting_shipment"
    assert cursor["walk"] is None


def test_it_reads_a_label_as_a_parcel(client: ShipStationClient, simulator: Simulated) -> None:
    key = sent(client, "V2-PARCEL")
    simulator.do("ship", order_id=row_id(key))
    document = of(read(Shipments(client))[0], "V2-PARCEL")[0]
    assert (document.body["kind"], document.status) == ("shipment", "shipped")
    assert [(line["sku"], line["orderLine"]) for line in document.body["items"]] == [("SKI-180", 1), ("POLE-1", 2)]
    assert len(document.body["shipDate"]) == 10
    assert Shipments(client).get(document.key) == [document]


def test_it_reads_a_voided_label_as_a_later_version(client: ShipStationClient, simulator: Simulated) -> None:
    key = sent(client, "V2-VOID")
    made = simulator.do("ship", order_id=row_id(key))["shipments"][0]
    documents, cursor = read(Shipments(client))
    simulator.do("void", shipment_id=made["shipmentId"])
    after = of(read(Shipments(client), cursor)[0], "V2-VOID")[-1]
    assert (after.status, after.key) == ("voided", of(documents, "V2-VOID")[0].key)
    assert after.version > of(documents, "V2-VOID")[0].version


def test_it_reads_a_fulfillment_as_a_parcel(client: ShipStationClient, simulator: Simulated) -> None:
    simulator.do("mark_shipped", order_id=row_id(sent(client, "V2-MARKED")), tracking="EXT-9")
    document = of(read(Shipments(client))[0], "V2-MARKED")[0]
    assert (document.body["kind"], document.label) == ("fulfillment", "EXT-9")
    assert [line["orderLine"] for line in document.body["items"]] == [1, 2]
    assert Shipments(client).get(document.key) == [document]


def test_it_reads_labels_as_they_are(client: ShipStationClient, simulator: Simulated) -> None:
    made = simulator.do("ship", order_id=row_id(sent(client, "V2-LABEL")))["shipments"][0]
    documents, _ = read(Labels(client))
    document = next(one for one in documents if one.key == f"se-{made['shipmentId']}")
    assert document.body["tracking_number"] == document.label
    assert Labels(client).get(document.key)[0].key == document.key


def place(simulator: Simulated) -> str:
    found: str = simulator.call_v2("GET", "/v2/inventory_locations").json()["inventory_locations"][0][
        "inventory_location_id"
    ]
    return found


def test_it_sets_stock_absolutely(client: ShipStationClient, simulator: Simulated) -> None:
    stock = Outgoing("S", {"sku": "SKI-180", "quantity": 40, "inventory_location_id": place(simulator)})
    for _ in range(2):
        assert isinstance(Inventory(client).write([stock])[0], Written)
    found = Inventory(client).find([stock], BEFORE)["S"]
    assert found.complete
    assert found.proof == {"on_hand": 40}


@pytest.mark.parametrize("change", [{"sku": ""}, {"inventory_location_id": None}, {"quantity": "many"}])
def test_it_refuses_stock_that_is_not_complete(client: ShipStationClient, change: dict[str, Any]) -> None:
    payload = {"sku": "A", "quantity": 1, "inventory_location_id": "se-1"} | change
    error = error_of(Inventory(client).write([Outgoing("S", payload)])[0])
    assert isinstance(error, Rejected)
    assert list(error.fields) == list(change)


@pytest.mark.parametrize("resource", [Inventory, Labels])
def test_it_needs_a_v2_key(resource: Any) -> None:
    with pytest.raises(Rejected, match="no V2 API key"):
        resource(opened()).get("1") if resource is Labels else resource(opened()).write([Outgoing("S", {})])


@pytest.mark.usefixtures("network")
def test_it_does_not_take_an_error_in_a_good_answer_for_success() -> None:
    responses.get(f"{V2_URL}/v2/shipments/external_shipment_id/X%2F1", status=404, json={"errors": []})
    errors = [{"message": "Bad postal code.", "field_name": "ship_to.postal_code"}]
    responses.post(f"{V2_URL}/v2/shipments", json={"has_errors": True, "shipments": [{"errors": errors}]})
    error = error_of(Orders(opened(keys=V2_KEYS)).write([outgoing("X/1")])[0])
    assert isinstance(error, Rejected)
    assert (error.words, list(error.fields)) == ("Bad postal code.", ["ship_to.postal_code"])


@pytest.mark.usefixtures("network")
def test_it_takes_an_order_that_arrived_late_for_its_own() -> None:
    there = {"shipment_id": "se-9", "shipment_status": "pending", "ship_to": {"name": "K"}}
    responses.get(f"{V2_URL}/v2/shipments/external_shipment_id/LATE", status=404, json={"errors": []})
    responses.get(f"{V2_URL}/v2/shipments/external_shipment_id/LATE", json=there)
    responses.post(f"{V2_URL}/v2/shipments", status=400, json={"errors": [{"message": "Duplicate."}]})
    responses.put(f"{V2_URL}/v2/shipments/se-9", json=there)
    assert Orders(opened(keys=V2_KEYS)).write([outgoing("LATE")]) == [Written("se-9")]
