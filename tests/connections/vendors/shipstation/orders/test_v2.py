from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses

from connections.errors import Locked, OutcomeUnknown, Rejected
from connections.vendor import Outgoing, Unchanged, Written
from connections.vendors.shipstation.client import ShipStationClient
from connections.vendors.shipstation.orders.orders import Orders
from tests.connections.vendors.shipstation.accounts import V2_KEYS, V2_URL, item, opened, outgoing
from tests.connections.vendors.shipstation.simulated import Simulated
from tests.connections.vendors.shipstation.simulation import BEFORE, error_of, fault
from tests.connections.vendors.shipstation.v2_account import of_order, read, row_id, sent


@pytest.fixture
def client(simulator: Simulated) -> Iterator[ShipStationClient]:
    client = opened(simulator.url, V2_KEYS)
    yield client
    client.close()


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
    assert of_order(documents, "V2-READ")[0].status == "awaiting_shipment"
    assert cursor["place"] is None


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
