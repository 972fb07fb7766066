from __future__ import annotations

import datetime as dt
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as some

from connections.vendors.example.codec import decode, encode

INSTANTS = some.integers(0, 4_000_000_000).map(lambda at: f"{dt.datetime.fromtimestamp(at, dt.UTC):%Y-%m-%dT%H:%M:%SZ}")
AMOUNTS = some.none() | some.decimals(allow_nan=False, allow_infinity=False)
LINES = some.lists(some.fixed_dictionaries({"sku": some.text(), "price": AMOUNTS}))
ORDERS = some.fixed_dictionaries({"number": some.text(), "changed": INSTANTS, "total": AMOUNTS, "lines": LINES})


@given(ORDERS)
def test_what_is_encoded_is_decoded_to_the_same(order: dict[str, object]) -> None:
    assert decode(encode(order)) == order


def test_amounts_keep_their_digits_and_instants_get_their_zone() -> None:
    wire = {"changed": "2026-11-20 14:05:09", "lines": [{"price": "199.00"}], "total": None}
    assert decode(wire) == {"changed": "2026-11-20T14:05:09Z", "lines": [{"price": Decimal("199.00")}], "total": None}
