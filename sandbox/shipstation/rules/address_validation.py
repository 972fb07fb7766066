"""What ShipStation changes in an order by itself once it has validated the address.

Recorded on the real service: the ship-to address comes back in capitals with a ZIP+4 and another `residential`,
the order's weight is the sum of its lines, and the default warehouse is filled in.
"""

from __future__ import annotations

import re
import zlib
from typing import Any

from sandbox.shipstation.catalogue import DEFAULT_WAREHOUSE

VALIDATED = "Address validated successfully"


def rewrite(order: dict[str, Any]) -> bool:
    """Rewrite the order in place; false when it was validated before."""
    address = order["shipTo"]
    if address["addressVerified"] == VALIDATED:
        return False
    for name in ("company", "street1", "street2", "street3", "city", "state"):
        if address[name]:
            address[name] = address[name].upper()
    postal = address["postalCode"]
    if address["country"] in ("US", None) and postal and re.fullmatch(r"\d{5}", postal):
        address["postalCode"] = f"{postal}-{_four_digits(address['street1'])}"
    address["residential"] = not address["company"]
    address["addressVerified"] = VALIDATED
    order["advancedOptions"]["warehouseId"] = order["advancedOptions"]["warehouseId"] or DEFAULT_WAREHOUSE
    _weigh(order)
    return True


def _four_digits(street: str | None) -> str:
    return f"{zlib.crc32((street or '').encode()) % 9999 + 1:04d}"


def _weigh(order: dict[str, Any]) -> None:
    goods = [line for line in order["items"] if not line["adjustment"] and line["weight"]["value"]]
    units = {line["weight"]["units"] for line in goods}
    if len(units) == 1:
        value = sum(line["quantity"] * line["weight"]["value"] for line in goods)
        order["weight"] = goods[0]["weight"] | {"value": value}
