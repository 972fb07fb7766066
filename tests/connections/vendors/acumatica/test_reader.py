from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import responses
from requests import PreparedRequest

from connections import exact_json
from connections.errors import Surprise
from connections.vendor import Cursor, Page
from connections.vendors.acumatica import reader as acumatica_reader
from connections.vendors.acumatica.resources import Customers, Items, Orders
from tests.connections.vendors.acumatica.accounts import API, SITE, asked, client, problem

START = datetime(2026, 11, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Ledger:
    """A list of sales orders that answers the filters which a reading sends, in any order of rows."""

    def __init__(self, wire: responses.RequestsMock, entity: str = "SalesOrder") -> None:
        self.rows: dict[tuple[str, str], datetime] = {}
        self.shuffled = False
        self.unoptimised = False
        self.dated = True
        self.now = NOW
        self.filters: list[str] = []
        wire.add_callback("GET", f"{API}/{entity}", self.answer)
        self.random = random.Random(7)

    def add(self, count: int, order_type: str = "SO", since: datetime = START, step: float = 60) -> None:
        for number in range(1, count + 1):
            self.rows[order_type, f"{number:06}"] = since + timedelta(seconds=step * number)

    def answer(self, request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        query = asked(request)
        if self.unoptimised and "$expand" in query:
            return 500, {}, json.dumps(problem("Optimization cannot be performed.The following fields cause the error"))
        self.filters.append(query["$filter"])
        keys = [key for key in sorted(self.rows) if self.meets(key, query["$filter"])]
        if self.shuffled:
            self.random.shuffle(keys)
        headers = {"Date": format_datetime(self.now, usegmt=True)} if self.dated else {}
        return 200, headers, exact_json.dumps([self.record(key) for key in keys[: int(query["$top"])]])

    def meets(self, key: tuple[str, str], where: str) -> bool:
        low = re.search(r"LastModified gt datetimeoffset'([^']+)'", where)
        high = re.search(r"LastModified le datetimeoffset'([^']+)'", where)
        after = re.search(r"OrderNbr gt '([^']+)'", where)
        stamp = self.rows[key]
        assert low
        return (
            key[0] in re.findall(r"OrderType eq '(\w+)'", where)
            and stamp > datetime.fromisoformat(low[1])
            and (not high or stamp <= datetime.fromisoformat(high[1]))
            and (not after or key[1] > after[1])
        )

    def record(self, key: tuple[str, str]) -> dict[str, Any]:
        stamp = self.rows[key].isoformat()
        return {
            "OrderType": {"value": key[0]},
            "OrderNbr": {"value": key[1]},
            "Status": {"value": "Open"},
            "LastModified": {"value": stamp},
        }


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def ledger(wire: responses.RequestsMock) -> Ledger:
    return Ledger(wire)


def orders(**settings: Any) -> Orders:
    return Orders(client(**({"page_size": 10} | settings)))


def read(resource: Orders, cursor: Cursor | None = None) -> tuple[list[str], Cursor]:
    keys, last = [], cursor or resource.start(START)
    for page in resource.changes(last):
        keys += [document.key for document in page.documents]
        last = json.loads(json.dumps(page.cursor))
    return keys, last


def expected(ledger: Ledger) -> list[str]:
    return sorted("/".join(key) for key in ledger.rows)


def test_it_reads_a_short_list_in_one_call(ledger: Ledger) -> None:
    ledger.add(3)
    keys, cursor = read(orders())
    assert keys == ["SO/000001", "SO/000002", "SO/000003"]
    assert len(ledger.filters) == 1
    assert cursor == {"since": "2026-11-01T00:03:00.000000Z", "place": None}


def test_it_walks_by_key(ledger: Ledger) -> None:
    ledger.add(25)
    keys, _ = read(orders())
    assert keys == expected(ledger)
    assert len(ledger.filters) == 3


def test_it_gives_documents_with_their_version_and_status(ledger: Ledger) -> None:
    ledger.add(1)
    page = next(iter(orders().changes(orders().start(START))))
    document = page.documents[0]
    assert (document.label, document.status) == ("000001", "Open")
    assert document.version == "2026-11-01T00:01:00.000000Z"


def test_it_walks_every_order_type(ledger: Ledger) -> None:
    ledger.add(12, "SO")
    ledger.add(11, "SA")
    ledger.add(3, "QT")
    keys, _ = read(orders(order_types="SO\nSA\n"))
    assert sorted(keys) == [key for key in expected(ledger) if not key.startswith("QT")]


def test_it_goes_on_after_any_page_in_another_process(ledger: Ledger) -> None:
    ledger.add(25)
    first = next(iter(orders().changes(orders().start(START))))
    stored = json.loads(json.dumps(first.cursor))
    keys, _ = read(orders(), stored)
    assert [document.key for document in first.documents] + keys == expected(ledger)


def test_it_reads_an_overlap_again(ledger: Ledger) -> None:
    ledger.add(20)
    _, cursor = read(orders())
    keys, _ = read(orders(), cursor)
    assert keys == [f"SO/{number:06}" for number in (16, 17, 18, 19, 20)]


def test_it_never_moves_the_cursor_past_the_begin_of_the_reading(ledger: Ledger) -> None:
    ledger.add(3)
    ledger.rows["SO", "000003"] = NOW + timedelta(minutes=9)
    _, cursor = read(orders())
    assert cursor["since"] == "2026-11-21T12:00:00.000000Z"


def test_it_reads_what_moved_behind_the_walk_next_time(ledger: Ledger) -> None:
    ledger.add(15)
    pages: Iterator[Page] = orders().changes(orders().start(START))
    next(pages)
    ledger.rows["SO", "000002"] = NOW + timedelta(seconds=30)
    last = list(pages)[-1]
    assert "SO/000002" in read(orders(), last.cursor)[0]


def test_it_keeps_a_start_that_lies_ahead(ledger: Ledger) -> None:
    ahead = orders().start(NOW + timedelta(days=2))
    assert read(orders(), ahead)[1]["since"] == "2026-11-23T12:00:00.000000Z"


def test_it_does_without_the_date_of_the_server(ledger: Ledger) -> None:
    ledger.dated = False
    ledger.add(15)
    _, cursor = read(orders())
    assert cursor["since"] == "2026-11-01T00:10:00.000000Z"


@pytest.mark.parametrize("count", [9, 10, 25, 400])
def test_it_misses_nothing_where_the_server_answers_in_no_order(ledger: Ledger, count: int) -> None:
    ledger.shuffled = True
    ledger.add(count, step=37)
    keys, _ = read(orders())
    assert sorted(set(keys)) == expected(ledger)
    assert len(ledger.filters) < count / 2 + 20


def test_it_misses_nothing_of_one_moment_in_no_order(ledger: Ledger) -> None:
    ledger.shuffled = True
    ledger.add(60, step=0)
    keys, _ = read(orders())
    assert sorted(set(keys)) == expected(ledger)


def test_it_goes_on_by_time_in_another_process(ledger: Ledger) -> None:
    ledger.shuffled = True
    ledger.add(80)
    seen: set[str] = set()
    cursor = orders().start(START)
    for _ in range(200):
        page = next(iter(orders().changes(cursor)))
        seen |= {document.key for document in page.documents}
        cursor = json.loads(json.dumps(page.cursor))
        if cursor["place"] is None:
            break
    assert sorted(seen) == expected(ledger)


def test_it_stops_where_one_moment_never_ends(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acumatica_reader, "LARGEST", 30)
    ledger.shuffled = True
    ledger.add(200, step=0)
    with pytest.raises(Surprise, match="in one moment"):
        read(orders())


def test_it_reads_one_by_one_what_cannot_be_listed(ledger: Ledger, wire: responses.RequestsMock) -> None:
    ledger.unoptimised = True
    ledger.add(2)
    for key in ledger.rows:
        wire.get(f"{API}/SalesOrder/{'/'.join(key)}", json=ledger.record(key) | {"Description": {"value": "whole"}})
    page = next(iter(orders().changes(orders().start(START))))
    assert [document.body["Description"] for document in page.documents] == ["whole", "whole"]


def test_it_leaves_out_what_was_deleted_meanwhile(ledger: Ledger, wire: responses.RequestsMock) -> None:
    ledger.unoptimised = True
    ledger.add(1)
    kind = "PX.Api.ContractBased.NoEntitySatisfiesTheConditionException"
    wire.get(f"{API}/SalesOrder/SO/000001", status=500, json=problem("No entity satisfies the condition.", kind))
    assert read(orders())[0] == []


def test_it_gets_one_order(wire: responses.RequestsMock) -> None:
    record = {
        "OrderType": {"value": "SO"},
        "OrderNbr": {"value": "000214"},
        "LastModified": {"value": "2026-11-18T15:02:11+00:00"},
    }
    wire.get(f"{API}/SalesOrder/SO/000214", json=record)
    assert [document.key for document in orders().get("SO/000214")] == ["SO/000214"]


def test_it_gets_nothing_for_a_key_that_is_none(wire: responses.RequestsMock) -> None:
    assert orders().get("000214") == []


def test_it_reads_the_time_of_change_under_its_newer_name(wire: responses.RequestsMock) -> None:
    record = {
        "OrderType": {"value": {"id": "SO", "description": "SO"}},
        "OrderNbr": {"value": "000214"},
        "Status": {"value": {"id": "N", "description": "Open"}},
        "LastModifiedDateTime": {"value": "2026-11-18T15:02:11+00:00"},
    }
    newer = SITE + "/entity/Default/26.200.001/SalesOrder"
    wire.get(newer, json=[record])
    page = next(iter(orders(endpoint_version="26.200.001").changes(orders().start(START))))
    assert page.documents[0].status == "Open"
    assert "LastModifiedDateTime gt" in asked(wire.calls[0].request)["$filter"]


@pytest.mark.parametrize(
    ("resource", "entity", "key"), [(Customers, "Customer", "CustomerID"), (Items, "StockItem", "InventoryID")]
)
def test_it_reads_customers_and_items_the_same_way(
    wire: responses.RequestsMock, resource: type[Customers], entity: str, key: str
) -> None:
    wire.get(
        f"{API}/{entity}",
        json=[{key: {"value": "A 1 "}, "LastModifiedDateTime": {"value": "2026-11-18T15:02:11+00:00"}}],
    )
    made = resource(client())
    page = next(iter(made.changes(made.start(START))))
    assert page.documents[0].key == "A 1"
    assert asked(wire.calls[0].request)["$filter"].startswith("LastModifiedDateTime gt datetimeoffset'2026-10-31T23:55")
