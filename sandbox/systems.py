"""The simulated systems, found by their folder: `sandbox/<slug>/app.py` names its class `SIMULATOR`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from sandbox.kit.simulator import Simulator


def slugs() -> list[str]:
    """Every folder here that holds a simulated system."""
    return sorted(app.parent.name for app in Path(__file__).parent.glob("*/app.py"))


def get(slug: str) -> type[Simulator]:
    """A simulator class by its vendor's slug. Raises `KeyError`."""
    if slug not in slugs():
        raise KeyError(f"No simulated system {slug!r}; there are {', '.join(slugs())}.")
    simulator: type[Simulator] = import_module(f"sandbox.{slug}.app").SIMULATOR
    return simulator
