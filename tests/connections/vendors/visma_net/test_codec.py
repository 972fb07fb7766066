from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connections.errors import Surprise
from connections.vendors.visma_net import codec

OSLO = ZoneInfo("Europe/Oslo")

names = st.sampled_from(["supplierId", "hold", "lines", "note", "operation", "subaccount", "mainAddress", "quantity"])
scalars = st.one_of(st.text(max_size=12), st.integers(-9999, 9999), st.booleans(), st.decimals(-999, 999, places=3))
bodies = st.recursive(
    st.dictionaries(names, scalars, max_size=3),
    lambda inner: st.dictionaries(names, st.one_of(scalars, inner, st.lists(inner, max_size=2)), max_size=3),
    max_leaves=6,
)


@given(bodies)
def test_unwrapping_reverses_wrapping(body: dict[str, Any]) -> None:
    assert codec.unwrap(codec.wrap(body)) == body


def test_it_wraps_each_settable_value_and_leaves_the_exceptions_bare() -> None:
    body = {
        "supplierId": "50000",
        "hold": False,
        "timeStamp": "AAAA",
        "lines": [{"operation": "Insert", "receiptQty": Decimal("1.50"), "uom": None}],
        "subaccount": [{"segmentId": 1, "segmentValue": "000"}],
    }
    assert codec.wrap(body) == {
        "supplierId": {"value": "50000"},
        "hold": {"value": False},
        "timeStamp": "AAAA",
        "lines": [{"operation": "Insert", "receiptQty": {"value": Decimal("1.50")}}],
        "subaccount": [{"segmentId": 1, "segmentValue": "000"}],
    }


def test_it_wraps_an_address_twice() -> None:
    assert codec.wrap({"mainAddress": {"city": "OSLO"}}) == {"mainAddress": {"value": {"city": {"value": "OSLO"}}}}


def test_an_empty_text_is_sent_because_it_clears_and_none_is_not() -> None:
    assert codec.wrap({"note": "", "supplierRef": None}) == {"note": {"value": ""}}


def test_days_stay_days_and_moments_become_utc() -> None:
    record = {
        "date": "2026-11-02T00:00:00",
        "lastModifiedDateTime": "2026-11-02T10:14:33.113",
        "customDateTimeUTC1": "2026-11-02T10:14:33",
        "description": "2026-11-02T00:00:00",
        "lines": [{"promised": "2026-07-01T00:00:00", "orderQty": Decimal("1.10")}],
        "metadata": {"totalCount": 1},
    }
    assert codec.decode(record, OSLO) == {
        "date": "2026-11-02",
        "lastModifiedDateTime": "2026-11-02T09:14:33.113000Z",
        "customDateTimeUTC1": "2026-11-02T10:14:33Z",
        "description": "2026-11-02T00:00:00",
        "lines": [{"promised": "2026-07-01", "orderQty": Decimal("1.10")}],
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-29T01:59:59", "2026-03-29T00:59:59Z"),  # the last second before summer time
        ("2026-03-29T03:00:00", "2026-03-29T01:00:00Z"),
        ("2026-10-25T02:30:00", "2026-10-25T00:30:00Z"),  # shown twice: its first time
        ("2026-10-25T03:00:00", "2026-10-25T02:00:00Z"),
        ("2026-07-01T12:00:00Z", "2026-07-01T12:00:00Z"),
        ("2026-07-01T12:00:00+02:00", "2026-07-01T10:00:00Z"),
        ("2026-07-01 12:00:00.1234567", "2026-07-01T10:00:00.123456Z"),
    ],
)
def test_moments_of_the_server_are_read_in_its_zone(text: str, expected: str) -> None:
    assert codec.to_utc(text, OSLO) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01T00:00:00", "02.11.2026"])
def test_a_moment_that_cannot_be_read_is_a_surprise(text: str) -> None:
    with pytest.raises(Surprise):
        codec.to_utc(text, OSLO)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_no_filter_carries_a_zone_letter_nor_lies_behind_the_instant(instant: datetime) -> None:
    text = codec.stamp(codec.to_local(instant, OSLO))
    assert "Z" not in text
    assert "+" not in text[10:]
    there = instant.astimezone(OSLO).replace(tzinfo=None)
    assert codec.local(text) <= there


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(0, 7200),
)
def test_what_changes_after_a_watermark_is_never_below_the_next_filter(instant: datetime, seconds: int) -> None:
    """Whatever the clock does: a later change reads above the floor of an earlier one."""
    earlier = codec.stamp(instant.astimezone(OSLO).replace(tzinfo=None))
    later = (instant + timedelta(seconds=seconds)).astimezone(OSLO).replace(tzinfo=None)
    assert codec.local(codec.floor(earlier, timedelta(minutes=5), OSLO)) <= later


def test_the_overlap_is_minutes_on_most_days_and_more_than_an_hour_when_the_clock_changes() -> None:
    five = timedelta(minutes=5)
    assert codec.floor("2026-11-21T10:00:00.5", five, OSLO) == "2026-11-21T09:55:00.500"
    assert codec.local(codec.floor("2026-10-25T02:50:00", five, OSLO)) < codec.local("2026-10-25T01:45:00")


def test_versions_sort_by_state() -> None:
    low = codec.version({"timeStamp": base64.b64encode((255).to_bytes(8)).decode()}, OSLO)
    high = codec.version({"timestamp": base64.b64encode((256).to_bytes(8)).decode()}, OSLO)
    assert low < high
    assert len(high) == 16


@pytest.mark.parametrize("stamp", ["", "not base64!", "AAAA"])
def test_without_a_row_version_the_time_of_change_is_the_version(stamp: str) -> None:
    record = {"timeStamp": stamp, "lastModifiedDateTime": "2026-11-02T10:14:33.113"}
    assert codec.version(record, OSLO) == "2026-11-02T09:14:33.113"


@given(st.text(min_size=1, max_size=20).filter(lambda key: key.strip() == key and key not in {".", ".."}))
def test_keys_survive_paths(key: str) -> None:
    try:
        key.encode()
    except UnicodeEncodeError:
        return
    path = codec.path_key(key)
    assert not set(path) & set("/?#&+;: ")
    assert codec.key_of(f"https://api.finance.visma.net/v1/inventory/{path}") == key


def test_keys_with_reserved_characters_go_as_visma_documents_it() -> None:
    assert codec.path_key(":/?#[]@&*+;") == "b64(Oi8_I1tdQCYqKzs)"
    assert codec.path_key("000123") == "000123"


@pytest.mark.parametrize(
    ("location", "key"),
    [
        ("https://api.finance.visma.net/v1/PurchaseReceipt/000046", "000046"),
        ("https://integration.visma.net/API/controller/api/v1/PurchaseReceipt/000046/?x=1", "000046"),
        ("/v1/inventory/b64(Oi8_I1tdQCYqKzs)", ":/?#[]@&*+;"),
        ("", ""),
    ],
)
def test_a_new_number_is_the_last_part_of_the_location(location: str, key: str) -> None:
    assert codec.key_of(location) == key


def test_the_key_inside_a_small_object_may_be_called_number_or_id() -> None:
    assert codec.name_of({"supplier": {"internalId": 1, "number": "50000"}}, "supplier") == "50000"
    assert codec.name_of({"warehouse": {"id": 1}}, "warehouse") == "1"
    assert codec.name_of({}, "warehouse") == ""
