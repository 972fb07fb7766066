"""Our Acumatica client and simulator against the contracts of two endpoint versions."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.contracts import acumatica_calls, validations
from tests.contracts.marks import needs_contracts
from tests.contracts.recording import Call

pytestmark = [needs_contracts, pytest.mark.parametrize("version", validations.ACUMATICA)]


def test_it_keeps_the_contract(version: str) -> None:
    assert validations.acumatica_validation(version).violations == []


def test_it_needs_every_relaxation(version: str) -> None:
    assert validations.acumatica_validation(version).validator.unused() == []


def made(version: str, method: str, path: str) -> Call:
    calls = acumatica_calls.calls(version)
    return next(
        call for call in calls if call.method == method and call.path.endswith(path) and call.status in {200, 202}
    )


def validate(version: str, call: Call) -> list[str]:
    return validations.acumatica_validation(version).validator.fresh().validate([call])


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"Colour": {"value": "red"}}, "Colour: unknown"),
        ({"Hold": {"value": "yes"}}, "Hold.value: type"),
        ({"ShipVia": "UPS"}, "ShipVia: type"),
        ({"Packages": [{"Tracking": {"value": "1Z"}}]}, "Packages.Tracking: unknown"),
        ({"Packages": [{"Weight": {"value": "heavy"}}]}, "Packages.Weight.value: type"),
    ],
)
def test_it_would_notice_a_wrong_shipment(version: str, change: dict[str, Any], place: str) -> None:
    call = made(version, "PUT", "/Shipment")
    violations = validate(version, dataclasses.replace(call, request=call.request | change))
    assert any(place in sentence for sentence in violations), violations


def test_it_would_notice_a_misspelt_action(version: str) -> None:
    call = made(version, "POST", "/Shipment/ConfirmShipment")
    assert validate(version, dataclasses.replace(call, path=call.path.replace("Confirm", "Confrm")))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"Colour": {}}, "Colour: unknown"),
        ({"LastModified": {"value": "2026-11-20T10:00:00"}}, "LastModified.value: offset"),
        ({"OrderTotal": {"value": "5"}}, "OrderTotal.value: type"),
        ({"id": "7"}, "id: format"),
    ],
)
def test_it_would_notice_a_wrong_order(version: str, change: dict[str, Any], place: str) -> None:
    call = made(version, "GET", "/SalesOrder")
    violations = validate(version, dataclasses.replace(call, answer=[call.answer[0] | change]))
    assert any(place in sentence for sentence in violations), violations


def test_it_would_notice_an_unknown_parameter(version: str) -> None:
    call = made(version, "GET", "/SalesOrder")
    assert any(
        "$orderby: unknown" in one for one in validate(version, dataclasses.replace(call, query={"$orderby": "x"}))
    )
