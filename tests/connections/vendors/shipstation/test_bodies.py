from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connections.vendors.shipstation.bodies import agrees, merged


@pytest.mark.parametrize(
    ("current", "wanted", "same"),
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
def test_it_compares_what_we_want_with_what_is_there(current: Any, wanted: Any, same: bool) -> None:
    assert agrees(current, wanted) is same


def test_it_merges_objects_and_replaces_lists() -> None:
    current = {"shipTo": {"city": "Oslo", "phone": "1"}, "tagIds": [1, 2], "gift": True}
    assert merged(current, {"shipTo": {"city": "Bergen"}, "tagIds": [3]}) == {
        "shipTo": {"city": "Bergen", "phone": "1"},
        "tagIds": [3],
        "gift": True,
    }
