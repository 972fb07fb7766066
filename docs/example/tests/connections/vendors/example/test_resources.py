from __future__ import annotations

import datetime as dt
import json

import pytest

from connections.errors import ConnectionBroken, Locked, OutcomeUnknown, Rejected
from connections.vendor import Cursor, Outgoing, Written
from connections.vendors.example.client import ExampleClient
from connections.vendors.example.resources import Orders, Shipments
from sandbox.example.app import ExampleSimulator
from sandbox.kit.simulator import Fault

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
    assert [outcome.key for outcome in Shipments(client).write([parcel(number)]) if isinstance(outcome, Written)] == [
        "1"
    ]
    Shipments(client).write([parcel(number, target_key="1", tracking="2Z")])
    assert [(row["id"], row["tracking"], row["reference"]) for row in desk.shipments.values()] == [("1", "2Z", "P-1")]


def test_a_write_whose_answer_is_lost_is_found_again(client: ExampleClient, desk: ExampleSimulator) -> None:
    number = desk.do_seed(1)[0]
    desk.faults.append(Fault("cut_after", method="POST"))
    with pytest.raises(OutcomeUnknown):
        Shipments(client).write([parcel(number)])
    found = Shipments(client).find([parcel(number), parcel(number, "P-2")], NOW)
    assert {key: row.key for key, row in found.items()} == {"P-1": "1"}


def test_a_refusal_names_the_field(client: ExampleClient, desk: ExampleSimulator) -> None:
    number = desk.do_seed(1)[0]
    with pytest.raises(Rejected) as refused:
        Shipments(client).write([parcel(number, tracking="")])
    assert refused.value.fields == {"tracking": "A value is needed."}


def test_a_closed_order_is_locked(client: ExampleClient, desk: ExampleSimulator) -> None:
    number = desk.do_seed(1)[0]
    desk.do_close(number)
    with pytest.raises(Locked):
        Shipments(client).write([parcel(number)])


def test_a_missing_right_stops_the_connection(client: ExampleClient, desk: ExampleSimulator) -> None:
    desk.switches["rights"] = []
    with pytest.raises(ConnectionBroken, match="refused a right"):
        read(client)
