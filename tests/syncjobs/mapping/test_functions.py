from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncjobs.mapping.expressions import Expression, MappingError
from syncjobs.mapping.functions import Context, Link, Links
from syncjobs.mapping.mapper import Mapper

amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=4)


def value(text: str, document: Any = None, **context: Any) -> Any:
    return Mapper([], Context(**context)).evaluate(Expression(text), document if document is not None else {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a == `1.10`", True),
        ("a < `1.2`", True),
        ("add(a, b)", Decimal("3.30")),
        ("subtract(b, a)", Decimal("1.10")),
        ("multiply(a, '3')", Decimal("3.30")),
        ("divide(b, `4`)", Decimal("0.55")),
        ("round(divide(a, `3`), `2`)", Decimal("0.37")),
        ("sum([a, b])", Decimal("3.30")),
        ("avg([a, b])", Decimal("1.65")),
        ("max([a, b])", Decimal("2.20")),
        ("abs(subtract(a, b))", Decimal("1.10")),
        ("to_string(b)", "2.20"),
        ("to_number('1.10')", Decimal("1.10")),
        ("type(a)", "number"),
        ("sort([b, a])[0]", Decimal("1.10")),
        ("whole(c)", 3),
    ],
)
def test_it_works_with_exact_numbers(text: str, expected: Any) -> None:
    document = {"a": Decimal("1.10"), "b": Decimal("2.20"), "c": Decimal("3.000")}
    assert value(text, document) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("upper('ab')", "AB"),
        ("lower('AB')", "ab"),
        ("trim('  a   b ')", "a b"),
        ("left('abcdef', `3`)", "abc"),
        ("part('SO/000214', '/', `1`)", "000214"),
        ("part('SO', '/', `1`)", None),
        ("replace('98 033', ' ', '')", "98033"),
        ("if(`true`, 'a', 'b')", "a"),
        ("if(`[]`, 'a', 'b')", "b"),
        ("date('2026-11-20T00:00:00Z')", "2026-11-20"),
        ("plus_days('2026-02-27', `2`)", "2026-03-01"),
        ("weight(`8`, 'ounces', 'lb')", Decimal("0.5")),
        ("weight(`1`, 'KG', 'oz')", Decimal("35.274")),
        ("weight(null, 'lb', 'oz')", None),
        ("upper(nothing)", None),
    ],
)
def test_it_works_with_text_dates_and_weights(text: str, expected: Any) -> None:
    assert value(text) == expected


def test_it_refuses_a_fraction_where_the_target_takes_whole_numbers() -> None:
    with pytest.raises(MappingError, match=r"2\.5 is not a whole number"):
        value("whole(q)", {"q": Decimal("2.500")})


def test_it_looks_values_up_and_falls_back_in_order() -> None:
    tables = {"carriers": {"ups": "UPS", "ups:ground": "UPSGROUND"}}
    assert value("lookup_first('carriers', ['ups:air', 'ups'])", tables=tables) == "UPS"


def test_it_names_the_table_and_the_value_that_is_not_in_it() -> None:
    with pytest.raises(MappingError, match="“carriers” has no row for “ontrac”"):
        value("lookup('carriers', 'ontrac')", tables={"carriers": {}})


def test_it_uses_the_fallback_of_a_table() -> None:
    assert value("lookup('c', 'x')", tables={"c": {}}, fallbacks={"c": "OTHER"}) == "OTHER"


def test_it_answers_nothing_for_a_source_that_is_not_ours() -> None:
    links = Links({Link("source_of", "orders", "X"): None})
    assert value("source_of('orders', 'X')", links=links) is None


def test_it_says_each_difference_between_two_objects() -> None:
    document = {
        "a": {"city": "OSLO", "items": ["2 x A"], "gone": "x"},
        "b": {"city": "BERGEN", "items": ["1 x A", "1 x B"]},
    }
    assert value("differences(a, b)", document) == [
        "city: BERGEN instead of OSLO",
        "items: 1 x A, 1 x B instead of 2 x A",
        "gone: nothing instead of x",
    ]


@pytest.mark.parametrize("text", ["differences(null, b)", "differences(b, null)", "differences(b, b)"])
def test_it_finds_no_difference_to_nothing_and_none_to_itself(text: str) -> None:
    assert value(text, {"b": {"city": "OSLO", "price": Decimal("1.10")}}) == []


def test_it_reaches_what_another_flow_sent() -> None:
    links = Links({Link("sent_by", "orders", "7"): {"shipTo": {"city": "OSLO"}}, Link("sent_by", "orders", "8"): None})
    assert value("sent_by('orders', '7').shipTo.city", links=links) == "OSLO"
    assert value("sent_by('orders', '8') | {city: shipTo.city}", links=links) is None


def test_it_refuses_a_division_by_zero_in_plain_words() -> None:
    with pytest.raises(MappingError, match="division by zero"):
        value("divide(`1`, `0`)")


@given(amounts, amounts)
def test_it_adds_and_subtracts_without_losing_a_coin(a: Decimal, b: Decimal) -> None:
    assert value("subtract(add(a, b), b)", {"a": a, "b": b}) == a


@given(amounts)
def test_it_compares_a_literal_exactly(a: Decimal) -> None:
    assert value(f"a == `{a}`", {"a": a}) is True


@given(st.decimals(min_value=0, max_value=10**6, places=3), st.sampled_from(["lb", "oz", "kg", "g"]))
def test_it_converts_weights_there_and_back_to_the_fourth_place(weight: Decimal, unit: str) -> None:
    there = value(f"weight(w, '{unit}', 'g')", {"w": weight})
    back = value(f"weight(w, 'g', '{unit}')", {"w": there})
    assert abs(back - weight) <= Decimal("0.001") * max(Decimal(1), weight)


def test_what_an_expression_reaches_for_in_vain_is_a_mistake_of_the_mapping() -> None:
    assert value("part('SO/1', '/', `-1`)") == "1"
    with pytest.raises(MappingError):
        value("part('SO/1', '/', `-5`)")
