"""The pairs of systems we can connect, one file each. A new one is a new line here."""

from __future__ import annotations

from importlib import import_module

from syncjobs.recipe import Recipe

SLUGS = (
    "acumatica_shipstation",
    "visma_net_shipstation",
)
RECIPES: dict[str, Recipe] = {slug: import_module(f"syncjobs.recipes.{slug}").RECIPE for slug in SLUGS}


def get(slug: str) -> Recipe:
    """A recipe by its slug. Raises `KeyError`."""
    return RECIPES[slug]


def choices() -> list[tuple[str, str]]:
    """For form fields: a callable, so that a new recipe needs no migration."""
    return [(recipe.slug, recipe.label) for recipe in RECIPES.values()]
