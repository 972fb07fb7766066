"""System checks of recipes: a typo in a declaration stops the server, not a customer's order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register

from connections import vendors
from syncjobs.expressions import Expression, MappingError
from syncjobs.mapping import Plan
from syncjobs.recipe import FlowSpec, Recipe
from syncjobs.recipes import RECIPES


@register()
def check_recipes(app_configs: Any, **options: Any) -> list[CheckMessage]:
    return [problem for recipe in RECIPES.values() for problem in problems(recipe)]


def problems(recipe: Recipe) -> Iterator[CheckMessage]:
    """Everything that is wrong with a recipe's declaration."""
    for side in (recipe.left, recipe.right):
        if side not in vendors.SLUGS:
            yield Error(f"Recipe {recipe.slug}: there is no system {side!r}.", id="syncjobs.E001")
            return
    slugs = [flow.slug for flow in recipe.flows]
    for slug in {slug for slug in slugs if slugs.count(slug) > 1}:
        yield Error(f"Recipe {recipe.slug} has two flows {slug!r}.", id="syncjobs.E002")
    for flow in recipe.flows:
        for text in _flow_problems(recipe, flow):
            yield Error(f"Recipe {recipe.slug}, flow {flow.slug}: {text}", id="syncjobs.E003")


def _flow_problems(recipe: Recipe, flow: FlowSpec) -> Iterator[str]:
    for name in (flow.source, flow.target):
        try:
            vendors.resource(name)
        except KeyError:
            yield f"there is no resource {name!r}."
            return
        if name.partition(".")[0] not in (recipe.left, recipe.right):
            yield f"{name} belongs to neither side."
    for other in (flow.rides_on, flow.compares):
        if other and other not in {spec.slug for spec in recipe.flows}:
            yield f"there is no flow {other!r}."
    topics = getattr(vendors.get(flow.source.partition(".")[0]).webhooks, "topics", ())
    for topic in set(flow.webhooks) - set(topics):
        yield f"its source sends no {topic!r}."
    yield from _expression_problems(recipe, flow)


def _expression_problems(recipe: Recipe, flow: FlowSpec) -> Iterator[str]:
    try:
        Plan(flow.maps)
        texts = [flow.filter, flow.natural_key, *(row.source for row in flow.maps)]
        expressions = [Expression(text) for text in texts if text]
    except MappingError as error:
        yield f"{error.target}: {error}"
        return
    tables, flows = {table.name for table in recipe.tables}, {spec.slug for spec in recipe.flows}
    for expression in expressions:
        for function in ("lookup", "lookup_first"):
            yield from (f"there is no table {name!r}." for name in expression.mentions(function) if name not in tables)
        for function in ("linked", "source_of", "reached", "sent_by"):
            yield from (f"there is no flow {name!r}." for name in expression.mentions(function) if name not in flows)
    if not flow.compares:
        for row in flow.maps:
            if not vendors.resource(flow.target).takes(row.target):
                yield f"{flow.target} has no field {row.target!r}."
