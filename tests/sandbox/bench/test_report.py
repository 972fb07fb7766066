from __future__ import annotations

from typing import Any

import pytest

from sandbox.bench.report import TARGETS, TITLES, lines
from sandbox.bench.section import SECTIONS


@pytest.mark.parametrize("name", SECTIONS)
def test_every_section_says_what_it_measures(name: str) -> None:
    kind = name.removeprefix("visma_").removesuffix("_postgres")
    assert next(lines(name, {})).startswith(f"{name}: {TITLES[kind]} (")


def test_every_target_belongs_to_a_section() -> None:
    assert set(TARGETS) <= set(SECTIONS)


@pytest.mark.parametrize(("ratio", "mark"), [(1.2, "met: at most 1.2"), (1.21, "MISSED: at most 1.2")])
def test_it_says_whether_a_target_is_met(ratio: float, mark: str) -> None:
    assert list(lines("memory", {"ratio": ratio}))[1].split(None, 2)[2] == mark


def test_it_shows_parts_below_their_figure() -> None:
    figures: dict[str, Any] = {"peak_mb": {"10": 80.5}}
    assert [line.split() for line in list(lines("memory", figures))[1:]] == [["peak_mb"], ["10", "80.5"]]
