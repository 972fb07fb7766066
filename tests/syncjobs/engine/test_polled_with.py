"""A flow that is polled with another may write to the other side than that one."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from syncjobs import lifecycle, recipes
from syncjobs.models import Flow
from syncjobs.recipe import FlowSpec, Map
from tests.syncjobs.conftest import Lab, build
from tests.syncjobs.engine import fakes

NOTES = FlowSpec(
    "notes", "Notes", "", "src.things", "src.notes", "name || key()", (Map("name", "name"),), polled_with="boxes"
)


@pytest.fixture
def both_ways(db: None, monkeypatch: pytest.MonkeyPatch) -> Lab:
    lab = build(monkeypatch)
    monkeypatch.setitem(
        sys.modules, "connections.vendors.src", fakes.vendor("src", lab.shelf, (fakes.Things, fakes.Notes))
    )
    recipe = fakes.recipe()
    monkeypatch.setitem(recipes.RECIPES, "fake", replace(recipe, flows=(*recipe.flows, NOTES)))
    lifecycle.follow_recipe(lab.integration)
    return lab


def test_it_is_delivered_by_a_client_of_its_own_target(both_ways: Lab) -> None:
    both_ways.shelf.add(fakes.thing("1"))
    both_ways.poll()
    both_ways.run_tasks()
    assert (both_ways.state("1"), both_ways.state("1", "notes")) == ("synced", "synced")


def test_it_is_settled_by_a_client_of_its_own_target(both_ways: Lab) -> None:
    both_ways.shelf.add(fakes.thing("1"))
    both_ways.poll()
    both_ways.shelf.answers = [TimeoutError("lost")]
    both_ways.run_tasks()
    assert both_ways.state("1", "notes") == "unknown"
    both_ways.shelf.add(fakes.thing("2"))
    Flow.objects.update(next_run_at=None)
    for _ in range(3):
        both_ways.run_round()
    assert both_ways.state("1", "notes") == "synced"
