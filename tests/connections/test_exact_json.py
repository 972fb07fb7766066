from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connections import exact_json

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)  # with NUL, without halves of surrogates
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=4)


@given(VALUES)
def test_it_reads_what_it_wrote_digit_for_digit(value: Any) -> None:
    assert exact_json.dumps(exact_json.loads(exact_json.dumps(value))) == exact_json.dumps(value)


@given(st.lists(OBJECTS, max_size=4))
def test_it_reads_the_objects_of_an_array_as_it_reads_the_array(objects: list[dict[str, Any]]) -> None:
    text = exact_json.dumps(objects)
    assert exact_json.dumps(list(exact_json.objects(text))) == exact_json.dumps(exact_json.loads(text))


@given(OBJECTS)
def test_its_canonical_text_does_not_depend_on_the_order_of_keys(body: dict[str, Any]) -> None:
    backwards = dict(reversed(body.items()))
    text, other = exact_json.Canonical.of(body), exact_json.Canonical.of(backwards)
    assert (text, text.digest) == (other, other.digest)
    assert text.digest == exact_json.digest(body)
    assert exact_json.loads(str(text)) == exact_json.loads(exact_json.dumps(body))


@pytest.mark.parametrize(
    "text", [b"<html>", b"[1", b'{"a": 1}', b"[1, 2]", b'[{"a": tru}]', b'[{"a": "\xff"}]', b"[{}] x", b"null"]
)
def test_it_says_where_something_is_no_array_of_objects(text: bytes) -> None:
    with pytest.raises(exact_json.DecodeError):
        list(exact_json.objects(text))


@pytest.mark.parametrize("text", [b'"\xff"', b"[" * 100_000, '"\ud800"'])
def test_it_refuses_what_is_not_text_in_one_way(text: str | bytes) -> None:
    with pytest.raises(exact_json.DecodeError):
        exact_json.loads(text)


def test_it_reads_decimals_of_an_array_exactly() -> None:
    assert list(exact_json.objects(b'[{"n": 1.10}, {"n": 2}]')) == [{"n": Decimal("1.10")}, {"n": 2}]
