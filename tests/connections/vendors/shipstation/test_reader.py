from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import responses

from connections.errors import Surprise, TryLater
from connections.vendors.shipstation.orders.lookup import BY_MODIFY_DATE
from connections.vendors.shipstation.reader import ShipStationReader
from tests.connections.vendors.shipstation.accounts import V1_URL, opened

SINCE = {"since": "2026-11-20T20:00:00.0000000Z", "place": None}


class Account:
    """Orders behind `GET /orders`, which may change between two calls."""

    def __init__(self, stamps: list[str]) -> None:
        self.rows = [{"orderId": n, "modifyDate": stamp} for n, stamp in enumerate(stamps)]
        self.calls: list[dict[str, str]] = []
        self.before: dict[int, Any] = {}
        self.bad: set[int] = set()

    def __call__(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        query = dict(parse_qsl(urlsplit(str(request.url)).query))
        self.calls.append(query)
        if len(self.calls) in self.before:
            self.before[len(self.calls)]()
        end = query.get("modifyDateEnd", "9")
        rows = sorted(
            (row for row in self.rows if query["modifyDateStart"] < str(row["modifyDate"]) < end),
            key=lambda row: (str(row["modifyDate"]), row["orderId"]),
        )
        page, size = int(query["page"]), int(query["pageSize"])
        shown = rows[(page - 1) * size : page * size]
        if self.bad & {int(str(row["orderId"])) for row in shown}:
            return 500, {}, "{}"
        body = {"orders": shown, "total": len(rows), "page": page, "pages": -(-len(rows) // size)}
        return 200, {}, json.dumps(body)


def reader(cursor: dict[str, Any] | None = None, slice_size: int = 500) -> ShipStationReader:
    http = opened().need_v1()
    return ShipStationReader(http, BY_MODIFY_DATE, cursor or dict(SINCE), timedelta(hours=2), slice_size)


def read(account: Account, cursor: dict[str, Any] | None = None) -> tuple[set[int], Any]:
    """The ids of all rows, the last cursor, and what was left out."""
    reading = reader(cursor)
    seen: set[int] = set()
    with responses.RequestsMock() as network:
        network.add_callback("GET", f"{V1_URL}/orders", account)
        for rows, following in reading.steps():
            seen |= {row["orderId"] for row in rows}
            cursor = json.loads(json.dumps(following))
    return seen, (cursor, reading.skipped)


def spread(count: int) -> list[str]:
    return [f"2026-11-20T12:{n // 60:02}:{n % 60:02}.0000000" for n in range(count)]


def test_it_reads_a_long_list_by_restarting_behind_the_last_stamp() -> None:
    account = Account(spread(1200))
    seen, (cursor, _) = read(account)
    assert seen == set(range(1200))
    assert {call["page"] for call in account.calls} == {"1"}
    assert cursor == {"since": "2026-11-20T20:19:59.0000000Z", "place": None}


def test_it_passes_a_second_with_more_rows_than_a_page() -> None:
    stamps = [*spread(100), *(f"2026-11-20T12:30:00.{n:07}" for n in range(1700)), "2026-11-20T12:31:00.0000000"]
    assert read(Account(stamps))[0] == set(range(1801))


def test_it_passes_a_second_whose_stamps_have_no_fraction() -> None:
    stamps = [*spread(10), *["2026-11-20T12:30:00.0000000"] * 1300, "2026-11-20T12:30:01.0000000"]
    assert read(Account(stamps))[0] == set(range(1311))


def test_it_loses_no_row_when_others_leave_a_crowded_second() -> None:
    account = Account([f"2026-11-20T12:30:00.{n:07}" for n in range(1600)])

    def leave() -> None:
        for row in account.rows[:300]:
            row["modifyDate"] = f"2026-11-20T13:00:00.{row['orderId']:07}"

    account.before = {4: leave}
    assert read(account)[0] == set(range(1600))


def test_it_loses_no_row_when_one_moves_to_the_end() -> None:
    account = Account(spread(1200))

    def move() -> None:
        account.rows[3]["modifyDate"] = "2026-11-20T13:00:00.0000000"

    account.before = {2: move}
    assert read(account)[0] == set(range(1200))


def test_it_goes_on_where_a_stored_cursor_stands() -> None:
    account = Account(spread(1200))
    place = {"from": "2026-11-20T12:10:00", "page": 1, "started": "", "seen": "2026-11-20T20:10:01.0000000Z"}
    seen, (cursor, _) = read(account, {"since": SINCE["since"], "place": place})
    assert min(seen) == 600
    assert cursor["since"] == "2026-11-20T20:19:59.0000000Z"


def test_it_hands_over_slices_with_a_cursor_of_their_own() -> None:
    account = Account(spread(120))
    with responses.RequestsMock() as network:
        network.add_callback("GET", f"{V1_URL}/orders", account)
        rows, cursors = zip(*reader(slice_size=50).steps(), strict=True)
    assert [len(part) for part in rows] == [50, 50, 20]
    assert cursors[0]["place"]["from"] == "2026-11-20T12:00:48"
    assert cursors[2]["place"] is None


def test_it_does_not_move_its_cursor_when_nothing_came() -> None:
    assert read(Account([]))[1][0] == SINCE


@pytest.mark.parametrize("bad", [{0}, {499}, {500}, {7, 8}, {1199}])
def test_it_steps_over_bad_rows_only(bad: set[int]) -> None:
    account = Account(spread(1200))
    account.bad = bad
    seen, (_, skipped) = read(account)
    assert seen == set(range(1200)) - bad
    assert len({(row["from"], row["row"]) for row in skipped}) >= len(bad)


def test_it_stops_soon_when_everything_fails() -> None:
    account = Account(spread(20))
    account.bad = set(range(20))
    with pytest.raises(TryLater):
        read(account)
    assert len(account.calls) == 10


def test_it_stops_when_the_filter_is_ignored() -> None:
    rows = [{"orderId": n, "modifyDate": "2025-01-01T00:00:00.0000000"} for n in range(500)]
    body = {"orders": rows, "total": 5000, "page": 1, "pages": 10}
    with responses.RequestsMock() as network:
        network.get(f"{V1_URL}/orders", json=body)
        with pytest.raises(Surprise):
            list(reader().steps())


def test_it_sends_dates_of_the_repeated_hour_an_hour_early() -> None:
    account = Account([])
    read(account, {"since": "2026-11-01T10:45:00Z", "place": None})
    assert account.calls[0]["modifyDateStart"] == "2026-11-01T00:45:00"
