"""The purchase receipts of one order, and how much of each of its lines they hold."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connections.vendors.visma_net.client import VismaClient
from connections.vendors.visma_net.codec import Record, number

RECEIPTS = "/v2/PurchaseReceipt"  # for reading; v1 has reached its end of life there
OURS = "shipstation:"
GONE = {"Cancelled", "Voided"}


def receipts_of(client: VismaClient, order: str) -> list[Record]:
    """All receipts that name the order on a line, with their custom fields."""
    return search(client, poOrderNbr=order)


def search(client: VismaClient, **filters: str) -> list[Record]:
    """Receipts by the list's own filters, with the custom fields that it otherwise leaves out."""
    return client.rows(RECEIPTS, "receiptNbr", **filters, includeCustomFreeFields="true")


def is_ours(receipt: Mapping[str, Any]) -> bool:
    return str(receipt.get("customStr1") or "").startswith(OURS)


def received_elsewhere(order: Mapping[str, Any], receipts: list[Record]) -> dict[int, Decimal]:
    """Line of the order → quantity on receipts that are not ours, in the line's own unit."""
    lines = {line.get("lineNbr"): line for line in order.get("lines") or []}
    received: dict[int, Decimal] = {}
    for receipt in receipts:
        kind = receipt.get("receiptType") or "PoReceipt"
        if is_ours(receipt) or receipt.get("status") in GONE or kind not in {"PoReceipt", "PoReturn"}:
            continue
        for line in receipt.get("lines") or []:
            ordered = lines.get(line.get("poOrderLineNbr"))
            if ordered is None or not names_order(line, order):
                continue
            quantity = in_unit_of(line, ordered)
            quantity = -quantity if kind == "PoReturn" else quantity
            received[line["poOrderLineNbr"]] = received.get(line["poOrderLineNbr"], Decimal(0)) + quantity
    return {line: max(quantity, Decimal(0)) for line, quantity in received.items()}


def names_order(line: Mapping[str, Any], order: Mapping[str, Any]) -> bool:
    """Whether a receipt's line is of this order: numbers alone do not tell types of order apart."""
    kinds = {line.get("poOrderType") or order.get("orderType"), order.get("orderType")}
    return line.get("poOrderNbr") == order.get("orderNbr") and len(kinds) == 1


def in_unit_of(line: Mapping[str, Any], ordered: Mapping[str, Any]) -> Decimal:
    """A receipt line's quantity in the unit of the order's line, by way of the base unit where both tell it."""
    quantity = number(line.get("receiptQty"))
    base, ordered_base = number(line.get("baseReceiptQty")), number(ordered.get("baseOrderQty"))
    if line.get("uom") == ordered.get("uom") or not base or not ordered_base:
        return quantity
    return base * number(ordered.get("orderQty")) / ordered_base
