"""Sales orders, as a web shop or a person makes them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sandbox.visma_net import clock
from sandbox.visma_net.store import VAT, ZERO, Record, Row, Store, cents, number


def create(
    store: Store,
    customer: Row,
    lines: Sequence[tuple[Row, Decimal]],
    *,
    order: str = "",
    reference: str = "",
    moment: int | None = None,
) -> Row:
    """A sales order of (item, quantity) pairs. `order` and `reference` are the customer's own numbers."""
    key = store.sales.next_number()
    instant = clock.utc(store.moment() if moment is None else moment)
    person = customer.body
    body = _header(store, key, instant, customer) | {
        "customer": {
            "id": customer.key,
            "internalId": person["internalId"],
            "name": person["name"],
            "order": order,
            "refNo": reference,
            "taxZone": {"id": "01", "description": "Norway"},
        },
        "orderLines": [_line(line_id, item.body, quantity) for line_id, (item, quantity) in enumerate(lines, 1)],
    }
    _total(body)
    return store.add(store.sales, key, body, moment)


def _header(store: Store, key: str, instant: str, customer: Row) -> Record:
    branch = store.switches["branch"]
    place = {name: customer.body[name] for name in ("address", "contact")}
    return {
        "orderId": key,
        "type": "SO",
        "status": {"description": "Open", "hold": False, "cancelled": False},
        "date": instant,
        "requestOn": instant,
        "createdBy": "",
        "currencyId": "NOK",
        "description": "",
        "note": "",
        "branch": {"id": branch["number"], "description": branch["name"]},
        "billing": place,
        "shipping": {**place, "shipVia": {"id": "BRING"}},
        "freight": {"premiumAmount": ZERO},
        "financialInformation": {"invoiceSeparately": False},
        "paymentSettings": {"paymentMethod": {"id": "10", "description": "Bank transfer"}},
        "attachments": [],
    }


def _line(line_id: int, item: Record, quantity: Decimal) -> Record:
    price = item["defaultPrice"]
    return {
        "lineId": line_id,
        "sortOrder": line_id,
        "operation": "Issue",
        "inventory": {"id": item["inventoryNumber"], "description": item["description"], "baseUnit": item["baseUnit"]},
        "description": item["description"],
        "quantity": number(quantity),
        "openQuantity": number(quantity),
        "quantityOnShipments": ZERO,
        "billedQuantity": ZERO,
        "completed": False,
        "unitOfMeasure": item["salesUnit"],
        "unitPrice": price,
        "hasManualPrice": False,
        "extendedPrice": cents(quantity * price),
        "discountPercent": ZERO,
        "discountAmount": ZERO,
        "warehouseId": "1",
    }


def _total(order: Record) -> None:
    net = cents(sum((line["extendedPrice"] for line in order["orderLines"]), ZERO))
    tax = cents(net * VAT)
    order["orderQty"] = number(sum((line["quantity"] for line in order["orderLines"]), ZERO))
    order["totals"] = {"orderTotal": cents(net + tax), "taxTotal": tax, "taxableTotal": net}
