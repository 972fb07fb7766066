"""Actions of a sales order: cancelled, opened, opened again, released from credit hold."""

from __future__ import annotations

from typing import Any

from sandbox.acumatica.errors import Refusal, disabled
from sandbox.acumatica.rules.order_status import LOCKED
from sandbox.acumatica.store import Row, Store


def cancel(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    if row.read()["Shipments"]:
        raise Refusal(500, "The sales order cannot be canceled because it has shipments.")
    if row.status in LOCKED:
        raise disabled("Cancel Order")
    _set_status(store, row, "Canceled")


def open_order(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    if row.status != "Back Order":
        raise disabled("Open Order")
    _set_status(store, row, "Open")


def reopen(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    if row.status not in {"Completed", "Canceled"}:
        raise disabled("Reopen Order")
    _set_status(store, row, "Open")


def release_credit_hold(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    if row.status != "Credit Hold":
        raise disabled("Release from Credit Hold")
    _set_status(store, row, "Open")


def recalculate(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    if row.status in LOCKED:
        raise disabled("Recalculate Prices")


def _set_status(store: Store, row: Row, status: str) -> None:
    order = row.edit()
    order["Status"], order["Hold"] = status, status == "On Hold"
    store.orders.changed(row)
