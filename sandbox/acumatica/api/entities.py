"""The door to records: `/entity/{endpoint}/{version}/{Entity}…` read, listed, written, deleted, acted upon."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from itertools import islice
from random import Random
from typing import Any, ClassVar, Protocol

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.acumatica.api.filter import Filter, compile_filter
from sandbox.acumatica.api.operations import Operations
from sandbox.acumatica.api.sessions import Session, SignIn
from sandbox.acumatica.api.view import (
    View,
    expand_tree,
    put_errors,
    select_tree,
)
from sandbox.acumatica.contract import ENTITIES, FORMS
from sandbox.acumatica.errors import REVIEW, Refusal, error, invalid, no_entity
from sandbox.acumatica.rules.drafts import Body, Entry, Faulty, text_of
from sandbox.acumatica.rules.invoices import ACTIONS, create_invoice
from sandbox.acumatica.rules.orders import create_order, delete_order, update_order
from sandbox.acumatica.rules.plain_records import create_record, update_record
from sandbox.acumatica.rules.shipments import (
    create_shipments,
    delete_shipment,
    update_shipment,
)
from sandbox.acumatica.schema import PLACEHOLDER, RENAMED
from sandbox.acumatica.store import LAST, Row, Store, Table
from sandbox.kit import exact_json

FEW = 3000  # changed records that are gathered by stamp instead of walking all by key
VIEWS = 200
DEFAULT_TYPES = {"OrderType": "SO", "Type": "Invoice"}


class House(Protocol):
    """What this door needs of the simulator."""

    switches: dict[str, Any]
    random: Random
    base_path: ClassVar[str]
    sign_in: SignIn
    operations: Operations

    def store_of(self, session: Session) -> Store: ...

    def new_id(self) -> uuid.UUID: ...

    def serves(self, endpoint: str, version: str) -> bool: ...


@dataclass
class Visit:
    """One request to one entity: who asks, of which tenant, and how to show it."""

    request: Request
    session: Session
    store: Store
    table: Table
    view: View
    rest: list[str]
    path: str

    def show(self, row: Row) -> Response:
        return self.send(self.view.record(self.table, row))

    def send(self, body: bytes, status: int = 200) -> Response:
        text = body.replace(PLACEHOLDER.encode(), self.session.tag.encode())
        return Response(text, status, content_type="application/json; charset=utf-8")


class Entities:
    def __init__(self, house: House) -> None:
        self.house = house
        self.views: dict[tuple[Any, ...], View] = {}
        self.verbs: dict[str, Callable[[Visit], Response]] = {
            "GET": self.get,
            "PUT": self.put,
            "PATCH": self.patch,
            "DELETE": self.delete,
            "POST": self.post,
        }

    def routes(self) -> Iterable[Rule]:
        path = f"{self.house.base_path}/entity/<endpoint>/<version>/<path:rest>"
        yield Rule(path, endpoint=self.enter, methods=list(self.verbs), merge_slashes=False)

    def enter(self, request: Request, endpoint: str, version: str, rest: str) -> Response:
        session = self.house.sign_in.current(request)
        if session is None:
            raise AssertionError("the guard lets nobody in without a session")
        if self.house.switches["redirect"]:
            return Response(b"", 302, {"Location": f"{self.house.base_path}/ui/error"})
        if not self.house.serves(endpoint, version):
            return self._wrong_version()
        try:
            return self._visit(request, session, f"{self.house.base_path}/entity/{endpoint}/{version}", rest)
        except Refusal as refusal:
            return refusal.response()

    def _visit(self, request: Request, session: Session, base: str, rest: str) -> Response:
        first, *others = rest.split("/")
        name = next((each for each in ENTITIES if each.lower() == first.lower()), "")
        if not name:
            return error(404, f"Entity '{first}' was not found.", "System.Collections.Generic.KeyNotFoundException")
        if name in self.house.switches["revoked"]:
            form = FORMS[name][0]
            return error(
                403,
                f"You have insufficient rights to access the object ({form}).",
                "PX.Data.PXNotEnoughRightsException",
            )
        store = self.house.store_of(session)
        polling = len(others) == 3 and others[1] == "status"
        busy = None if polling else self.house.operations.busy(session.ident, FORMS[name][0])
        if busy:
            return busy
        view = self._view(base, request, name)
        visit = Visit(request, session, store, store.tables[name], view, others, f"{base}/{name}")
        try:
            return self.verbs[request.method](visit)
        except Faulty as faulty:
            return self._faulty(visit, faulty)

    def _wrong_version(self) -> Response:
        """The real body is not documented."""
        match self.house.switches["wrong_version_body"]:
            case "json":
                return error(404, "Endpoint not found", "PX.Api.ContractBased.EndpointNotFoundException")
            case "html":
                return Response("<html><body><h1>404</h1></body></html>", 404, content_type="text/html; charset=utf-8")
        return Response("Endpoint not found", 404, content_type="text/plain; charset=utf-8")

    def _view(self, base: str, request: Request, name: str) -> View:
        switches, asked = self.house.switches, request.args
        five = "/26." in base
        texts = tuple(asked.get(part, "") for part in ("$expand", "$select", "$custom"))
        lookups = (bool(switches["padded_keys"]), int(switches["utc_offset_minutes"]), bool(switches["null_notes"]))
        key = (base, name, *texts, *lookups)
        if key not in self.views:
            if len(self.views) >= VIEWS:
                self.views.clear()
            expand, select = expand_tree(texts[0], ENTITIES[name]), select_tree(texts[1])
            custom = frozenset(part.strip() for part in texts[2].split(","))
            self.views[key] = View(key, base, five, *lookups, expand, select, custom)
        return self.views[key]

    # Reading

    def get(self, visit: Visit) -> Response:
        match visit.rest:
            case [action, "status", ident] if action in ACTIONS.get(visit.table.schema.name, {}):
                status = int(self.house.switches["failure_status"])
                return self.house.operations.look(ident, visit.session.ident, status)
            case [] | [""]:
                return self._list(visit)
        return visit.show(self._found(visit))

    def _found(self, visit: Visit) -> Row:
        keys = visit.rest
        row = visit.table.by_id(keys[0]) if len(keys) == 1 else None
        row = row or visit.table.get(*keys)
        if row is None:
            raise no_entity()
        return row

    def _list(self, visit: Visit) -> Response:
        self._optimise(visit)
        asked = visit.request.args
        rows: Iterator[Row] = self._matching(visit)
        if self.house.switches["shuffled"]:
            mixed = list(rows)
            self.house.random.shuffle(mixed)
            rows = iter(mixed)
        skip, top = _count(asked.get("$skip"), "$skip") or 0, _count(asked.get("$top"), "$top")
        page = islice(rows, skip, None if top is None else skip + top)
        records = [visit.view.record(visit.table, row, number) for number, row in enumerate(page, 1)]
        return visit.send(b"[" + b",".join(records) + b"]")

    def _optimise(self, visit: Visit) -> None:
        """Lists run as one query, and some fields stand in the way of that."""
        name = visit.table.schema.name
        wanted = {*visit.view.expand, *(visit.view.select or visit.table.schema.kinds)}
        for entry in self.house.switches["cannot_optimize"]:
            entity, _, field = entry.partition(".")
            if entity == name and (not field or field in wanted):
                words = f"{field or 'Details'}: View {field or 'Transactions'} has BQL delegate"
                raise Refusal(
                    500,
                    f"Optimization cannot be performed.The following fields cause the error:\r\n{words}",
                    "PX.Api.ContractBased.OptimizedExport.CannotOptimizeException",
                )

    def _matching(self, visit: Visit) -> Iterator[Row]:
        text = visit.request.args.get("$filter", "")
        table = visit.table
        if not text.strip():
            return iter(table)
        shown = RENAMED.get(table.schema.name, {}) if visit.view.five else {}
        wanted = compile_filter(text, table.schema, {new: old for old, new in shown.items()})
        return filter(wanted.test, _candidates(table, wanted))

    # Writing

    def put(self, visit: Visit) -> Response:
        body = _sent(visit.request)
        row = self._meant(visit, body)
        condition = visit.request.headers
        if row is not None and condition.get("If-None-Match") == "*":
            return error(412, "The record already exists.", "PX.Api.ContractBased.PreconditionFailedException")
        if row is None and condition.get("If-Match") == "*":
            return error(412, "The record does not exist.", "PX.Api.ContractBased.PreconditionFailedException")
        return self._write(visit, row, body)

    def patch(self, visit: Visit) -> Response:
        body = _sent(visit.request)
        if visit.request.headers.get("If-None-Match") == "*":
            return error(412, "PATCH only updates.", "PX.Api.ContractBased.PreconditionFailedException")
        row = self._meant(visit, body)
        if row is None:
            return error(
                404, "No entity satisfies the condition.", "PX.Api.ContractBased.NoEntitySatisfiesTheConditionException"
            )
        return self._write(visit, row, body)

    def _meant(self, visit: Visit, body: Body) -> Row | None:
        """The record that a body means: by id, by `$filter`, or by its keys."""
        if "id" in body:
            row = visit.table.by_id(str(body["id"]))
            if row is None:
                raise no_entity()
            return row
        if visit.request.args.get("$filter"):
            return next(self._matching(visit), None)
        keys = [text_of(body, name) or DEFAULT_TYPES.get(name, "") for name in visit.table.schema.keys]
        return visit.table.get(*keys) if all(keys) else None

    def _write(self, visit: Visit, row: Row | None, body: Body) -> Response:
        name = visit.table.schema.name
        entry = Entry(visit.store, visit.session.tag)
        create, update = WRITERS.get(name, (partial(create_record, visit.table), partial(update_record, visit.table)))
        made = create(entry, body) if row is None else update(entry, row, body)
        if isinstance(made, dict):
            # Nothing was stored, and still it is answered with 200.
            shown = visit.view.render(visit.table.schema, made, visit.table.next_identity(), 0)
            return visit.send(exact_json.dumps(shown).encode())
        return visit.show(made)

    def _faulty(self, visit: Visit, faulty: Faulty) -> Response:
        """422: the record itself, with errors in it."""
        schema = visit.table.schema
        stored = visit.table.by_serial.get(faulty.serial)
        ident = visit.table.identity(stored) if stored else visit.table.next_identity()
        view = deepcopy(visit.view)
        view.plans.clear()
        view.expand |= {str(path[0]): {} for path in faulty.errors if path[0] in schema.parts}
        shown = view.render(schema, faulty.draft, ident, faulty.serial)
        verb = "Updating " if stored else "Inserting "
        shown |= {"rowNumber": 1, "error": faulty.words or f"{verb} '{FORMS[schema.name][2]}' {REVIEW}"}
        put_errors(shown, faulty.errors)
        return visit.send(exact_json.dumps(shown).encode(), 422)

    def delete(self, visit: Visit) -> Response:
        row = self._found(visit)
        match visit.table.schema.name:
            case "SalesOrder":
                delete_order(visit.store, row)
            case "Shipment":
                delete_shipment(visit.store, row)
            case _:
                visit.table.remove(row)
        return Response(b"", 204)

    # Actions

    def post(self, visit: Visit) -> Response:
        if not visit.rest:
            return error(406, "POST is not a way to write a record.", "System.Web.Http.HttpResponseException")
        known = ACTIONS.get(visit.table.schema.name, {})
        name = next((each for each in known if [each.lower()] == [part.lower() for part in visit.rest]), "")
        if not name:
            return error(
                404, f"Action '{visit.rest[0]}' was not found.", "System.Collections.Generic.KeyNotFoundException"
            )
        body = _sent(visit.request)
        if not isinstance(body.get("entity"), dict):
            raise invalid("entity", "The entity of the action is missing.")
        row = self._meant(visit, body["entity"])
        if row is None:
            raise no_entity()
        return self._act(visit, row, name, body.get("parameters") or {})

    def _act(self, visit: Visit, row: Row, name: str, parameters: Body) -> Response:
        action = ACTIONS[visit.table.schema.name][name]
        path = f"{visit.path}/{name}"
        if not action.long:
            action.work(visit.store, row, parameters)
            # Such an answer may name a place, at which nothing is to be found.
            return Response(b"", 204, {"Location": f"{path}/status/{self.house.new_id()}"})
        if action.check:
            action.check(visit.store, row, parameters)
        work = partial(_while_there, visit.table, row, partial(action.work, visit.store, row, parameters))
        form = FORMS[visit.table.schema.name][0]
        seconds, polls = float(self.house.switches["operation_seconds"]), int(self.house.switches["polls"])
        return self.house.operations.begin(visit.session.ident, form, path, seconds, polls, work)


Writer = tuple[Callable[[Entry, Body], Row], Callable[[Entry, Row, Body], Row]]
WRITERS: dict[str, Any] = {
    "SalesOrder": (create_order, update_order),
    "Shipment": (create_shipments, update_shipment),
    "SalesInvoice": (create_invoice, partial(update_record, None)),
}


def _while_there(table: Table, row: Row, work: Callable[[], None]) -> None:
    if not table.holds(row):
        raise no_entity()
    work()


def _candidates(table: Table, wanted: Filter) -> Iterator[Row]:
    """Rows that may meet a filter, in order of their keys, by way of an index where the filter allows it."""
    for name, word, value in wanted.bounds:
        if name in table.schema.stamps and word in {"gt", "ge", "eq"}:
            few = table.changed_since(value, FEW)
            if few is not None:
                return iter(few)
    firsts = [_range(wanted, table.schema.keys[0])] if len(table.schema.keys) > 1 else []
    last = _range(wanted, table.schema.keys[-1])
    if not firsts:
        return table.between((last[0],), (last[1],))
    kinds = [kind for kind in table.first_keys() if firsts[0][0] <= kind <= firsts[0][1]]
    return (row for kind in kinds for row in table.between((kind, last[0]), (kind, last[1])))


def _range(wanted: Filter, name: str) -> tuple[str, str]:
    """The narrowest range of a key that all found rows lie in, both ends included."""
    low, high = "", LAST
    for bound, word, value in wanted.bounds:
        if bound == name:
            low = max(low, value) if word in {"gt", "ge", "eq"} else low
            high = min(high, value) if word in {"lt", "le", "eq"} else high
    return low, high


def _count(text: str | None, name: str) -> int | None:
    if text is None:
        return None
    if not text.isdigit():
        raise invalid(name, f"The value '{text}' is not valid for {name}.")
    return int(text)


def _sent(request: Request) -> Body:
    data = request.get_data()
    if not data.strip():
        raise invalid("", "The request body should not be empty.")
    try:
        body = exact_json.loads(data)
    except exact_json.DecodeError:
        raise invalid("", "Unexpected character encountered while parsing.") from None
    if not isinstance(body, dict):
        raise invalid("", "A record is expected.")
    return body
