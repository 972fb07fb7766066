from __future__ import annotations

import pytest

from syncjobs.models import FieldMapping, Flow
from syncjobs.recipe import Map
from syncjobs.samples import dry_run, sample_of, suggestions, try_filter, try_rows
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def flow() -> Flow:
    return make.flow("orders")


def problems(flow: Flow, *rows: Map) -> list[tuple[str, str]]:
    return [(problem.target, problem.message) for problem in try_rows(flow, rows, {row.target for row in rows})]


def test_a_source_has_a_sample_document() -> None:
    name, document = sample_of("acumatica.orders")
    assert name == "acumatica/order.json"
    assert document
    assert document["OrderNbr"] == "000214"


def test_a_source_without_a_sample_has_none() -> None:
    assert sample_of("shipstation.order_status") == ("", None)


def test_rows_that_work_have_no_problem(flow: Flow) -> None:
    assert problems(flow, Map("orderNumber", "OrderNbr"), Map("customerNotes", "Description")) == []


def test_an_unknown_target_has_suggestions(flow: Flow) -> None:
    ((target, message),) = problems(flow, Map("shipTo.citty", "OrderNbr"))
    assert (target, "Did you mean shipTo.city" in message) == ("shipTo.citty", True)


def test_an_expression_that_does_not_compile_is_a_problem_of_its_row(flow: Flow) -> None:
    ((target, message),) = problems(flow, Map("orderNumber", "OrderNbr ||"), Map("customerNotes", "Description"))
    assert (target, "not an expression" in message) == ("orderNumber", True)


def test_an_expression_that_fails_on_the_sample_names_it(flow: Flow) -> None:
    ((target, message),) = problems(flow, Map("orderNumber", "whole('x')"))
    assert (target, message.endswith("(tried on the sample acumatica/order.json)")) == ("orderNumber", True)


def test_only_changed_rows_are_tried_on_the_sample(flow: Flow) -> None:
    assert try_rows(flow, [Map("orderNumber", "whole('x')")], set()) == []


def test_a_row_of_a_list_is_tried_with_the_list(flow: Flow) -> None:
    rows = [Map("items[]", "Details"), Map("items[].quantity", "whole(InventoryID)")]
    (problem,) = try_rows(flow, rows, {"items[].quantity"})
    assert problem.target == "items[].quantity"


def test_a_value_that_a_table_lacks_is_no_fault_of_the_row(flow: Flow) -> None:
    assert problems(flow, Map("orderNumber", "lookup('carriers', 'none of ours')")) == []


def test_a_flow_that_compares_may_name_any_target() -> None:
    assert problems(make.flow("order_changes"), Map("anything", "orderNumber")) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Status == 'Open'", ""),
        ("Status ==", "not an expression"),
        ("whole('x')", "(tried on the sample acumatica/order.json)"),
        ("linked('orders', OrderNbr)", ""),
        ("linked('order', OrderNbr)", "there is no flow “order”; there are orders, "),
    ],
)
def test_a_filter_is_tried_on_the_sample(flow: Flow, text: str, message: str) -> None:
    problem = try_filter(flow, text)
    assert message in problem
    assert bool(problem) is bool(message)


def test_a_dry_run_gives_the_payload_of_the_stored_rows(flow: Flow) -> None:
    name, sample, payload, problem = dry_run(flow)
    assert (name, problem) == ("acumatica/order.json", "")
    assert sample
    assert payload
    assert payload["orderNumber"] == sample["OrderNbr"]


def test_a_dry_run_that_fails_names_the_row(flow: Flow) -> None:
    FieldMapping.objects.filter(flow=flow, target="orderNumber").update(source="Nothing")
    _, sample, payload, problem = dry_run(flow)
    assert (sample is None, payload) == (False, None)
    assert problem.startswith("orderNumber")


def test_fields_are_suggested_by_their_last_part_too(flow: Flow) -> None:
    assert "shipTo.postalCode" in suggestions(flow, "postalcode")
