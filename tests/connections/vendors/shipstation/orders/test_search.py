"""How many calls a hundred changed orders cost, and that no saving of calls changes which orders are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from connections.errors import Locked, NotReady, OutcomeUnknown, TryLater
from connections.http import NoBudget
from connections.vendor import Outcome, Outgoing, Refused, Resource, Unchanged, Written
from connections.vendors.shipstation.client import ShipStationClient
from connections.vendors.shipstation.orders.orders import Orders
from connections.vendors.shipstation.orders.references import OrderReferences
from connections.vendors.shipstation.orders.status import OrderStatus
from tests.connections.vendors.shipstation.accounts import opened, outgoing
from tests.connections.vendors.shipstation.simulated import Simulated, simulated
from tests.connections.vendors.shipstation.simulation import BEFORE, error_of, fault, shipped_meanwhile

MOST_CALLS = 6

SALES_ORDERS = [f"SO{n:06d}" for n in range(123, 223)]
PURCHASE_ORDERS = [str(n) for n in range(100345, 100445)]
STRADDLING = [f"SO{n:06d}" for n in range(49950, 50050)]
MIXED = [f"SO{n:06d}" for n in range(60)] + [f"PO-{n:04d}" for n in range(30)] + [f"17{n:04d}" for n in range(10)]
ODD = [f"00+{n} #&?%' x" for n in range(50)] + [f'00 {n:03d};="é\\' for n in range(50)]
NUMBERINGS = {
    "sales orders": SALES_ORDERS,
    "purchase orders": PURCHASE_ORDERS,
    "straddling": STRADDLING,
    "mixed": MIXED,
    "odd": ODD,
}


@pytest.fixture(params=sorted(NUMBERINGS))
def numbers(request: pytest.FixtureRequest) -> list[str]:
    return NUMBERINGS[request.param]


@pytest.fixture
def simulator() -> Iterator[Simulated]:
    """An account of its own for each test: what others made would change the number of calls."""
    with simulated() as system:
        yield system


@pytest.fixture
def client(simulator: Simulated) -> Iterator[ShipStationClient]:
    client = opened(simulator.url)
    yield client
    client.close()


def send(client: ShipStationClient, numbers: Sequence[str], **changes: Any) -> dict[str, str]:
    """Write new orders; their ids by number."""
    ids: dict[str, str] = {}
    for start in range(0, len(numbers), 100):
        part = numbers[start : start + 100]
        outcomes = Orders(client).write([outgoing(number, **changes) for number in part])
        ids |= {number: key_of(outcome) for number, outcome in zip(part, outcomes, strict=True)}
    return ids


def key_of(outcome: Outcome) -> str:
    assert isinstance(outcome, Written | Unchanged), outcome
    return outcome.key


def changed(ids: dict[str, str], **changes: Any) -> list[Outgoing]:
    """Orders that were sent before and say something else now."""
    changes = changes or {"internalNotes": "new"}
    return [outgoing(number, key, outgoing(number).payload, **changes) for number, key in ids.items()]


@contextmanager
def counted(client: ShipStationClient, most: int = MOST_CALLS) -> Iterator[list[str]]:
    """The calls made in here, which must not be more than `most`."""
    exchanges = client.need_v1().exchanges
    exchanges.clear()
    calls: list[str] = []
    yield calls
    calls += [f"{exchange.method} {exchange.path}" for exchange in exchanges]
    assert len(calls) <= most, calls


def asked(number: str, status: str, key: str, **fields: Any) -> Outgoing:
    return Outgoing(number, {"orderNumber": number, "orderStatus": status, "orderId": key, **fields})


def invoice(number: str, reference: str, target_key: str = "", **fields: Any) -> Outgoing:
    return Outgoing(number, {"orderNumber": number, "reference": reference, **fields}, target_key)


def stored(simulator: Simulated, key: str) -> Any:
    return simulator.get(f"/orders/{key.partition('#')[0]}")


# A hundred, in each of the flows that read an order before they write it


def test_a_hundred_changed_orders_cost_few_calls(
    client: ShipStationClient, simulator: Simulated, numbers: list[str]
) -> None:
    ids = send(client, numbers)
    with counted(client):
        outcomes = Orders(client).write(changed(ids))
    assert [key_of(outcome) for outcome in outcomes] == list(ids.values())
    assert all(stored(simulator, key)["internalNotes"] == "new" for key in ids.values())


@pytest.mark.parametrize("status", ["on_hold", "cancelled"])
def test_a_hundred_holds_and_cancellations_cost_few_calls(
    client: ShipStationClient, simulator: Simulated, numbers: list[str], status: str
) -> None:
    ids = send(client, numbers)
    with counted(client):
        outcomes = OrderStatus(client).write([asked(number, status, key) for number, key in ids.items()])
    assert [(type(outcome), key_of(outcome)) for outcome in outcomes] == [(Written, key) for key in ids.values()]
    assert {stored(simulator, key)["orderStatus"] for key in ids.values()} == {status}


def test_a_hundred_invoice_numbers_cost_few_calls(
    client: ShipStationClient, simulator: Simulated, numbers: list[str]
) -> None:
    ids = send(client, numbers)
    documents = [invoice(number, f"INV-{place}") for place, number in enumerate(numbers)]
    with counted(client):
        outcomes = OrderReferences(client).write(documents)
    assert [key_of(outcome) for outcome in outcomes] == [f"{ids[n]}#INV-{place}" for place, n in enumerate(numbers)]
    for place, key in enumerate(ids.values()):
        assert stored(simulator, key)["advancedOptions"]["customField3"] == f"INV-{place}"


def test_a_hundred_changed_invoice_numbers_cost_few_calls(client: ShipStationClient, simulator: Simulated) -> None:
    ids = send(client, SALES_ORDERS)
    OrderReferences(client).write([invoice(number, "OLD") for number in ids])
    documents = [
        Outgoing(number, {"orderNumber": number, "reference": "NEW"}, f"{key}#OLD", {"reference": "OLD"})
        for number, key in ids.items()
    ]
    with counted(client):
        outcomes = OrderReferences(client).write(documents)
    assert [key_of(outcome) for outcome in outcomes] == [f"{key}#NEW" for key in ids.values()]
    assert {stored(simulator, key)["advancedOptions"]["customField3"] for key in ids.values()} == {"NEW"}


def test_a_hundred_second_candidates_cost_few_calls(client: ShipStationClient) -> None:
    ids = send(client, SALES_ORDERS)
    documents = [
        Outgoing(f"CUST-{n}", {"orderNumber": f"CUST-{n}", "candidates": [{"orderNumber": n}], "reference": "I"})
        for n in ids
    ]
    with counted(client):
        outcomes = OrderReferences(client).write(documents)
    assert [key_of(outcome) for outcome in outcomes] == [f"{key}#I" for key in ids.values()]


@pytest.mark.parametrize("many", [False, True])
def test_looking_a_hundred_up_costs_few_calls(client: ShipStationClient, many: bool) -> None:
    """Among more orders than a page holds, too."""
    ids = send(client, [f"SO{n:06d}" for n in range(123, 1223 if many else 223)])
    ids = dict(list(ids.items())[:100])
    statuses = [asked(number, "awaiting_shipment", key) for number, key in ids.items()]
    with counted(client):
        assert len(OrderStatus(client).find(statuses, BEFORE)) == 100
    with counted(client):
        assert OrderReferences(client).find([invoice(number, "I") for number in ids], BEFORE).keys() == ids.keys()


# Correct first


def test_the_orders_that_are_wanted_are_found_in_a_full_page(client: ShipStationClient, simulator: Simulated) -> None:
    ids = send(client, [f"SO{n:06d}" for n in range(1000, 2700)])
    oldest = dict(list(ids.items())[:100])
    with counted(client):
        outcomes = Orders(client).write(changed(oldest))
    assert [key_of(outcome) for outcome in outcomes] == list(oldest.values())
    assert {stored(simulator, key)["internalNotes"] for key in oldest.values()} == {"new"}


def test_scattered_orders_cost_hardly_more_than_a_call_each(client: ShipStationClient) -> None:
    ids = send(client, [f"SO{n:06d}" for n in range(1000, 9000)])
    scattered = dict(list(ids.items())[::80])
    with counted(client, len(scattered) + 1 + len(scattered) // 3):
        outcomes = Orders(client).write(changed(scattered))
    assert [key_of(outcome) for outcome in outcomes] == list(scattered.values())


def test_orders_whose_numbers_have_nothing_in_common_cost_no_more_than_a_call_each(
    client: ShipStationClient, simulator: Simulated
) -> None:
    ids = send(client, [f"{chr(0x4E00 + n)}{n}" for n in range(20)])
    with counted(client, 21):
        outcomes = Orders(client).write(changed(ids))
    assert [key_of(outcome) for outcome in outcomes] == list(ids.values())


def test_a_number_that_hundreds_of_others_begin_with_is_no_trap(
    client: ShipStationClient, simulator: Simulated
) -> None:
    first = send(client, ["7", "70", "700", "7000", "70000"])
    send(client, [f"7{n:05d}" for n in range(700)])
    with counted(client, 8):
        outcomes = Orders(client).write(changed(first))
    assert [key_of(outcome) for outcome in outcomes] == list(first.values())
    assert simulator.get("/orders", orderNumber="7", pageSize=500)["total"] == 705


def test_an_order_that_got_another_number_is_read_by_itself(client: ShipStationClient, simulator: Simulated) -> None:
    ids = send(client, SALES_ORDERS)
    renamed = ids["SO000150"]
    simulator.do("edit", order_id=int(renamed), changes={"orderNumber": "RENAMED", "serviceCode": "ups_ground"})
    with counted(client) as calls:
        outcomes = Orders(client).write(changed(ids))
    assert key_of(outcomes[27]) == renamed
    assert f"GET /orders/{renamed}" in calls
    after = stored(simulator, renamed)
    assert (after["orderNumber"], after["serviceCode"], after["internalNotes"]) == ("SO000150", "ups_ground", "new")


def test_an_order_that_the_source_renumbers_is_found_by_the_number_it_had(client: ShipStationClient) -> None:
    ids = send(client, SALES_ORDERS)
    documents = [
        Outgoing(number, outgoing(f"R-{place}").payload, key, outgoing(number).payload)
        for place, (number, key) in enumerate(ids.items())
    ]
    with counted(client):
        assert [key_of(outcome) for outcome in Orders(client).write(documents)] == list(ids.values())


@pytest.mark.parametrize("click", ["delete", "ship"])
def test_an_order_that_is_gone_or_done_is_refused_among_the_others(
    client: ShipStationClient, simulator: Simulated, click: str
) -> None:
    ids = send(client, SALES_ORDERS)
    simulator.do(click, order_id=int(ids["SO000150"]))
    with counted(client):
        outcomes = Orders(client).write(changed(ids))
    assert isinstance(error_of(outcomes[27]), Locked)
    assert sum(isinstance(outcome, Written) for outcome in outcomes) == 99


def test_orders_of_several_stores_that_share_a_number_are_told_apart(
    client: ShipStationClient, simulator: Simulated
) -> None:
    ids = send(client, SALES_ORDERS)
    store = simulator.get("/stores")[-1]["storeId"]
    second_store = opened(simulator.url, store_id=str(store))
    second_store_keys = [
        key_of(outcome)
        for outcome in Orders(second_store).write([Outgoing(f"other:{n}", outgoing(n).payload) for n in SALES_ORDERS])
    ]
    second_store.close()
    with counted(client):
        outcomes = Orders(client).write(changed(ids))
    assert [key_of(outcome) for outcome in outcomes] == list(ids.values())
    assert {stored(simulator, key)["internalNotes"] or "" for key in second_store_keys} == {""}


def test_what_people_set_stays_on_each_of_a_hundred(client: ShipStationClient, simulator: Simulated) -> None:
    ids = send(client, SALES_ORDERS)
    for key in ids.values():
        simulator.do("edit", order_id=int(key), changes={"advancedOptions": {"customField2": f"by hand {key}"}})
    Orders(client).write(changed(ids))
    for key in ids.values():
        assert stored(simulator, key)["advancedOptions"]["customField2"] == f"by hand {key}"


def test_an_order_that_no_list_can_show_spoils_no_other(client: ShipStationClient, simulator: Simulated) -> None:
    ids = send(client, SALES_ORDERS)
    simulator.do("poison", order_id=int(ids["SO000150"]))
    with counted(client, 40):
        outcomes = Orders(client).write(changed(ids))
    assert [key_of(outcome) for outcome in outcomes] == list(ids.values())


def test_lists_that_fail_leave_it_to_single_reads(client: ShipStationClient, simulator: Simulated) -> None:
    ids = send(client, SALES_ORDERS[:10])
    fault(simulator, "server_error", "/orders", method="GET", times=2)
    outcomes = Orders(client).write(changed(ids))
    assert [key_of(outcome) for outcome in outcomes] == list(ids.values())


def test_an_outage_of_the_lists_costs_few_of_them(client: ShipStationClient, simulator: Simulated) -> None:
    ids = send(client, SALES_ORDERS)
    fault(simulator, "server_error", "/orders", method="GET", times=1000)
    with counted(client, 100 + 5):
        outcomes = Orders(client).write(changed(ids))
    assert all(type(error_of(outcome)) is TryLater for outcome in outcomes)


class Spent(NoBudget):
    """So many calls, and no more."""

    calls = 1000

    def take(self) -> None:
        self.calls -= 1
        if self.calls < 0:
            raise TryLater("The budget is spent.")


def test_a_spent_budget_keeps_nothing_unread_from_being_refused_unsent(simulator: Simulated) -> None:
    budget = Spent()
    client = opened(simulator.url, budget=budget)
    ids = send(client, [f"SO{n:06d}" for n in range(500, 600)])
    budget.calls = 0
    outcomes = Orders(client).write(changed(ids))
    assert all(type(error_of(outcome)) is TryLater for outcome in outcomes)
    client.close()


Write = Callable[[ShipStationClient, dict[str, str]], Sequence[Outcome]]


def hold(client: ShipStationClient, ids: dict[str, str]) -> Sequence[Outcome]:
    return OrderStatus(client).write([asked(number, "on_hold", key) for number, key in ids.items()])


def refer(client: ShipStationClient, ids: dict[str, str]) -> Sequence[Outcome]:
    return OrderReferences(client).write([invoice(number, "INV-1") for number in ids])


@pytest.mark.parametrize("write", [hold, refer])
def test_what_was_written_and_not_seen_is_unknown_until_it_is_looked_up(simulator: Simulated, write: Write) -> None:
    budget = Spent()
    client = opened(simulator.url, budget=budget)
    ids = send(client, [f"SO{n:06d}" for n in range(600, 610)])
    budget.calls = 2  # the list and the write
    assert all(isinstance(error_of(outcome), OutcomeUnknown) for outcome in write(client, ids))
    budget.calls = 1000
    resource: Resource = OrderStatus(client) if write is hold else OrderReferences(client)
    documents = [
        asked(number, "on_hold", key) if write is hold else invoice(number, "INV-1") for number, key in ids.items()
    ]
    assert all(match.complete for match in resource.find(documents, BEFORE).values())
    client.close()


@pytest.mark.parametrize("write", [hold, refer])
def test_a_lost_answer_leaves_all_of_them_unknown(
    client: ShipStationClient, simulator: Simulated, write: Write
) -> None:
    ids = send(client, SALES_ORDERS)
    fault(simulator, "cut_after", "/orders/createorders")
    assert all(isinstance(error_of(outcome), OutcomeUnknown) for outcome in write(client, ids))


@pytest.mark.parametrize("write", [hold, refer])
def test_a_failed_write_is_tried_later_as_a_whole(
    client: ShipStationClient, simulator: Simulated, write: Write
) -> None:
    ids = send(client, SALES_ORDERS)
    fault(simulator, "throttle", "/orders/createorders")
    try:
        outcomes = write(client, ids)
    except TryLater:
        return
    assert all(isinstance(error_of(outcome), TryLater) for outcome in outcomes)


@pytest.mark.parametrize("way", ["error", "silent"])
def test_orders_that_ship_just_now_are_seen_among_the_others(
    client: ShipStationClient, simulator: Simulated, way: str
) -> None:
    simulator.set(locked_response=way)
    ids = send(client, SALES_ORDERS)
    shipping = shipped_meanwhile(client, simulator, ids["SO000150"])
    with shipping, counted(client):
        outcomes = hold(client, ids)
    assert isinstance(error_of(outcomes[27]), Locked)
    assert sum(isinstance(outcome, Written) for outcome in outcomes) == 99


@pytest.mark.parametrize("way", ["error", "silent"])
def test_a_reference_is_kept_here_only_where_the_order_ships_just_now(
    client: ShipStationClient, simulator: Simulated, way: str
) -> None:
    simulator.set(locked_response=way)
    ids = send(client, SALES_ORDERS)
    shipping = shipped_meanwhile(client, simulator, ids["SO000150"])
    with shipping, counted(client):
        outcomes = refer(client, ids)
    assert getattr(outcomes[27], "note", "") == "the order is shipped; the link is kept here only"
    assert sum(isinstance(outcome, Written) for outcome in outcomes) == 99


def test_two_invoices_of_one_order_in_one_batch_are_both_on_it(client: ShipStationClient, simulator: Simulated) -> None:
    ids = send(client, SALES_ORDERS[:10])
    documents = [invoice(number, f"INV-{number}") for number in ids]
    number, key = next(iter(ids.items()))
    second = Outgoing("CUST-1", {"orderNumber": "CUST-1", "candidates": [{"orderNumber": number}], "reference": "B"})
    outcomes = OrderReferences(client).write([*documents, second])
    assert key_of(outcomes[-1]) == f"{key}#B"
    assert stored(simulator, key)["advancedOptions"]["customField3"] == f"INV-{number}, B"


def test_orders_that_move_leave_the_ones_they_were_on(client: ShipStationClient, simulator: Simulated) -> None:
    wrong = send(client, [f"WRONG{n:03d}" for n in range(10)])
    right = send(client, [f"RIGHT{n:03d}" for n in range(10)])
    OrderReferences(client).write([invoice(number, "INV-1") for number in wrong])
    documents = [
        Outgoing(number, {"orderNumber": number, "reference": "INV-1"}, f"{key}#INV-1", {"reference": "INV-1"})
        for number, key in zip(right, wrong.values(), strict=True)
    ]
    outcomes = OrderReferences(client).write(documents)
    assert [key_of(outcome) for outcome in outcomes] == [f"{key}#INV-1" for key in right.values()]
    texts = [
        stored(simulator, key)["advancedOptions"]["customField3"] or "" for key in (*wrong.values(), *right.values())
    ]
    assert texts == [""] * 10 + ["INV-1"] * 10


def test_invoices_without_their_orders_wait_among_the_others(client: ShipStationClient) -> None:
    ids = send(client, SALES_ORDERS[:50])
    outcomes = OrderReferences(client).write([invoice(number, "I") for number in SALES_ORDERS])
    assert [key_of(outcome) for outcome in outcomes[:50]] == [f"{key}#I" for key in ids.values()]
    assert all(isinstance(error_of(outcome), NotReady) for outcome in outcomes[50:])


def test_orders_that_were_never_sent_are_left_out_among_the_others(client: ShipStationClient) -> None:
    ids = send(client, SALES_ORDERS[:50])
    documents = [asked(number, "cancelled", ids.get(number, "")) for number in SALES_ORDERS]
    outcomes = OrderStatus(client).write(documents)
    assert all(isinstance(outcome, Written) for outcome in outcomes[:50])
    assert outcomes[50:] == [Unchanged(note="never sent to ShipStation")] * 50


def test_a_spoilt_order_does_not_keep_the_others_from_being_held(
    client: ShipStationClient, simulator: Simulated
) -> None:
    ids = send(client, SALES_ORDERS)
    fault(simulator, "status", "/orders/createorders", method="POST", status=400)
    outcomes = hold(client, ids)
    assert all(isinstance(outcome, Written) for outcome in outcomes)


def test_a_hundred_done_orders_cost_one_page(client: ShipStationClient, simulator: Simulated) -> None:
    ids = send(client, PURCHASE_ORDERS)
    for key in ids.values():
        simulator.do("ship", order_id=int(key))
    with counted(client, 2):
        outcomes = OrderStatus(client).write([asked(n, "cancelled", key, ifShipped="fine") for n, key in ids.items()])
    assert all(isinstance(outcome, Unchanged) for outcome in outcomes)
    assert not any(isinstance(outcome, Refused) for outcome in outcomes)
