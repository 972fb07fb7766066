from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import responses

from connections.errors import Locked, OutcomeUnknown, Rejected, TryLater
from connections.vendor import Unchanged, Written
from connections.vendors.shipstation.orders.orders import Orders
from tests.connections.vendors.shipstation.accounts import V1_URL, item, opened, outgoing
from tests.connections.vendors.shipstation.simulated import Simulated, simulated
from tests.connections.vendors.shipstation.simulation import BEFORE, error_of, fault


@pytest.fixture
def orders(simulator: Simulated) -> Iterator[Orders]:
    client = opened(simulator.url, store_id="")
    yield Orders(client)
    client.close()


def written(orders: Orders, number: str, **changes: Any) -> str:
    outcome = orders.write([outgoing(number, **changes)])[0]
    assert isinstance(outcome, Written), outcome
    return outcome.key


def test_it_writes_a_batch_in_one_call(orders: Orders) -> None:
    outcomes = orders.write([outgoing(f"B{n}") for n in range(100)])
    assert all(isinstance(outcome, Written) for outcome in outcomes)
    assert [call.path for call in orders.client.need_v1().exchanges] == ["/orders/createorders"]


def test_it_looks_once_whether_the_orders_of_a_small_batch_are_there(orders: Orders) -> None:
    orders.write([outgoing(f"SMALL{n}") for n in range(12)])
    assert [call.path for call in orders.client.need_v1().exchanges] == ["/orders", "/orders/createorders"]


def test_it_looks_for_nothing_where_numbers_have_no_beginning_in_common(orders: Orders) -> None:
    orders.write([outgoing(f"{n}-ANY") for n in range(5)])
    assert [call.path for call in orders.client.need_v1().exchanges] == ["/orders/createorders"]


@pytest.mark.parametrize("count", [3, 12])
def test_it_keeps_what_stands_on_orders_whose_ids_were_forgotten(
    orders: Orders, simulator: Simulated, count: int
) -> None:
    keys = [written(orders, f"LOST-ID-{count}-{n}") for n in range(count)]
    for key in keys:
        simulator.do("edit", order_id=int(key), changes={"advancedOptions": {"customField3": "C"}})
    orders.write([outgoing(f"LOST-ID-{count}-{n}", internalNotes="new") for n in range(count)])
    stored = [simulator.get(f"/orders/{key}") for key in keys]
    assert {(one["internalNotes"], one["advancedOptions"]["customField3"]) for one in stored} == {("new", "C")}


def test_it_sends_orders_although_it_cannot_look_whether_they_are_there(orders: Orders, simulator: Simulated) -> None:
    simulator.do("poison", order_id=int(written(orders, "POISONED-1")))
    assert written(orders, "POISONED-12")


def test_it_makes_one_order_of_a_batch_sent_twice(orders: Orders, simulator: Simulated) -> None:
    first = written(orders, "TWICE")
    assert written(orders, "TWICE") == first
    assert simulator.get("/orders", orderNumber="TWICE")["total"] == 1


def test_it_sets_order_key_and_line_keys(orders: Orders, simulator: Simulated) -> None:
    stored = simulator.get(f"/orders/{written(orders, 'KEYED')}")
    assert stored["orderKey"] == "KEYED"
    assert [line["lineItemKey"] for line in stored["items"]] == ["KEYED/1", "KEYED/2"]


def test_it_sends_instants_as_pacific_time(orders: Orders, simulator: Simulated) -> None:
    stored = simulator.get(f"/orders/{written(orders, 'PACIFIC')}")
    assert stored["orderDate"].startswith("2026-11-20T08:15:00")


def test_it_refuses_only_the_bad_order_of_a_batch(orders: Orders) -> None:
    good, bad = orders.write([outgoing("GOOD"), outgoing("BAD", shipTo={"name": "", "street1": "x"})])
    assert isinstance(good, Written)
    assert isinstance(error_of(bad), Rejected)
    assert error_of(bad).words


def test_it_refuses_only_the_order_that_spoils_the_array(orders: Orders) -> None:
    documents = [outgoing(f"ARRAY{n}") for n in range(7)]
    documents[4] = outgoing("ARRAY4", amountPaid="a lot")
    outcomes = orders.write(documents)
    assert [isinstance(outcome, Written) for outcome in outcomes] == [True] * 4 + [False] + [True] * 2
    assert error_of(outcomes[4]).status == 400


def test_it_keeps_what_a_person_set_on_an_order(orders: Orders, simulator: Simulated) -> None:
    key = written(orders, "PERSON")
    changes = {"internalNotes": "fragile", "serviceCode": "ups_ground", "advancedOptions": {"customField3": "C"}}
    simulator.do("edit", order_id=int(key), changes=changes)
    written(orders, "PERSON", target_key=key, items=[item(1, "SKI-180", 5)], advancedOptions={"customField1": "A"})
    stored = simulator.get(f"/orders/{key}")
    assert (stored["internalNotes"], stored["serviceCode"]) == ("fragile", "ups_ground")
    assert (stored["advancedOptions"]["customField1"], stored["advancedOptions"]["customField3"]) == ("A", "C")
    assert [line["quantity"] for line in stored["items"]] == [5]


@pytest.mark.parametrize("click", ["ship", "cancel", "delete"])
def test_it_never_changes_an_order_that_is_done(orders: Orders, simulator: Simulated, click: str) -> None:
    key = written(orders, f"DONE-{click}")
    simulator.do(click, order_id=int(key))
    outcome = orders.write([outgoing(f"DONE-{click}", target_key=key, internalNotes="late")])[0]
    assert isinstance(error_of(outcome), Locked)
    assert error_of(outcome).current["orderStatus"] in {"shipped", "cancelled", "deleted"}


def test_it_has_nothing_to_change_in_a_shipped_order_that_says_what_was_sent(
    orders: Orders, simulator: Simulated
) -> None:
    key = written(orders, "AS-SENT")
    simulator.do("ship", order_id=int(key))
    document = outgoing("AS-SENT", target_key=key, sent=outgoing("AS-SENT").payload)
    new = outgoing("AS-SENT-NEXT")
    outcomes = orders.write([document, new])
    assert [type(outcome) for outcome in outcomes] == [Unchanged, Written]


def test_it_knows_a_locked_order_whose_id_was_forgotten(orders: Orders, simulator: Simulated) -> None:
    key = written(orders, "FORGOTTEN")
    simulator.do("ship", order_id=int(key))
    outcome = orders.write([outgoing("FORGOTTEN")])[0]
    assert isinstance(error_of(outcome), Locked)


def test_it_does_not_bring_back_lines_that_were_split_off(orders: Orders, simulator: Simulated) -> None:
    key = written(orders, "SPLIT")
    simulator.do("split", order_id=int(key), skus=["POLE-1"])
    sent = outgoing("SPLIT").payload
    changed = orders.write([outgoing("SPLIT", target_key=key, sent=sent, items=[item(1, "SKI-180", 9)])])[0]
    assert isinstance(error_of(changed), Locked)
    written(orders, "SPLIT", target_key=key, sent=sent, internalNotes="new")
    stored = simulator.get(f"/orders/{key}")
    assert (stored["internalNotes"], len(stored["items"])) == ("new", 1)


def test_it_puts_new_orders_into_the_chosen_store(simulator: Simulated) -> None:
    store = simulator.get("/stores")[0]["storeId"]
    key = written(Orders(opened(simulator.url, store_id=str(store))), "STORE")
    assert simulator.get(f"/orders/{key}")["advancedOptions"]["storeId"] == store


@pytest.mark.parametrize("kind", ["cut_after", "half", "not_json", "error_after"])
def test_it_does_not_guess_the_outcome_of_a_lost_answer(orders: Orders, simulator: Simulated, kind: str) -> None:
    fault(simulator, kind, "/orders/createorders")
    with pytest.raises(OutcomeUnknown):
        orders.write([outgoing(f"LOST-{kind}")])
    match = orders.find([outgoing(f"LOST-{kind}")], BEFORE)[f"LOST-{kind}"]
    assert match.complete
    assert (match.proof or {})["orderStatus"] == "awaiting_shipment"


def test_it_tries_later_when_throttled(orders: Orders, simulator: Simulated) -> None:
    fault(simulator, "throttle", "/orders/createorders")
    with pytest.raises(TryLater):
        orders.write([outgoing("THROTTLED")])
    assert orders.find([outgoing("THROTTLED")], BEFORE) == {}


def test_it_writes_the_others_when_one_cannot_be_read(orders: Orders, simulator: Simulated) -> None:
    key = written(orders, "UNREADABLE")
    fault(simulator, "server_error", f"/orders/{key}")
    first, second = orders.write([outgoing("UNREADABLE", target_key=key), outgoing("READABLE")])
    assert isinstance(error_of(first), TryLater)
    assert isinstance(second, Written)


def test_it_finds_many_among_the_modified(orders: Orders) -> None:
    documents = [outgoing(f"FIND{n}") for n in range(6)]
    orders.write(documents[:5])
    assert sorted(orders.find(documents, BEFORE)) == [f"FIND{n}" for n in range(5)]


def test_it_compares_the_whole_order_key(orders: Orders) -> None:
    written(orders, "PREFIX-10")
    assert orders.find([outgoing("PREFIX-1")], BEFORE) == {}


def test_it_sees_that_an_update_has_not_arrived(orders: Orders) -> None:
    key = written(orders, "UPDATE")
    late = outgoing("UPDATE", target_key=key, internalNotes="not there")
    assert not orders.find([late], BEFORE)["UPDATE"].complete


def read(orders: Orders, cursor: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    numbers = []
    for page in orders.changes(cursor):
        numbers += [document.label for document in page.documents]
        cursor = json.loads(json.dumps(page.cursor))
    return numbers, cursor


def test_it_moves_its_cursor_to_the_greatest_stamp(orders: Orders) -> None:
    written(orders, "STAMP")
    numbers, cursor = read(orders, orders.start(BEFORE))
    document = orders.get(written(orders, "STAMP"))[0]
    assert "STAMP" in numbers
    assert BEFORE.isoformat()[:19] < cursor["since"] <= document.version
    assert cursor["place"] is None


def test_it_reads_an_order_as_a_document(orders: Orders) -> None:
    document = orders.get(written(orders, "READ"))[0]
    assert (document.label, document.status) == ("READ", "awaiting_shipment")
    assert document.version == document.body["modifyDate"]
    assert orders.get("1") == []


@pytest.mark.parametrize("ends", ["inclusive", "exclusive"])
@pytest.mark.parametrize("zero", [True, False])
def test_it_reads_every_order_of_a_crowded_second(simulator: Simulated, ends: str, zero: bool) -> None:
    with simulated(range_ends=ends, pages_zero=zero) as crowded:
        orders = Orders(opened(crowded.url))
        for start in range(0, 1300, 100):
            orders.write([outgoing(f"C{n}") for n in range(start, start + 100)])
        stamps = [order.open() for order in crowded.simulator.account.orders.rows.values()]
        numbers, _ = read(orders, orders.start(BEFORE))
        assert {row["orderNumber"] for row in stamps} <= set(numbers)
        orders.client.close()


def test_it_goes_on_inside_a_reading() -> None:
    with simulated() as simulator:
        orders = Orders(opened(simulator.url))
        for start in range(0, 1100, 100):
            orders.write([outgoing(f"W{n}") for n in range(start, start + 100)])
        pages = orders.changes(orders.start(BEFORE))
        first = next(pages)
        assert first.cursor["place"]
        rest, cursor = read(orders, json.loads(json.dumps(first.cursor)))
        seen = {document.label for document in first.documents} | set(rest)
        assert len(seen) == 1100
        assert cursor["place"] is None


def test_it_steps_over_the_one_row_that_cannot_be_answered() -> None:
    with simulated() as simulator:
        orders = Orders(opened(simulator.url))
        keys = [
            outcome.key
            for outcome in orders.write([outgoing(f"P{n}") for n in range(60)])
            if isinstance(outcome, Written)
        ]
        simulator.do("poison", order_id=int(keys[30]))
        numbers, _ = read(orders, orders.start(BEFORE))
        assert sorted(numbers) == sorted(f"P{n}" for n in range(60) if n != 30)
        assert [row["row"] for row in orders.skipped_rows] == [30]


def test_it_does_not_take_an_outage_for_a_bad_row(orders: Orders, simulator: Simulated) -> None:
    fault(simulator, "server_error", "/orders", times=1000)
    with pytest.raises(TryLater):
        read(orders, orders.start(BEFORE))
    assert orders.skipped_rows == []


def test_it_reads_all_rows_through_a_short_outage(orders: Orders, simulator: Simulated) -> None:
    written(orders, "SHORT")
    fault(simulator, "server_error", "/orders", times=9)
    numbers, _ = read(orders, orders.start(BEFORE))
    assert "SHORT" in numbers
    assert orders.skipped_rows == []


@pytest.mark.usefixtures("network")
def test_it_does_not_invent_an_outcome_for_a_missing_result() -> None:
    responses.get(f"{V1_URL}/orders", json={"orders": [], "total": 0, "page": 1, "pages": 0})
    responses.post(f"{V1_URL}/orders/createorders", json={"hasErrors": False, "results": []})
    outcome = Orders(opened()).write([outgoing("MISSING")])[0]
    assert isinstance(error_of(outcome), OutcomeUnknown)


@pytest.mark.usefixtures("network")
def test_it_reads_again_an_overlap_behind_its_cursor() -> None:
    call = responses.get(f"{V1_URL}/orders", json={"orders": [], "total": 0, "page": 1, "pages": 0})
    pages = list(Orders(opened()).changes({"since": "2026-11-20T20:00:00.0000000Z", "place": None}))
    query = str(call.calls[0].request.url)
    assert "modifyDateStart=2026-11-20T10%3A00%3A00" in query
    assert "sortBy=ModifyDate&sortDir=ASC" in query
    assert pages[-1].cursor == {"since": "2026-11-20T20:00:00.0000000Z", "place": None}
