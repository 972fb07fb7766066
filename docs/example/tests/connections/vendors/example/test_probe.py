from __future__ import annotations

from connections.vendors.example.client import ExampleClient
from connections.vendors.example.probe import probe
from sandbox.example.app import ExampleSimulator
from sandbox.kit.server import Running
from tests.connections.vendors.example.conftest import opened


def test_everything_passes_with_all_rights(client: ExampleClient) -> None:
    lines = probe(client)
    assert [line.what for line in lines] == ["API key", "Read orders", "Write shipments"]
    assert all(line.ok for line in lines)


def test_a_missing_right_is_named_with_its_screen(client: ExampleClient, desk: ExampleSimulator) -> None:
    desk.switches["rights"] = ["orders.read"]
    failed = [line for line in probe(client) if not line.ok]
    assert [(line.what, line.screen) for line in failed] == [("Write shipments", "Settings, API")]


def test_a_wrong_key_is_one_line(running: Running) -> None:
    lines = probe(opened(running.base_url, "wrong"))
    assert [(line.what, line.ok) for line in lines] == [("API key", False)]
