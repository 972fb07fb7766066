"""One request to one entity: who asks, of which tenant, which record is meant, and how it is shown."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.wrappers import Request, Response

from sandbox.acumatica.api import lists
from sandbox.acumatica.api.sessions import Session
from sandbox.acumatica.api.view import View
from sandbox.acumatica.errors import invalid, no_entity
from sandbox.acumatica.rules.writes import Body, text_of
from sandbox.acumatica.schema import PLACEHOLDER
from sandbox.acumatica.store import Row, Store, Table
from sandbox.kit import exact_json
from sandbox.kit.responses import JSON

DEFAULT_TYPES = {"OrderType": "SO", "Type": "Invoice"}


@dataclass
class Call:
    """`rest` is what follows the entity in the path; `path` is the entity's own."""

    request: Request
    session: Session
    store: Store
    table: Table
    view: View
    rest: list[str]
    path: str

    @property
    def entity(self) -> str:
        return self.table.schema.name

    def row(self) -> Row:
        """The record that the path names, by id or by its keys."""
        row = self.table.by_id(self.rest[0]) if len(self.rest) == 1 else None
        row = row or self.table.get(*self.rest)
        if row is None:
            raise no_entity()
        return row

    def row_of(self, body: Body) -> Row | None:
        """The record that a body means: by id, by `$filter`, or by its keys."""
        if "id" in body:
            row = self.table.by_id(str(body["id"]))
            if row is None:
                raise no_entity()
            return row
        text = self.request.args.get("$filter")
        if text:
            return next(lists.matching(self.table, self.view, text), None)
        keys = [text_of(body, name) or DEFAULT_TYPES.get(name, "") for name in self.table.schema.keys]
        return self.table.get(*keys) if all(keys) else None

    def body(self) -> Body:
        data = self.request.get_data()
        if not data.strip():
            raise invalid("", "The request body should not be empty.")
        try:
            body = exact_json.loads(data)
        except exact_json.DecodeError:
            raise invalid("", "Unexpected character encountered while parsing.") from None
        if not isinstance(body, dict):
            raise invalid("", "A record is expected.")
        return body

    def show(self, row: Row) -> Response:
        return self.respond(self.view.record(self.table, row))

    def respond(self, body: bytes, status: int = 200) -> Response:
        """Ids of details end with what belongs to this session."""
        text = body.replace(PLACEHOLDER.encode(), self.session.tag.encode())
        return Response(text, status, content_type=JSON)
