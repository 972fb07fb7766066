"""What the key of a connection may do."""

from __future__ import annotations

from collections.abc import Sequence

from connections import probes
from connections.errors import Rejected
from connections.probes import Check
from connections.vendor import ProbeLine
from connections.vendors.example.client import ExampleClient

SCREEN = "Settings, API"


def probe(client: ExampleClient) -> Sequence[ProbeLine]:
    """One line per right; one failed line where the key is wrong or nobody answers. Never raises."""
    return probes.run(
        client,
        [
            Check("API key", _rights, (), SCREEN, ends=True),
            Check("Read orders", lambda client: _right(client, "orders.read"), ("orders",), SCREEN),
            Check("Write shipments", lambda client: _right(client, "shipments.write"), ("shipments",), SCREEN),
        ],
    )


def _rights(client: ExampleClient) -> str:
    return ", ".join(client.read("key")["rights"])


def _right(client: ExampleClient, right: str) -> str:
    if right not in client.read("key")["rights"]:
        raise Rejected("Not ticked.")
    return ""
