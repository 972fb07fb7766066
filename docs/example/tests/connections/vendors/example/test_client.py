from __future__ import annotations

import pytest

from connections.errors import ConnectionBroken, OutcomeUnknown, Surprise, TryLater
from connections.vendors.example.client import ExampleClient
from sandbox.example.app import ExampleSimulator
from sandbox.kit.faults import Fault
from sandbox.kit.server import Running
from tests.connections.vendors.example.conftest import opened


def test_a_wrong_key_stops_the_connection(running: Running) -> None:
    with pytest.raises(ConnectionBroken, match="did not accept the API key"):
        opened(running.base_url, "wrong").read("key")


def test_a_missing_key_stops_it_without_a_call(running: Running, desk: ExampleSimulator) -> None:
    with pytest.raises(ConnectionBroken, match="no API key"):
        opened(running.base_url, "")
    assert desk.calls["total"] == 0


@pytest.mark.parametrize(
    ("kind", "error"),
    [("throttle", TryLater), ("server_error", TryLater), ("cut_after", TryLater), ("not_json", Surprise)],
)
def test_a_read_that_fails_says_what_is_next(
    client: ExampleClient, desk: ExampleSimulator, kind: str, error: type[Exception]
) -> None:
    desk.faults.append(Fault(kind))
    with pytest.raises(error):
        client.read("key")


@pytest.mark.parametrize("kind", ["error_after", "cut_after", "half", "not_json"])
def test_a_write_without_a_trustworthy_answer_is_unknown(
    client: ExampleClient, desk: ExampleSimulator, kind: str
) -> None:
    number = desk.do_seed(1)[0]
    desk.faults.append(Fault(kind, method="POST"))
    with pytest.raises(OutcomeUnknown):
        client.send("POST", f"orders/{number}/shipments", {"order": number, "tracking": "1Z"})
