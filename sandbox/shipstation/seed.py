"""What a new simulated account holds before the first order: stores, warehouses, tags and one inventory location."""

from __future__ import annotations

from typing import Any

from sandbox.kit.context import Context
from sandbox.shipstation import clock
from sandbox.shipstation.catalogue import DEFAULT_STORE, DEFAULT_WAREHOUSE, TAGS
from sandbox.shipstation.store import Account


def fill(context: Context, account: Account) -> None:
    """Fill a new account."""
    now = context.now()
    account.tags.update({tag["tagId"]: dict(tag) for tag in TAGS})
    account.stores.update({store["storeId"]: store for store in _stores(clock.three(now))})
    account.warehouses.update({row["warehouseId"]: row for row in _warehouses(clock.seven(now))})
    warehouse = account.add_inventory_warehouse("Main")
    account.add_inventory_location("Default", warehouse["inventory_warehouse_id"])


def _stores(moment: str) -> list[dict[str, Any]]:
    blank = dict.fromkeys(("accountName", "email", "integrationUrl"))
    mail = dict.fromkeys(("phone", "publicEmail", "website", "refreshDate", "lastRefreshAttempt"))
    names = {DEFAULT_STORE: "Manual Orders", 179331: "ERP Orders", 179412: "Wholesale"}
    return [
        {
            "storeId": key,
            "storeName": name,
            "marketplaceId": 0,
            "marketplaceName": "ShipStation",
            **blank,
            "active": True,
            "companyName": "",
            **mail,
            "createDate": moment,
            "modifyDate": moment,
            "autoRefresh": False,
            "statusMappings": None,
        }
        for key, name in names.items()
    ]


def _place(key: int, name: str, city: str, state: str, postal: str) -> dict[str, Any]:
    return {
        "warehouseId": key,
        "warehouseName": name,
        "originAddress": {
            "name": f"{name} Warehouse",
            "company": "White Sands Co.",
            "street1": "4704 Arabela Dr.",
            "street2": None,
            "street3": None,
            "city": city,
            "state": state,
            "postalCode": postal,
            "country": "US",
            "phone": "512-111-2222",
            "residential": False,
            "addressVerified": None,
        },
    }


def _warehouses(moment: str) -> list[dict[str, Any]]:
    places = [
        _place(DEFAULT_WAREHOUSE, "Main", "Las Cruces", "NM", "88012"),
        _place(511544, "East", "Newark", "NJ", "07102"),
    ]
    return [
        place
        | {
            "returnAddress": place["originAddress"] | {"residential": None},
            "createDate": moment,
            "isDefault": place["warehouseId"] == DEFAULT_WAREHOUSE,
            "sellerIntegrationId": None,
            "extInventoryIdentity": None,
            "registerFedexMeter": None,
        }
        for place in places
    ]
