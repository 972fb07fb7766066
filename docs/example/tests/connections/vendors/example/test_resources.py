from __future__ import annotations

import datetime as dt
import json

import pytest

from connections.errors import ConnectionBroken, Locked, OutcomeUnknown, VendorError
from connections.vendor import Cursor, Outgoing, Refused, Written
from connections.vendors.example.client import ExampleClient
from connections.vendors.example.resources import Orders, Shipments
from sandbox.example.app import ExampleSimulator
from sandbox.kit.faults import Fault

NOW = dt.datetime.now(dt.UTC)


def read(client: ExampleClient, cursor: Cursor | None = None) -> tuple[list[str], Cursor]:
    """The numbers behind the cursor, each once, and the last cursor, as it comes out of the database."""
    orders = Orders(client)
    cursor, numbers = cursor or orders.start(NOW - dt.timedelta(hours=1)), []
    for page in orders.changes(cursor):
        numbers += [document.key for document in page.documents]
        cursor = json.loads(json.dumps(page.cursor))
    assert len(numbers) == len(set(numbers))
    return numbers, cursor


def parcel(order: str, key: str = "P-1", target_key: str = "", **fields: str) -> Outgoing:
    payload = {"order": order, "carrier": "UPS", "tracking": "1Z", "shippedOn": "2026-11-21"} | fields
    return Outgoing(key, payload, target_key)


def written(client: ExampleClient, document: Outgoing) -> str:
    (outcome,) = Shipments(client).write([document])
    assert isinstance(outcome, Written)
    return outcome.key


def refused(client: ExampleClient, document: Outgoing) -> VendorError:
    (outcome,) = Shipments(client).write([document])
    assert isinstance(outcome, Refused)
    return outcome.error


def test_it_reads_every_order_also_those_of_the_same_second(client: ExampleClient, desk: ExampleSimulator) -> None:
    desk.switches["page_size"] = 3
    numbers = desk.do_seed(10)
    assert read(client)[0] == numbers


def test_it_reads_what_changed_later_and_the_overlap_again(client: ExampleClient, desk: ExampleSimulator) -> None:
    desk.switches["clock_offset"] = -600.0
    desk.do_seed(2)
    _, cursor = read(client)
    desk.switches["clock_offset"] = 0.0
    desk.do_edit("A-1001", status="cancelled")
    assert read(client, cursor)[0] == ["A-1002", "A-1001"]


def test_it_goes_on_behind_any_page(client: ExampleClient, desk: ExampleSimulator) -> None:
    desk.switches["page_size"] = 4
    numbers = desk.do_seed(10)
    first = next(iter(Orders(client).changes(Orders(client).start(NOW - dt.timedelta(hours=1)))))
    seen = [document.key for document in first.documents]
    assert set(numbers) == {*seen, *read(client, first.cursor)[0]}


def test_it_reads_one_order_as_it_is_now(client: ExampleClient, desk: ExampleSimulator) -> None:
    desk.do_seed(1)
    desk.do_edit("A-1001", status="cancelled")
    assert [document.status for document in Orders(client).get("A-1001")] == ["cancelled"]
    assert Orders(client).get("A-9") == []


def test_it_writes_a_shipment_and_changes_it(client: ExampleClient, desk: ExampleSimulator) -> None:
    number = desk.do_seed(1)[0]
    assert written(client, parcel(number)) == "1"
    assert written(client, parcel(number, target_key="1", tracking="2Z")) == "1"
    assert [(row["id"], row["tracking"], row["reference"]) for row in desk.shipments.values()] == [("1", "2Z", "P-1")]


def test_a_write_whose_answer_is_lost_is_found_again(client: ExampleClient, desk: ExampleSimulator) -> None:
    number = desk.do_seed(1)[0]
    desk.faults.append(Fault("cut_after", method="POST"))
    assert isinstance(refused(client, parcel(number)), OutcomeUnknown)
    found = Shipments(client).find([parcel(number), parcel(number, "P-2")], NOW)
    assert {key: row.key for key, row in found.items()} == {"P-1": "1"}


def test_a_refusal_names_the_field_and_stops_no_other(client: ExampleClient, desk: ExampleSimulator) -> None:
    number = desk.do_seed(1)[0]
    outcomes = Shipments(client).write([parcel(number, tracking=""), parcel("", "P-2"), parcel(number, "P-3")])
    assert [outcome.error.fields for outcome in outcomes if isinstance(outcome, Refused)] == [  # type: ignore[attr-defined]
        {"tracking": "A value is needed."},
        {"order": "is empty"},
    ]
    assert [row["reference"] for row in desk.shipments.values()] == ["P-3"]


def test_a_closed_order_is_locked(client: ExampleClient, desk: ExampleSimulator) -> None:
    number = desk.do_seed(1)[0]
    desk.do_close(number)
    assert isinstance(refused(client, parcel(number)), Locked)


def test_a_missing_right_stops_the_connection(client: ExampleClient, desk: ExampleSimulator) -> None:
    desk.switches["rights"] = []
    for call in (lambda: read(client), lambda: Shipments(client).write([parcel("A-1001")])):
        with pytest.raises(ConnectionBroken, match="refused a right"):
            call()
