from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from connections import exact_json
from connections.vendors.shipstation import codec

RECORDED = Path(__file__).parents[5] / "shared/vendors/shipstation/shipstation-v1-postman-captured-responses.json"
# Walls without a zone: what the generators of times start from.
YEARS = (datetime.fromisoformat("1990-01-01"), datetime.fromisoformat("2060-01-01"))
AUTUMN = (datetime.fromisoformat("2026-10-31"), datetime.fromisoformat("2026-11-03"))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def fraction_texts() -> st.SearchStrategy[str]:
    return st.one_of(st.just(""), st.text("0123456789", min_size=1, max_size=7).map(lambda digits: f".{digits}"))


@st.composite
def wall_clocks(draw: st.DrawFn) -> str:
    wall = draw(st.datetimes(*YEARS)).replace(microsecond=0)
    there = wall.replace(tzinfo=codec.PACIFIC).astimezone(UTC).astimezone(codec.PACIFIC)
    assume(there.replace(tzinfo=None) == wall)  # spring leaves an hour out
    return wall.isoformat() + draw(fraction_texts())


def documents() -> st.SearchStrategy[Any]:
    plain = st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.text()
    names = st.text(min_size=1).filter(lambda name: name not in codec.INSTANTS)
    dated = st.dictionaries(st.sampled_from(sorted(codec.INSTANTS)), st.none() | wall_clocks())
    return st.recursive(
        plain | dated,
        lambda part: st.lists(part, max_size=3) | st.dictionaries(names, part, max_size=3),
        max_leaves=8,
    )


@given(documents())
def test_it_encodes_what_it_decoded_to_the_same_document(document: Any) -> None:
    assert codec.encode(codec.decode(document)) == document


@given(documents(), st.datetimes(*YEARS, timezones=st.just(UTC)))
def test_it_encodes_to_the_same_document_whenever_it_was_received(document: Any, received_at: datetime) -> None:
    assert codec.encode(codec.decode(document, received_at)) == document


@given(st.datetimes(*YEARS, timezones=st.just(UTC)), fraction_texts())
def test_it_decodes_an_instant_that_it_encoded(instant: datetime, fraction: str) -> None:
    text = f"{instant.replace(microsecond=0, tzinfo=None).isoformat()}{fraction}Z"
    assert codec.to_utc(codec.to_pacific(text), instant) == text


def recorded_bodies() -> list[Any]:
    def bodies(folder: dict[str, Any]) -> Any:
        for item in folder.get("item", []):
            yield from bodies(item)
            for response in item.get("response", []):
                if response.get("body"):
                    yield exact_json.loads(response["body"])

    return list(bodies(exact_json.loads(RECORDED.read_bytes())))


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded answers of ShipStation are not on this machine")
def test_it_brings_every_recorded_document_back_digit_for_digit() -> None:
    bodies = recorded_bodies()
    assert len(bodies) > 20
    for body in bodies:
        assert exact_json.dumps(codec.encode(codec.decode(body))) == exact_json.dumps(body)


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded answers of ShipStation are not on this machine")
def test_it_moves_the_recorded_order_to_utc() -> None:
    orders = [body for body in recorded_bodies() if isinstance(body, dict) and body.get("orderId") == 21533895]
    order = codec.decode(orders[0])
    assert order["modifyDate"] == "2021-01-24T01:16:59.9300000Z"
    assert order["orderDate"] == "2015-06-29T15:46:27.0000000Z"
    assert order["shipDate"] == "2021-04-03"


@pytest.mark.parametrize(
    ("wall", "instant"),
    [
        ("2026-01-15T12:00:00", "2026-01-15T20:00:00Z"),
        ("2026-07-15T12:00:00.5", "2026-07-15T19:00:00.5Z"),
        ("2026-11-20T06:51:33.6270000", "2026-11-20T14:51:33.6270000Z"),
    ],
)
def test_it_follows_daylight_saving(wall: str, instant: str) -> None:
    assert codec.to_utc(wall) == instant
    assert codec.to_pacific(instant) == wall


def test_it_moves_a_time_that_spring_leaves_out_on_by_an_hour() -> None:
    assert codec.to_utc("2026-03-08T02:30:00.25") == "2026-03-08T10:30:00.25Z"
    assert codec.to_pacific("2026-03-08T10:30:00.25Z") == "2026-03-08T03:30:00.25"


def test_it_takes_a_repeated_hour_as_its_first_passing_while_the_second_is_to_come() -> None:
    received_at = utc("2026-11-01T08:40:00")
    assert codec.to_utc("2026-11-01T01:30:00", received_at) == "2026-11-01T08:30:00Z"


def test_it_takes_a_repeated_hour_as_its_second_passing_once_that_has_been() -> None:
    received_at = utc("2026-11-01T09:35:00")
    assert codec.to_utc("2026-11-01T01:30:00", received_at) == "2026-11-01T09:30:00Z"
    assert codec.to_utc("2026-11-01T01:30:00") == "2026-11-01T09:30:00Z"


@pytest.mark.parametrize("name", ["shipDate", "holdUntilDate"])
def test_it_leaves_calendar_dates_as_written(name: str) -> None:
    for text in ("2026-11-20", "2026-11-20T00:00:00.0000000"):
        assert codec.decode({name: text}) == {name: text}


def test_it_leaves_times_under_other_names_alone() -> None:
    store = {"refreshDate": "2026-11-20T08:00:00", "options": [{"name": "createDate", "value": "2026-11-20T08:00:00"}]}
    assert codec.decode(store) == store


def test_it_keeps_dates_at_the_end_of_the_calendar() -> None:
    text = "9999-12-31T23:59:59.9970000"
    assert codec.encode(codec.decode({"voidDate": text})) == {"voidDate": text}


def test_it_keeps_every_digit_of_a_number() -> None:
    body = exact_json.loads('{"unitPrice": 99.990, "quantity": 2, "weight": {"value": 0.10000000000000000001}}')
    assert codec.decode(body)["weight"]["value"] == Decimal("0.10000000000000000001")
    assert exact_json.dumps(codec.encode(codec.decode(body))) == (
        '{"unitPrice":99.990,"quantity":2,"weight":{"value":0.10000000000000000001}}'
    )


def test_it_accepts_instants_with_another_offset() -> None:
    assert codec.to_pacific("2026-11-20T10:00:00+01:00") == "2026-11-20T01:00:00"


@given(st.datetimes(*AUTUMN, timezones=st.just(UTC)))
def test_it_starts_a_filter_no_later_than_any_document_after_the_instant(start: datetime) -> None:
    text = codec.filter_text(start)
    for minutes in range(0, 200, 7):
        later = start + timedelta(minutes=minutes)
        stamped = later.astimezone(codec.PACIFIC).replace(tzinfo=None).isoformat()
        assert text <= stamped


def test_it_starts_a_filter_in_the_repeated_hour_an_hour_early() -> None:
    assert codec.filter_text(utc("2026-11-01T08:30:00")) == "2026-11-01T00:30:00"
    assert codec.filter_text(utc("2026-11-01T09:30:00")) == "2026-11-01T00:30:00"
    assert codec.filter_text(utc("2026-11-01T10:30:00")) == "2026-11-01T02:30:00"


def test_it_makes_texts_that_sort_like_their_instants() -> None:
    texts = ["2026-11-20T08:00:00Z", "2026-11-20T08:00:00.0670000Z", "2026-11-20T08:00:00.4Z", "2026-11-20T08:00:01Z"]
    shuffled = [texts[place] for place in (2, 0, 3, 1)]
    assert sorted(shuffled, key=codec.sortable) == texts
    assert codec.sortable("2026-11-20T10:00:00+02:00") == "2026-11-20T08:00:00.0000000Z"
    assert codec.sortable(None) == ""


@pytest.mark.parametrize(
    ("current", "expected", "same"),
    [
        (Decimal("100.00"), 100, True),
        (Decimal("0.1"), Decimal("0.2"), False),
        ("OSLO ", "Oslo", True),
        (None, "", True),
        (True, 1, False),
        ("2026-11-20T08:00:00.0000000Z", "2026-11-20T08:00:00Z", True),
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({"a": 1}, {"a": 1, "b": None}, True),
        ([{"sku": "A", "x": 1}], [{"sku": "A"}], True),
        ([{"sku": "A"}], [], False),
        (None, {"a": 1}, False),
    ],
)
def test_it_compares_what_we_want_with_what_is_there(current: Any, expected: Any, same: bool) -> None:
    assert codec.agrees(current, expected) is same


def test_it_merges_objects_and_replaces_lists() -> None:
    current = {"shipTo": {"city": "Oslo", "phone": "1"}, "tagIds": [1, 2], "gift": True}
    assert codec.merged(current, {"shipTo": {"city": "Bergen"}, "tagIds": [3]}) == {
        "shipTo": {"city": "Bergen", "phone": "1"},
        "tagIds": [3],
        "gift": True,
    }
