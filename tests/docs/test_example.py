"""The example vendor and recipe, added to a copy of the tree by the steps of their documents and by nothing else.

The documents hold the steps as code: `cp` lines and `diff` blocks change the copy, the other lines of `sh` blocks are
what must hold afterwards.
"""

from __future__ import annotations

import filecmp
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.copies import ROOT, copy_tree, environment

PAGES = ("adding-a-vendor.md", "adding-a-recipe.md")
ADDED = (
    "connections/vendors/example/",
    "docs/systems/example.md",
    "sandbox/example/",
    "tests/connections/vendors/example/",
    "syncjobs/recipes/example_shipstation.py",
    "tests/syncjobs/recipes/test_example_shipstation.py",
)
CHANGED = {"CHANGELOG.md", "README.md", "connections/vendors/__init__.py", "syncjobs/recipes/__init__.py"}


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / "docs" / page).read_text(), re.M | re.S)


def commands() -> list[str]:
    return [line for page in PAGES for block in blocks(page, "sh") for line in block.splitlines()]


COPIES = [command for command in commands() if command.startswith("cp ")]
CHECKS = list(dict.fromkeys(command for command in commands() if not command.startswith("cp ")))


def run(root: Path, command: str) -> subprocess.CompletedProcess[str]:
    env = environment(root.parent / "data", PYTHONDONTWRITEBYTECODE=1)
    return subprocess.run(shlex.split(command), cwd=root, env=env, capture_output=True, text=True, timeout=300)


def add_lines(root: Path, diff: str) -> None:
    """Put the `+` lines of a diff behind its context, where that stands first in the file that it names."""
    name, *lines = diff.splitlines()
    assert all(line[:1] in (" ", "+") for line in lines), diff
    context = "".join(f"{line[1:]}\n" for line in lines if line[0] == " ")
    added = "".join(f"{line[1:]}\n" for line in lines if line[0] == "+")
    file = root / name.removeprefix("--- ")
    text = file.read_text()
    assert context in text, f"{name} has no {context!r}"
    file.write_text(text.replace(context, context + added, 1))


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree in which the steps were done."""
    root = copy_tree(tmp_path_factory.mktemp("example") / "tree")
    for command in COPIES:
        done = run(root, command)
        assert done.returncode == 0, done.stderr
    for page in PAGES:
        for diff in blocks(page, "diff"):
            add_lines(root, diff)
    (root / ".venv").symlink_to(sys.prefix)
    return root


def test_the_steps_are_copies_lines_and_checks() -> None:
    assert len(COPIES) == 6
    assert [command for command in CHECKS if not command.startswith(".venv/bin/")] == []
    for word in ("migrate", "makemigrations --check", "manage.py check", "lint-imports", "pytest"):
        assert [command for command in CHECKS if word in command], word


def files(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_the_steps_touch_what_the_documents_name_and_nothing_else(tree: Path, tmp_path: Path) -> None:
    before = copy_tree(tmp_path / "before")
    ours = {name for name in files(tree) if not name.startswith((".venv", "var/"))}
    ours = {name for name in ours if "__pycache__" not in name and not re.search(r"\.\w+_cache/", name)}
    new = ours - files(before)
    assert sorted(name for name in new if not name.startswith(ADDED)) == []
    assert sorted(place for place in ADDED if not any(name.startswith(place) for name in new)) == []
    _, changed, unreadable = filecmp.cmpfiles(tree, before, files(before), shallow=False)
    assert (set(changed), unreadable) == (CHANGED, [])


@pytest.mark.parametrize("place", [*ADDED, *sorted(CHANGED)])
def test_the_documents_name_every_place(place: str) -> None:
    assert any(f"`{place}`" in (ROOT / "docs" / page).read_text().partition("\n## ")[0] for page in PAGES)


@pytest.mark.parametrize("command", CHECKS)
def test_what_must_hold_holds(tree: Path, command: str) -> None:
    done = run(tree, command)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
