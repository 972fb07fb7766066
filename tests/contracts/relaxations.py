"""Everything that we accept although a contract does not: each with its reason, as narrow as it can be.

`operation` and `at` are patterns with `*`; `at` is the dotted path of the field, without list positions. A relaxation
that no call needs any more fails a test, so the list cannot grow old.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from tests.contracts.schemas import Finding, Schema


@dataclass(frozen=True)
class Relaxation:
    """`on`: request, answer, query or header."""

    on: str
    operation: str
    at: str
    rule: str
    reason: str

    def covers(self, on: str, operation: str, finding: Finding) -> bool:
        return (
            (self.on, self.rule) == (on, finding.rule)
            and fnmatchcase(operation, self.operation)
            and any(fnmatchcase(finding.at, one) for one in self.at.split() or [""])
        )


def _in(prefixes: str, names: str) -> str:
    """Each name behind each prefix; `-` stands for none."""
    places = ["" if prefix == "-" else f"{prefix}." for prefix in prefixes.split()]
    return " ".join(place + name for place in places for name in names.split())


@dataclass(frozen=True)
class Undocumented:
    """A path that the contract does not hold; `{}` stands for one part of it."""

    method: str
    path: str
    reason: str


# ShipStation V1: see the head of the vendor notes and their sections 2.3, 3, 4 and 6.

_ECHO = (
    "An update is the whole resource (`the entire resource must be provided`), so what was read goes back; examples show "
    "requests for new ones only."
)
_ABSENT = (
    "An answer shows every field, absent ones as null; the examples of this operation happen to be filled, or have lost "
    "their nulls (2019)."
)
V1 = (
    Relaxation(
        "answer",
        "* /orders*",
        _in(
            "- orders",
            "customerId customerUsername customerEmail customerNotes internalNotes giftMessage paymentDate shipByDate "
            "paymentMethod requestedShippingService carrierCode serviceCode packageCode shipDate dimensions userId "
            "shipTo.company shipTo.street2 shipTo.phone insuranceOptions.provider advancedOptions.source "
            "advancedOptions.customField1 advancedOptions.customField2 advancedOptions.customField3",
        ),
        "null",
        _ABSENT,
    ),
    Relaxation("answer", "GET /customers*", _in("- customers", "company street2 phone"), "null", _ABSENT),
    Relaxation("answer", "GET /shipments", _in("shipments.shipTo", "company street2 phone"), "null", _ABSENT),
    Relaxation(
        "answer", "GET /shipments", "shipments.shipmentItems", "null", "Null unless includeShipmentItems asks for them."
    ),
    Relaxation("answer", "GET /fulfillments", _in("fulfillments", "customerEmail shipTo.phone"), "null", _ABSENT),
    Relaxation("answer", "GET /stores/getrefreshstatus", "refreshDate", "null", "A store that was never refreshed."),
    Relaxation(
        "answer",
        "POST /orders/createorders",
        "results.orderId",
        "null",
        "Only successes are shown; a refused order has none.",
    ),
    Relaxation(
        "request",
        "POST /orders/createorder*",
        "orderId items.orderItemId items.createDate items.modifyDate weight.WeightUnits items.weight.WeightUnits "
        "billTo.addressVerified shipTo.addressVerified internationalOptions.nonDelivery "
        "advancedOptions.billToMyOtherAccount",
        "unknown",
        _ECHO,
    ),
    Relaxation(
        "request",
        "POST /orders/createorder*",
        "tagIds items.productId shipTo.company shipTo.street2 shipTo.phone advancedOptions.customField2 "
        "advancedOptions.customField3",
        "null",
        _ECHO,
    ),
    Relaxation("request", "PUT /products/{productId}", "createDate modifyDate", "unknown", _ECHO),
    Relaxation("query", "GET /orders", "importBatch", "unknown", "In the addresses that notifications point to."),
    Relaxation("query", "GET /shipments", "batchId", "unknown", "In the addresses that notifications point to."),
)
V1_PATHS: tuple[Undocumented, ...] = ()
V1_ERROR: Schema = {
    "type": "object",
    "anyOf": [{"required": ["message"]}, {"required": ["Message"]}],
    "properties": {
        "message": {"type": "string"},
        "Message": {"type": "string"},
        "ModelState": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        "ExceptionMessage": {"type": "string"},
        "ExceptionType": {"type": "string"},
    },
}
"""V1 documents no error body. These are the four shapes that the notes found in use."""

# ShipStation V2: the document is of August 2025. Sections 7 and 8 of the notes say what came later and what was recorded.

_RECORDED = "Recorded as null (notes, 7.1), and the document knows no null here."
_GUESSED = "Not recorded: our simulator shows an absent value as null, as its neighbours are recorded to be."
_NEW_EVENTS = "The events that end in _v2, and `name`, came after this document (notes, 8)."
_ENTRY = (
    "shipment_id created_at modified_at shipment_status ship_from return_to confirmation advanced_options "
    "insurance_provider tags packages total_weight"
)
V2 = (
    Relaxation(
        "query",
        "GET /v2/shipments",
        "pickup_id",
        "missing",
        "Marked as required by mistake: guides say all are optional.",
    ),
    Relaxation("request", "POST /v2/environment/webhooks", "event", "enum", _NEW_EVENTS),
    Relaxation("request", "* /v2/environment/webhooks*", "name", "unknown", _NEW_EVENTS),
    Relaxation("answer", "* /v2/environment/webhooks", "event", "enum", _NEW_EVENTS),
    Relaxation(
        "request",
        "POST /v2/shipments",
        _in("shipments", "internal_notes"),
        "unknown",
        "Added to the fields of a new shipment after this document (notes, 7.1).",
    ),
    Relaxation(
        "request",
        "POST /v2/shipments",
        _in(
            "shipments",
            "shipment_number ship_by_date requested_shipment_service service_code confirmation advanced_options",
        ),
        "unknown",
        "Fields of the stored shipment, which this document does not list for a new one; guides tell to set "
        "shipment_number. Whether the others are taken or ignored is not known.",
    ),
    Relaxation(
        "request",
        "POST /v2/shipments",
        _in("shipments.ship_to", "phone state_province"),
        "minLength",
        "Both are required, and an order from abroad may have no state, any order no phone. Nothing honest fills them.",
    ),
    Relaxation(
        "answer",
        "* /v2/*",
        _in("ship_to labels.ship_to shipments.ship_to", "phone state_province"),
        "minLength",
        "What was sent empty comes back empty.",
    ),
    Relaxation("answer", "* /v2/*", _in("ship_to labels.ship_to shipments.ship_to", "phone"), "null", _GUESSED),
    Relaxation("answer", "* /v2/*", _in("ship_to labels.ship_to shipments.ship_to", "geolocation"), "null", _RECORDED),
    Relaxation(
        "answer",
        "* /v2/shipments*",
        _in("- shipments", "order_source_code items.order_source_code packages.external_package_id packages.products"),
        "null",
        _RECORDED,
    ),
    Relaxation("answer", "* /v2/shipments*", _in("- shipments", "items.weight"), "null", _GUESSED),
    Relaxation("answer", "* /v2/labels*", _in("- labels", "packages.external_package_id"), "null", _RECORDED),
    Relaxation("answer", "* /v2/labels*", _in("- labels", "requested_comparison_amount"), "null", _GUESSED),
    Relaxation(
        "answer",
        "* /v2/*",
        _in("- labels shipments", "packages.weight.value") + " total_weight.value shipments.total_weight.value",
        "exclusiveMinimum",
        "`minimum: 0, exclusiveMinimum: 1` is a converter's slip for `more than 0`; an order without weights has 0.",
    ),
    Relaxation(
        "answer",
        "GET /v2/shipments",
        "shipments.items.unit_price",
        "minimum",
        "A discount line made by V1; how V2 shows one is not recorded.",
    ),
    Relaxation(
        "answer",
        "POST /v2/shipments",
        _in("shipments", _ENTRY),
        "missing",
        "An entry that was refused holds its errors and no shipment (notes, 7).",
    ),
    Relaxation(
        "answer",
        "GET /v2/labels/{label_id}",
        "",
        "body",
        "404 is documented without a body; all others have the error body.",
    ),
    Relaxation(
        "answer",
        "GET /v2/carriers*",
        _in("- carriers", "account_number packages.package_id"),
        "null",
        _GUESSED,
    ),
    Relaxation(
        "answer",
        "GET /v2/carriers*",
        _in("- carriers", "services.carrier_code"),
        "pattern",
        "Typed as an id by mistake: the carrier's own entry and its example hold `stamps_com`.",
    ),
    Relaxation(
        "answer",
        "GET /v2/labels/{label_id}/track",
        "status_code",
        "enum",
        "The document points at the list of detail codes by mistake (notes, 7.2); `NY` was seen.",
    ),
    Relaxation(
        "answer",
        "GET /v2/labels/{label_id}/track",
        "carrier_id",
        "type",
        "A number here only; every id of V2 is `se-` and a number.",
    ),
    Relaxation(
        "answer",
        "GET /v2/labels/{label_id}/track",
        "actual_delivery_date estimated_delivery_date ship_date exception_description",
        "null",
        _GUESSED,
    ),
    Relaxation(
        "answer",
        "PUT /v2/labels/{label_id}/void",
        "reason_code",
        "null",
        "The document itself says that it is not filled where the void was approved.",
    ),
)
V2_PATHS = (
    Undocumented("GET", "/v2/fulfillments", "Added in August 2025, after this document (notes, 7.3)."),
    Undocumented("POST", "/v2/fulfillments", "Added in August 2025, after this document (notes, 7.3)."),
    Undocumented("PUT", "/v2/shipments/{}", "Described by the vendor's guide, not by this document (notes, 7.1)."),
)

# Acumatica: sections 1 to 3 of the notes. A contract holds the records of one endpoint and nothing around them.

ACUMATICA = (
    Relaxation(
        "request",
        "POST /Shipment/*Shipment",
        "parameters",
        "unknown",
        "The vendor's own examples send empty parameters where an action has none (notes, 3.5).",
    ),
    Relaxation(
        "request",
        "PUT /Shipment",
        "Packages.delete",
        "unknown",
        "`{id, delete: true}` removes a line, by the vendor's guide; the schema leaves it out (notes, 3.4).",
    ),
    Relaxation(
        "request",
        "PUT /Shipment",
        "ShipmentDate.value",
        "format",
        "A calendar day; the vendor's examples send it without a time as well (notes, 3.2).",
    ),
    Relaxation(
        "header",
        "PUT /Shipment",
        "if-none-match",
        "unknown",
        "`*` inserts and never changes, by the vendor's guide; the contract shows no headers (notes, 3.4).",
    ),
)
_PARTS = "BuildingName BuildingNumber Department DistrictName Floor PostBox Room StreetName SubDepartment TownLocationName UnitNumber"
ACUMATICA_24 = (
    *ACUMATICA,
    Relaxation(
        "answer",
        "*",
        "_links",
        "unknown",
        "Behaviour follows the build, and the document was exported from an older one (notes, 1.2).",
    ),
    Relaxation(
        "answer",
        "GET *",
        _in("*Address", _PARTS),
        "unknown",
        "Our simulator shows the address of 25.200.001 in both versions; nothing of ours reads these parts.",
    ),
)
ACUMATICA_PATHS = (
    Undocumented("POST", "/MyInstance/entity/auth/login", "Signing in is no part of an endpoint (notes, 2.1)."),
    Undocumented("POST", "/MyInstance/entity/auth/logout", "Signing out is no part of an endpoint (notes, 2.1)."),
    Undocumented("POST", "/MyInstance/identity/connect/token", "OAuth is no part of an endpoint (notes, 2.2)."),
    Undocumented("GET", "/MyInstance/entity", "Lists the endpoints, so is part of none (notes, 1.3)."),
    Undocumented("GET", "/MyInstance/Frames/Login.aspx", "The one page that names the tenant (notes, 2.1)."),
    Undocumented(
        "GET", "/MyInstance/entity/Default/20.200.001/SalesOrder/SO/1", "An endpoint that the site lacks, on purpose."
    ),
    Undocumented(
        "GET", "/{}/{}/status/{}", "Where an action's answer tells to look; only its header is documented (notes, 3.5)."
    ),
)

# Visma.net ERP: sections 1.5 and 2 of the notes.

_NO_PAGES = "Visma calls both a duty on every list (notes, 2.4); this one knows no pages and gives all."
VISMA = (
    Relaxation(
        "answer",
        "GET *",
        "date dueDate *Date *DateTime promised requested promisedOn *.date *.promised *.requested",
        "offset",
        "Typed as date-time, and observed without an offset: the server's own clock (notes, 2.5).",
    ),
    Relaxation(
        "query",
        "GET /v1/branch",
        "pageNumber pageSize",
        "unknown",
        _NO_PAGES,
    ),
    Relaxation("query", "GET /v1/organization", "pageNumber pageSize", "unknown", _NO_PAGES),
    Relaxation(
        "request",
        "* /v1/*",
        "date.value lines.expirationDate.value lines.allocations.expirationDate.value",
        "format",
        "Calendar days, which Visma's samples send without a time as well (notes, 2.2).",
    ),
    Relaxation(
        "header",
        "*",
        "branchid ipp-application-type ipp-company-id",
        "unknown",
        "Of the older sign-in; sent only where a connection's settings say so (notes, 1.5).",
    ),
    Relaxation(
        "answer",
        "GET /v1/background/{requestId}/content",
        "",
        "type",
        "What the call itself would have answered, which may be a list (notes, 2.8).",
    ),
)
VISMA_PATHS = (Undocumented("POST", "/connect-host/connect/token", "Signing in is another service (notes, 1.2)."),)
VISMA_ERROR: Schema = {
    "type": "object",
    "anyOf": [{"required": ["message"]}, {"required": ["Message"]}, {"required": ["ExceptionMessage"]}],
    "properties": {
        "message": {"type": "string"},
        "Message": {"type": "string"},
        "ExceptionType": {"type": "string"},
        "ExceptionMessage": {"type": "string"},
        "ExceptionFaultCode": {"type": "string"},
        "ExceptionMessageID": {"type": "string"},
        "ExceptionDetails": {"type": "string"},
    },
    "additionalProperties": False,
}
"""The document shows no error body. These are the shapes that the notes found in use (2.11)."""
VISMA_ERRORS: dict[int, Schema] = {status: {} for status in (401, 429, 502, 503, 504)}
"""Refused tokens, the limit and gateways answer with anything, or with nothing (2.10, 2.11)."""
VISMA_V3 = (
    Relaxation(
        "answer",
        "GET /api/v3/SalesOrders/{type}/{orderId}",
        "orderLines",
        "unknown",
        "Seen in a client of 2025; the digest is of 2022 (notes, 4.1).",
    ),
)

# Recorded answers of ShipStation V1 (January 2021) beside those of our simulator.

NEWER_FIELDS = frozenset({"externallyFulfilledById", "externallyFulfilledByName"})
"""In the current reference of the order (notes, 3), not yet in the recordings."""
NOT_SIMULATED = frozenset(
    {"Deactivate Store", "Reactivate Store", "Create Warehouse", "Update Warehouse", "Delete a warehouse"}
)
"""Setting up an account is no part of what the console does."""
