"""Copies of the tree, for tests that change it, and the settings that processes in them run with."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from integrator import keys

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


def environment(data: Path, **settings: object) -> dict[str, str]:
    """Of an installation with its database in `data` and keys of its own; nothing of what this process was told."""
    data.mkdir(exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    own = {"DATABASE_URL": f"sqlite:///{data / 'integrator.sqlite3'}", "PYTHONUNBUFFERED": "1", **keys.fresh()}
    return {**kept, **own, **{name: str(value) for name, value in settings.items()}}
