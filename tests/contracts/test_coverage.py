from __future__ import annotations

from tests.contracts import coverage
from tests.contracts.marks import needs_contracts

HOW = "README.md is behind: run `python -m tests.contracts.coverage` and put what it prints under `How sure we are`."


@needs_contracts
def test_it_counts_what_the_readme_says() -> None:
    assert coverage.written() == coverage.table(), HOW


def test_it_has_a_place_in_the_readme() -> None:
    assert coverage.written().startswith(coverage.HEAD[0]), HOW
