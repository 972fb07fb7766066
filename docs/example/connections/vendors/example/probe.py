"""What the key of a connection may do."""

from __future__ import annotations

from collections.abc import Sequence

from connections.errors import VendorError
from connections.vendor import ProbeLine
from connections.vendors.example.client import ExampleClient

SCREEN = "Settings, API"
RIGHTS = (("Read orders", "orders.read", ("orders",)), ("Write shipments", "shipments.write", ("shipments",)))


def probe(client: ExampleClient) -> Sequence[ProbeLine]:
    """One line per right; one failed line where the key is wrong or nobody answers. Never raises."""
    try:
        rights = client.read("key")["rights"]
    except VendorError as error:
        return [ProbeLine("API key", ok=False, detail=str(error), screen=error.next_step or SCREEN)]
    return [
        ProbeLine(
            what, ok=right in rights, detail="" if right in rights else "Not ticked.", needed_by=flows, screen=SCREEN
        )
        for what, right, flows in RIGHTS
    ]
