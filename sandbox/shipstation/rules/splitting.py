"""Splitting one order into two and merging several into one, as a person does on ShipStation's screens."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.kit.context import Context
from sandbox.shipstation import clock
from sandbox.shipstation.rules.statuses import Locked
from sandbox.shipstation.store import Account, Order


def split(context: Context, account: Account, order: Order, skus: Sequence[str]) -> Order:
    """Move these lines into a child order `<number>-1`; the parent keeps the rest. Raises `Locked`.

    Whether the child keeps the parent's `orderKey` is not documented: switch `split_keeps_key`.
    """
    document = order.open()
    moved = [line for line in document["items"] if line["sku"] in skus]
    kept = [line for line in document["items"] if line["sku"] not in skus]
    if order.status != "awaiting_shipment" or order.merged_into or order.shipments:
        raise Locked(f"Order {order.number} cannot be split.")
    if not moved or not any(not line["adjustment"] for line in kept):
        raise Locked("A split needs lines on both sides.")
    now = context.now()
    same_key = bool(context.switches["split_keeps_key"])
    child = Order(account.next_number(), now, now, clock.seven(now))
    child.key = order.key if same_key else str(context.new_id())
    part = document | {
        "orderId": child.id,
        "orderKey": child.key,
        "orderNumber": _child_number(account, order.number),
        "createDate": child.created,
        "modifyDate": child.created,
        "items": [line | {"orderItemId": account.next_number()} for line in moved],
    }
    part["advancedOptions"] = document["advancedOptions"] | {
        "mergedOrSplit": True,
        "parentId": order.id,
    }
    account.orders.add(child, part)
    account.save(child, part)
    document["items"] = kept
    document["advancedOptions"]["mergedOrSplit"] = True
    account.save(order, document)
    return child


def _child_number(account: Account, number: str) -> str:
    taken = {account.orders.rows[key].number for key in account.orders.by_number.starting_with(f"{number}-")}
    return next(name for place in range(1, 1000) if (name := f"{number}-{place}") not in taken)


def merge(account: Account, orders: Sequence[Order]) -> Order:
    """Put the lines of all orders into the first; the others vanish from lists. Raises `Locked`.

    The others can still be read by id, and follow the first one's status.
    """
    first, *merged = orders
    ready = {order.id for order in orders if order.status == "awaiting_shipment" and not order.shipments}
    if not merged or len(ready) != len(orders):
        raise Locked("A merge needs several open orders without labels.")
    if any(order.merged_into for order in orders):
        raise Locked("One of these orders is merged already.")
    document = first.open()
    for order in merged:
        part = order.open()
        document["items"] += part["items"]
        for name in ("amountPaid", "taxAmount", "shippingAmount"):
            document[name] = (document[name] or 0) + (part[name] or 0)
        order.merged_into = first.id
        part["advancedOptions"]["mergedOrSplit"] = True
        account.save(order, part)
        first.merged.append(order.id)
    document["advancedOptions"] |= {"mergedOrSplit": True, "mergedIds": list(first.merged)}
    account.save(first, document)
    return first
