"""Names and texts that the simulated tenant begins with."""

from __future__ import annotations

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
