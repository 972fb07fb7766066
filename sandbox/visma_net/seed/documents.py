"""Contents to begin with: a Nordic wholesaler with suppliers, items, two warehouses, orders and invoices."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from sandbox.visma_net import clock
from sandbox.visma_net.errors import Refusal
from sandbox.visma_net.rules import order_schema as shape
from sandbox.visma_net.rules import purchase_orders as orders
from sandbox.visma_net.rules import purchase_receipts as receipts
from sandbox.visma_net.rules import sales_orders as sales
from sandbox.visma_net.seed import records
from sandbox.visma_net.seed.tables import CUSTOMERS, ITEMS, SUPPLIERS, WAREHOUSES
from sandbox.visma_net.store import ZERO, Record, Row, Store, number

DAY = 86_400_000
HALF = Decimal("0.5")


class Seed:
    def __init__(self, store: Store, random: Random) -> None:
        self.store, self.random = store, random

    def directory(self) -> None:
        start = self.store.moment() - 60 * DAY
        for place, (key, name, city, code, country) in enumerate(WAREHOUSES):
            self.store.add(self.store.warehouses, key, records.warehouse(place, key, name, city, code, country), start)
        for place, supplier in enumerate(SUPPLIERS):
            self.store.add(self.store.suppliers, str(50000 + place), records.supplier(place, *supplier), start + place)
        for place, customer in enumerate(CUSTOMERS):
            self.store.add(self.store.customers, str(10000 + place), records.customer(place, *customer), start + place)
        for place, item in enumerate(ITEMS):
            self.store.add(self.store.items, item[0], records.item(place, *item), start + place)

    def documents(self) -> None:
        """One of each kind that makes a difference, over the last thirty days."""
        start = self.store.moment() - 30 * DAY
        plain = self.order(start, 0, [("STOL-101", 40, {}), ("BORD-220", 12, {})], description="Høstpåfyll")
        self.order(start + DAY, 1, [("KABEL/25M", 100, {}), ("PÆRE-E27", 240, {})], description="Belysning")
        rules = {"receiptAction": "Reject", "maxReceipt": number(110), "minReceipt": number(10)}
        self.order(start + 2 * DAY, 2, [("SKRUE-M8", 1000, rules), ("MUTTER-M8", 1000, {"maxReceipt": number(105)})])
        self.order(start + 3 * DAY, 3, [("OLJE-5L", Decimal("12.5"), {}), ("TAU-M", Decimal("37.25"), {})])
        self._drop_ship(start + 4 * DAY)
        self.order(start + 5 * DAY, 4, [("LAMPE-7", 30, {})], orderType="Blanket", description="Rammeavtale 2026")
        self.order(start + 6 * DAY, 5, [("SÅPE-500", 48, {})], hold=True, description="Utkast")
        self._cancelled(start + 7 * DAY)
        self._partly_by_hand(start + 8 * DAY)
        self.order(start + 9 * DAY, 1, [("MEL-25KG", 20, {}), ("FRAKT", 1, {"lineType": "Freight"})])
        self.order(start + 10 * DAY, 0, [("STOL-101", 8, {"warehouse": "2"}), ("LAMPE-7", 6, {"warehouse": "2"})])
        self._sales(start + 11 * DAY, plain)

    def order(self, moment: int, supplier: int, lines: list[tuple[str, object, Record]], **about: object) -> Row:
        sent = {"supplier": str(50000 + supplier % len(SUPPLIERS)), "supplierRef": f"Q-{9000 + supplier}", **about}
        sent["date"] = sent.get("date") or _date(self.store, moment)
        sent["promisedOn"] = _date(self.store, moment + 18 * DAY)
        sent["lines"] = [
            {"operation": "Insert", "inventory": item, "orderQty": number(quantity), **more}
            for item, quantity, more in lines
        ]
        return orders.create(self.store, sent, moment)

    def _drop_ship(self, moment: int, place: int = 0) -> Row:
        """Goods that go straight to a customer of ours."""
        customer = list(self.store.customers)[place % len(self.store.customers)]
        item, about = self.store.items.rows["BORD-220"], {"order": f"WEB-{1001 + place}", "refNo": f"#{1001 + place}"}
        sale = sales.create(self.store, customer, [(item, Decimal(2))], moment=moment, **about)
        row = self.order(moment, place, [("BORD-220", 2, {"lineType": "GoodsForDropShip"})], orderType="DropShip")
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
        cancel(self.store, row, moment)

    def _partly_by_hand(self, moment: int) -> None:
        row = self.order(moment, 3, [("OLJE-5L", 24, {}), ("TAU-M", 50, {})])
        receive(self.store, row, {1: Decimal(10)}, moment=moment + DAY, done=True)
        receive(self.store, row, {2: Decimal("12.5")}, moment=moment + DAY + DAY // 4, done=False)

    def _sales(self, moment: int, _: Row) -> None:
        items = [self.store.items.rows[key] for key in ("STOL-101", "LAMPE-7", "SÅPE-500", "KABEL/25M")]
        made = []
        for place, customer in enumerate(self.store.customers):
            lines = [(items[place % 4], Decimal(2 + place)), (items[(place + 1) % 4], Decimal(1))]
            about = {"order": f"WEB-{1100 + place}", "refNo": f"#{1100 + place}", "moment": moment + place * DAY}
            made.append(sales.create(self.store, customer, lines, **about))
        sales.release(self.store, sales.invoice(self.store, [made[0]]))
        sales.invoice(self.store, [made[1]], {1: Decimal(1)})

    # Many

    def many_orders(self, count: int, lines: int, ugly: bool) -> list[str]:
        """Orders whose stamps go through the past days and end now; with `ugly`, some of odd kinds."""
        now = self.store.moment()
        step = min(20 * DAY // max(count, 1), 3_600_000)
        goods = [row for row in self.store.items if row.body["stockItem"] and not _needs_lot(row)]
        made = []
        for place in range(count):
            moment = now - (count - 1 - place) * step
            picked = [goods[(place * 3 + each) % len(goods)].key for each in range(lines or 1 + place % 4)]
            wanted: list[tuple[str, object, Record]] = [
                (item, self._quantity(place, each, ugly), self._rules(place) if ugly else {})
                for each, item in enumerate(picked)
            ]
            about: Record = {"description": "" if place % 3 else f"Påfyll {place + 1}"}
            if ugly and place % 17 == 9:
                about["hold"] = True
            if ugly and place % 23 == 11:
                made.append(self._drop_ship(moment, place).key)
                continue
            made.append(self.order(moment, place, wanted, **about).key)
        return made

    def _quantity(self, place: int, each: int, ugly: bool) -> Decimal:
        whole = Decimal(self.random.randint(1, 40))
        return whole + HALF if ugly and place % 11 == 4 and each == 0 else whole

    def _rules(self, place: int) -> Record:
        if place % 13 == 5:
            return {"receiptAction": "Reject", "maxReceipt": number(100)}
        return {"receiptAction": "Accept"} if place % 7 == 3 else {}

    def many_sales(self, count: int) -> list[str]:
        now = self.store.moment()
        goods = [row for row in self.store.items if row.body["stockItem"]]
        buyers = list(self.store.customers)
        made = []
        for place in range(count):
            reference = f"WEB-{self.random.randint(10**5, 10**6)}"
            lines = [(goods[(place + each) % len(goods)], Decimal(1 + each)) for each in range(1 + place % 3)]
            buyer = buyers[place % len(buyers)]
            row = sales.create(self.store, buyer, lines, order=reference, moment=now - (count - 1 - place) * 1000)
            made.append(row.key)
        return made


def found(store: Store, *, full: bool) -> None:
    seed = Seed(store, Random(7))
    seed.directory()
    if full:
        seed.documents()


def receive(
    store: Store,
    row: Row,
    quantities: dict[int, Decimal] | None,
    *,
    done: bool,
    moment: int | None = None,
    date: str = "",
) -> Row:
    """Goods taken in by a person: a receipt of these quantities, or of all that is open."""
    order = row.body
    wanted = quantities or {
        line["lineNbr"]: line["orderQty"] - line["qtyOnReceipts"]
        for line in order["lines"]
        if not line["completed"]
        and not line["canceled"]
        and line["lineType"] not in shape.NEVER_RECEIVED
        and line["orderQty"] > line["qtyOnReceipts"]
    }
    lines = [
        {
            "operation": "Insert",
            "poOrderType": order["orderType"],
            "poOrderNbr": row.key,
            "poOrderLineNbr": line_nbr,
            "receiptQty": number(quantity),
            "lotSerialNumber": "LOT-BY-HAND",
        }
        for line_nbr, quantity in wanted.items()
        if quantity > ZERO
    ]
    sent: Record = {"supplierId": order["supplier"]["number"], "hold": False, "lines": lines}
    if date:
        sent["date"] = f"{date[:10]}T00:00:00"
    mode, store.switches["direct_lines"] = store.switches["direct_lines"], "link"
    try:
        receipt = receipts.create(store, sent, moment)
    finally:
        store.switches["direct_lines"] = mode
    if done:
        try:
            receipts.may_release(store, receipt)
        except Refusal:
            receipts.discard(store, receipt.key)
            raise
        receipts.release(store, receipt)
    return receipt


def cancel(store: Store, row: Row, moment: int | None = None) -> None:
    row.body |= {"status": "Cancelled", "hold": False}
    for line in row.body["lines"]:
        line["canceled"] = not line["completed"]
    orders.recount(store, row.body)
    store.touch(store.orders, row, "Status Changed", moment)


def _needs_lot(row: Row) -> bool:
    return "lotSerialClass" in row.body


def _date(store: Store, moment: int) -> str:
    return clock.day(moment, store.zone)


def _address(address: Record) -> Record:
    return {
        "addressLine1": address["line1"],
        "postalCode": address["postalCode"],
        "city": address["city"],
        "country": address["country"],
    }
