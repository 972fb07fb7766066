"""Actions of an entity over HTTP: done at once, or as a long operation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from werkzeug.wrappers import Response

from sandbox.acumatica.api.calls import Call
from sandbox.acumatica.api.operations import Operations
from sandbox.acumatica.contract import FORMS
from sandbox.acumatica.errors import disabled, error, invalid, no_entity
from sandbox.acumatica.rules import invoices, order_actions, shipment_actions
from sandbox.acumatica.rules.writes import Body
from sandbox.acumatica.store import Row, Store, Table
from sandbox.kit.context import Context

Work = Callable[[Store, Row, dict[str, Any]], None]


@dataclass(frozen=True)
class EntityAction:
    """`check` refuses at once; `work` is done at once too, or after a while where the action runs long."""

    work: Work
    check: Work | None = None
    long: bool = False


def _refuse(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    raise disabled("Create Receipt")


def _nothing(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    """The action has no effect on what is simulated."""


ACTIONS: dict[str, dict[str, EntityAction]] = {
    "SalesOrder": {
        "SalesOrderCreateShipment": EntityAction(
            shipment_actions.create_for_order, shipment_actions.may_create, long=True
        ),
        "SalesOrderCreateReceipt": EntityAction(_refuse),
        "CancelSalesOrder": EntityAction(order_actions.cancel),
        "OpenSalesOrder": EntityAction(order_actions.open_order),
        "ReopenSalesOrder": EntityAction(order_actions.reopen),
        "ReleaseFromCreditHoldSalesOrder": EntityAction(order_actions.release_credit_hold),
        "PrepareSalesInvoice": EntityAction(invoices.invoice_order, long=True),
        "AutoRecalculateDiscounts": EntityAction(order_actions.recalculate),
        "RecalculatePricesDiscounts": EntityAction(order_actions.recalculate),
    },
    "Shipment": {
        "ConfirmShipment": EntityAction(shipment_actions.confirm, shipment_actions.may_confirm, long=True),
        "CorrectShipment": EntityAction(shipment_actions.correct, shipment_actions.may_correct, long=True),
        "PrepareInvoice": EntityAction(invoices.invoice_shipment, invoices.may_invoice, long=True),
        "UpdateIN": EntityAction(invoices.update_inventory, long=True),
    },
    "SalesInvoice": {"ReleaseSalesInvoice": EntityAction(invoices.release_invoice, long=True)},
    "Customer": {"CreateContactFromCustomer": EntityAction(_nothing)},
    "StockItem": {"UpdateStandardCostStockItem": EntityAction(_nothing)},
}


class EntityActions:
    def __init__(self, context: Context, operations: Operations) -> None:
        self.context, self.operations = context, operations

    def post(self, call: Call) -> Response:
        if not call.rest:
            return error(406, "POST is not a way to write a record.", "System.Web.Http.HttpResponseException")
        name = _name(call)
        if not name:
            return error(
                404, f"Action '{call.rest[0]}' was not found.", "System.Collections.Generic.KeyNotFoundException"
            )
        body = call.body()
        if not isinstance(body.get("entity"), dict):
            raise invalid("entity", "The entity of the action is missing.")
        row = call.row_of(body["entity"])
        if row is None:
            raise no_entity()
        return self._run(call, row, name, body.get("parameters") or {})

    def _run(self, call: Call, row: Row, name: str, parameters: Body) -> Response:
        action = ACTIONS[call.entity][name]
        path = f"{call.path}/{name}"
        if not action.long:
            action.work(call.store, row, parameters)
            # Such a response may name a place, at which nothing is to be found.
            return Response(b"", 204, {"Location": f"{path}/status/{self.context.new_id()}"})
        if action.check:
            action.check(call.store, row, parameters)
        work = partial(_while_stored, call.table, row, partial(action.work, call.store, row, parameters))
        return self.operations.begin(call.session.id, FORMS[call.entity][0], path, work)


def is_status(entity: str, rest: list[str]) -> bool:
    """The path is the status address of an operation."""
    return len(rest) == 3 and rest[1] == "status" and rest[0] in ACTIONS.get(entity, {})


def _name(call: Call) -> str:
    """The action that the path names in any case of letters, or empty."""
    parts = [part.lower() for part in call.rest]
    return next((name for name in ACTIONS.get(call.entity, {}) if [name.lower()] == parts), "")


def _while_stored(table: Table, row: Row, work: Callable[[], None]) -> None:
    if not table.holds(row):
        raise no_entity()
    work()
