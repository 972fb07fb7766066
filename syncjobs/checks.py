"""System checks of recipes: a typo in a declaration stops the server, not a customer's order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register

from connections import vendors
from syncjobs.mapping.expressions import Expression, MappingError
from syncjobs.mapping.mapper import Mapper
from syncjobs.recipe import AMOUNT, DATE, STATE, TEXT, FlowSpec, Recipe, Report
from syncjobs.recipes import RECIPES

TABLE_FUNCTIONS = ("lookup", "lookup_first")
LINK_FUNCTIONS = ("linked", "source_of", "reached", "sent_by")


@register()
def check_recipes(app_configs: Any, **options: Any) -> list[CheckMessage]:
    return [problem for recipe in RECIPES.values() for problem in problems(recipe)]


def problems(recipe: Recipe) -> Iterator[CheckMessage]:
    """Everything that is wrong with a recipe's declaration."""
    for side in (recipe.left, recipe.right):
        if side not in vendors.SLUGS:
            yield Error(f"Recipe {recipe.slug}: there is no system {side!r}.", id="syncjobs.E001")
            return
    for slug in _doubles(flow.slug for flow in recipe.flows):
        yield Error(f"Recipe {recipe.slug} has two flows {slug!r}.", id="syncjobs.E002")
    for flow in recipe.flows:
        for text in _flow_problems(recipe, flow):
            yield Error(f"Recipe {recipe.slug}, flow {flow.slug}: {text}", id="syncjobs.E003")
    for slug in _doubles(report.slug for report in recipe.reports):
        yield Error(f"Recipe {recipe.slug} has two reports {slug!r}.", id="syncjobs.E004")
    for report in recipe.reports:
        for text in _report_problems(recipe, report):
            yield Error(f"Recipe {recipe.slug}, report {report.slug}: {text}", id="syncjobs.E005")


def _doubles(slugs: Iterable[str]) -> list[str]:
    return sorted(slug for slug, count in Counter(slugs).items() if count > 1)


def _flow_problems(recipe: Recipe, flow: FlowSpec) -> Iterator[str]:
    for name in (flow.source, flow.target):
        try:
            vendors.resource(name)
        except KeyError:
            yield f"there is no resource {name!r}."
            return
        if name.partition(".")[0] not in (recipe.left, recipe.right):
            yield f"{name} belongs to neither side."
    for slug in filter(None, (flow.polled_with, flow.compares)):
        if slug not in {spec.slug for spec in recipe.flows}:
            yield f"there is no flow {slug!r}."
    topics = getattr(vendors.get(flow.source.partition(".")[0]).webhooks, "topics", ())
    for topic in set(flow.webhooks) - set(topics):
        yield f"its source sends no {topic!r}."
    yield from _expression_problems(recipe, flow)


def _expression_problems(recipe: Recipe, flow: FlowSpec) -> Iterator[str]:
    try:
        Mapper(flow.maps)
        texts = [flow.filter, flow.natural_key, flow.belongs_to, *(row.source for row in flow.maps)]
        expressions = [Expression(text) for text in texts if text]
    except MappingError as error:
        yield f"{error.target}: {error}"
        return
    flows = {spec.slug for spec in recipe.flows}
    for expression in expressions:
        yield from _unknown_tables(recipe, expression)
        for function in LINK_FUNCTIONS:
            yield from (f"there is no flow {name!r}." for name in expression.mentions(function) if name not in flows)
    if not flow.compares:
        for row in flow.maps:
            if not vendors.resource(flow.target).takes(row.target):
                yield f"{flow.target} has no field {row.target!r}."


def _unknown_tables(recipe: Recipe, expression: Expression) -> Iterator[str]:
    tables = {table.name for table in recipe.tables}
    for function in TABLE_FUNCTIONS:
        yield from (f"there is no table {name!r}." for name in expression.mentions(function) if name not in tables)


def _report_problems(recipe: Recipe, report: Report) -> Iterator[str]:
    join, flows = report.joined, {spec.slug for spec in recipe.flows}
    for slug in (report.flow, *((join.flow,) if join else ())):
        if slug not in flows:
            yield f"there is no flow {slug!r}."
    if not re.fullmatch(r"[a-z0-9_-]+", report.slug):
        yield "its slug is part of an address: small letters, digits, - and _ only."
    columns = (*report.columns, *(join.columns if join else ()))
    for column in columns:
        if column.kind not in (TEXT, DATE, AMOUNT, STATE):
            yield f"{column.label}: there is no kind of column {column.kind!r}."
        if bool(column.source) is (column.kind == STATE):
            yield f"{column.label}: a column has an expression, or is the state of the record."
    keys = {"dated": report.dated} | ({"ours": join.ours, "theirs": join.theirs} if join else {})
    yield from (f"{name} is empty." for name, text in keys.items() if not text)
    for name, text in (*keys.items(), *((column.label, column.source) for column in columns)):
        if text:
            yield from _report_expression_problems(recipe, name, text)


def _report_expression_problems(recipe: Recipe, name: str, text: str) -> Iterator[str]:
    try:
        expression = Expression(text, name)
    except MappingError as error:
        yield f"{error.target}: {error}"
        return
    yield from _unknown_tables(recipe, expression)
    for function in sorted(set(LINK_FUNCTIONS) & set(expression.functions())):
        yield f"{name}: a report cannot use {function}()."
