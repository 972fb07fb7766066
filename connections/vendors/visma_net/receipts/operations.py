"""Actions on receipts, which may answer before they are done: call, look at the result, then read until it shows."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from connections.errors import Rejected, TryLater
from connections.vendors.visma_net import codec
from connections.vendors.visma_net.client import VismaClient
from connections.vendors.visma_net.codec import Record
from connections.vendors.visma_net.errors import next_step
from connections.vendors.visma_net.receipts.search import read
from connections.vendors.visma_net.receipts.state import Receipt

WRITE = "/v1/PurchaseReceipt"
UNDER_WAY = {"Queued", "InProcess"}
Seen = TypeVar("Seen")


def receipt_path(number: str) -> str:
    return f"{WRITE}/{codec.path_key(number)}"


def run(client: VismaClient, path: str, body: Mapping[str, Any] | None = None) -> Record:
    """Run an action. Raises `Rejected` where it failed, which it says with status 200."""
    result = client.act(path, body)
    if result.get("actionResult") == "Failed" or (
        result.get("errorInfo") and result.get("actionResult") not in UNDER_WAY
    ):
        words = " ".join(str(result.get("errorInfo") or "").split())[:500]
        raise Rejected(
            f"Visma.net refused this: {words or 'it gave no reason'}",
            words=words,
            next_step=next_step(words),
            status=200,
        )
    return result


def seen(client: VismaClient, number: str, until: Callable[[Receipt | None], bool]) -> Receipt | None:
    """Read a receipt until it is as an action should have left it, or patience ends. Returns the last reading."""
    return waited(client, lambda: read(client, number), until)


def waited(client: VismaClient, look: Callable[[], Seen], until: Callable[[Seen], object] = bool) -> Seen:
    """Look until it is so, or patience ends. Returns what was seen last."""
    deadline = time.monotonic() + client.patience
    while True:
        reading = look()
        if until(reading) or time.monotonic() >= deadline:
            return reading
        time.sleep(client.pause)


def not_shown(number: str, what: str) -> TryLater:
    return TryLater(
        f"Visma.net accepted it, but receipt {number} does not show {what} yet.",
        next_step="It is tried again by itself, from where it stopped.",
        retry_after=30,
    )
