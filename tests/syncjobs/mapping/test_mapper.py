from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncjobs.mapping.expressions import Expression, MappingError
from syncjobs.mapping.functions import Context, Link, LinkMissing, Links, LinkUnread
from syncjobs.mapping.mapper import Mapper
from syncjobs.recipe import NULL, STOP, Map

ORDER = {
    "OrderNbr": "000214",
    "ShipTo": {"City": "Kirkland", "Street2": None},
    "Total": Decimal("74.8500"),
    "Lines": [{"Sku": "A", "Qty": Decimal("3.0")}, {"Sku": "B", "Qty": Decimal(0)}],
}


def mapped(*rows: Map, document: Any = ORDER, context: Context | None = None, **keys: Any) -> dict[str, Any]:
    return Mapper(rows, context).map(document, **keys)


def test_it_fills_nested_targets() -> None:
    assert mapped(Map("shipTo.city", "ShipTo.City"), Map("shipTo.code", "'x'")) == {
        "shipTo": {"city": "Kirkland", "code": "x"}
    }


def test_it_evaluates_list_rows_on_each_element() -> None:
    rows = (
        Map("items[].sku", "Sku"),
        Map("items[]", "Lines[?Qty > `0`]"),
        Map("items[].order", "document('OrderNbr')"),
    )
    assert mapped(*rows) == {"items": [{"sku": "A", "order": "000214"}]}


def test_it_leaves_out_what_is_empty() -> None:
    assert mapped(Map("street2", "ShipTo.Street2")) == {}


def test_it_sends_null_where_the_row_says_so() -> None:
    assert mapped(Map("street2", "ShipTo.Street2", when_empty=NULL)) == {"street2": None}


def test_it_uses_the_default_where_the_expression_gives_nothing() -> None:
    assert mapped(Map("country", "ShipTo.Country", default="US")) == {"country": "US"}


def test_it_stops_where_a_needed_field_is_empty_and_names_it() -> None:
    with pytest.raises(MappingError, match=r"shipTo\.street is empty") as caught:
        mapped(Map("shipTo.street", "ShipTo.Street", when_empty=STOP))
    assert caught.value.target == "shipTo.street"


def test_it_stops_where_a_needed_list_has_no_elements() -> None:
    with pytest.raises(MappingError, match=r"items\[\] is empty"):
        mapped(Map("items[]", "Lines[?Qty > `99`]", when_empty=STOP))


def test_it_refuses_list_rows_without_a_row_that_names_the_list() -> None:
    with pytest.raises(MappingError, match=r"needs a row for items\[\]"):
        Mapper([Map("items[].sku", "Sku")])


def test_it_refuses_what_is_no_expression() -> None:
    with pytest.raises(MappingError, match="not an expression"):
        Expression("Lines[?")


def test_it_refuses_functions_that_do_not_exist() -> None:
    with pytest.raises(MappingError, match=r"no function shout\(\)"):
        Expression("shout(OrderNbr)")


def test_it_keeps_false_and_zero_which_are_not_empty() -> None:
    assert mapped(Map("gift", "Gift"), Map("n", "N"), document={"Gift": False, "N": 0}) == {"gift": False, "n": 0}


def test_it_survives_a_field_that_is_not_what_it_was() -> None:
    assert mapped(Map("city", "ShipTo.City"), document={"ShipTo": "nowhere"}) == {}


def test_it_names_target_and_reason_when_a_function_fails() -> None:
    with pytest.raises(MappingError, match="not a number") as caught:
        mapped(Map("total", "multiply(OrderNo, `2`)"), document={"OrderNo": None})
    assert caught.value.target == "total"


def test_it_asks_for_links_first_and_uses_the_answers() -> None:
    links = Links()
    plan = Mapper([Map("order", "linked('orders', key())")], Context(links=links))
    with pytest.raises(LinkUnread):
        plan.map({}, key="7")
    links.known = dict.fromkeys(links.unread, "T-7")
    assert plan.map({}, key="7") == {"order": "T-7"}


def test_it_waits_for_a_linked_record_that_is_not_there() -> None:
    context = Context(links=Links({Link("linked", "orders", "7"): None}))
    with pytest.raises(LinkMissing):
        mapped(Map("order", "linked('orders', '7')"), context=context)


def test_it_tells_which_tables_an_expression_mentions() -> None:
    assert list(Expression("lookup('carriers', lookup('x', A))").mentions("lookup")) == ["carriers", "x"]


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_it_carries_decimals_through_untouched(amount: Decimal) -> None:
    result = mapped(Map("a.b", "Total"), document={"Total": amount})["a"]["b"]
    assert str(result) == str(amount)


@given(st.dictionaries(st.sampled_from(["A", "B", "C"]), st.none() | st.text() | st.integers() | st.lists(st.none())))
def test_it_never_fails_on_plain_paths_whatever_the_document_holds(document: dict[str, Any]) -> None:
    rows = (Map("x", "A.B"), Map("y", "C"), Map("z[]", "B"), Map("z[].q", "A.B.C"))
    said = document.get("C")
    assert mapped(*rows, document=document).get("y") == (None if said in ("", []) else said)


documents = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "a", "b"]) | st.decimals(-2, 2, places=1),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["A", "B", "C"]), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "text",
    [
        "A", "A.B.C", "A || B", "A && B", "!A", "A == B", "A != 'a'", "A == `1`", "A == `true`", "[A, B.C]", "A | B",
        "A[?B == `1`].C", "A[0]", "{x: A, y: B}", "A[*].B", "A[].B || C", "not_null(A, B)", "type(A)", "@",
        "A > B", "A <= `1`", "A[?@ >= `0`]", "A[?B > C].A",
    ],
)  # fmt: skip
@given(document=documents)
def test_compiled_expressions_say_what_jmespath_says(text: str, document: Any) -> None:
    plan = Mapper([])
    expression = Expression(text)
    ours = said(lambda: expression.run(document, plan.interpreter))
    assert ours == said(lambda: plan.interpreter.visit(expression.tree, document))


def said(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except TypeError as error:  # a number compared with a text
        return str(error)
