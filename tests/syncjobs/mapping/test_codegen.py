"""What is compiled says what JMESPath's interpreter says: values and errors alike."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncjobs.mapping.expressions import Expression, MappingError, failed
from syncjobs.mapping.functions import Context, FunctionError, Link, LinkMissing, LinkUnread, signatures
from syncjobs.mapping.mapper import Mapper
from syncjobs.recipe import NULL, OMIT, STOP, Map

NAMES = ("A", "B", "C")
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.sampled_from(["", "a", "b", "1", "\0", "ü"])
    | st.decimals(-2, 2, places=1)
)
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=12,
)
LEAVES = st.sampled_from(
    ["A", "B", "C", "A.B", "A.B.C", "B.C", "@", "'a'", "''", "'it\\'s'", "`1`", "`0`", "`1.5`", "`true`", "`false`", "`null`", "`[]`", '`{"A": [1.10]}`', "A[0]", "A[*].B", "B[]", "key()", "natural_key()", "sent()"]
)  # fmt: skip
TEMPLATES = st.sampled_from(
    ["({0} || {1})", "({0} && {1})", "!({0})", "({0} == {1})", "({0} != {1})", "({0} < {1})", "({0} >= {1})", "({0} | {1})", "[{0}, {1}]", "{{x: {0}, y: {1}}}", "A[?{0}]", "A[?{0}].B", "(B[?{0}] | [?{1}])", "if({0}, {1}, {0})", "join('-', [{0}, {1}])", "join('-', {0})", "to_string({0})", "add({0}, {1})", "whole({0})", "contains({0}, {1})", "length({0})", "left({0}, `1`)", "part({0}, 'a', {1})", "upper({0})", "not_null({0}, {1})", "sum({0})", "max({0})", "sort_by({0}, &B)", "sort_by({0}, {1})", "map(&A, {0})", "type({0})", "to_number({0})", "document('A.B')", "lookup('t', {0})", "lookup_first('t', [{0}, {1}])", "linked('f', {0})", "reached('f', {0})", "plus_days({0}, {1})", "replace({0}, 'a', {1})", "differences({0}, {1})", "starts_with({0}, {1})", "abs({0})"]
)  # fmt: skip
TEXTS = st.recursive(
    LEAVES, lambda inner: st.builds(lambda shape, *parts: shape.format(*parts), TEMPLATES, inner, inner), max_leaves=8
)


def context() -> Context:
    made = Context(tables={"t": {"a": "x", "1": "y"}})
    made.links.known = {Link("linked", "f", "a"): "T-1", Link("linked", "f", "b"): None, Link("reached", "f", "a"): "a"}
    return made


def outcome(work: Callable[[], Any]) -> Any:
    """What comes of it, told apart as finely as the engine and people can see."""
    try:
        return repr(work())
    except MappingError as error:
        return ("stopped", str(error), error.target, error.expression)
    except LinkUnread:
        return "unread"
    except LinkMissing as error:
        return ("missing", error.link)


def interpreted(plan: Mapper, text: str, document: Any, target: str = "") -> Any:
    try:
        return plan.interpreter.visit(Expression(text).tree, document)
    except (LinkUnread, LinkMissing, MappingError):
        raise
    except Exception as error:
        raise failed(error, target, text) from error


@given(TEXTS, DOCUMENTS)
def test_a_compiled_expression_says_what_the_interpreter_says(text: str, document: Any) -> None:
    plan = Mapper([], context())
    plan.evaluate(Expression("@"), document, key="K", natural_key="N", sent=True)
    theirs = outcome(lambda: interpreted(plan, text, document))
    assert outcome(lambda: plan.evaluate(Expression(text), document, key="K", natural_key="N", sent=True)) == theirs


# The rows of a flow, the long way


def says_nothing(value: Any) -> bool:
    return value is None or value in ("", [], {})


def put(payload: dict[str, Any], path: str, row: Map, value: Any) -> None:
    if row.when_empty != OMIT and says_nothing(value):
        if row.when_empty == STOP:
            message = f"{row.target} is empty, and the target needs it."
            raise MappingError(message, target=row.target, expression=row.source)
        value = None
    *heads, last = path.split(".")
    for name in heads:
        payload = payload.setdefault(name, {})
    payload[last] = value


def filled(plan: Mapper, rows: list[tuple[str, Map]], document: Any) -> dict[str, Any]:
    payload: dict[str, Any] = {}
    for path, row in rows:
        value = interpreted(plan, row.source, document, row.target)
        if says_nothing(value):
            value = row.default
            if value is None and row.when_empty == OMIT:
                continue
        put(payload, path, row, value)
    return payload


def mapped(plan: Mapper, rows: list[Map], document: Any) -> dict[str, Any]:
    payload = filled(plan, [(row.target, row) for row in rows if "[]" not in row.target], document)
    for row in (row for row in rows if row.target.endswith("[]")):
        inner = [
            (other.target.removeprefix(f"{row.target}."), other)
            for other in rows
            if other.target.startswith(f"{row.target}.")
        ]
        elements = interpreted(plan, row.source, document, row.target)
        made = [filled(plan, inner, element) for element in elements] if isinstance(elements, list) else []
        if made or row.when_empty != OMIT:
            put(payload, row.target[:-2], row, made)
    return payload


DEFAULTS = st.sampled_from([None, None, "", "d", 0, False, [], ["x"], {"y": 1}])
ENDINGS = st.sampled_from([OMIT, OMIT, NULL, STOP])
ROWS = st.fixed_dictionaries(
    {},
    optional={
        target: st.builds(Map, st.just(target), TEXTS, DEFAULTS, ENDINGS)
        for target in ("number", "to.city", "to.at.zip", "to.name", "lines[]", "lines[].sku", "lines[].of.it", "p.parts[]", "p.parts[].n")
    },
)  # fmt: skip


@given(ROWS, DOCUMENTS)
def test_compiled_rows_make_what_interpreted_rows_make(rows: dict[str, Map], document: Any) -> None:
    chosen = [row for target, row in rows.items() if target.partition("[]")[0] + "[]" in rows or "[]" not in target]
    plan = Mapper(chosen, context())
    plan.evaluate(Expression("@"), document, key="K", natural_key="N", sent=True)
    theirs = outcome(lambda: mapped(plan, chosen, document))
    assert outcome(lambda: plan.map(document, key="K", natural_key="N", sent=True)) == theirs


def test_flows_with_the_same_rows_do_not_share_what_they_know() -> None:
    rows = [Map("order", "lookup('t', A)")]
    one, other = Mapper(rows, Context(tables={"t": {"a": "x"}})), Mapper(rows, Context(tables={"t": {"a": "y"}}))
    assert (one.map({"A": "a"}), other.map({"A": "a"})) == ({"order": "x"}, {"order": "y"})


def test_a_default_is_not_shared_by_payloads() -> None:
    plan = Mapper([Map("options", "A", default={"x": 1}), Map("options.y", "B")])
    assert plan.map({"B": 2})["options"] == {"x": 1, "y": 2}
    assert plan.map({})["options"] == {"x": 1}


def test_rows_that_contradict_each_other_stop_the_record() -> None:
    with pytest.raises(MappingError) as caught:
        Mapper([Map("to", "A"), Map("to.city", "A")]).map({"A": "a"})
    assert caught.value.target == "to.city"


def test_it_refuses_what_is_nested_too_deeply() -> None:
    with pytest.raises(MappingError, match="not an expression"):
        Expression("A[?" * 60 + "B" + "]" * 60)


def test_it_calls_nothing_at_once_that_takes_an_expression() -> None:
    assert not {"sort_by", "map", "max_by", "min_by"} & set(signatures())
    with pytest.raises((MappingError, FunctionError)):
        Mapper([]).evaluate(Expression("sort_by(A, 'B')"), {"A": [{"B": Decimal(1)}]})
