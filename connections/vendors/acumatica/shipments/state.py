"""What Acumatica holds of an order and its shipments at this moment; every step of shipping begins by reading it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connections.vendors.acumatica import codec
from connections.vendors.acumatica.client import AcumaticaClient
from connections.vendors.acumatica.codec import Record

EDITABLE = {"Open", "On Hold"}
GONE = {"Canceled", "Cancelled"}
SHIPMENT_PARTS = ("Details", "Packages")


@dataclass(frozen=True)
class Parcel:
    """A package on a shipment. `mark` is the key that the writer of it left in `CustomRefNbr1`."""

    id: str
    line: str
    mark: str
    tracking: str


@dataclass(frozen=True)
class ShipmentState:
    number: str
    status: str
    hold: bool
    warehouse: str
    description: str
    invoice: str
    parcels: tuple[Parcel, ...]
    quantities: dict[int, Decimal]
    """Shipped quantity by line of the order."""

    @property
    def editable(self) -> bool:
        return self.status in EDITABLE

    @property
    def locked(self) -> bool:
        """Billed, or further on: it can no longer be corrected."""
        return bool(self.invoice) or not (self.editable or self.status == "Confirmed")

    @property
    def unmarked(self) -> bool:
        return not any(parcel.mark for parcel in self.parcels)

    def holds(self, goods: Mapping[int, Decimal]) -> bool:
        """Whether these quantities by line of the order are on this shipment."""
        return all(self.quantities.get(line, Decimal(0)) >= quantity for line, quantity in goods.items())

    def ours(self, mark: str) -> list[Parcel]:
        return [parcel for parcel in self.parcels if parcel.mark == mark]

    def key(self, mark: str) -> str:
        """Our packages on this shipment, as a target key names them: by their mark, since line numbers are used again."""
        return f"{self.number}/{mark}"


@dataclass(frozen=True)
class OrderLine:
    number: int
    item: str
    warehouse: str
    left: Decimal
    """What is on no shipment yet."""


@dataclass(frozen=True)
class OrderState:
    type: str
    number: str
    status: str
    hold: bool
    customer: str
    location: str
    lines: tuple[OrderLine, ...]
    shipments: tuple[ShipmentState, ...]

    @property
    def label(self) -> str:
        return f"{self.type} {self.number}"

    def marked(self, mark: str) -> list[ShipmentState]:
        return [shipment for shipment in self.shipments if shipment.ours(mark)]


def read_order(client: AcumaticaClient, order_type: str, number: str) -> OrderState | None:
    """The order with all its shipments, None where there is no such order."""
    record = client.record("SalesOrder", (order_type, number), ("Details", "Shipments"))
    if record is None:
        return None
    shipments = _read_shipments(client, record, (order_type, number))
    return OrderState(
        type=order_type,
        number=number,
        status=codec.text(record, "Status"),
        hold=codec.plain(record, "Hold") is True,
        customer=codec.text(record, "CustomerID"),
        location=codec.text(record, "LocationID"),
        lines=tuple(_line(line, shipments) for line in record.get("Details") or []),
        shipments=shipments,
    )


def _read_shipments(client: AcumaticaClient, order: Record, key: tuple[str, str]) -> tuple[ShipmentState, ...]:
    invoices = {
        codec.text(link, "ShipmentNbr"): codec.text(link, "InvoiceNbr") for link in order.get("Shipments") or []
    }
    states = (
        read_shipment(client, number, key, invoice)
        for number, invoice in invoices.items()
        if number and not number.startswith("<")
    )
    return tuple(state for state in states if state is not None and state.status not in GONE)


def read_shipment(
    client: AcumaticaClient, number: str, order: tuple[str, str], invoice: str = ""
) -> ShipmentState | None:
    record = client.record("Shipment", (number,), SHIPMENT_PARTS)
    return shipment_state(record, order, invoice) if record else None


def shipment_state(record: Record, order: tuple[str, str], invoice: str = "") -> ShipmentState:
    """A raw shipment, seen from one of its orders."""
    quantities: dict[int, Decimal] = {}
    for line in record.get("Details") or []:
        if (codec.text(line, "OrderType"), codec.text(line, "OrderNbr")) == order:
            number = int(codec.plain(line, "OrderLineNbr") or 0)
            quantities[number] = quantities.get(number, Decimal(0)) + _quantity(line, "ShippedQty")
    return ShipmentState(
        number=codec.text(record, "ShipmentNbr"),
        status=codec.text(record, "Status"),
        hold=codec.plain(record, "Hold") is True,
        warehouse=codec.text(record, "WarehouseID"),
        description=codec.text(record, "Description"),
        invoice=invoice,
        parcels=tuple(_parcel(package) for package in record.get("Packages") or []),
        quantities=quantities,
    )


def _parcel(package: Record) -> Parcel:
    return Parcel(
        id=str(package.get("id", "")),
        line=codec.text(package, "LineNbr"),
        mark=codec.text(package, "CustomRefNbr1"),
        tracking=codec.text(package, "TrackingNbr").strip(),
    )


def _line(line: Record, shipments: tuple[ShipmentState, ...]) -> OrderLine:
    number = int(codec.plain(line, "LineNbr") or 0)
    ordered = _quantity(line, "OrderQty")
    shipped = sum((shipment.quantities.get(number, Decimal(0)) for shipment in shipments), Decimal(0))
    # Whether open shipments lower OpenQty already differs, so the most careful of the three figures counts.
    left = min(ordered - shipped, ordered - _quantity(line, "QtyOnShipments"), _quantity(line, "OpenQty"))
    done = codec.plain(line, "Completed") is True or codec.text(line, "LineType").startswith("Misc")
    return OrderLine(
        number=number,
        item=codec.text(line, "InventoryID"),
        warehouse=codec.text(line, "WarehouseID"),
        left=Decimal(0) if done else max(left, Decimal(0)),
    )


def _quantity(record: Record, name: str) -> Decimal:
    value: Any = codec.plain(record, name)
    return Decimal(value) if value is not None else Decimal(0)
