"""Records written and deleted over HTTP."""

from __future__ import annotations

from copy import deepcopy
from functools import partial
from typing import Any

from werkzeug.wrappers import Response

from sandbox.acumatica.api.calls import Call
from sandbox.acumatica.api.view import put_errors
from sandbox.acumatica.contract import FORMS
from sandbox.acumatica.errors import REVIEW, error
from sandbox.acumatica.rules.invoices import create_invoice
from sandbox.acumatica.rules.orders import create_order, delete_order, update_order
from sandbox.acumatica.rules.plain_records import create_record, update_record
from sandbox.acumatica.rules.shipments import create_shipments, delete_shipment, update_shipment
from sandbox.acumatica.rules.writes import Body, InvalidRecord, Write
from sandbox.acumatica.store import Row
from sandbox.kit import exact_json

PRECONDITION_FAILED = "PX.Api.ContractBased.PreconditionFailedException"
WRITERS: dict[str, Any] = {
    "SalesOrder": (create_order, update_order),
    "Shipment": (create_shipments, update_shipment),
    "SalesInvoice": (create_invoice, partial(update_record, None)),
}
"""How a record is created and updated, for entities that have rules of their own."""


def put(call: Call) -> Response:
    body = call.body()
    row = call.row_of(body)
    headers = call.request.headers
    if row is not None and headers.get("If-None-Match") == "*":
        return error(412, "The record already exists.", PRECONDITION_FAILED)
    if row is None and headers.get("If-Match") == "*":
        return error(412, "The record does not exist.", PRECONDITION_FAILED)
    return _write(call, row, body)


def patch(call: Call) -> Response:
    body = call.body()
    if call.request.headers.get("If-None-Match") == "*":
        return error(412, "PATCH only updates.", PRECONDITION_FAILED)
    row = call.row_of(body)
    if row is None:
        return error(
            404, "No entity satisfies the condition.", "PX.Api.ContractBased.NoEntitySatisfiesTheConditionException"
        )
    return _write(call, row, body)


def delete(call: Call) -> Response:
    row = call.row()
    match call.entity:
        case "SalesOrder":
            delete_order(call.store, row)
        case "Shipment":
            delete_shipment(call.store, row)
        case _:
            call.table.remove(row)
    return Response(b"", 204)


def _write(call: Call, row: Row | None, body: Body) -> Response:
    write = Write(call.store, call.session.tag)
    create, update = WRITERS.get(call.entity, (partial(create_record, call.table), partial(update_record, call.table)))
    try:
        result = create(write, body) if row is None else update(write, row, body)
    except InvalidRecord as invalid:
        return _invalid_record(call, invalid)
    if isinstance(result, dict):
        # Nothing was stored, and still the status is 200.
        shown = call.view.render(call.table.schema, result, call.table.next_identity(), 0)
        return call.respond(exact_json.dumps(shown).encode())
    return call.show(result)


def _invalid_record(call: Call, invalid: InvalidRecord) -> Response:
    """422: the record itself, with errors in it."""
    schema = call.table.schema
    stored = call.table.by_serial.get(invalid.serial)
    record_id = call.table.identity(stored) if stored else call.table.next_identity()
    view = deepcopy(call.view)
    view.plans.clear()
    view.expand |= {str(path[0]): {} for path in invalid.errors if path[0] in schema.parts}
    shown = view.render(schema, invalid.draft, record_id, invalid.serial)
    verb = "Updating " if stored else "Inserting "
    shown |= {"rowNumber": 1, "error": invalid.message or f"{verb} '{FORMS[schema.name][2]}' {REVIEW}"}
    put_errors(shown, invalid.errors)
    return call.respond(exact_json.dumps(shown).encode(), 422)
