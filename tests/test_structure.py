"""Rules of the whole tree that import-linter cannot express; the others are in `.importlinter`."""

from __future__ import annotations

import re
from functools import cache
from graphlib import CycleError, TopologicalSorter

import grimp
import pytest

from connections import vendors
from sandbox import systems
from tests.copies import ROOT

ROOMS = ("toolkit", "audit", "connections", "syncjobs", "integrator", "sandbox", "tests")
RULES = (ROOT / ".importlinter").read_text()


@cache
def graph() -> grimp.ImportGraph:
    """Every import in the tree, also those inside of functions and under TYPE_CHECKING."""
    return grimp.build_graph(*ROOMS, include_external_packages=True, cache_dir=None)


def imports_of(package: str) -> set[str]:
    """What the modules of a package import from outside of it."""
    modules = {package, *graph().find_descendants(package)}
    return set().union(*(graph().find_modules_directly_imported_by(module) for module in modules)) - modules


def test_every_room_is_looked_at() -> None:
    assert sorted(path.parent.name for path in ROOT.glob("*/__init__.py")) == sorted(ROOMS)


def circle(imports: dict[str, set[str]]) -> list[str]:
    """Modules of which each imports the next and the last is the first; none if there is no circle."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


def test_a_circle_is_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert circle({"a": {"b"}, "b": {"a"}}) in (["a", "b", "a"], ["b", "a", "b"])


def test_no_import_goes_in_a_circle() -> None:
    imports = {module: graph().find_modules_directly_imported_by(module) for module in graph().modules}
    assert " imports ".join(circle(imports)) == ""


@pytest.mark.parametrize("system", systems.slugs())
def test_a_simulated_system_imports_the_kit_and_nothing_else_of_ours(system: str) -> None:
    ours = {module for module in imports_of(f"sandbox.{system}") if module.partition(".")[0] in ROOMS}
    assert sorted(module for module in ours if not f"{module}.".startswith("sandbox.kit.")) == []


def test_the_kit_imports_nothing_else_of_ours() -> None:
    assert sorted(module for module in imports_of("sandbox.kit") if module.partition(".")[0] in ROOMS) == []


@pytest.mark.parametrize("package", ["sandbox.kit", *(f"sandbox.{system}" for system in systems.slugs())])
def test_a_simulated_system_needs_no_django(package: str) -> None:
    assert not {"django", "django_q"} & imports_of(package)


def test_import_rules_have_no_exceptions() -> None:
    assert re.findall(r"^ignore_imports|^unmatched_ignore\w*", RULES, re.M) == []


def test_import_rules_name_no_system() -> None:
    assert [slug for slug in {*vendors.SLUGS, *systems.slugs()} if slug in RULES] == []
