"""Each contract with the calls that are validated against it, once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from tests.contracts import (
    acumatica_calls,
    openapi,
    relaxations,
    shipstation_calls,
    shipstation_v1,
    sources,
    visma_net,
    visma_net_calls,
)
from tests.contracts.openapi import Contract
from tests.contracts.recording import Call
from tests.contracts.schemas import Schema
from tests.contracts.validator import Validator

ACUMATICA = ("25.200.001", "24.200.001")


@dataclass(frozen=True)
class Validation:
    validator: Validator
    violations: list[str]


@cache
def shipstation_v1_validation() -> Validation:
    contract = shipstation_v1.contract("ShipStation V1", "v1-2019", "v1-2024", "v1-recorded")
    validator = Validator(contract, relaxations.V1, relaxations.V1_PATHS, errors=_v1_error)
    return Validation(validator, validator.validate(recorded_shipstation("V1")))


def _v1_error(call: Call) -> Schema | None:
    return relaxations.V1_ERROR if call.status >= 400 else None


@cache
def shipstation_v2_validation() -> Validation:
    contract = openapi.contract("ShipStation V2", sources.document("v2"))
    error = _answer(contract, "/v2/shipments", 400)
    validator = Validator(
        contract, relaxations.V2, relaxations.V2_PATHS, errors=lambda call: error if call.status >= 400 else None
    )
    return Validation(validator, validator.validate(recorded_shipstation("V2")))


def recorded_shipstation(api: str) -> list[Call]:
    """The calls of one of both APIs."""
    return [call for call in shipstation_calls.calls() if call.path.startswith("/v2/") is (api == "V2")]


@cache
def acumatica_validation(version: str) -> Validation:
    contract = openapi.contract(f"Acumatica Default/{version}", sources.document(version), closed_answers=True)
    error = _answer(contract, "/SalesOrder", 500)
    listed = relaxations.ACUMATICA_24 if version == "24.200.001" else relaxations.ACUMATICA
    base = f"/MyInstance/entity/Default/{version}"

    def refused(call: Call) -> Schema | None:
        """403 wears the body of all errors; over the licence's limit IIS answers with text (notes, 2.3 and 6.2)."""
        return {403: error, 429: {"type": "string"}}.get(call.status)

    validator = Validator(contract, listed, relaxations.ACUMATICA_PATHS, base, refused)
    return Validation(validator, validator.validate(acumatica_calls.calls(version)))


@cache
def visma_erp_validation() -> Validation:
    def refused(call: Call) -> Schema | None:
        return relaxations.VISMA_ERRORS.get(call.status, relaxations.VISMA_ERROR) if call.status >= 400 else None

    validator = Validator(visma_net.erp(), relaxations.VISMA, relaxations.VISMA_PATHS, "/erp", refused)
    return Validation(validator, validator.validate(recorded_visma_net("ERP")))


@cache
def visma_v3_validation() -> Validation:
    contract = visma_net.sales_orders()
    found = contract.find("GET", "/api/v3/SalesOrders/SO/1")
    assert found is not None
    problem = found.answers[404]
    validator = Validator(
        contract, relaxations.VISMA_V3, (), "/salesorder", lambda call: problem if call.status >= 400 else None
    )
    return Validation(validator, validator.validate(recorded_visma_net("v3")))


def recorded_visma_net(api: str) -> list[Call]:
    """The calls of one of both services; signing in counts to the ERP's."""
    calls = (call for call in visma_net_calls.calls() if not call.path.startswith("/_"))
    return [call for call in calls if call.path.startswith("/salesorder/") is (api == "v3")]


def _answer(contract: Contract, path: str, status: int) -> Schema:
    operation = contract.find("GET", path)
    assert operation is not None
    return operation.answers[status] or {}
