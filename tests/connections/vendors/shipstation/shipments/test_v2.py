from __future__ import annotations

from collections.abc import Iterator

import pytest

from connections.vendors.shipstation.client import ShipStationClient
from connections.vendors.shipstation.shipments.shipments import Shipments
from tests.connections.vendors.shipstation.accounts import V2_KEYS, opened
from tests.connections.vendors.shipstation.simulated import Simulated
from tests.connections.vendors.shipstation.v2_account import of_order, read, row_id, sent


@pytest.fixture
def client(simulator: Simulated) -> Iterator[ShipStationClient]:
    client = opened(simulator.url, V2_KEYS)
    yield client
    client.close()


def test_it_reads_a_label_as_a_parcel(client: ShipStationClient, simulator: Simulated) -> None:
    key = sent(client, "V2-PARCEL")
    simulator.do("ship", order_id=row_id(key))
    document = of_order(read(Shipments(client))[0], "V2-PARCEL")[0]
    assert (document.body["kind"], document.status) == ("shipment", "shipped")
    assert [(line["sku"], line["orderLine"]) for line in document.body["items"]] == [("SKI-180", 1), ("POLE-1", 2)]
    assert len(document.body["shipDate"]) == 10
    assert Shipments(client).get(document.key) == [document]


def test_it_reads_a_voided_label_as_a_later_version(client: ShipStationClient, simulator: Simulated) -> None:
    key = sent(client, "V2-VOID")
    made = simulator.do("ship", order_id=row_id(key))["shipments"][0]
    documents, cursor = read(Shipments(client))
    simulator.do("void", shipment_id=made["shipmentId"])
    after = of_order(read(Shipments(client), cursor)[0], "V2-VOID")[-1]
    assert (after.status, after.key) == ("voided", of_order(documents, "V2-VOID")[0].key)
    assert after.version > of_order(documents, "V2-VOID")[0].version


def test_it_reads_a_fulfillment_as_a_parcel(client: ShipStationClient, simulator: Simulated) -> None:
    simulator.do("mark_shipped", order_id=row_id(sent(client, "V2-MARKED")), tracking="EXT-9")
    document = of_order(read(Shipments(client))[0], "V2-MARKED")[0]
    assert (document.body["kind"], document.label) == ("fulfillment", "EXT-9")
    assert [line["orderLine"] for line in document.body["items"]] == [1, 2]
    assert Shipments(client).get(document.key) == [document]
