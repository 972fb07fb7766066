from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from syncjobs.checks import check_recipes, problems
from syncjobs.recipe import AMOUNT, STATE, Column, Join, Report
from tests.reporting import REPORT, with_reports

assert REPORT.joined
JOIN: Join = REPORT.joined


def messages(*reports: Report, **fields: Any) -> list[str]:
    return [str(problem.msg) for problem in problems(with_reports(*reports, **fields))]


def test_it_finds_nothing_wrong_with_our_recipes() -> None:
    assert check_recipes(None) == []


def test_it_finds_nothing_wrong_with_a_good_report() -> None:
    assert messages(REPORT, replace(REPORT, slug="alone", joined=None)) == []


def test_it_refuses_two_reports_of_one_name() -> None:
    assert messages(REPORT, REPORT) == ["Recipe acumatica_shipstation has two reports 'invoiced'."]


def test_it_refuses_two_flows_of_one_name() -> None:
    flows = with_reports().flows
    assert messages(flows=(*flows, flows[-1])) == ["Recipe acumatica_shipstation has two flows 'warehouse_shipments'."]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"flow": "invoices"}, "there is no flow 'invoices'."),
        ({"joined": replace(JOIN, flow="parcels")}, "there is no flow 'parcels'."),
        ({"dated": "date(("}, "dated: This is not an expression"),
        ({"dated": ""}, "dated is empty."),
        ({"joined": replace(JOIN, ours="nothing(@)")}, "ours: There is no function nothing()."),
        ({"joined": replace(JOIN, theirs="a |")}, "theirs: This is not an expression"),
        ({"joined": replace(JOIN, theirs="")}, "theirs is empty."),
        ({"columns": (Column("Who", "a ||"),)}, "Who: This is not an expression"),
        ({"columns": (Column("Who", "a", "money"),)}, "Who: there is no kind of column 'money'."),
        ({"columns": (Column("Who", kind=AMOUNT),)}, "Who: a column has an expression, or is the state"),
        ({"columns": (Column("Who", "a", STATE),)}, "Who: a column has an expression, or is the state"),
        ({"columns": (Column("Via", "lookup('ways', a)"),)}, "there is no table 'ways'."),
        ({"columns": (Column("To", "linked('orders', a)"),)}, "To: a report cannot use linked()."),
        ({"joined": replace(JOIN, columns=(Column("To", "source_of('orders', a)"),))}, "cannot use source_of()."),
        ({"slug": "A b"}, "its slug is part of an address"),
    ],
)
def test_it_says_what_is_wrong_with_a_report(changes: dict[str, Any], words: str) -> None:
    (text,) = messages(replace(REPORT, **changes))
    assert text.startswith("Recipe acumatica_shipstation, report ")
    assert words in text
