"""How `PUT Shipment` fills a shipment's lines from orders, and what can be shipped at all."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sandbox.acumatica.errors import Refusal
from sandbox.acumatica.rules.order_defaults import SHIP_COMPLETE
from sandbox.acumatica.rules.order_status import SHIPPABLE
from sandbox.acumatica.rules.writes import Body, Path, converted, text_of, unwrapped
from sandbox.acumatica.schema import QUANTITY, SCALES, Record, fold
from sandbox.acumatica.store import ZERO, Row, Store

SHIPPING = {*SHIPPABLE, "Shipping"}


@dataclass
class Pick:
    """A line of an order and how much of it is shipped."""

    order: Row
    line: Record
    quantity: Decimal
    sent: Body = field(default_factory=dict)


def nothing_to_ship(order: str = "") -> Refusal:
    """The text of the real refusal is not documented."""
    which = f" Sales order {order} has no line that can be shipped." if order else ""
    return Refusal(500, f"The shipment cannot be created because it would have no lines.{which}")


class Picking:
    """Gathers picks for one shipment: one customer, one warehouse, and nothing twice."""

    def __init__(self, store: Store, warehouse: str = "", customer: str = "") -> None:
        self.store, self.warehouse, self.customer = store, warehouse, customer
        self.picks: list[Pick] = []
        self.errors: dict[Path, str] = {}
        self.taken: defaultdict[tuple[Any, ...], Decimal] = defaultdict(lambda: ZERO)

    def element(self, sent: Body, index: int) -> None:
        """What one element of Details asks for."""
        row = self._order(sent)
        item = text_of(sent, "InventoryID")
        if item and not self.store.items.get(item):
            self.errors["Details", index, "InventoryID"] = f"Inventory Item '{item}' was not found."
            return
        quantity_sent = self._quantity_sent(sent)
        number = unwrapped(sent.get("OrderLineNbr"))
        if number is not None:
            lines = self._numbered(row, int(number))
        elif item:
            lines = self._of_item(row, item, text_of(sent, "LotSerialNbr"), quantity_sent)
        else:
            lines, quantity_sent = self.lines(row, text_of(sent, "WarehouseID")), None
        for line in lines:
            self._pick(row, line, quantity_sent, sent, index)

    def whole(self, row: Row) -> None:
        """Everything of an order that can be shipped from the warehouse."""
        for line in self.lines(row):
            self._pick(row, line, None, {}, 0)

    def lines(self, row: Row, warehouse: str = "") -> list[Record]:
        """Lines of this warehouse with something left; without one, of the warehouse of the first such line."""
        lines = [line for line in row.read()["Details"] if self._left(row, line) > 0]
        chosen = warehouse or self.warehouse or (lines[0]["WarehouseID"] if lines else "")
        return [line for line in lines if fold(line["WarehouseID"] or "") == fold(chosen or "")]

    def _order(self, sent: Body) -> Row:
        kind, number = text_of(sent, "OrderType") or "SO", text_of(sent, "OrderNbr")
        row = self.store.orders.get(kind, number)
        if row is None:
            raise Refusal(500, f"Sales order {kind} {number} was not found.")
        order = row.read()
        if row.status not in SHIPPING:
            raise Refusal(500, f"A shipment cannot be created for sales order {number} with the status {row.status}.")
        if self.customer and fold(order["CustomerID"]) != fold(self.customer):
            raise Refusal(500, f"Sales order {number} belongs to another customer than the shipment.")
        self.customer = order["CustomerID"]
        return row

    def _quantity_sent(self, sent: Body) -> Decimal | None:
        value = unwrapped(sent.get("ShippedQty"))
        quantity_sent: Decimal | None = converted(QUANTITY, value, "Details.ShippedQty")
        return quantity_sent

    def _numbered(self, row: Row, number: int) -> list[Record]:
        lines = [line for line in row.read()["Details"] if line["LineNbr"] == number]
        if not lines or self._left(row, lines[0]) <= 0:
            raise Refusal(500, f"Line {number} of sales order {row.key[1]} cannot be shipped.")
        return lines

    def _of_item(self, row: Row, item: str, lot: str, quantity_sent: Decimal | None) -> list[Record]:
        for line in row.read()["Details"]:
            left = self._left(row, line)
            fits = fold(line["InventoryID"]) == fold(item) and left > 0 and left >= (quantity_sent or ZERO)
            if fits and (not lot or lot == line.get("LotSerialNbr")):
                return [line]
        return []

    def _left(self, row: Row, line: Record) -> Decimal:
        """Ordered, and on no shipment yet."""
        if line["Completed"]:
            return ZERO
        left: Decimal = line["OrderQty"] - line["QtyOnShipments"] - self.taken[row.key, line["LineNbr"]]
        return left

    def _pick(self, row: Row, line: Record, quantity_sent: Decimal | None, sent: Body, index: int) -> None:
        warehouse = fold(line["WarehouseID"] or "")
        if self.warehouse and warehouse != fold(self.warehouse):
            raise Refusal(500, f"Line {line['LineNbr']} of sales order {row.key[1]} is in another warehouse.")
        stock = (fold(line["InventoryID"]), warehouse)
        left, available = self._left(row, line), self.store.available(*stock) - self.taken[stock]
        if quantity_sent is not None and quantity_sent > left:
            self.errors["Details", index, "ShippedQty"] = (
                "The shipped quantity exceeds the open quantity of the order line."
            )
            return
        quantity = min(left if quantity_sent is None else quantity_sent, available)
        if quantity <= 0 or (line.get("ShippingRule") == SHIP_COMPLETE and quantity < left):
            return
        if quantity_sent is not None and quantity < quantity_sent:
            self.errors["Details", index, "ShippedQty"] = "The available quantity of the item is not sufficient."
            return
        self.warehouse = self.warehouse or warehouse
        self.taken[row.key, line["LineNbr"]] += quantity
        self.taken[stock] += quantity
        self.picks.append(Pick(row, line, quantity.quantize(SCALES[QUANTITY]), sent))
