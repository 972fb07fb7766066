"""V2 reads of what an account is set up with: products, warehouses, carriers, users, tags."""

from __future__ import annotations

from collections.abc import Iterable

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit.context import Context
from sandbox.kit.responses import json_response
from sandbox.shipstation import catalogue, clock
from sandbox.shipstation.api.v2.responses import missing, paged
from sandbox.shipstation.api.v2.values import address, money, se
from sandbox.shipstation.store import Account, Document


class V2Directory:
    def __init__(self, context: Context, account: Account) -> None:
        self.context = context
        self.account = account

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
        rows = list(self.account.products.values())
        for name in ("sku", "name"):
            if value := request.args.get(name, "").lower():
                rows = [row for row in rows if value in (row[name] or "").lower()]
        if active := request.args.get("active"):
            rows = [row for row in rows if row["active"] == (active.lower() == "true")]
        return paged(request, self.context.base_url, "products", rows, _product, 100)

    def warehouses(self, request: Request) -> Response:
        rows = self.account.warehouses.values()
        return json_response({"warehouses": [_warehouse(row) for row in rows]})

    def warehouse(self, request: Request, key: str) -> Response:
        for row in self.account.warehouses.values():
            if se(row["warehouseId"]) == key:
                return json_response(_warehouse(row))
        raise missing("Warehouse")

    def carriers(self, request: Request) -> Response:
        """207 with an error beside the list by switch `v2_multi_status`."""
        rows = [_carrier(row) for row in catalogue.carriers()]
        errors = [_UNREACHABLE] if self.context.switches["v2_multi_status"] else []
        body = {"carriers": rows, "request_id": str(self.context.new_id()), "errors": errors}
        return json_response(body, 207 if errors else 200)

    def carrier(self, request: Request, key: str) -> Response:
        return json_response(self._carrier(key))

    def carrier_part(self, request: Request, key: str, part: str) -> Response:
        if part not in ("services", "packages", "options"):
            raise missing("Page")
        return json_response({part: self._carrier(key)[part]})

    def _carrier(self, key: str) -> Document:
        for row in catalogue.carriers():
            if se(row["shippingProviderId"]) == key:
                return _carrier(row)
        raise missing("Carrier")

    def users(self, request: Request) -> Response:
        return paged(request, self.context.base_url, "users", list(catalogue.USERS), _user)

    def tags(self, request: Request) -> Response:
        rows = self.account.tags.values()
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
        "warehouse_id": se(row["warehouseId"]),
        "is_default": row["isDefault"],
        "name": row["warehouseName"],
        "created_at": clock.zulu_of_naive(row["createDate"]),
        "origin_address": address(row["originAddress"]),
        "return_address": address(row["returnAddress"]),
    }


_UNREACHABLE = {
    "error_source": "carrier",
    "error_type": "integrations",
    "error_code": "carrier_disconnected",
    "message": "One carrier account could not be reached.",
}


def _carrier(row: Document) -> Document:
    several = row["code"] in ("ups", "fedex")
    return {
        "carrier_id": se(row["shippingProviderId"]),
        "carrier_code": row["code"],
        "account_number": row["accountNumber"],
        "requires_funded_amount": row["requiresFundedAccount"],
        "balance": row["balance"],
        "nickname": row["nickname"],
        "friendly_name": row["name"],
        "funding_source_id": None,
        "primary": row["primary"],
        "has_multi_package_supporting_services": several,
        "supports_label_messages": True,
        "disabled_by_billing_plan": False,
        "services": [_service(row, service, several) for service in catalogue.services(row["code"])],
        "packages": [_package(package) for package in catalogue.packages(row["code"])],
        "options": [],
    }


def _service(carrier: Document, row: Document, several: bool) -> Document:
    return {
        "carrier_id": se(carrier["shippingProviderId"]),
        "carrier_code": carrier["code"],
        "service_code": row["code"],
        "name": row["name"],
        "domestic": row["domestic"],
        "international": row["international"],
        "is_multi_package_supported": several,
    }


def _package(row: Document) -> Document:
    return {"package_id": None, "package_code": row["code"], "name": row["name"], "description": row["name"]}


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
        "price": money(row["price"]),
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
