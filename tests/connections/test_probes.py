from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from connections import vendors
from connections.errors import ConnectionBroken, TryLater, VendorError
from connections.probes import Check, run
from connections.vendor import ProbeLine
from syncjobs.recipes import RECIPES


def passes(client: Any) -> str:
    return str(client)


def fails(client: Any) -> str:
    raise TryLater("Busy.", next_step="Wait.", status=503)


def by_status(error: VendorError) -> str:
    return f"Screen {error.status}"


def test_a_check_becomes_a_line() -> None:
    lines = run("detail", [Check("Orders", passes, ("orders",), "Form A"), Check("Items", fails, ("items",), "Form B")])
    assert lines == [
        ProbeLine("Orders", True, "detail", ("orders",)),
        ProbeLine("Items", False, "Busy. Wait.", ("items",), "Form B"),
    ]


@pytest.mark.parametrize(("ends", "count"), [(True, 1), (False, 2)])
def test_one_that_ends_the_list_ends_it_where_it_fails(ends: bool, count: int) -> None:
    following = Check("Orders", passes, (), "")
    assert len(run("", [Check("Sign in", fails, (), "", ends=ends), following])) == count
    assert len(run("", [Check("Sign in", passes, (), "", ends=ends), following])) == 2


def test_the_screen_may_depend_on_the_error_and_advice_stays_advice() -> None:
    (line,) = run("", [Check("Orders", fails, (), by_status, advice=True)])
    assert (line.screen, line.advice) == ("Screen 503", True)


def test_what_is_no_error_of_a_vendor_is_raised() -> None:
    def broken(client: Any) -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run("", [Check("Orders", broken, (), "")])
    assert not run("", [Check("Orders", lambda _: _raise(ConnectionBroken("No.")), (), "")])[0].ok


def _raise(error: VendorError) -> str:
    raise error


FLOWS = {flow.slug for recipe in RECIPES.values() for flow in recipe.flows}


@pytest.mark.parametrize("slug", vendors.SLUGS)
def test_a_vendor_folder_knows_no_slug_of_a_flow(slug: str) -> None:
    """Words of a system's own API may be the same ("items"); in a probe, and joined by underscores, they are ours."""
    resources = {resource.slug for resource in vendors.get(slug).resources}
    for path in sorted(Path(vendors.__file__).parent.glob(f"{slug}/**/*.py")):
        texts = {
            node.value
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        known = (texts & FLOWS) - resources
        assert not [text for text in known if path.name == "probe.py" or "_" in text], path
