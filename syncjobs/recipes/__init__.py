"""The pairs of systems we can connect, one file each. A new one is a new line here."""

from __future__ import annotations

from syncjobs.recipe import Recipe
from syncjobs.recipes import acumatica_shipstation, visma_net_shipstation

RECIPES: dict[str, Recipe] = {
    recipe.slug: recipe for recipe in (acumatica_shipstation.RECIPE, visma_net_shipstation.RECIPE)
}


def get(slug: str) -> Recipe:
    """A recipe by its slug. Raises `KeyError`."""
    return RECIPES[slug]


def choices() -> list[tuple[str, str]]:
    """For form fields: a callable, so that a new recipe needs no migration."""
    return [(recipe.slug, recipe.label) for recipe in RECIPES.values()]
