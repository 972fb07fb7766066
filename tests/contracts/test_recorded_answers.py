"""What the real V1 service answered: our client takes it, and our simulator answers with the same fields."""

from __future__ import annotations

from typing import Any

import pytest
import responses

from connections.vendor import Outgoing, Unchanged, Written
from connections.vendors.shipstation import codec
from connections.vendors.shipstation.customers import Customers
from connections.vendors.shipstation.orders.orders import Orders
from connections.vendors.shipstation.orders.status import OrderStatus
from connections.vendors.shipstation.probe import probe
from connections.vendors.shipstation.products import Products
from connections.vendors.shipstation.webhooks.subscriptions import subscribe_v1
from tests.connections.vendors.shipstation.accounts import V1_URL, opened
from tests.contracts import relaxations, validations
from tests.contracts.marks import needs_contracts
from tests.contracts.shapes import differences, places
from tests.contracts.shipstation_desk import BEFORE
from tests.contracts.shipstation_v1 import Recorded, recorded
from tests.contracts.sources import absent

pytestmark = needs_contracts
BODIES = [] if absent() else [recording for recording in recorded() if recording.body is not None]
NAMES = [f"{recording.group}: {recording.name}" for recording in BODIES]


def body(name: str) -> Any:
    return next(recording.body for recording in BODIES if recording.name == name)


@pytest.mark.parametrize("recording", BODIES, ids=NAMES)
def test_it_decodes_and_encodes_a_recorded_answer(recording: Recorded) -> None:
    assert codec.encode(codec.decode(recording.body)) == recording.body


@pytest.mark.parametrize("recording", BODIES, ids=NAMES)
def test_it_answers_with_the_recorded_fields(recording: Recorded) -> None:
    contract = validations.shipstation_v1_validation().validator.contract
    operation = contract.find(recording.method, recording.path.replace("{", "").replace("}", ""))
    calls = [call for call in validations.recorded_shipstation("V1") if call.status == recording.status]
    ours = places(call.answer for call in calls if contract.find(call.method, call.path) is operation)
    if recording.name in relaxations.NOT_SIMULATED:
        assert not ours
        return
    assert ours
    lines = differences(ours, places([recording.body]))
    newer = {f" has {name} too" for name in relaxations.NEWER_FIELDS}
    assert [line for line in lines if not any(line.endswith(ending) for ending in newer)] == []


@pytest.mark.usefixtures("network")
def test_it_reads_recorded_orders() -> None:
    responses.get(f"{V1_URL}/orders", json=body("List Orders") | {"pages": 1})
    responses.get(f"{V1_URL}/orders/5", json=body("Get Order"))
    orders = Orders(opened())
    listed = [document for page in orders.changes(orders.start(BEFORE)) for document in page.documents]
    assert len(listed) == len(body("List Orders")["orders"])
    assert orders.get("5")[0].key == str(body("Get Order")["orderId"])


@pytest.mark.usefixtures("network")
def test_it_takes_the_recorded_answer_to_a_batch() -> None:
    batch = body("Create/Update Multiple Orders")
    responses.get(f"{V1_URL}/orders", json=body("List Orders") | {"orders": []})
    responses.post(f"{V1_URL}/orders/createorders", json=batch)
    documents = [Outgoing(row["orderKey"], {"orderNumber": row["orderNumber"]}) for row in batch["results"]]
    outcomes = Orders(opened()).write(documents)
    assert [outcome.key for outcome in outcomes if isinstance(outcome, Written)] == [
        str(r["orderId"]) for r in batch["results"]
    ]


@pytest.mark.usefixtures("network")
def test_it_sets_the_status_of_a_recorded_order() -> None:
    order = body("Get Order")
    responses.get(f"{V1_URL}/orders/5", json=order)
    call = responses.post(f"{V1_URL}/orders/createorder", json=order | {"orderStatus": "cancelled"})
    payload = {"orderNumber": order["orderNumber"], "orderStatus": "cancelled"}
    outcome = OrderStatus(opened()).write([Outgoing(order["orderKey"], payload, "5")])[0]
    assert isinstance(outcome, Written)
    assert call.call_count == 1


@pytest.mark.usefixtures("network")
def test_it_links_a_recorded_customer() -> None:
    listed = body("List Customers")
    responses.get(f"{V1_URL}/customers", json=listed)
    first = next(row for row in listed["customers"] if row["email"])
    outcome = Customers(opened()).write([Outgoing("C", {"email": first["email"]})])[0]
    assert isinstance(outcome, Unchanged)
    assert outcome.key


@pytest.mark.usefixtures("network")
def test_it_updates_a_recorded_product() -> None:
    listed = body("List Products")
    product = listed["products"][0]
    responses.get(f"{V1_URL}/products", json=listed)
    responses.get(f"{V1_URL}/products/{product['productId']}", json=body("Get a Product"))
    responses.put(f"{V1_URL}/products/{product['productId']}", json=body("Update a Product"))
    outcome = Products(opened()).write([Outgoing("P", {"sku": product["sku"], "name": "Another"})])[0]
    assert isinstance(outcome, Written)


@pytest.mark.usefixtures("network")
def test_it_finds_a_recorded_subscription() -> None:
    hook = body("List Webhooks")["webhooks"][0]
    responses.get(f"{V1_URL}/webhooks", json=body("List Webhooks"))
    responses.post(f"{V1_URL}/webhooks/subscribe", json=body("Subscribe to Webhook"), status=201)
    made = subscribe_v1(opened().need_v1(), hook["Url"], [hook["HookType"], "SHIP_NOTIFY"])
    assert made == {hook["HookType"]: str(hook["WebHookID"]), "SHIP_NOTIFY": str(body("Subscribe to Webhook")["id"])}


@pytest.mark.usefixtures("network")
def test_it_passes_the_probe_with_recorded_answers() -> None:
    for path, name in (
        ("orders", "Orders"),
        ("products", "Products"),
        ("customers", "Customers"),
        ("stores", "Stores"),
    ):
        responses.get(f"{V1_URL}/{path}", json=body(f"List {name}"))
    responses.get(f"{V1_URL}/webhooks", json=body("List Webhooks"))
    for path in ("shipments", "fulfillments"):
        responses.get(f"{V1_URL}/{path}", json={path: [], "total": 0, "page": 1, "pages": 0})
    assert [line.what for line in probe(opened()) if not line.ok] == []
