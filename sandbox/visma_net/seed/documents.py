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
from sandbox.visma_net.seed.documents import records
from sandbox.visma_net.seed.tables import CUSTOMERS, ITEMS, SUPPLIERS, WAREHOUSES
from sandbox.visma_net.store import ZERO, Books, Record, Row, number

DAY = 86_400_000
HALF = Decimal("0.5")


class Seed:
    def __init__(self, books: Books, random: Random) -> None:
        self.books, self.random = books, random

    def directory(self) -> None:
        start = self.books.moment() - 60 * DAY
        for place, (key, name, city, code, country) in enumerate(WAREHOUSES):
            self.books.add(self.books.warehouses, key, records.warehouse(place, key, name, city, code, country), start)
        for place, supplier in enumerate(SUPPLIERS):
            self.books.add(self.books.suppliers, str(50000 + place), records.supplier(place, *supplier), start + place)
        for place, customer in enumerate(CUSTOMERS):
            self.books.add(self.books.customers, str(10000 + place), records.customer(place, *customer), start + place)
        for place, item in enumerate(ITEMS):
            self.books.add(self.books.items, item[0], records.item(place, *item), start + place)

    def documents(self) -> None:
        """One of each kind that makes a difference, over the last thirty days."""
        start = self.books.moment() - 30 * DAY
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
        sent["date"] = sent.get("date") or _date(self.books, moment)
        sent["promisedOn"] = _date(self.books, moment + 18 * DAY)
        sent["lines"] = [
            {"operation": "Insert", "inventory": item, "orderQty": number(quantity), **more}
            for item, quantity, more in lines
        ]
        return orders.create(self.books, sent, moment)

    def _drop_ship(self, moment: int, place: int = 0) -> Row:
        """Goods that go straight to a customer of ours."""
        customer = list(self.books.customers)[place % len(self.books.customers)]
        item, about = self.books.items.rows["BORD-220"], {"order": f"WEB-{1001 + place}", "refNo": f"#{1001 + place}"}
        sale = sales.create(self.books, customer, [(item, Decimal(2))], moment=moment, **about)
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
        cancel(self.books, row, moment)

    def _partly_by_hand(self, moment: int) -> None:
        row = self.order(moment, 3, [("OLJE-5L", 24, {}), ("TAU-M", 50, {})])
        receive(self.books, row, {1: Decimal(10)}, moment=moment + DAY, done=True)
        receive(self.books, row, {2: Decimal("12.5")}, moment=moment + DAY + DAY // 4, done=False)

    def _sales(self, moment: int, _: Row) -> None:
        items = [self.books.items.rows[key] for key in ("STOL-101", "LAMPE-7", "SÅPE-500", "KABEL/25M")]
        made = []
        for place, customer in enumerate(self.books.customers):
            lines = [(items[place % 4], Decimal(2 + place)), (items[(place + 1) % 4], Decimal(1))]
            about = {"order": f"WEB-{1100 + place}", "refNo": f"#{1100 + place}", "moment": moment + place * DAY}
            made.append(sales.create(self.books, customer, lines, **about))
        sales.release(self.books, sales.invoice(self.books, [made[0]]))
        sales.invoice(self.books, [made[1]], {1: Decimal(1)})

    # Many

    def many_orders(self, count: int, lines: int, ugly: bool) -> list[str]:
        """Orders whose stamps go through the past days and end now; with `ugly`, some of odd kinds."""
        now = self.books.moment()
        step = min(20 * DAY // max(count, 1), 3_600_000)
        goods = [row for row in self.books.items if row.body["stockItem"] and not _needs_lot(row)]
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
        now = self.books.moment()
        goods = [row for row in self.books.items if row.body["stockItem"]]
        buyers = list(self.books.customers)
        made = []
        for place in range(count):
            reference = f"WEB-{self.random.randint(10**5, 10**6)}"
            lines = [(goods[(place + each) % len(goods)], Decimal(1 + each)) for each in range(1 + place % 3)]
            buyer = buyers[place % len(buyers)]
            row = sales.create(self.books, buyer, lines, order=reference, moment=now - (count - 1 - place) * 1000)
            made.append(row.key)
        return made


def found(books: Books, *, full: bool) -> None:
    seed = Seed(books, Random(7))
    seed.directory()
    if full:
        seed.documents()


def receive(
    books: Books,
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
    mode, books.switches["direct_lines"] = books.switches["direct_lines"], "link"
    try:
        receipt = receipts.create(books, sent, moment)
    finally:
        books.switches["direct_lines"] = mode
    if done:
        try:
            receipts.may_release(books, receipt)
        except Refusal:
            receipts.discard(books, receipt.key)
            raise
        receipts.release(books, receipt)
    return receipt


def cancel(books: Books, row: Row, moment: int | None = None) -> None:
    row.body |= {"status": "Cancelled", "hold": False}
    for line in row.body["lines"]:
        line["canceled"] = not line["completed"]
    orders.recount(books, row.body)
    books.touch(books.orders, row, "Status Changed", moment)


def _needs_lot(row: Row) -> bool:
    return "lotSerialClass" in row.body


def _date(books: Books, moment: int) -> str:
    return clock.day(moment, books.zone)


def _address(address: Record) -> Record:
    return {
        "addressLine1": address["line1"],
        "postalCode": address["postalCode"],
        "city": address["city"],
        "country": address["country"],
    }
