"""Realistic contents for the simulated tenant, the same each time."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from random import Random

from sandbox.acumatica.rules.orders import new_line, new_order, total
from sandbox.acumatica.rules.plain_records import defaults
from sandbox.acumatica.schema import Record
from sandbox.acumatica.store import Row, Store, stamp

SHIP_VIAS = {
    "UPSGROUND": "UPS Ground",
    "UPS2DAY": "UPS 2nd Day Air",
    "UPSNEXT": "UPS Next Day Air",
    "FEDEXGRND": "FedEx Ground",
    "FEDEX2DAY": "FedEx 2Day",
    "USPSPRI": "USPS Priority Mail",
    "USPSGA": "USPS Ground Advantage",
    "DHLEXP": "DHL Express Worldwide",
    "ONTRAC": "OnTrac Ground",
    "TRUCK": "Less than truckload",
    "LOCAL": "Own delivery",
    "WILLCALL": "Customer pick-up",
}
CARRIERS = {"FEDEX": "FedEx", "STAMPS": "USPS by Stamps.com", "UPS": "United Parcel Service"}
WAREHOUSES = {"WHOLESALE": "Main warehouse, Redmond", "RETAIL": "Shop, Kirkland", "WEST": "West coast, Oakland"}
BOXES = {
    "SMALL": ("Small box", "12", "9", "4", "0.25"),
    "MEDIUM": ("Medium box", "16", "12", "8", "0.50"),
    "LARGE": ("Large box", "24", "18", "16", "1.20"),
    "ENVELOPE": ("Padded envelope", "13", "10", "1", "0.05"),
    "PALLET": ("Pallet", "48", "40", "48", "35"),
}
PEOPLE = [
    ("Good Food Inc.", "Receiving", "4030 Lake Washington Blvd NE", "Suite 100", "Kirkland", "WA", "98033", "US"),
    ("Müller & Söhne GmbH", "Jörg Müller", "Königstraße 12", "", "Düsseldorf", "NW", "40212", "DE"),
    ("O'Brien's Pub", "Siobhán O'Brien", "17 St. Stephen's Green", "", "Dublin", "", "D02 H2R6", "IE"),
    ("株式会社さくら", "山田 太郎", "千代田区丸の内1-9-1", "東京ビル 5F", "東京", "", "100-0005", "JP"),
    ("Café de l'Étoile", "Zoë Lefèvre", "3 rue de l'Église", "Bâtiment B", "Orléans", "", "45000", "FR"),
    ("北京天地贸易有限公司", "王伟", "朝阳区建国路88号", "", "北京", "", "100022", "CN"),
    ("Ødegård Møbler AS", "Åse Ødegård", "Storgata 5", "", "Tromsø", "", "9008", "NO"),
    ('Smith "Ace" Hardware', "Bob D'Angelo", "1 Main St", "Bldg. #4", "Springfield", "IL", "62701", "US"),
    ("Łódź Ogrody Sp. z o.o.", "Wójcik Żaneta", "ul. Piotrkowska 104", "", "Łódź", "", "90-926", "PL"),
    ("Añejo Imports", "Íñigo Peña", "Av. de la Constitución 7", "", "Sevilla", "", "41001", "ES"),
    ("Northwind Outdoor LLC", "Dock 3", "2100 Industrial Pkwy", "Dock 3", "Reno", "NV", "89502", "US"),
    ("Bluebird Bakery", "Mary-Anne St. John", "88 Elm Avenue", "", "Portland", "OR", "97205", "US"),
]
GOODS = [
    ("APJAM08", "Apple jam 8 oz", "24.95", "0.75", "PIECE"),
    ("#12-796524", "Bracket, galvanised, 12 mm", "3.10", "0.20", "EA"),
    ("01-792584-", "Filter element; fits 01-792583 and 01-792585", "18.00", "1.10", "EA"),
    ("TÜR-GRIFF 80", "Türgriff Edelstahl, gebürstet", "39.90", "0.64", "EA"),
    ("CBL-2.5MM", "Cable 2.5 mm², sold by the metre", "1.35", "0.09", "M"),
    ("TEA-抹茶-100", "抹茶 Matcha 100 g", "21.50", "0.25", "PIECE"),
    ("COFFEE 1LB", "Coffee beans, “Crème de l'Été” roast", "14.20", "1.00", "BAG"),
    (
        "CHAIR-OAK",
        "Chair, oak, hand-made, with a seat of woven paper cord; delivered unassembled",
        "189.00",
        "14.50",
        "EA",
    ),
]
LONG = (
    "Please deliver between 8 and 11 in the morning, ring at the back door, and ask for the person named in the address; "
    "leave nothing at the front desk. Ship the fragile goods apart from the rest, and mark both boxes with our number."
)
SCARCE = "SCARCE-1"
PLENTY = Decimal("1000000.000000")


def found(store: Store) -> None:
    """What every tenant has before anything is sold: warehouses, boxes, ship-via codes, carriers."""
    tables = store.tables
    if len(tables["Warehouse"]):
        return
    for key, text in WAREHOUSES.items():
        places = [
            {
                "LocationID": "R1S1",
                "Description": "Row 1",
                "Active": True,
                "SalesAllowed": True,
                "ReceiptsAllowed": True,
            }
        ]
        tables["Warehouse"].add({"WarehouseID": key, "Description": text, "Active": True, "Locations": places})
    for key, text in SHIP_VIAS.items():
        tables["ShipVia"].add(
            {"CarrierID": key, "Description": text, "CalculationMethod": "Flat Rate", "CommonCarrier": True}
        )
    for key, text in CARRIERS.items():
        tables["Carrier"].add({"CarrierID": key, "Description": text, "CarrierUnits": "US Units"})
    for key, (text, *numbers) in BOXES.items():
        length, width, height, weight = (Decimal(number).quantize(Decimal("0.000001")) for number in numbers)
        sizes = {
            "Length": length,
            "Width": width,
            "Height": height,
            "BoxWeight": weight,
            "LinearUOM": "INCH",
            "WeightUOM": "LB",
        }
        tables["ShippingBox"].add({"BoxID": key, "Description": text, "ActiveByDefault": key == "SMALL", **sizes})


class Seed:
    """Adds customers, items and orders to a tenant."""

    def __init__(self, store: Store, random: Random) -> None:
        self.store, self.random = store, random
        found(store)

    def customers(self, count: int) -> list[str]:
        made = []
        for _ in range(count):
            place = len(self.store.customers)
            contact = _contact(place)
            record = defaults(self.store, "Customer") | {
                "CustomerID": self.store.number(self.store.customers, "C", 4),
                "CustomerName": contact["CompanyName"],
                "Email": contact["Email"],
                "ShipVia": list(SHIP_VIAS)[place % 10],
                "ShippingRule": "Back Order Allowed",
                "MainContact": contact,
                "ShippingContact": _contact(place),
                "ResidentialDelivery": place % 4 == 1,
            }
            self.store.customers.add(record)
            made.append(record["CustomerID"])
        return made

    def items(self, count: int) -> list[str]:
        made = []
        for _ in range(count):
            place = len(self.store.items)
            key, text, price, weight, unit = GOODS[place % len(GOODS)]
            turn = place // len(GOODS)
            made.append(
                self._item(f"{key}/{turn}".replace("/", "-") if turn else key, text, price, weight, unit, PLENTY, place)
            )
        if not self.store.items.get(SCARCE):
            made.append(self._item(SCARCE, "Always sold out", "9.99", "1.00", "EA", Decimal("0.000000"), 0))
        return made

    def _item(self, key: str, text: str, price: str, weight: str, unit: str, stock: Decimal, place: int) -> str:
        six = Decimal("0.000001")
        record = defaults(self.store, "StockItem") | {
            "InventoryID": key,
            "Description": text,
            "ItemClass": "ALL",
            "BaseUOM": unit,
            "SalesUOM": unit,
            "PurchaseUOM": unit,
            "DefaultPrice": Decimal(price).quantize(six),
            "DimensionWeight": Decimal(weight).quantize(six),
            "WeightUOM": "LB" if place % 5 else None,
            "DefaultIssueLocationID": "R1S1",
        }
        for detail in record["WarehouseDetails"]:
            detail["QtyOnHand"] = stock
        record["CrossReferences"] = [
            {"AlternateType": "Barcode", "AlternateID": f"{4000000000000 + place}", "UOM": unit}
        ]
        self.store.items.add(record)
        return key

    def orders(self, count: int, ugly: bool) -> dict[str, list[str]]:
        """Orders by category; each list holds order numbers, which are unique over all types here."""
        groups: dict[str, list[str]] = {
            name: []
            for name in (
                [
                    "orders",
                    "open",
                    "on_hold",
                    "back_order",
                    "canceled",
                    "sa",
                    "several_warehouses",
                    "fractional",
                    "no_address",
                    "ontrac",
                ]
            )
        }
        moments = self._moments(count)
        for place in range(count):
            order, kinds = self._order(place, next(moments), ugly)
            for kind in ("orders", *kinds):
                groups[kind].append(order["OrderNbr"])
        return groups

    def _moments(self, count: int) -> Iterator[float]:
        """One after the other through the past thirty days, now and then two at the same moment."""
        moment, step = self.store.clock() - 30 * 86400, 29 * 86400 / max(count, 1)
        while True:
            yield moment
            moment += step if self.random.random() > 0.05 else 0.0

    def _order(self, place: int, moment: float, ugly: bool) -> tuple[Record, list[str]]:
        store, now = self.store, stamp(moment)
        customer = self._nth(store.customers.keys, place).read()
        order_type = "SA" if place % 13 == 12 else "SO"
        number = store.number(store.orders, "SA" if order_type == "SA" else "", 6, order_type)
        order = new_order(customer, order_type, number, now)
        kinds = ["sa"] if order_type == "SA" else []
        order["CustomerOrder"] = f"PO-{7000 + place}" if place % 7 else None
        order["Description"] = LONG if place % 11 == 3 else "Web shop order" if place % 2 else None
        order["ShipVia"] = order["ShippingSettings"]["ShipVia"] = list(SHIP_VIAS)[place % 9]
        if place % 17 == 5:
            order["note"] = "Leave at the dock"
        kinds += self._lines(order, place, now)
        kinds += self._uglify(order, place) if ugly else ["open"]
        if place % 19 == 7 and order["Status"] == "Open":
            self._sold_out(order, now)
            kinds = [kind for kind in kinds if kind == "sa"] + ["back_order"]
        total(order)
        store.orders.add(order, now)
        return order, kinds

    def _lines(self, order: Record, place: int, now: str) -> list[str]:
        kinds = []
        several, part = place % 10 == 4, place % 15 == 6
        for number in range(1, 1 + (2 if several else 1 + place % 4)):
            item = self._nth([key for key in self.store.items.keys if key != (SCARCE,)], place * 3 + number).read()
            quantity = (
                Decimal("2.500000") if part and number == 1 else Decimal(1 + (place + number) % 5).quantize(PLENTY)
            )
            line = new_line(item, order, number, quantity, now)
            line["WarehouseID"] = list(WAREHOUSES)[number - 1] if several else "WHOLESALE"
            order["Details"].append(line)
        if several:
            kinds.append("several_warehouses")
        if part:
            kinds.append("fractional")
        return kinds

    def _sold_out(self, order: Record, now: str) -> None:
        item = self.store.items.get(SCARCE)
        if item:
            order["Details"] = [new_line(item.read(), order, 1, Decimal("4.000000"), now)]
        order["Status"] = "Back Order"

    def _uglify(self, order: Record, place: int) -> list[str]:
        match place:
            case 1:
                order["ShipToContact"] = {"Email": "nobody@example.com"}
                order["ShipToAddress"] |= {"AddressLine1": None, "AddressLine2": None}
                return ["open", "no_address"]
            case 2:
                order["Description"] = "Fragile. carrier:ontrac please"
                return ["open", "ontrac"]
            case 3:
                order["Status"] = "Canceled"
                return ["canceled"]
        if place % 20 == 8:
            order["Status"], order["Hold"] = "On Hold", True
            return ["on_hold"]
        return ["open"]

    def _nth(self, keys: list[tuple[str, ...]], place: int) -> Row:
        table = self.store.customers if keys is self.store.customers.keys else self.store.items
        return table.rows[keys[place % len(keys)]]


def _contact(place: int) -> Record:
    name, person, line1, line2, city, state, code, country = PEOPLE[place % len(PEOPLE)]
    turn = place // len(PEOPLE)
    return {
        "CompanyName": f"{name} {turn + 1}" if turn else name,
        "Attention": person,
        "FirstName": person.split()[0],
        "LastName": person.split()[-1],
        "Email": f"dock{place + 1}@example.com",
        "Phone1": f"+1 425 555 {place % 10000:04d}",
        "Active": True,
        "Address": {
            "AddressLine1": line1,
            "AddressLine2": line2 or None,
            "City": city,
            "State": state or None,
            "PostalCode": code,
            "Country": country,
            "Validated": country == "US",
        },
    }
