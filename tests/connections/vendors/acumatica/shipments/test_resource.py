from __future__ import annotations

import json
import time
from decimal import Decimal
from typing import Any

import pytest

from connections import exact_json
from connections.errors import OutcomeUnknown, TryLater
from connections.vendor import Outcome, Outgoing, Refused, Unchanged, Written
from connections.vendors.acumatica import codec
from connections.vendors.acumatica.client import AcumaticaClient
from connections.vendors.acumatica.reader import Readable
from connections.vendors.acumatica.resources import Customers, Items, Orders
from connections.vendors.acumatica.shipments.resource import Shipments
from tests.connections.vendors.acumatica.accounts import client
from tests.connections.vendors.acumatica.contract import VERSIONS, Contract
from tests.connections.vendors.acumatica.desk import Desk
from tests.connections.vendors.acumatica.shipments.parcels import (
    CONFIRM,
    CORRECT,
    PUT,
    SECOND,
    TRACKING,
    find,
    parcel,
    void,
    write,
)

# Lost answers


@pytest.mark.parametrize("kind", ["cut_after", "half", "error_after", "not_json"])
def test_it_leaves_one_shipment_where_the_answer_to_its_creation_is_lost(desk: Desk, kind: str) -> None:
    order = desk.order(APJAM08=3)
    desk.fault(kind, PUT, "PUT")
    with pytest.raises(OutcomeUnknown):
        write(desk, parcel(order))
    match = find(desk, parcel(order))
    assert match is not None
    assert not match.complete
    outcome = write(desk, parcel(order))
    assert isinstance(outcome, Written)
    assert outcome.key == match.key
    assert [shipment["Status"] for shipment in desk.shipments(order)] == ["Confirmed"]


def test_it_finds_nothing_where_the_creation_was_never_done(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    desk.fault("cut_before", PUT, "PUT")
    with pytest.raises(OutcomeUnknown):
        write(desk, parcel(order))
    assert find(desk, parcel(order)) is None


def test_it_finds_a_creation_that_comes_late(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    desk.fault("late", PUT, "PUT", seconds=0.4)
    with pytest.raises(OutcomeUnknown):
        write(desk, parcel(order))
    assert find(desk, parcel(order)) is None
    time.sleep(0.6)  # until the late write has been applied
    assert find(desk, parcel(order)) is not None


def test_it_finds_a_confirmation_whose_answer_was_lost(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    desk.fault("cut_after", CONFIRM, "POST")
    with pytest.raises(OutcomeUnknown):
        write(desk, parcel(order))
    desk.wait(lambda: desk.shipments(order)[0]["Status"], lambda status: status == "Confirmed")
    match = find(desk, parcel(order))
    assert match is not None
    assert match.complete
    assert match.proof is not None
    assert match.proof["Shipments"][0]["TrackingNbrs"] == [TRACKING]
    assert len(desk.shipments(order)) == 1


def test_it_does_not_mind_that_an_earlier_try_confirmed_meanwhile(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    desk.switch(operation_seconds=0.3)
    desk.fault("cut_after", CONFIRM, "POST")
    with pytest.raises(OutcomeUnknown):
        write(desk, parcel(order))
    desk.client.sign_out()  # a new session is not told of the old one's operation
    assert isinstance(write(desk, parcel(order)), Written)
    assert [shipment["Status"] for shipment in desk.shipments(order)] == ["Confirmed"]


def test_it_says_nothing_while_an_operation_runs(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    desk.switch(operation_seconds=60)
    desk.fault("cut_after", CONFIRM, "POST")
    with pytest.raises(OutcomeUnknown):
        write(desk, parcel(order))
    with pytest.raises(TryLater) as caught:
        find(desk, parcel(order))
    assert caught.value.retry_after == 2


def test_it_goes_on_after_a_correction_whose_answer_was_lost(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    write(desk, parcel(order))
    desk.fault("cut_after", CORRECT, "POST")
    with pytest.raises(OutcomeUnknown):
        write(desk, parcel(order, SECOND, tracking="1Z2"))
    desk.wait(lambda: desk.shipments(order)[0]["Status"], lambda status: status == "Open")
    assert find(desk, parcel(order, SECOND)) is None
    assert isinstance(write(desk, parcel(order, SECOND, tracking="1Z2")), Written)
    (shipment,) = desk.shipments(order)
    assert (shipment["Status"], len(shipment["packages"])) == ("Confirmed", 2)


@pytest.mark.parametrize("step", [PUT, CONFIRM])
def test_it_survives_a_lost_session_at_any_step(desk: Desk, step: str) -> None:
    order = desk.order(APJAM08=3)
    desk.fault("session_lost", step)
    assert isinstance(write(desk, parcel(order)), Written)
    assert [shipment["Status"] for shipment in desk.shipments(order)] == ["Confirmed"]


def test_it_reads_again_where_a_new_session_gave_lines_new_ids(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    write(desk, parcel(order))
    desk.fault("session_lost", PUT, "PUT")
    assert isinstance(write(desk, parcel(order, tracking="1Z2")), Written)
    assert [package["TrackingNbr"] for package in desk.shipments(order)[0]["packages"]] == ["1Z2"]


def test_it_reads_again_after_a_lost_lock(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    desk.fault("lost_lock", PUT, "PUT")
    assert isinstance(write(desk, parcel(order)), Written)
    assert len(desk.shipments(order)) == 1


def test_it_waits_after_a_second_lost_lock(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    desk.fault("lost_lock", PUT, "PUT", times=2)
    with pytest.raises(TryLater):
        write(desk, parcel(order))


def test_it_waits_for_a_seat(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    desk.client.sign_out()
    desk.switch(seats=1)
    with pytest.raises(TryLater) as caught:
        write(desk, parcel(order))
    assert caught.value.retry_after == 60
    desk.switch(seats=2)
    assert isinstance(write(desk, parcel(order)), Written)


FAULTS = ("cut_after", "cut_before", "half", "error_after", "server_error", "lost_lock", "session_lost", "not_json")


def deliver(desk: Desk, document: Outgoing) -> Outcome:
    """As the engine does it: an unknown outcome is read back until it is known, then the write is resumed."""
    for _ in range(60):
        try:
            outcome = write(desk, document)
            assert not isinstance(outcome, Refused), outcome.error
            return outcome
        except TryLater:
            time.sleep(0.02)  # a short wait in place of the engine's
        except OutcomeUnknown:
            desk.wait(lambda: settled(desk, document), bool)
    raise AssertionError("never delivered")


def settled(desk: Desk, document: Outgoing) -> bool:
    try:
        find(desk, document)
    except TryLater:
        return False
    return True


@pytest.mark.parametrize("seed", range(4))
def test_it_neither_loses_nor_doubles_a_parcel_under_faults(desk: Desk, seed: int) -> None:
    desk.simulator.random.seed(seed)
    orders = [desk.order(APJAM08=3) for _ in range(4)]
    for kind in FAULTS:
        desk.fault(kind, "/MyInstance/entity/Default", times=6, chance=0.06)
    for order in orders:
        deliver(desk, parcel(order, f"first-{order}", Details=[{"OrderLineNbr": 1, "ShippedQty": Decimal(1)}]))
        deliver(desk, parcel(order, f"rest-{order}", Details=[{"OrderLineNbr": 1, "ShippedQty": Decimal(2)}]))
        deliver(desk, parcel(order, f"more-{order}"))
    assert desk.simulator.injected
    for order in orders:
        marks = [package["CustomRefNbr1"] for shipment in desk.shipments(order) for package in shipment["packages"]]
        assert sorted(marks) == [f"first-{order}", f"more-{order}", f"rest-{order}"]
        assert [shipment["Status"] for shipment in desk.shipments(order)] == ["Confirmed", "Confirmed"]
        assert desk.status(order) == "Completed"


# The contract


@pytest.mark.parametrize("version", VERSIONS)
def test_it_sends_what_the_contract_knows(desk: Desk, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    contract, bodies = Contract(version), list[Any]()
    request = desk.client.http.request

    def spy(method: str, path: str, **request_arguments: Any) -> Any:
        if method == "PUT":
            bodies.append(exact_json.loads(exact_json.dumps(request_arguments["json"])))
        return request(method, path, **request_arguments)

    monkeypatch.setattr(desk.client.http, "request", spy)
    order = desk.order(APJAM08=3)
    write(desk, parcel(order, Details=[{"OrderLineNbr": 1, "ShippedQty": Decimal(3)}]))
    write(desk, parcel(order, SECOND, Packages=[{"TrackingNbr": "1Z2", "Description": "Second", "BoxID": "LARGE"}]))
    write(desk, void(order))
    assert len(bodies) == 3
    assert [fault for body in bodies for fault in contract.faults("Shipment", floats(body))] == []
    assert {"/Shipment/ConfirmShipment", "/Shipment/CorrectShipment"} <= contract.paths.keys()


def floats(body: Any) -> Any:
    """Decimals as a JSON reader without them sees them."""
    return json.loads(exact_json.dumps(body))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("resource", [Orders, Customers, Items, Shipments])
def test_it_asks_for_parts_and_stamps_of_the_contract(resource: type[Readable], version: str) -> None:
    contract = Contract(version)
    listing = resource(client()).listing()
    assert [name for name in listing.expand if not contract.expandable(listing.entity, name)] == []
    assert [name for name in (*listing.keys, listing.stamp) if not contract.has(listing.entity, name)] == []


# Reading


def test_it_reads_open_shipments_with_their_parts(desk: Desk) -> None:
    order = desk.order(APJAM08=3)
    number = desk.ship(order)
    resource = Shipments(desk.client)
    (document,) = [
        document
        for page in resource.changes(resource.start(desk.begun))
        for document in page.documents
        if document.key == number
    ]
    assert document.status == "Open"
    assert document.body["Details"][0]["OrderNbr"] == order
    assert document.body["ShippingSettings"]["ShipToAddress"]["Country"]
    assert resource.get(number)[0].version == document.version


def test_it_says_which_fields_it_writes() -> None:
    assert {"Packages[].TrackingNbr", "Details[].ShippedQty", "Voided"} <= Shipments.fields


def test_it_asks_without_padding(desk: Desk) -> None:
    desk.switch(padded_keys=True)
    order = desk.order(APJAM08=3)
    assert isinstance(write(desk, parcel(order)), Written)
    assert isinstance(write(desk, parcel(order)), Unchanged)
    assert isinstance(desk.client, AcumaticaClient)
    assert codec.text({"ShipmentNbr": {"value": "000058  "}}, "ShipmentNbr") == "000058"
