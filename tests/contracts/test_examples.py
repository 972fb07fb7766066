from __future__ import annotations

from typing import Any

import pytest

from tests.contracts.examples import Seen, schema_of
from tests.contracts.schemas import findings

REAL = {
    "orderId": 5,
    "orderDate": "2021-01-23T09:09:08.4000000",
    "note": None,
    "lines": [{"quantity": 2, "price": 1.5}],
}
TOLD = [{"orderId": 5, "note": "enqueue", "phone": "5"}, {"orderId": 6, "note": "enqueue"}]


def shown(*bodies: Any) -> Seen:
    seen = Seen()
    for body in bodies:
        seen.see(body)
    return seen


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({}, []),
        ({"orderId": None}, [("orderId", "null")]),
        ({"orderId": 5.5}, [("orderId", "type")]),
        ({"note": None}, []),
        ({"note": 5}, [("note", "type")]),
        ({"phone": None}, []),
        ({"orderDate": "2021-01-23T09:09:08Z"}, [("orderDate", "pattern")]),
        ({"lines": [{"quantity": 1.5, "price": 1}]}, [("lines.quantity", "type")]),
        ({"lines": [{"quantity": 1}]}, [("lines.price", "missing")]),
    ],
)
def test_it_allows_in_answers_what_examples_show(change: dict[str, Any], wrong: list[tuple[str, str]]) -> None:
    schema = schema_of(shown(REAL), shown(*TOLD), closed=False)
    assert [(one.at, one.rule) for one in findings(schema, REAL | change)] == wrong


def test_it_allows_no_other_field_in_requests() -> None:
    schema = schema_of(shown(REAL), Seen(), closed=True)
    found = findings(schema, {"lines": [{"colour": "red"}], "colour": "red"})
    assert {one.at for one in found} == {"colour", "lines.colour"}
