"""Documents of the simulated company: one of each kind that makes a difference, and many for a load."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from sandbox.visma_net import clock
from sandbox.visma_net.rules import customer_invoices, purchase_orders, sales_orders
from sandbox.visma_net.rules.receipt_release import receive
from sandbox.visma_net.seed.tables import SUPPLIERS
from sandbox.visma_net.store import Record, Row, Store, number

DAY = 86_400_000
HALF = Decimal("0.5")
Line = tuple[str, object, Record]
"""Item, quantity, and further fields."""


class Documents:
    def __init__(self, store: Store, random: Random) -> None:
        self.store, self.random = store, random

    def examples(self) -> None:
        """One of each kind that makes a difference, over the last thirty days."""
        start = self.store.moment() - 30 * DAY
        self.order(start, 0, [("STOL-101", 40, {}), ("BORD-220", 12, {})], description="Høstpåfyll")
        self.order(start + DAY, 1, [("KABEL/25M", 100, {}), ("PÆRE-E27", 240, {})], description="Belysning")
        rules = {"receiptAction": "Reject", "maxReceipt": number(110), "minReceipt": number(10)}
        self.order(start + 2 * DAY, 2, [("SKRUE-M8", 1000, rules), ("MUTTER-M8", 1000, {"maxReceipt": number(105)})])
        self.order(start + 3 * DAY, 3, [("OLJE-5L", Decimal("12.5"), {}), ("TAU-M", Decimal("37.25"), {})])
        self._drop_ship(start + 4 * DAY)
        self.order(start + 5 * DAY, 4, [("LAMPE-7", 30, {})], orderType="Blanket", description="Rammeavtale 2026")
        self.order(start + 6 * DAY, 5, [("SÅPE-500", 48, {})], hold=True, description="Utkast")
        self._cancelled(start + 7 * DAY)
        self._partly_received(start + 8 * DAY)
        self.order(start + 9 * DAY, 1, [("MEL-25KG", 20, {}), ("FRAKT", 1, {"lineType": "Freight"})])
        self.order(start + 10 * DAY, 0, [("STOL-101", 8, {"warehouse": "2"}), ("LAMPE-7", 6, {"warehouse": "2"})])
        self._sales(start + 11 * DAY)

    def order(self, moment: int, supplier: int, lines: list[Line], **fields: object) -> Row:
        sent = {"supplier": str(50000 + supplier % len(SUPPLIERS)), "supplierRef": f"Q-{9000 + supplier}", **fields}
        sent["date"] = sent.get("date") or clock.day(moment, self.store.zone)
        sent["promisedOn"] = clock.day(moment + 18 * DAY, self.store.zone)
        sent["lines"] = [
            {"operation": "Insert", "inventory": item, "orderQty": number(quantity), **rules}
            for item, quantity, rules in lines
        ]
        return purchase_orders.create(self.store, sent, moment)

    def _drop_ship(self, moment: int, index: int = 0) -> Row:
        """Goods that go straight to a customer of ours."""
        customer = list(self.store.customers)[index % len(self.store.customers)]
        lines = [(self.store.items.rows["BORD-220"], Decimal(2))]
        web_order = 1001 + index
        sale = sales_orders.create(
            self.store, customer, lines, order=f"WEB-{web_order}", reference=f"#{web_order}", moment=moment
        )
        row = self.order(moment, index, [("BORD-220", 2, {"lineType": "GoodsForDropShip"})], orderType="DropShip")
        person = customer.body
        row.body |= {
            "shippingDestinationType": "Customer",
            "salesOrderType": "SO",
            "salesOrderNbr": sale.key,
            "shipTo": {name: person[name] for name in ("internalId", "number", "name")},
            "shippingContact": {"overrideContact": True, "name": person["name"], "phone1": "+47 22 00 00 00"},
            "shippingAddress": {"overrideAddress": True, **_address(person["address"])},
        }
        return row

    def _cancelled(self, moment: int) -> None:
        row = self.order(moment, 2, [("SKRUE-M8", 500, {})])
        purchase_orders.cancel(self.store, row, moment)

    def _partly_received(self, moment: int) -> None:
        row = self.order(moment, 3, [("OLJE-5L", 24, {}), ("TAU-M", 50, {})])
        receive(self.store, row, {1: Decimal(10)}, moment=moment + DAY, released=True)
        receive(self.store, row, {2: Decimal("12.5")}, moment=moment + DAY + DAY // 4, released=False)

    def _sales(self, moment: int) -> None:
        items = [self.store.items.rows[key] for key in ("STOL-101", "LAMPE-7", "SÅPE-500", "KABEL/25M")]
        sales = [
            sales_orders.create(
                self.store,
                customer,
                [(items[index % 4], Decimal(2 + index)), (items[(index + 1) % 4], Decimal(1))],
                order=f"WEB-{1100 + index}",
                reference=f"#{1100 + index}",
                moment=moment + index * DAY,
            )
            for index, customer in enumerate(self.store.customers)
        ]
        customer_invoices.release(self.store, customer_invoices.create(self.store, [sales[0]]))
        customer_invoices.create(self.store, [sales[1]], {1: Decimal(1)})

    # Many

    def many_orders(self, count: int, lines: int, ugly: bool) -> list[str]:
        """Orders whose stamps go through the past days and end now; with `ugly`, some of odd kinds."""
        now = self.store.moment()
        step = min(20 * DAY // max(count, 1), 3_600_000)
        goods = [row.key for row in self.store.items if row.body["stockItem"] and "lotSerialClass" not in row.body]
        moments = [now - (count - 1 - index) * step for index in range(count)]
        return [self._one_of_many(moment, index, goods, lines, ugly).key for index, moment in enumerate(moments)]

    def _one_of_many(self, moment: int, index: int, goods: list[str], lines: int, ugly: bool) -> Row:
        goods_lines: list[Line] = [
            (
                goods[(index * 3 + line) % len(goods)],
                self._quantity(index, line, ugly),
                _receipt_rules(index) if ugly else {},
            )
            for line in range(lines or 1 + index % 4)
        ]
        if ugly and index % 23 == 11:
            return self._drop_ship(moment, index)
        fields: Record = {"description": "" if index % 3 else f"Påfyll {index + 1}"}
        if ugly and index % 17 == 9:
            fields["hold"] = True
        return self.order(moment, index, goods_lines, **fields)

    def _quantity(self, index: int, line: int, ugly: bool) -> Decimal:
        whole = Decimal(self.random.randint(1, 40))
        return whole + HALF if ugly and index % 11 == 4 and line == 0 else whole

    def many_sales(self, count: int) -> list[str]:
        now = self.store.moment()
        goods = [row for row in self.store.items if row.body["stockItem"]]
        customers = list(self.store.customers)
        numbers = []
        for index in range(count):
            order = f"WEB-{self.random.randint(10**5, 10**6)}"
            lines = [(goods[(index + line) % len(goods)], Decimal(1 + line)) for line in range(1 + index % 3)]
            customer, moment = customers[index % len(customers)], now - (count - 1 - index) * 1000
            numbers.append(sales_orders.create(self.store, customer, lines, order=order, moment=moment).key)
        return numbers


def _receipt_rules(index: int) -> Record:
    if index % 13 == 5:
        return {"receiptAction": "Reject", "maxReceipt": number(100)}
    return {"receiptAction": "Accept"} if index % 7 == 3 else {}


def _address(address: Record) -> Record:
    return {
        "addressLine1": address["line1"],
        "postalCode": address["postalCode"],
        "city": address["city"],
        "country": address["country"],
    }
