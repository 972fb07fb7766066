from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses

from connections.errors import Locked, OutcomeUnknown, Rejected, Surprise
from connections.vendor import Outcome, Outgoing, Unchanged, Written
from connections.vendors.shipstation.orders.orders import Orders
from connections.vendors.shipstation.orders.status import OrderStatus
from tests.connections.vendors.shipstation.accounts import V1_URL, V2_KEYS, opened, outgoing
from tests.connections.vendors.shipstation.simulated import Simulated
from tests.connections.vendors.shipstation.simulation import BEFORE, error_of, fault, shipped_meanwhile


@pytest.fixture
def statuses(simulator: Simulated) -> Iterator[OrderStatus]:
    client = opened(simulator.url)
    yield OrderStatus(client)
    client.close()


def sent(statuses: OrderStatus, number: str) -> str:
    outcome = Orders(statuses.client).write([outgoing(number)])[0]
    assert isinstance(outcome, Written)
    return outcome.key


def asked(number: str, status: str, target_key: str = "", **fields: str) -> Outgoing:
    return Outgoing(number, {"orderNumber": number, "orderStatus": status, **fields}, target_key)


def set_to(statuses: OrderStatus, number: str, status: str, target_key: str = "", **fields: str) -> Outcome:
    return statuses.write([asked(number, status, target_key, **fields)])[0]


@pytest.mark.parametrize("status", ["on_hold", "cancelled"])
def test_it_sets_the_status_and_keeps_the_rest(statuses: OrderStatus, simulator: Simulated, status: str) -> None:
    key = sent(statuses, f"SET-{status}")
    simulator.do("edit", order_id=int(key), changes={"internalNotes": "fragile"})
    assert isinstance(set_to(statuses, f"SET-{status}", status, key), Written)
    stored = simulator.get(f"/orders/{key}")
    assert (stored["orderStatus"], stored["internalNotes"], len(stored["items"])) == (status, "fragile", 2)


def test_it_finds_an_order_whose_id_was_forgotten(statuses: OrderStatus, simulator: Simulated) -> None:
    key = sent(statuses, "NO-ID")
    outcome = set_to(statuses, "NO-ID", "on_hold")
    assert isinstance(outcome, Written)
    assert outcome.key == key


def test_it_releases_an_order_from_hold(statuses: OrderStatus, simulator: Simulated) -> None:
    key = sent(statuses, "RELEASE")
    simulator.do("hold", order_id=int(key))
    assert isinstance(set_to(statuses, "RELEASE", "awaiting_shipment", key), Written)


def test_it_leaves_out_what_was_never_sent(statuses: OrderStatus) -> None:
    outcome = set_to(statuses, "NEVER", "cancelled")
    assert outcome == Unchanged(note="never sent to ShipStation")


def test_it_writes_nothing_where_the_status_stands(statuses: OrderStatus) -> None:
    key = sent(statuses, "SAME")
    set_to(statuses, "SAME", "on_hold", key)
    statuses.client.need_v1().exchanges.clear()
    assert isinstance(set_to(statuses, "SAME", "on_hold", key), Unchanged)
    assert [call.method for call in statuses.client.need_v1().exchanges] == ["GET"]


def test_it_refuses_to_cancel_what_is_shipped(statuses: OrderStatus, simulator: Simulated) -> None:
    key = sent(statuses, "SHIPPED")
    simulator.do("ship", order_id=int(key))
    error = error_of(set_to(statuses, "SHIPPED", "cancelled", key))
    assert isinstance(error, Locked)
    assert error.current["orderStatus"] == "shipped"


def test_it_is_content_with_a_shipped_order_where_that_is_fine(statuses: OrderStatus, simulator: Simulated) -> None:
    key = sent(statuses, "FINE")
    simulator.do("ship", order_id=int(key))
    assert isinstance(set_to(statuses, "FINE", "cancelled", key, ifShipped="fine"), Unchanged)


def test_it_does_not_cancel_an_order_that_holds_another(statuses: OrderStatus, simulator: Simulated) -> None:
    keys = [sent(statuses, number) for number in ("MERGED-1", "MERGED-2")]
    simulator.do("merge", order_ids=[int(key) for key in keys])
    assert isinstance(error_of(set_to(statuses, "MERGED-1", "cancelled", keys[0])), Locked)


def test_it_refuses_a_status_that_is_not_its_own(statuses: OrderStatus) -> None:
    error = error_of(set_to(statuses, "ANY", "shipped"))
    assert isinstance(error, Rejected)
    assert "orderStatus" in error.fields


def test_it_says_whether_a_lost_write_arrived(statuses: OrderStatus, simulator: Simulated) -> None:
    key = sent(statuses, "LOST")
    assert not statuses.find([asked("LOST", "on_hold", key)], BEFORE)["LOST"].complete
    fault(simulator, "cut_after", "/orders/createorder")
    assert isinstance(error_of(set_to(statuses, "LOST", "on_hold", key)), OutcomeUnknown)
    assert statuses.find([asked("LOST", "on_hold", key)], BEFORE)["LOST"].complete


ORDER = {"orderId": 7, "orderNumber": "7", "orderKey": "7", "orderStatus": "awaiting_shipment", "items": []}


@pytest.mark.usefixtures("network")
def test_it_does_not_trust_a_status_that_was_not_set() -> None:
    responses.get(f"{V1_URL}/orders/7", json=ORDER)
    responses.post(f"{V1_URL}/orders/createorder", json=ORDER)
    assert isinstance(error_of(set_to(OrderStatus(opened()), "7", "on_hold", "7")), Surprise)


@pytest.mark.usefixtures("network")
def test_it_sees_that_the_order_was_shipped_meanwhile() -> None:
    responses.get(f"{V1_URL}/orders/7", json=ORDER)
    responses.get(f"{V1_URL}/orders/7", json=ORDER | {"orderStatus": "shipped"})
    responses.post(f"{V1_URL}/orders/createorder", status=400, json={"Message": "Cannot be changed."})
    assert isinstance(error_of(set_to(OrderStatus(opened()), "7", "on_hold", "7")), Locked)


@pytest.mark.parametrize("way", ["error", "silent", "server_error"])
def test_it_never_claims_to_have_changed_a_locked_order(statuses: OrderStatus, simulator: Simulated, way: str) -> None:
    simulator.set(locked_response=way)
    key = sent(statuses, f"RACE-{way}")
    with shipped_meanwhile(statuses.client, simulator, key):
        outcome = set_to(statuses, f"RACE-{way}", "cancelled", key)
    assert isinstance(error_of(outcome), OutcomeUnknown if way == "server_error" else Locked)
    assert not statuses.find([asked(f"RACE-{way}", "cancelled", key)], BEFORE)[f"RACE-{way}"].complete


def test_it_cancels_with_a_v2_key_alone(simulator: Simulated) -> None:
    statuses = OrderStatus(opened(simulator.url, V2_KEYS))
    key = sent(statuses, "V2-CANCEL")
    assert isinstance(set_to(statuses, "V2-CANCEL", "cancelled", key), Written)
    assert isinstance(set_to(statuses, "V2-CANCEL", "cancelled", key), Unchanged)
    statuses.client.close()


def test_it_says_that_v2_cannot_hold_an_order(simulator: Simulated) -> None:
    statuses = OrderStatus(opened(simulator.url, V2_KEYS))
    key = sent(statuses, "V2-HOLD")
    assert isinstance(error_of(set_to(statuses, "V2-HOLD", "on_hold", key)), Rejected)
    statuses.client.close()


def test_many_shipped_orders_cost_one_page_and_no_call_each(statuses: OrderStatus, simulator: Simulated) -> None:
    keys = {number: sent(statuses, number) for number in (f"DONE-{n}" for n in range(8))}
    for key in keys.values():
        simulator.do("ship", order_id=int(key))
    before = simulator.calls()
    documents = [asked(number, "cancelled", orderId=key, ifShipped="fine") for number, key in keys.items()]
    outcomes = statuses.write(documents)
    assert all(isinstance(outcome, Unchanged) for outcome in outcomes)
    assert simulator.calls()["total"] - before["total"] == 1


def test_of_many_orders_only_the_one_that_is_not_done_is_cancelled(statuses: OrderStatus, simulator: Simulated) -> None:
    keys = {number: sent(statuses, number) for number in (f"MIX-{n}" for n in range(8))}
    for number, key in keys.items():
        if number != "MIX-3":
            simulator.do("ship", order_id=int(key))
    outcomes = statuses.write([asked(number, "cancelled", key, ifShipped="fine") for number, key in keys.items()])
    assert [type(outcome) for outcome in outcomes].count(Written) == 1
    assert simulator.get(f"/orders/{keys['MIX-3']}")["orderStatus"] == "cancelled"
