from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from connections import exact_json
from connections.errors import Surprise
from connections.reader import to_instant, to_text
from connections.vendors.acumatica import codec

SAMPLES = sorted((Path(codec.__file__).parent / "samples").glob("*.json"))
RECORDED = b"""{
  "id": "4c7e2a10-5b1d-4f0e-9c11-2f6a8d3e0001", "rowNumber": 1, "note": {"value": "Leave at the dock"},
  "OrderType": {"value": "SO"}, "OrderNbr": {"value": "000214  "}, "Status": {"value": "Open"}, "ExternalRef": {},
  "Date": {"value": "2026-02-05T00:00:00+00:00"}, "RequestedOn": {"value": "2025-08-20T00:00:00+03:00"},
  "LastModified": {"value": "2026-03-20T19:41:27.34+02:00"}, "OrderTotal": {"value": 7000.0000}, "custom": {},
  "ShipToAddress": {"id": "5b1e0c2a-0f0e-4b5e-9a2b-0d2f6a3f0001", "City": {"value": "Kirkland"}, "custom": {}},
  "Details": [{"id": "4c7e2a10-5b1d-4f0e-9c11-2f6a8d3e0011", "rowNumber": 1, "note": null, "LineNbr": {"value": 1},
    "LastModifiedDate": {"value": "12/14/2023 19:57:08"}, "OrderQty": {"value": 3.000000}, "custom": {}}],
  "_links": {"self": "/MyInstance/entity/Default/25.200.001/SalesOrder/4c7e2a10-5b1d-4f0e-9c11-2f6a8d3e0001"}
}"""


def decoded() -> dict[str, Any]:
    return codec.decode(exact_json.loads(RECORDED))


def test_it_unwraps_values_and_lists() -> None:
    body = decoded()
    assert body["Status"] == "Open"
    assert body["Details"][0]["LineNbr"] == 1
    assert body["ShipToAddress"] == {"City": "Kirkland"}


def test_it_leaves_empty_fields_out() -> None:
    assert "ExternalRef" not in decoded()


def test_it_strips_keys() -> None:
    assert decoded()["OrderNbr"] == "000214"


def test_it_turns_instants_to_utc_by_their_own_offset() -> None:
    assert decoded()["LastModified"] == "2026-03-20T17:41:27.340000Z"


def test_it_never_shifts_a_calendar_date() -> None:
    body = decoded()
    assert (body["Date"], body["RequestedOn"]) == ("2026-02-05", "2025-08-20")


def test_it_leaves_other_texts_as_they_are() -> None:
    assert decoded()["Details"][0]["LastModifiedDate"] == "12/14/2023 19:57:08"
    assert codec.decode({"Description": {"value": " by 2026-02-05T00:00:00Z "}}) == {
        "Description": " by 2026-02-05T00:00:00Z "
    }


def test_it_keeps_the_scale_of_decimals() -> None:
    total = decoded()["OrderTotal"]
    assert isinstance(total, Decimal)
    assert str(total) == "7000.0000"


def test_it_drops_what_changes_with_each_session() -> None:
    assert not {"id", "rowNumber", "_links", "custom"} & decoded().keys()
    assert "id" not in decoded()["Details"][0]


def test_it_reads_contract_5_drop_downs() -> None:
    assert codec.decode({"Status": {"value": {"id": "N", "description": "Open"}}}) == {"Status": "Open"}


def test_it_reads_custom_fields() -> None:
    record = {"custom": {"Document": {"AttributeX": {"type": "CustomStringField", "value": "8841"}}}}
    assert codec.decode(record) == {"custom": {"Document": {"AttributeX": "8841"}}}


def test_it_refuses_a_stamp_without_a_zone() -> None:
    with pytest.raises(Surprise):
        codec.stamp("2026-11-18T15:02:11.483")


def test_it_gives_stamps_that_sort_as_they_follow() -> None:
    assert codec.stamp("2026-03-20T17:41:27+00:00") < codec.stamp("2026-03-20T17:41:27.34+00:00")


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_it_round_trips_the_samples(path: Path) -> None:
    body = exact_json.loads(path.read_bytes())
    assert codec.decode(codec.encode(body)) == body


def test_it_round_trips_a_recorded_order_digit_for_digit() -> None:
    body = decoded()
    again = exact_json.loads(exact_json.dumps(codec.encode(body)))
    assert exact_json.dumps(codec.decode(again)) == exact_json.dumps(body)


names = st.from_regex(r"[A-Z][A-Za-z]{0,12}", fullmatch=True).filter(
    lambda name: not name.endswith(("ID", "Nbr")) and name not in codec.KEYS
)
# An empty field is not part of a document, so there is no null to carry through.
scalars = st.booleans() | st.integers(-(2**53), 2**53) | st.decimals(allow_nan=False, allow_infinity=False)
values = scalars | st.text().filter(lambda text: "T" not in text)
flat = st.dictionaries(names, values, min_size=1)
bodies = st.dictionaries(names, values | flat | st.lists(flat, max_size=3), max_size=8)


@given(bodies)
def test_it_round_trips_any_document(body: dict[str, Any]) -> None:
    assert codec.decode(codec.encode(body)) == body


@given(st.datetimes(), st.integers(-14 * 60, 14 * 60))
def test_it_reads_every_offset_of_an_instant(wall: datetime, minutes: int) -> None:
    assume(1000 < wall.year < 9000)
    moment = wall.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    body = codec.decode({"LastModified": {"value": moment.isoformat()}})
    assert to_instant(body["LastModified"]) == moment


@given(
    st.datetimes(),
    st.text("0123456789", max_size=7),
    st.sampled_from(["Z", "+00:00", "-05:00", "+05:30"]),
)
def test_an_instant_is_read_as_the_calendar_reads_it(wall: datetime, digits: str, zone: str) -> None:
    written = wall.replace(microsecond=0).isoformat() + (f".{digits}" if digits else "") + zone
    decoded = codec.decode({"LastModified": {"value": written}})["LastModified"]
    assert decoded == to_text(to_instant(written))
