"""Each test runs with V1 and with V2 keys, unless only one of them can do what it is about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import responses

from connections.errors import NotReady, OutcomeUnknown, Rejected
from connections.vendor import Outcome, Outgoing, Unchanged, Written
from connections.vendors.shipstation.client import ShipStationClient
from connections.vendors.shipstation.orders.orders import Orders
from connections.vendors.shipstation.orders.reference_texts import changes_of, placement_of, text_edit_of
from connections.vendors.shipstation.orders.references import OrderReferences
from tests.connections.vendors.shipstation.accounts import V1_KEYS, V1_URL, V2_KEYS, item, opened, outgoing
from tests.connections.vendors.shipstation.simulated import Simulated
from tests.connections.vendors.shipstation.simulation import BEFORE, error_of, fault, shipped_meanwhile

KEYS = {"V1": V1_KEYS, "V2": V2_KEYS}


@pytest.fixture(params=["V1", "V2"])
def api(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def client(simulator: Simulated, api: str) -> Iterator[ShipStationClient]:
    found = opened(simulator.url, KEYS[api])
    yield found
    found.close()


@pytest.fixture
def references(client: ShipStationClient) -> OrderReferences:
    return OrderReferences(client)


@pytest.fixture
def v1(simulator: Simulated) -> Iterator[OrderReferences]:
    client = opened(simulator.url)
    yield OrderReferences(client)
    client.close()


def sent(client: ShipStationClient, number: str, key: str = "", target_key: str = "", **changes: Any) -> str:
    """Write an order; its id."""
    outcome = Orders(client).write([Outgoing(key or number, outgoing(number, **changes).payload, target_key)])[0]
    assert isinstance(outcome, Written), outcome
    return outcome.key


def asked(
    number: str, reference: str, target_key: str = "", sent: dict[str, Any] | None = None, **fields: Any
) -> Outgoing:
    return Outgoing(number, {"orderNumber": number, "reference": reference, **fields}, target_key, sent)


def put(references: OrderReferences, number: str, reference: str, *arguments: Any, **fields: Any) -> Outcome:
    return references.write([asked(number, reference, *arguments, **fields)])[0]


def stored(simulator: Simulated, key: str) -> Any:
    return simulator.get(f"/orders/{row_id(key)}")


def row_id(key: str) -> int:
    return int(key.partition("#")[0].removeprefix("se-"))


def text(simulator: Simulated, key: str, field: str = "customField3") -> str:
    order = stored(simulator, key)
    found: str = order[field] if field == "internalNotes" else order["advancedOptions"][field]
    return found


def edit(simulator: Simulated, key: str, **changes: Any) -> None:
    simulator.do("edit", order_id=row_id(key), changes=changes)


def test_it_puts_a_reference_on_an_order(references: OrderReferences, simulator: Simulated, api: str) -> None:
    key = sent(references.client, f"{api}-PUT")
    outcome = put(references, f"{api}-PUT", "INV-1")
    assert isinstance(outcome, Written)
    assert (outcome.key, text(simulator, key)) == (f"{key}#INV-1", "INV-1")
    assert f"{api}-PUT" in outcome.url


def test_it_changes_nothing_else_of_the_order(references: OrderReferences, simulator: Simulated, api: str) -> None:
    key = sent(references.client, f"{api}-REST", internalNotes="fragile", serviceCode="ups_ground", gift=True)
    edit(simulator, key, carrierCode="ups", advancedOptions={"customField1": "by hand"})
    before = stored(simulator, key)
    put(references, f"{api}-REST", "INV-1")
    after = stored(simulator, key)
    moved = {"modifyDate", "items", "shipTo", "advancedOptions"}
    assert {name for name in after if after[name] != before[name]} <= moved
    assert after["advancedOptions"] == before["advancedOptions"] | {"customField3": "INV-1"}
    same = ("lineItemKey", "sku", "quantity", "unitPrice")
    assert [[row[name] for name in same] for row in after["items"]] == [
        [row[name] for name in same] for row in before["items"]
    ]


def test_it_writes_once_what_it_is_asked_twice(references: OrderReferences, simulator: Simulated, api: str) -> None:
    key = sent(references.client, f"{api}-TWICE")
    put(references, f"{api}-TWICE", "INV-1")
    for target_key in ("", f"{key}#INV-1"):
        outcome = put(references, f"{api}-TWICE", "INV-1", target_key)
        assert isinstance(outcome, Unchanged)
        assert outcome.key == f"{key}#INV-1"
    assert text(simulator, key) == "INV-1"


def test_it_puts_two_invoices_on_one_order(references: OrderReferences, simulator: Simulated, api: str) -> None:
    key = sent(references.client, f"{api}-TWO")
    keys = [getattr(put(references, f"{api}-TWO", reference), "key", "") for reference in ("INV-1", "INV-2")]
    assert text(simulator, key) == "INV-1, INV-2"
    assert keys == [f"{key}#INV-1", f"{key}#INV-2"]


def test_it_writes_behind_what_a_person_wrote(references: OrderReferences, simulator: Simulated, api: str) -> None:
    key = sent(references.client, f"{api}-PERSON")
    edit(simulator, key, internalNotes="call first")
    put(references, f"{api}-PERSON", "INV-1", field="internalNotes")
    assert text(simulator, key, "internalNotes") == "call first, INV-1"


def test_it_takes_the_reference_of_a_voided_invoice_away(
    references: OrderReferences, simulator: Simulated, api: str
) -> None:
    key = sent(references.client, f"{api}-VOIDED")
    for reference in ("INV-1", "INV-2"):
        put(references, f"{api}-VOIDED", reference)
    outcome = put(references, f"{api}-VOIDED", "", f"{key}#INV-1")
    assert isinstance(outcome, Written)
    assert (outcome.key, text(simulator, key)) == (f"{key}#INV-1", "INV-2")
    put(references, f"{api}-VOIDED", "", f"{key}#INV-2")
    assert not text(simulator, key)


def test_it_has_nothing_to_do_for_an_invoice_that_was_never_there(references: OrderReferences, api: str) -> None:
    sent(references.client, f"{api}-NEVER")
    assert put(references, f"{api}-NEVER", "") == Unchanged(note="there is no reference to put on an order")


def test_it_waits_for_an_order_that_is_not_there(references: OrderReferences, api: str) -> None:
    error = error_of(put(references, f"{api}-LATER", "INV-1", candidates=[{"orderNumber": f"{api}-OTHER"}]))
    assert isinstance(error, NotReady)
    assert error.waits_for == f"order {api}-LATER or {api}-OTHER in ShipStation"


def test_it_does_not_take_the_beginning_of_a_number_for_the_number(references: OrderReferences, api: str) -> None:
    sent(references.client, f"{api}-BEGIN-10")
    assert isinstance(error_of(put(references, f"{api}-BEGIN-1", "INV-1")), NotReady)


def test_it_takes_the_first_candidate_that_is_there(
    references: OrderReferences, simulator: Simulated, api: str
) -> None:
    key = sent(references.client, f"{api}-SECOND")
    sent(references.client, f"{api}-THIRD")
    rows = [{"orderNumber": f"{api}-{name}"} for name in ("SECOND", "THIRD")]
    outcome = put(references, f"{api}-FIRST", "INV-1", candidates=rows)
    assert getattr(outcome, "key", "") == f"{key}#INV-1"


def test_it_prefers_the_order_with_the_key(references: OrderReferences, simulator: Simulated, api: str) -> None:
    sent(references.client, f"{api}-KEY-A")
    key = sent(references.client, f"{api}-KEY-B", key=f"{api}:key")
    rows = [{"orderNumber": f"{api}-KEY-B"}]
    outcome = put(references, f"{api}-KEY-A", "INV-1", orderKey=f"{api}:key", candidates=rows)
    assert getattr(outcome, "key", "") == f"{key}#INV-1"


@pytest.mark.parametrize("click", ["ship", "cancel"])
def test_it_leaves_an_order_alone_that_is_done(
    references: OrderReferences, simulator: Simulated, api: str, click: str
) -> None:
    key = sent(references.client, f"{api}-{click}")
    simulator.do(click, order_id=row_id(key))
    outcome = put(references, f"{api}-{click}", "INV-1")
    assert isinstance(outcome, Unchanged)
    assert outcome.key == f"{key}#INV-1"
    assert outcome.note.endswith("; the link is kept here only")
    assert not text(simulator, key)


def test_it_leaves_a_split_order_alone(v1: OrderReferences, simulator: Simulated) -> None:
    key = sent(v1.client, "SPLIT")
    simulator.do("split", order_id=row_id(key), skus=["POLE-1"])
    assert put(v1, "SPLIT", "INV-1") == Unchanged(
        f"{key}#INV-1",
        "https://ship.shipstation.com/orders/all-orders-search-result?quickSearch=SPLIT",
        "the order is split or merged; the link is kept here only",
    )


def test_it_leaves_merged_orders_alone(v1: OrderReferences, simulator: Simulated) -> None:
    keys = [sent(v1.client, number) for number in ("MERGED-1", "MERGED-2")]
    put(v1, "MERGED-2", "INV-2")
    simulator.do("merge", order_ids=[row_id(key) for key in keys])
    assert "split or merged" in getattr(put(v1, "MERGED-1", "INV-1"), "note", "")
    assert "split or merged" in getattr(put(v1, "MERGED-2", "INV-3", f"{keys[1]}#INV-2"), "note", "")


def test_it_says_when_the_field_is_full(references: OrderReferences, simulator: Simulated, api: str) -> None:
    key = sent(references.client, f"{api}-FULL")
    edit(simulator, key, advancedOptions={"customField3": "x" * 96})
    outcome = put(references, f"{api}-FULL", "INV-1")
    assert isinstance(outcome, Unchanged)
    assert (outcome.key, outcome.note) == (f"{key}#INV-1", "customField3 is full; the link is kept here only")
    assert text(simulator, key) == "x" * 96


def test_it_takes_the_newest_open_one_of_several(v1: OrderReferences, simulator: Simulated) -> None:
    keys = [sent(v1.client, "SAME", key=f"other:{n}") for n in range(4)]
    simulator.do("ship", order_id=row_id(keys[3]))
    simulator.do("hold", order_id=row_id(keys[2]))
    assert getattr(put(v1, "SAME", "INV-1"), "key", "") == f"{keys[1]}#INV-1"
    simulator.do("cancel", order_id=row_id(keys[1]))
    assert getattr(put(v1, "SAME", "INV-2"), "key", "") == f"{keys[0]}#INV-2"
    simulator.do("cancel", order_id=row_id(keys[0]))
    assert getattr(put(v1, "SAME", "INV-3"), "key", "") == f"{keys[2]}#INV-3"


def test_it_links_all_of_several_that_are_done(v1: OrderReferences, simulator: Simulated) -> None:
    keys = [sent(v1.client, "DONE", key=f"done:{n}") for n in range(2)]
    for key in keys:
        simulator.do("ship", order_id=row_id(key))
    outcome = put(v1, "DONE", "INV-1")
    assert isinstance(outcome, Unchanged)
    assert set(outcome.key.removesuffix("#INV-1").split(",")) == set(keys)


def test_it_stays_with_the_order_that_it_chose(v1: OrderReferences, simulator: Simulated) -> None:
    first = sent(v1.client, "STAYS", key="stays:1")
    put(v1, "STAYS", "INV-1")
    sent(v1.client, "STAYS", key="stays:2")
    assert getattr(put(v1, "STAYS", "INV-1", f"{first}#INV-1"), "key", "") == f"{first}#INV-1"


def test_it_moves_to_the_order_that_is_named_now(references: OrderReferences, simulator: Simulated, api: str) -> None:
    wrong, right = (sent(references.client, f"{api}-{name}") for name in ("WRONG", "RIGHT"))
    put(references, f"{api}-WRONG", "INV-1")
    outcome = put(references, f"{api}-RIGHT", "INV-1", f"{wrong}#INV-1")
    assert getattr(outcome, "key", "") == f"{right}#INV-1"
    assert (text(simulator, wrong) or "", text(simulator, right)) == ("", "INV-1")


def test_it_stays_with_an_order_that_was_given_another_number(
    references: OrderReferences, simulator: Simulated, api: str
) -> None:
    key = sent(references.client, f"{api}-OLD", key=f"{api}:old")
    put(references, f"{api}-OLD", "INV-1")
    outcome = put(references, f"{api}-NEW", "INV-2", f"{key}#INV-1")
    assert (getattr(outcome, "key", ""), text(simulator, key)) == (f"{key}#INV-2", "INV-2")


def test_it_leaves_the_number_of_a_voided_invoice_on_a_shipped_order(
    references: OrderReferences, simulator: Simulated, api: str
) -> None:
    key = sent(references.client, f"{api}-STANDS")
    put(references, f"{api}-STANDS", "INV-1")
    simulator.do("ship", order_id=row_id(key))
    outcome = put(references, f"{api}-STANDS", "", f"{key}#INV-1")
    assert isinstance(outcome, Unchanged)
    assert outcome.note.endswith("; the number stays on it")
    assert text(simulator, key) == "INV-1"


def test_it_says_when_it_could_not_leave_the_order_named_before(v1: OrderReferences, simulator: Simulated) -> None:
    wrong, right = sent(v1.client, "LEFT"), sent(v1.client, "TAKEN")
    put(v1, "LEFT", "INV-1")
    fault(simulator, "status", "/orders/createorder", method="POST", status=400)
    assert isinstance(error_of(put(v1, "TAKEN", "INV-1", f"{wrong}#INV-1")), Rejected)
    assert (text(simulator, wrong), text(simulator, right) or "") == ("INV-1", "")


def test_it_keeps_the_link_to_an_order_that_somebody_deleted(v1: OrderReferences, simulator: Simulated) -> None:
    key = sent(v1.client, "DELETED")
    put(v1, "DELETED", "INV-1")
    simulator.do("delete", order_id=row_id(key))
    outcome = put(v1, "DELETED", "INV-2", f"{key}#INV-1")
    assert isinstance(outcome, Unchanged)
    assert outcome.key == f"{key}#INV-1"


def test_it_refuses_a_field_that_is_not_its_own(references: OrderReferences) -> None:
    error = error_of(put(references, "ANY", "INV-1", field="orderNumber"))
    assert isinstance(error, Rejected)
    assert list(error.fields) == ["field"]


# What was asked for and may or may not have been done


@pytest.mark.parametrize("kind", ["cut_after", "error_after"])
def test_it_finds_what_it_wrote_before_the_answer_was_lost(
    references: OrderReferences, simulator: Simulated, api: str, kind: str
) -> None:
    number = f"{api}-LOST-{kind}"
    key = sent(references.client, number)
    assert not references.find([asked(number, "INV-1")], BEFORE)[number].complete
    path, method = ("/orders/createorder", "POST") if api == "V1" else (f"/v2/shipments/{key}", "PUT")
    fault(simulator, kind, path, method=method)
    assert isinstance(error_of(put(references, number, "INV-1")), OutcomeUnknown)
    found = references.find([asked(number, "INV-1")], BEFORE)[number]
    assert (found.key, found.complete) == (f"{key}#INV-1", True)


def test_it_finds_nothing_where_there_is_no_order(references: OrderReferences, api: str) -> None:
    assert references.find([asked(f"{api}-NOWHERE", "INV-1")], BEFORE) == {}


def test_it_does_not_look_for_what_cannot_be_written(references: OrderReferences) -> None:
    assert references.find([asked("ANY", "INV-1", field="orderNumber")], BEFORE) == {}


def test_it_has_done_with_an_order_that_shipped_meanwhile(
    references: OrderReferences, simulator: Simulated, api: str
) -> None:
    key = sent(references.client, f"{api}-MEANWHILE")
    simulator.do("ship", order_id=row_id(key))
    assert references.find([asked(f"{api}-MEANWHILE", "INV-1")], BEFORE)[f"{api}-MEANWHILE"].complete


@pytest.mark.parametrize("way", ["error", "silent"])
def test_it_sees_that_the_order_ships_just_now(v1: OrderReferences, simulator: Simulated, way: str) -> None:
    simulator.set(locked_response=way)
    key = sent(v1.client, f"RACE-{way}")
    with shipped_meanwhile(v1.client, simulator, key):
        outcome = put(v1, f"RACE-{way}", "INV-1")
    assert getattr(outcome, "note", "") == "the order is shipped; the link is kept here only"
    assert not text(simulator, key)


ORDER = {"orderId": 7, "orderNumber": "7", "orderKey": "7", "orderStatus": "awaiting_shipment", "items": []}


@pytest.mark.usefixtures("network")
def test_it_does_not_trust_an_order_that_did_not_take_it() -> None:
    responses.get(f"{V1_URL}/orders", json={"orders": [ORDER], "total": 1, "page": 1, "pages": 1})
    responses.post(f"{V1_URL}/orders/createorder", json=ORDER)
    error = error_of(put(OrderReferences(opened()), "7", "INV-1"))
    assert isinstance(error, Rejected)
    assert error.next_step


# Later updates of the order itself


@pytest.mark.parametrize("known", [True, False])
def test_it_stays_through_an_update_of_the_order(
    references: OrderReferences, simulator: Simulated, api: str, known: bool
) -> None:
    number = f"{api}-UPDATE-{known}"
    key = sent(references.client, number)
    put(references, number, "INV-1")
    fields: dict[str, Any] = {"items": [item(1, "SKI-180", 9)], "advancedOptions": {"customField1": "new"}}
    assert sent(references.client, number, target_key=key if known else "", **fields) == key
    options = stored(simulator, key)["advancedOptions"]
    assert (options["customField1"], options["customField3"]) == ("new", "INV-1")
    assert [line["quantity"] for line in stored(simulator, key)["items"]] == [9]


def test_it_asks_for_the_change_that_it_makes() -> None:
    placement = placement_of(asked("7", "INV-1", field="internalNotes"))
    assert changes_of(text_edit_of(ORDER, placement)) == {"internalNotes": "INV-1"}
