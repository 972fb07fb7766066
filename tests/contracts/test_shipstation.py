"""Our ShipStation client and simulator against the contracts of V1 and V2."""

from __future__ import annotations

import dataclasses

import pytest

from tests.contracts import validations
from tests.contracts.marks import needs_contracts
from tests.contracts.recording import Call

pytestmark = needs_contracts
VALIDATIONS = {"V1": validations.shipstation_v1_validation, "V2": validations.shipstation_v2_validation}


@pytest.mark.parametrize("api", VALIDATIONS)
def test_it_keeps_the_contract(api: str) -> None:
    assert VALIDATIONS[api]().violations == []


@pytest.mark.parametrize("api", VALIDATIONS)
def test_it_needs_every_relaxation(api: str) -> None:
    assert VALIDATIONS[api]().validator.unused() == []


def made(api: str, method: str, path: str) -> Call:
    found = (call for call in validations.recorded_shipstation(api) if (call.method, call.path) == (method, path))
    return next(call for call in found if call.status == 200)


@pytest.mark.parametrize(
    ("api", "path"), [("V1", "/orders/createorders"), ("V1", "/orders/createorder"), ("V2", "/v2/shipments")]
)
def test_it_would_notice_a_wrong_request(api: str, path: str) -> None:
    call = made(api, "POST", path)
    order = (
        call.request["shipments"][0]
        if api == "V2"
        else call.request[0]
        if isinstance(call.request, list)
        else call.request
    )
    spoilt = order | {"orderStatus": 5, "items": [{"quantity": "two", "colour": "red"}], "colour": "red"}
    request = {"shipments": [spoilt]} if api == "V2" else [spoilt] if isinstance(call.request, list) else spoilt
    violations = VALIDATIONS[api]().validator.fresh().validate([dataclasses.replace(call, request=request)])
    for place in ("colour: unknown", "items.colour: unknown", "items.quantity: type"):
        assert any(place in sentence for sentence in violations), violations


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("/orders", "orderId", "5"),
        ("/orders", "orderStatus", None),
        ("/orders", "createDate", "2026-11-20T10:00:00Z"),
        ("/shipments", "voided", "no"),
        ("/shipments", "trackingNumber", 5),
        ("/products", "price", "dear"),
    ],
)
def test_it_would_notice_a_wrong_answer(path: str, name: str, value: object) -> None:
    plural = path[1:]
    rows = [call for call in validations.recorded_shipstation("V1") if call.path == path and call.status == 200]
    call = next(call for call in rows if call.answer[plural])
    answer = call.answer | {plural: [call.answer[plural][0] | {name: value}]}
    violations = VALIDATIONS["V1"]().validator.fresh().validate([dataclasses.replace(call, answer=answer)])
    assert [sentence for sentence in violations if f"{plural}.{name}:" in sentence]
