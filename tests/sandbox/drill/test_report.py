from __future__ import annotations

import json

from sandbox.drill.report import DrillReport
from sandbox.drill.round import RoundResult
from sandbox.drill.scenario_run import RunResult
from sandbox.scenarios import SCENARIOS
from sandbox.scenarios.consistency import Findings

RECIPE = SCENARIOS[0].recipe


def _report(result: RunResult) -> DrillReport:
    report = DrillReport()
    report.add(RoundResult(7, recipes={RECIPE: result}))
    return report


def test_it_is_clean_where_nothing_is_wrong() -> None:
    assert _report(RunResult()).clean


def test_it_is_not_clean_where_anything_is_wrong() -> None:
    for result in (
        RunResult(findings=Findings(missing=["Order 1 is missing."])),
        RunResult(findings=Findings(doubled=["Order 1 is there twice."])),
        RunResult(findings=Findings(unaccounted=["orders: 1 has 0 records."])),
        RunResult(unsettled=["orders 1 is due: "]),
        RunResult(left_sending=1),
    ):
        assert not _report(result).clean


def test_it_names_the_seed_of_each_finding() -> None:
    figures = _report(RunResult(findings=Findings(missing=["Order 1 is missing."]))).figures()
    assert figures["findings"] == figures["recipes"][RECIPE]["findings"] == ["seed 7: Order 1 is missing."]


def test_it_names_the_faults_and_points_that_were_not_reached() -> None:
    figures = json.loads(_report(RunResult()).as_json())
    assert f"{RECIPE}: late" in figures["not_reached"]
    assert "killed before collect.store" in figures["not_reached"]
