from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses
from requests.exceptions import ConnectionError as CutOff

from connections.errors import OutcomeUnknown, Rejected
from connections.vendors.acumatica.errors import LostLock
from connections.vendors.acumatica.shipments import operations
from tests.connections.vendors.acumatica.accounts import API, client, problem, sent_json

ACTION = f"{API}/Shipment/ConfirmShipment"
STATUS = f"{ACTION}/status/0001"
LOCATION = "/MyInstance/entity/Default/25.200.001/Shipment/ConfirmShipment/status/0001"


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def begun(wire: responses.RequestsMock) -> None:
    wire.post(ACTION, status=202, headers={"Location": LOCATION})


def confirm() -> None:
    operations.run(client(), "Shipment", "ConfirmShipment", {"ShipmentNbr": "000058"})


def test_it_polls_until_the_operation_is_done(wire: responses.RequestsMock) -> None:
    begun(wire)
    wire.get(STATUS, status=202)
    wire.get(STATUS, status=202)
    wire.get(STATUS, status=204)
    confirm()
    assert len(wire.calls) == 4
    assert sent_json(wire.calls[0].request) == {"entity": {"ShipmentNbr": {"value": "000058"}}, "parameters": {}}


def test_it_takes_204_at_once_and_ignores_its_location(wire: responses.RequestsMock) -> None:
    wire.post(ACTION, status=204, headers={"Location": "/MyInstance/entity/nowhere"})
    confirm()
    assert len(wire.calls) == 1


def test_it_raises_the_refusal_of_a_failed_operation(wire: responses.RequestsMock) -> None:
    begun(wire)
    wire.get(STATUS, status=500, json=problem("At least one confirmed package is required to confirm this shipment."))
    with pytest.raises(Rejected, match="confirmed package"):
        confirm()


def test_it_raises_a_lost_lock_of_a_failed_operation(wire: responses.RequestsMock) -> None:
    begun(wire)
    wire.get(STATUS, status=500, json=problem("Another process has updated the 'SOShipment' record."))
    with pytest.raises(LostLock):
        confirm()


def test_it_looks_again_where_a_look_was_cut(wire: responses.RequestsMock) -> None:
    begun(wire)
    wire.get(STATUS, body=CutOff("cut"))
    wire.get(STATUS, status=204)
    confirm()
    assert [call.request.method for call in wire.calls] == ["POST", "GET", "GET"]


def test_it_gives_up_after_some_looks_without_an_answer(wire: responses.RequestsMock) -> None:
    begun(wire)
    wire.get(STATUS, body=CutOff("cut"))
    with pytest.raises(OutcomeUnknown):
        confirm()


@pytest.mark.parametrize("status", [401, 404])
def test_it_does_not_know_the_outcome_once_the_session_is_gone(wire: responses.RequestsMock, status: int) -> None:
    begun(wire)
    wire.get(STATUS, status=status)
    with pytest.raises(OutcomeUnknown):
        confirm()


def test_it_does_not_know_the_outcome_where_the_start_was_cut(wire: responses.RequestsMock) -> None:
    wire.post(ACTION, body=CutOff("cut"))
    with pytest.raises(OutcomeUnknown):
        confirm()


def test_it_gives_up_on_an_operation_without_end(wire: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "PATIENCE", 0.05)
    begun(wire)
    wire.get(STATUS, status=202)
    with pytest.raises(OutcomeUnknown, match="still running"):
        confirm()
