"""Copies of the tree, for tests that change it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = (".git", ".venv", ".env", "var", "node_modules", "__pycache__", ".*_cache", "*.log")
"""What a checkout does not hold."""


def copy_tree(target: Path, *, without: Iterable[str] = ()) -> Path:
    """Copy the project to `target`, which must not be there yet, without these top-level names. Returns `target`."""
    left_out = set(without)

    def ignore(folder: str, names: list[str]) -> set[str]:
        top = left_out & set(names) if Path(folder) == ROOT else set()
        return top | shutil.ignore_patterns(*LOCAL)(folder, names)

    shutil.copytree(ROOT, target, ignore=ignore)
    return target
