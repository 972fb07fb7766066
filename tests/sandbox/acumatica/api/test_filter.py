from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.acumatica.api.filter import Filter, compile_filter
from sandbox.acumatica.contract.sales import SALES_ORDER
from sandbox.acumatica.errors import Refusal
from sandbox.acumatica.schema import fold
from sandbox.acumatica.store import Row

CHANGED = "2026-11-18T15:02:11.483000"


def row(**fields: Any) -> Row:
    record: dict[str, Any] = {"OrderType": "SO", "OrderNbr": "000214", "Status": "Open", "Hold": False} | fields
    made = Row(1, (fold(record["OrderType"]), fold(record["OrderNbr"])), record)
    made.status, made.modified = record["Status"], CHANGED
    return made


ORDER = row(
    CustomerID="C0001",
    Description="O'Brien's jam",
    OrderTotal=Decimal("74.8500"),
    Date="2026-11-18",
    ShipToContact={"Email": "a@b.c"},
    custom={"Document": {"UsrX": {"type": "CustomStringField", "value": "Battery"}}},
)


def compiled(text: str) -> Filter:
    return compile_filter(text, SALES_ORDER, {})


@pytest.mark.parametrize(
    "text",
    [
        "OrderNbr eq '000214'",
        "'000214' eq OrderNbr",
        "OrderTotal ge 74.85M and 100 gt OrderTotal",
        "OrderTotal ne 1 and Hold eq false",
        "not (Status eq 'On Hold')",
        "Status eq 'Closed' or Status eq 'Open' and Hold eq false",
        "(Status eq 'Closed' or Status eq 'Open') and Hold eq false",
        "Description eq 'O''Brien''s jam'",
        "startswith(Description,'O''Br')",
        "endswith(Description,'jam') eq true",
        "substringof('brien',Description)",
        "LastModified gt datetimeoffset'2026-11-18T19:02:11.482+04:00'",
        "LastModified le datetimeoffset'2026-11-18T15:02:11.483Z'",
        "Date eq date'2026-11-18'",
        "Date ge datetimeoffset'2026-11-18T00:00:00Z'",
        "ShipToContact/Email eq 'A@b.c'",
        "cf.String(f='Document.UsrX') eq 'Battery'",
        "ExternalRef eq null",
        "CustomerOrder ne 'PO-1'",
    ],
)
def test_it_finds_the_order(text: str) -> None:
    assert compiled(text).test(ORDER)


@pytest.mark.parametrize(
    "text",
    [
        "OrderNbr gt '000214'",
        "Hold eq true",
        "not startswith(Description,'O')",
        "LastModified gt datetimeoffset'2026-11-18T15:02:11.483+00:00'",
        "ExternalRef eq 'x'",
        "ExternalRef gt ''",
        "substringof('x',ExternalRef)",
        "Status eq 'Open' and (Hold eq true or OrderTotal gt 100)",
    ],
)
def test_it_leaves_the_order_out(text: str) -> None:
    assert not compiled(text).test(ORDER)


@pytest.mark.parametrize(
    "text",
    [
        "OrderNbr eq",
        "OrderNbr is '1'",
        "Colour eq 'red'",
        "Details/InventoryID eq 'APJAM08'",
        "OrderNbr eq '1' OrderNbr eq '2'",
        "(OrderNbr eq '1'",
        "LastModified gt datetimeoffset'2026-11-18T15:02:11 04:00'",
        "OrderNbr eq ''1'",
        "$top eq 1",
    ],
)
def test_it_refuses_what_it_cannot_read(text: str) -> None:
    with pytest.raises(Refusal) as refusal:
        compiled(text)
    assert refusal.value.status == 500


def test_it_names_the_types_that_do_not_match() -> None:
    with pytest.raises(Refusal, match=r"'Edm.Boolean' and 'Edm.String' for operator kind 'Equal'"):
        compiled("Hold eq 'true'")


def test_it_takes_bounds_only_from_what_all_found_rows_must_meet() -> None:
    assert compiled("OrderType eq 'SO' and OrderNbr gt '000100'").bounds == [
        ("OrderType", "eq", "SO"),
        ("OrderNbr", "gt", "000100"),
    ]
    assert compiled("OrderType eq 'SO' or OrderNbr gt '000100'").bounds == []
    assert compiled("not OrderType eq 'SO'").bounds == []
    assert compiled("OrderType eq 'SO' and (OrderNbr gt '1' or Hold eq true)").bounds == [("OrderType", "eq", "SO")]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_it_finds_any_text_that_is_quoted(text: str) -> None:
    quoted = text.replace("'", "''")
    assert compiled(f"Description eq '{quoted}'").test(row(Description=text))


def status_of(text: str) -> int:
    try:
        compiled(text)
    except Refusal as refusal:
        return refusal.status
    return 200


@given(st.text("abz019' ()eqand", max_size=40))
def test_it_answers_any_nonsense_with_a_refusal_or_a_test(text: str) -> None:
    assert status_of(text) in {200, 500}
