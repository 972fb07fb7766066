"""Records without a workflow: customers, items, ship-via codes, boxes, warehouses."""

from __future__ import annotations

from copy import deepcopy

from sandbox.acumatica.rules.writes import Body, InvalidRecord, Write, text_of
from sandbox.acumatica.schema import Record
from sandbox.acumatica.store import NO_MONEY, ZERO, Row, Store, Table

Result = Row | Record


def create_record(table: Table, write: Write, body: Body) -> Result:
    """A new record. Customers are numbered automatically, whatever key was sent; an item without a key is shown as
    `<NEW>` and not stored; the status is 200 all the same."""
    name, serial = table.schema.name, table.serials + 1
    record = defaults(write.store, name)
    write.fill(record, table.schema, body, serial)
    missing = [key for key in table.schema.keys if not text_of(body, key)]
    if name == "Customer":
        record["CustomerID"] = "<NEW>"
    elif missing and name == "StockItem":
        return {**record, "InventoryID": "<NEW>"}
    elif missing:
        write.errors |= {(key,): f"'{key}' cannot be empty." for key in missing}
    write.check(record, serial)
    if name == "Customer":
        record["CustomerID"] = write.store.number(table, "C", 4)
    return table.add(record)


def update_record(table: Table | None, write: Write, row: Row, body: Body) -> Row:
    table = table or write.store.invoices
    draft = deepcopy(row.read())
    if table is write.store.invoices and row.status not in {"Balanced", "On Hold"}:
        raise InvalidRecord(draft, row.serial, {}, f"The invoice is {row.status} and cannot be changed.")
    write.fill(draft, table.schema, body, row.serial, leave=table.schema.keys)
    write.check(draft, row.serial)
    row.record = draft
    table.changed(row)
    return row


def defaults(store: Store, name: str) -> Record:
    """What a new record of an entity is filled with."""
    match name:
        case "Customer":
            return _new_customer(store)
        case "StockItem":
            return _new_item([row.read()["WarehouseID"] for row in store.tables["Warehouse"]])
    return {}


def _new_customer(store: Store) -> Record:
    return {
        "Status": "Active",
        "CustomerClass": "DEFAULT",
        "CurrencyID": "USD",
        "Terms": "NET30",
        "ShippingRule": "Back Order Allowed",
        "LocationName": "Primary Location",
        "CreatedDateTime": store.stamp(),
        "CreditLimit": NO_MONEY,
        "WriteOffLimit": NO_MONEY,
        "ResidentialDelivery": False,
        "SaturdayDelivery": False,
        "IsGuestCustomer": False,
        "MainContact": {"Address": {}},
    }


def _new_item(warehouses: list[str]) -> Record:
    """The first warehouse is its default."""
    return {
        "ItemStatus": "Active",
        "ItemClass": "DEFAULT",
        "ItemType": "Finished Good",
        "BaseUOM": "EA",
        "SalesUOM": "EA",
        "PurchaseUOM": "EA",
        "DefaultPrice": ZERO,
        "MSRP": ZERO,
        "DimensionWeight": ZERO,
        "DimensionVolume": ZERO,
        "IsAKit": False,
        "PackSeparately": False,
        "PackagingOption": "Manual",
        "DefaultWarehouseID": warehouses[0] if warehouses else None,
        "TaxCategory": "TAXABLE",
        "WarehouseDetails": [
            _warehouse_detail(warehouse, default=index == 0) for index, warehouse in enumerate(warehouses)
        ],
        "CrossReferences": [],
    }


def _warehouse_detail(warehouse: str, *, default: bool) -> Record:
    return {
        "WarehouseID": warehouse,
        "QtyOnHand": ZERO,
        "IsDefault": default,
        "Status": "Active",
        "DefaultIssueLocationID": "R1S1",
        "DefaultReceiptLocationID": "R1S1",
    }
