"""How much of each contract is called by our clients and answered by our simulators, as a table for the README.

python -m tests.contracts.coverage
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.contracts import shipstation_v1, sources
from tests.contracts.openapi import Contract
from tests.contracts.validations import (
    ACUMATICA,
    Validation,
    acumatica_validation,
    shipstation_v1_validation,
    shipstation_v2_validation,
    visma_erp_validation,
    visma_v3_validation,
)

README = sources.ROOT / "README.md"
BEGIN, END = "<!-- contracts -->", "<!-- /contracts -->"
HEAD = (
    "| contract | endpoints | called by the client | answered by the simulator |",
    "| --- | --: | --: | --: |",
)


def table() -> str:
    return "\n".join([*HEAD, *_rows()])


def _rows() -> Iterator[str]:
    old = shipstation_v1_validation()
    for name, title in (
        ("v1-2019", "ShipStation V1, document of 2019"),
        ("v1-2024", "ShipStation V1, document of 2024"),
    ):
        yield _row(title, shipstation_v1.contract(title, name), old)
    new = shipstation_v2_validation()
    yield _row("ShipStation V2, document of 2025", new.validator.contract, new)
    for version in ACUMATICA:
        validation = acumatica_validation(version)
        yield _row(
            f"{validation.validator.contract.title} (nine record types)", validation.validator.contract, validation
        )
    erp, sales = visma_erp_validation(), visma_v3_validation()
    yield _row("Visma.net ERP, document of 2025 with additions of 2026 (trimmed)", erp.validator.contract, erp)
    yield _row("Visma.net SalesOrders v3, digest of a document of 2022", sales.validator.contract, sales)


def _row(title: str, contract: Contract, validation: Validation) -> str:
    ends = contract.endpoints
    asked, answered = len(ends & validation.validator.asked), len(ends & validation.validator.answered)
    return f"| {title} | {len(ends)} | {asked} | {answered} |"


def written(path: Path = README) -> str:
    """The table as the README has it, empty where it has none."""
    _, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    inside, end, _ = rest.partition(END)
    return inside.strip() if end else ""


def main() -> int:
    """Print the table; the exit status is 1 where the contracts are missing."""
    if reason := sources.absent():
        sys.stderr.write(f"{reason}\n")
        return 1
    sys.stdout.write(f"{BEGIN}\n{table()}\n{END}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
