"""V2 reads that are not shipments: products, warehouses, carriers, users, tags."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit.responses import json_response
from sandbox.shipstation import clock
from sandbox.shipstation import seed as catalogue
from sandbox.shipstation.api import v2_views as views
from sandbox.shipstation.api.v2_responses import v2_missing, v2_paged
from sandbox.shipstation.store import Document

if TYPE_CHECKING:
    from sandbox.shipstation.app import ShipStationSimulator


class V2Catalogue:
    def __init__(self, simulator: ShipStationSimulator) -> None:
        self.simulator = simulator

    def routes(self) -> Iterable[Rule]:
        reads = {
            "/v2/products": self.products,
            "/v2/warehouses": self.warehouses,
            "/v2/warehouses/<key>": self.warehouse,
            "/v2/carriers": self.carriers,
            "/v2/carriers/<key>": self.carrier,
            "/v2/carriers/<key>/<part>": self.carrier_part,
            "/v2/users": self.users,
            "/v2/tags": self.tags,
        }
        for path, handler in reads.items():
            yield Rule(path, endpoint=handler, methods=["GET"])

    def products(self, request: Request) -> Response:
        rows = list(self.simulator.account.products.values())
        for name in ("sku", "name"):
            if wanted := request.args.get(name, "").lower():
                rows = [row for row in rows if wanted in (row[name] or "").lower()]
        if active := request.args.get("active"):
            rows = [row for row in rows if row["active"] == (active.lower() == "true")]
        return v2_paged(request, self.simulator.base_url, "products", rows, _product, 100)

    def warehouses(self, request: Request) -> Response:
        rows = self.simulator.account.warehouses.values()
        return json_response({"warehouses": [_warehouse(row) for row in rows]})

    def warehouse(self, request: Request, key: str) -> Response:
        for row in self.simulator.account.warehouses.values():
            if views.se(row["warehouseId"]) == key:
                return json_response(_warehouse(row))
        raise v2_missing("Warehouse")

    def carriers(self, request: Request) -> Response:
        """207 with an error beside the list by switch `v2_multi_status`."""
        found: dict[str, Any] = {"carriers": [_carrier(row) for row in catalogue.carriers()]}
        if not self.simulator.switches["v2_multi_status"]:
            return json_response(found | {"request_id": self.simulator.account.guid(), "errors": []})
        fault = {
            "error_source": "carrier",
            "error_type": "integrations",
            "error_code": "carrier_disconnected",
            "message": "One carrier account could not be reached.",
        }
        return json_response(found | {"request_id": self.simulator.account.guid(), "errors": [fault]}, 207)

    def carrier(self, request: Request, key: str) -> Response:
        return json_response(self._carrier(key))

    def carrier_part(self, request: Request, key: str, part: str) -> Response:
        if part not in ("services", "packages", "options"):
            raise v2_missing("Page")
        return json_response({part: self._carrier(key)[part]})

    def _carrier(self, key: str) -> Document:
        for row in catalogue.carriers():
            if views.se(row["shippingProviderId"]) == key:
                return _carrier(row)
        raise v2_missing("Carrier")

    def users(self, request: Request) -> Response:
        return v2_paged(request, self.simulator.base_url, "users", list(catalogue.USERS), _user)

    def tags(self, request: Request) -> Response:
        rows = self.simulator.account.tags.values()
        return json_response({"tags": [{"name": row["name"], "color": row["color"]} for row in rows]})


def _user(row: Document) -> Document:
    return {
        "user_id": row["userId"],
        "name": row["name"],
        "username": row["userName"],
        "email": row["userName"],
        "status": "active",
    }


def _warehouse(row: Document) -> Document:
    return {
        "warehouse_id": views.se(row["warehouseId"]),
        "is_default": row["isDefault"],
        "name": row["warehouseName"],
        "created_at": clock.zulu_of_naive(row["createDate"]),
        "origin_address": views.address(row["originAddress"]),
        "return_address": views.address(row["returnAddress"]),
    }


def _carrier(row: Document) -> Document:
    key = views.se(row["shippingProviderId"])
    services = [
        {
            "carrier_id": key,
            "carrier_code": row["code"],
            "service_code": one["code"],
            "name": one["name"],
            "domestic": one["domestic"],
            "international": one["international"],
            "is_multi_package_supported": row["code"] in ("ups", "fedex"),
        }
        for one in catalogue.services(row["code"])
    ]
    packages = [
        {
            "package_id": None,
            "package_code": one["code"],
            "name": one["name"],
            "description": one["name"],
        }
        for one in catalogue.packages(row["code"])
    ]
    return {
        "carrier_id": key,
        "carrier_code": row["code"],
        "account_number": row["accountNumber"],
        "requires_funded_amount": row["requiresFundedAccount"],
        "balance": row["balance"],
        "nickname": row["nickname"],
        "friendly_name": row["name"],
        "funding_source_id": None,
        "primary": row["primary"],
        "has_multi_package_supporting_services": row["code"] in ("ups", "fedex"),
        "supports_label_messages": True,
        "disabled_by_billing_plan": False,
        "services": services,
        "packages": packages,
        "options": [],
    }


_PRODUCT_COPIES = {
    "internal_notes": "internalNotes",
    "fulfillment_sku": "fulfillmentSku",
    "warehouse_location": "warehouseLocation",
    "default_carrier_code": "defaultCarrierCode",
    "default_service_code": "defaultServiceCode",
    "default_package_code": "defaultPackageCode",
    "default_intl_carrier_code": "defaultIntlCarrierCode",
    "default_intl_service_code": "defaultIntlServiceCode",
    "default_intl_package_code": "defaultIntlPackageCode",
    "default_confirmation": "defaultConfirmation",
    "default_intl_confirmation": "defaultIntlConfirmation",
    "customs_description": "customsDescription",
    "customs_value": "customsValue",
    "customs_tariff_no": "customsTariffNo",
    "customs_country_code": "customsCountryCode",
    "product_type": "productType",
}


def _product(row: Document) -> Document:
    created = clock.zulu_of_naive(row["createDate"])
    size = {"length": row["length"] or 0, "width": row["width"] or 0, "height": row["height"] or 0}
    return {
        "product_id": row["productId"],
        "sku": row["sku"],
        "name": row["name"],
        "upc": None,
        "thumbnail_url": None,
        "price": views.money(row["price"]),
        "dimensions": {"unit": "inch", **size},
        "weight": {"value": row["weightOz"] or 0, "unit": "ounce"},
        "create_date": created,
        "modify_date": clock.zulu_of_naive(row["modifyDate"]) or created,
        "active": row["active"],
        "product_category": row["productCategory"],
        "preset_group": None,
        **{new: row[old] for new, old in _PRODUCT_COPIES.items()},
        "no_customs": bool(row["noCustoms"]),
        "tags": row["tags"] or [],
        "aliases": row["aliases"] or [],
        "is_returnable": True,
        "is_bundle": False,
        "bundle_components": [],
    }
