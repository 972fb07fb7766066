"""Values of the account in V2's words: statuses, ids, money, addresses, measures, dates."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.shipstation import clock
from sandbox.shipstation.catalogue import carriers
from sandbox.shipstation.store import Document, Order

STATUS = {
    "shipped": "label_purchased",
    "cancelled": "cancelled",
    "rejected_fulfillment": "cancelled",
    "pending_fulfillment": "processing",
}
ADDRESS = {
    "name": "name",
    "phone": "phone",
    "company_name": "company",
    "address_line1": "street1",
    "address_line2": "street2",
    "address_line3": "street3",
    "city_locality": "city",
    "state_province": "state",
    "postal_code": "postalCode",
    "country_code": "country",
}
UNITS = {"pounds": "pound", "ounces": "ounce", "grams": "gram"}
_RESIDENTIAL = {True: "yes", False: "no", None: "unknown"}


def status_of(order: Order) -> str:
    return STATUS.get(order.status, "pending")


def se(key: int | None) -> str | None:
    """The V2 id of a V1 number."""
    return None if key is None else f"se-{key}"


def money(amount: Any) -> dict[str, Any]:
    return {"currency": "usd", "amount": amount or Decimal("0.0")}


def address(v1: Document | None, email: str | None = None) -> Document:
    v1 = v1 or {}
    texts = {name: v1.get(old) for name, old in ADDRESS.items()}
    residential = _RESIDENTIAL[v1.get("residential")]
    return texts | {"email": email, "address_residential_indicator": residential}


def ship_to(document: Document) -> Document:
    return address(document["shipTo"], document["customerEmail"]) | {
        "geolocation": None,
        "instructions": None,
    }


def weight(v1: Document | None) -> Document:
    v1 = v1 or {"value": 0, "units": "ounces"}
    return {"value": v1["value"], "unit": UNITS.get(v1["units"], "ounce")}


def dimensions(v1: Document | None) -> Document:
    v1 = v1 or {"units": "inches", "length": 0, "width": 0, "height": 0}
    unit = "centimeter" if v1["units"] == "centimeters" else "inch"
    return {"unit": unit} | {name: v1[name] for name in ("length", "width", "height")}


def carrier_id(code: str | None) -> str | None:
    providers = {carrier["code"]: carrier["shippingProviderId"] for carrier in carriers()}
    return se(providers.get(code))


def date_of(day: str | None) -> str | None:
    """A calendar date, which shipments write as UTC midnight."""
    return f"{day[:10]}T00:00:00Z" if day else None


def pacific_midnight(day: str) -> str:
    """The same date on labels and fulfillments, which write it as Pacific midnight."""
    return (clock.zulu_of_naive(f"{day[:10]}T00:00:00") or "").replace(".000Z", "Z")
