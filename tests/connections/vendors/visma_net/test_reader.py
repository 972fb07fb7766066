"""Reading what changed, on lists that shift, are cut, and forget their filter."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from connections import exact_json
from connections.errors import Surprise, TryLater
from connections.vendor import Cursor, Page
from connections.vendors.visma_net.resources import PurchaseOrders, Suppliers
from tests.connections.vendors.visma_net.accounts import ERP, TOKEN, asked, client, token
from tests.connections.vendors.visma_net.desk import Desk

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def through_storage(cursor: Cursor) -> Cursor:
    """A cursor as another process gets it."""
    stored: Cursor = exact_json.loads(exact_json.dumps(cursor))
    return stored


def read(
    desk: Desk, cursor: Cursor | None = None, kind: type = PurchaseOrders, **settings: Any
) -> tuple[set[str], Cursor]:
    """Everything a reading brings, stopped and stored after each page; returns keys and the last cursor."""
    keys: set[str] = set()
    visma = desk.open(**settings)
    position = cursor or kind(visma).start(LONG_AGO)
    while True:
        page: Page = next(iter(kind(visma).changes(through_storage(position))))
        keys |= {document.key for document in page.documents}
        position = page.cursor
        if position["place"] is None:
            visma.close()
            return keys, position


def everything(desk: Desk) -> set[str]:
    return {each["orderNbr"] for each in desk.state()["purchaseOrders"]}


@pytest.mark.parametrize("order", ["key", "modified"])
@pytest.mark.parametrize(("size", "most"), [(500, 500), (500, 4), (3, 500), (1, 500)])
def test_it_reads_all_pages_also_where_they_are_cut_silently(desk: Desk, order: str, size: int, most: int) -> None:
    desk.simulator.actions.do_make_orders(20)
    desk.switch(list_order=order, max_page_size=most)
    assert read(desk, page_size=size)[0] == everything(desk)


def test_the_time_never_goes_alone(desk: Desk) -> None:
    with responses.RequestsMock() as wire:
        wire.post(TOKEN, json=token())
        wire.get(f"{ERP}/v1/supplier", json=[])
        suppliers = Suppliers(client())
        list(suppliers.changes({"since": "2026-11-21T10:00:00.113", "place": None}))
        query = asked(wire.calls[1].request)
    assert query == {
        "lastModifiedDateTime": "2026-11-21T09:55:00.113",
        "lastModifiedDateTimeCondition": ">=",
        "pageNumber": "1",
        "pageSize": "500",
    }


def test_a_second_walk_brings_only_what_changed_since(desk: Desk) -> None:
    desk.switch(clock_offset=-3600)
    desk.simulator.actions.do_make_orders(10)
    _, cursor = read(desk)
    desk.switch(clock_offset=0)
    new = desk.order(STOL_101=1)
    keys, _ = read(desk, cursor)
    assert new in keys
    # what changed in the last minutes before comes again, and nothing older
    assert read(desk, read(desk, cursor)[1])[0] == {new}


def test_changes_at_the_same_moment_are_not_lost(desk: Desk) -> None:
    first = desk.order(STOL_101=1)
    _, cursor = read(desk)
    second = desk.order(STOL_101=1)
    orders = desk.simulator.store.orders
    with desk.simulator.lock:
        earlier, later = orders.get(first), orders.get(second)
        assert earlier is not None
        assert later is not None
        later.modified = earlier.modified
    assert second in read(desk, cursor)[0]


@pytest.mark.parametrize("order", ["key", "modified"])
def test_orders_that_change_while_pages_are_read_push_none_out(desk: Desk, order: str) -> None:
    desk.switch(list_order=order)
    desk.simulator.actions.do_clear()
    desk.simulator.actions.do_make_orders(12)
    keys: set[str] = set()
    visma = desk.open(page_size=3)
    cursor = PurchaseOrders(visma).start(LONG_AGO)
    touched = 0
    while True:
        page = next(iter(PurchaseOrders(visma).changes(through_storage(cursor))))
        keys |= {document.key for document in page.documents}
        cursor = page.cursor
        if cursor["place"] is None:
            break
        if touched < 4 and page.documents:
            touched += 1
            desk.simulator.actions.do_edit_order(sorted(keys)[0], {"description": f"touched {touched}"})
    visma.close()
    assert keys == everything(desk)


def test_a_change_behind_a_slow_walk_comes_with_the_next_one(desk: Desk) -> None:
    """The reading rests for hours between two pages; what changed meanwhile stands on a page that was read already."""
    desk.switch(clock_offset=-7200)
    desk.simulator.actions.do_clear()
    desk.simulator.actions.do_make_orders(6)
    early, late = sorted(everything(desk))[0], sorted(everything(desk))[-1]
    visma = desk.open(page_size=3)
    orders = PurchaseOrders(visma)
    page = next(iter(orders.changes(orders.start(LONG_AGO))))
    assert early in {document.key for document in page.documents}
    desk.switch(clock_offset=-3600)
    desk.simulator.actions.do_edit_order(early, {"description": "changed behind the page"})
    desk.switch(clock_offset=0)
    desk.simulator.actions.do_edit_order(late, {"description": "much later"})
    cursor = page.cursor
    while cursor["place"] is not None:
        for page in PurchaseOrders(visma).changes(through_storage(cursor)):
            cursor = page.cursor
    again = [document for page in PurchaseOrders(visma).changes(cursor) for document in page.documents]
    visma.close()
    assert {document.key: document.body["description"] for document in again}[early] == "changed behind the page"


# A server of our own, for what the simulator does not do

Row = dict[str, Any]


class Served:
    """A list of suppliers that behaves as `answer` says: (rows, page, size, query) → rows of the page."""

    def __init__(self, rows: Sequence[Row], answer: Callable[..., list[Row]] | None = None, date: str = "") -> None:
        self.rows = list(rows)
        self.answer = answer or self.plain
        self.date = date
        self.calls = 0

    @staticmethod
    def plain(rows: list[Row], page: int, size: int, query: dict[str, str]) -> list[Row]:
        behind = [row for row in rows if row["lastModifiedDateTime"] >= query["lastModifiedDateTime"]]
        return behind[(page - 1) * size : page * size]

    def read(self, cursor: Cursor | None = None, most: int = 60, **settings: Any) -> tuple[list[str], Cursor]:
        def callback(request: Any) -> Any:
            self.calls += 1
            query = asked(request)
            rows = self.answer(self.rows, int(query["pageNumber"]), int(query["pageSize"]), query)
            headers = {"Date": self.date} if self.date else {}
            return 200, headers, json.dumps(rows)

        with responses.RequestsMock() as wire:
            wire.post(TOKEN, json=token())
            wire.add_callback(responses.GET, f"{ERP}/v1/supplier", callback, content_type="application/json")
            suppliers = Suppliers(client(**settings))
            position = cursor or suppliers.start(LONG_AGO)
            keys: list[str] = []
            for _, page in zip(range(most), suppliers.changes(position), strict=False):
                keys += [document.key for document in page.documents]
                position = page.cursor
            return keys, position


def rows(count: int, total: int | None = None, first: str = "2026-11-21T10:00:00") -> list[Row]:
    start = datetime.fromisoformat(first)
    metadata = {"metadata": {"totalCount": count if total is None else total, "maxPageSize": 500}}
    return [
        {
            "number": f"{at:05}",
            "name": "",
            "lastModifiedDateTime": f"{start + timedelta(minutes=at):%Y-%m-%dT%H:%M:%S}.113",
        }
        | (metadata if total != 0 else {})
        for at in range(count)
    ]


def test_the_watermark_is_the_servers_own_text(desk: Desk) -> None:
    keys, cursor = Served(rows(3)).read()
    assert keys == ["00000", "00001", "00002"]
    assert cursor == {"since": "2026-11-21T10:02:00.113", "place": None}


def test_an_offset_is_cut_from_the_watermark() -> None:
    served = rows(1)
    served[0]["lastModifiedDateTime"] = "2026-11-21T10:00:00.113+01:00"
    assert Served(served).read()[1]["since"] == "2026-11-21T10:00:00.113"


def test_an_empty_list_leaves_the_watermark_where_it_was() -> None:
    cursor = {"since": "2026-11-21T10:00:00.113", "place": None}
    assert Served([]).read(cursor) == ([], cursor)


def test_a_filter_that_is_ignored_brings_nothing_old_and_loses_nothing_new() -> None:
    def unfiltered(served_rows: list[Row], page: int, size: int, query: dict[str, str]) -> list[Row]:
        return served_rows[(page - 1) * size : page * size]

    old, new = rows(5, 8, "2026-01-01T10:00:00"), rows(3, 8)
    for at, row in enumerate(new):
        row["number"] = f"9000{at}"
    served = Served([*new, *old], unfiltered)
    keys, cursor = served.read({"since": "2026-11-21T09:59:00.000", "place": None}, page_size=2)
    assert keys == ["90000", "90001", "90002"]
    assert cursor["since"] == "2026-11-21T10:02:00.113" or cursor["since"] <= "2026-11-21T10:02:00.113"
    assert served.read(cursor, page_size=2)[1]["since"] <= "2026-11-21T10:02:00.113"


@given(st.integers(1, 23), st.integers(1, 9), st.integers(1, 9), st.booleans())
def test_every_record_comes_whatever_size_pages_really_have(count: int, size: int, most: int, counted: bool) -> None:
    def cut(served_rows: list[Row], page: int, asked_: int, query: dict[str, str]) -> list[Row]:
        return Served.plain(served_rows, page, min(asked_, most), query)

    served = Served(rows(count, None if counted else 0), cut)
    assert set(served.read(page_size=size)[0]) == {f"{at:05}" for at in range(count)}


def test_a_wrong_maximum_in_the_metadata_loses_no_page() -> None:
    served = Served(rows(9), lambda served_rows, page, size, query: Served.plain(served_rows, page, 2, query))
    assert len(set(served.read(page_size=500)[0])) == 9


def test_a_count_that_is_never_reached_ends_the_walk_all_the_same() -> None:
    served = Served(rows(4, 900))
    keys, cursor = served.read(page_size=2)
    assert set(keys) == {"00000", "00001", "00002", "00003"}
    assert cursor["place"] is None


def test_a_list_that_answers_the_same_page_for_ever_is_stopped() -> None:
    served = Served(rows(2, 900), lambda served_rows, page, size, query: served_rows)
    with pytest.raises(Surprise, match="same page twice"):
        served.read(page_size=2)


def test_a_record_that_slips_between_two_pages_is_found_by_another_pass() -> None:
    state = {"moved": False}

    def shifting(served_rows: list[Row], page: int, size: int, query: dict[str, str]) -> list[Row]:
        if page == 2 and not state["moved"]:
            state["moved"] = True
            served_rows.append(served_rows.pop(0))  # it changed, and stands at the end now: page 2 begins one further
        return Served.plain(served_rows, page, size, query)

    served = Served(rows(6), shifting)
    keys, cursor = served.read(page_size=2)
    assert set(keys) == {f"{at:05}" for at in range(6)}
    assert cursor["place"] is None


def test_a_moment_without_a_reading_is_a_surprise() -> None:
    served = rows(1)
    served[0]["lastModifiedDateTime"] = "yesterday"
    with pytest.raises(Surprise):
        Served(served, lambda served_rows, page, size, query: served_rows).read()


def test_records_without_a_time_of_change_are_kept() -> None:
    served = rows(1)
    del served[0]["lastModifiedDateTime"]
    plain = Served(served, lambda served_rows, page, size, query: served_rows[(page - 1) * size : page * size])
    cursor = {"since": "2026-11-21T10:00:00.113", "place": None}
    assert plain.read(cursor)[1]["since"] == cursor["since"]


def test_the_hour_that_comes_twice_is_read_again() -> None:
    """An order changed at the second 02:10, after the watermark stood at the first 02:55."""
    late = {"number": "1", "name": "", "lastModifiedDateTime": "2026-10-25T02:10:00.000"}
    served = Served([late | {"metadata": {"totalCount": 1}}])
    assert served.read({"since": "2026-10-25T02:55:00.000", "place": None})[0] == ["1"]


def test_a_walk_begins_before_the_moment_whatever_zone_the_server_has() -> None:
    summer = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
    assert Suppliers(client()).start(summer) == {"since": "2026-07-01T10:00:00.000", "place": None}
    winter = Suppliers(client(time_zone="America/New_York")).start(datetime(2026, 1, 1, 10, 0, tzinfo=UTC))
    assert winter["since"] == "2026-01-01T05:00:00.000"


def test_a_walk_that_is_refused_goes_on_at_its_page(desk: Desk) -> None:
    desk.simulator.actions.do_make_orders(9)
    visma = desk.open(page_size=4)
    orders = PurchaseOrders(visma)
    pages = iter(orders.changes(orders.start(LONG_AGO)))
    page = next(pages)
    desk.fault("throttle", "/erp/v1/purchaseorder", "GET")
    with pytest.raises(TryLater):
        next(pages)
    keys = {document.key for document in page.documents}
    keys |= {
        document.key for next_page in orders.changes(through_storage(page.cursor)) for document in next_page.documents
    }
    visma.close()
    assert keys == everything(desk)
