"""Two systems in memory, to try the engine on: what they answer is set by the test."""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from connections.errors import Rejected, VendorError
from connections.vendor import (
    Account,
    Cursor,
    Document,
    Field,
    Found,
    Guide,
    Hint,
    Outcome,
    Outgoing,
    Page,
    ProbeLine,
    Resource,
    Vendor,
    Webhooks,
    Written,
)
from syncjobs.recipe import STOP, FlowSpec, Map, Recipe, Table


class Shelf:
    """What the two systems hold, and what they do next."""

    def __init__(self) -> None:
        self.pages: list[list[Document]] = []
        self.target: dict[str, dict[str, Any]] = {}
        self.calls: list[list[str]] = []
        self.finds = 0
        self.before_write: Callable[[Sequence[Outgoing]], None] = lambda documents: None
        self.answers: list[Callable[[Sequence[Outgoing]], Sequence[Outcome]] | VendorError | Exception] = []
        self.read_error: Exception | None = None
        self.find_error: Exception | None = None
        self.probe_ok = True
        self.subscriptions: dict[str, str] = {}

    def add(self, *documents: Document) -> None:
        self.pages.append(list(documents))

    def apply(self, documents: Sequence[Outgoing]) -> list[Outcome]:
        for document in documents:
            self.target[document.natural_key] = document.payload
        return [Written(f"T-{document.natural_key}", answer={"ok": True}) for document in documents]


class Client:
    def __init__(self, shelf: Shelf, slug: str = "") -> None:
        self.shelf = shelf
        self.slug = slug

    def close(self) -> None: ...

    def sign_out(self) -> None: ...


class Things(Resource):
    slug, label, document = "things", "Things", "thing"

    def start(self, since: dt.datetime) -> Cursor:
        return {"page": 0}

    def changes(self, cursor: Cursor) -> Iterator[Page]:
        for number in range(cursor["page"], len(self.client.shelf.pages)):
            yield Page(self.client.shelf.pages[number], {"page": number + 1})
            if self.client.shelf.read_error:
                raise self.client.shelf.read_error

    def get(self, key: str) -> Sequence[Document]:
        versions = [document for page in self.client.shelf.pages for document in page if document.key == key]
        return versions[-1:]


class Boxes(Resource):
    slug, label, document = "boxes", "Boxes", "box"
    fields: ClassVar[frozenset[str]] = frozenset({"name", "total", "lines[].sku", "link", "carrier"})
    batch_size = 4
    settle_delays = (5, 10)

    def write(self, documents: Sequence[Outgoing]) -> Sequence[Outcome]:
        shelf: Shelf = self.client.shelf
        shelf.calls.append([document.natural_key for document in documents])
        shelf.before_write(documents)
        response = shelf.answers.pop(0) if shelf.answers else shelf.apply
        if isinstance(response, Exception):
            raise response
        return response(documents)

    def find(self, documents: Sequence[Outgoing], since: dt.datetime) -> Mapping[str, Found]:
        shelf: Shelf = self.client.shelf
        shelf.finds += 1
        if shelf.find_error:
            raise shelf.find_error
        keys = [document.natural_key for document in documents if document.natural_key in shelf.target]
        return {key: Found(f"T-{key}") for key in keys}


class FakeWebhooks(Webhooks):
    """A notification is `thing:<key>`; what it points to is read from the shelf."""

    topics = ("THING",)
    keep_headers = ("x-proof",)

    def read(self, body: bytes, headers: Mapping[str, str]) -> Hint:
        if not body.startswith(b"thing:"):
            raise Rejected("This is not a notification of ours.")
        return Hint("THING", body.decode(), f"http://src/{body.decode()}")

    def follow(
        self, client: Any, hint: Hint, body: bytes, headers: Mapping[str, str]
    ) -> Iterator[tuple[str, Sequence[Document]]]:
        if "evil" in hint.url:
            raise Rejected("An address on evil was not called.")
        if client.shelf.read_error:
            raise client.shelf.read_error
        yield "things", Things(client).get(hint.digest.removeprefix("thing:"))

    def subscribe(self, client: Any, url: str, topics: Sequence[str]) -> Mapping[str, str]:
        client.shelf.subscriptions = dict.fromkeys(topics, url)
        return dict.fromkeys(topics, "1")

    def unsubscribe(self, client: Any, url: str) -> int:
        count = len(client.shelf.subscriptions)
        client.shelf.subscriptions = {}
        return count


class Upserts(Boxes):
    slug = "upserts"
    upsert = True


class BoxStates(Boxes):
    """Writes the same document as `Boxes`."""

    slug = "box_states"


class Notes(Boxes):
    """Written at the source's side."""

    slug, document = "notes", "note"

    def write(self, documents: Sequence[Outgoing]) -> Sequence[Outcome]:
        assert self.client.slug == "src"
        return super().write(documents)


def vendor(slug: str, shelf: Shelf, resources: tuple[type[Resource], ...]) -> types.ModuleType:
    module = types.ModuleType(f"connections.vendors.{slug}")

    def open_client(account: Account) -> Client:
        return Client(shelf, slug)

    def probe(client: Client) -> list[ProbeLine]:
        return [ProbeLine("things", shelf.probe_ok, "" if shelf.probe_ok else "No right to read things.")]

    module.VENDOR = Vendor(  # type: ignore[attr-defined]
        slug=slug,
        label=slug.title(),
        settings=(Field("base_url", "Address"),),
        secrets=(Field("token", "Token", secret=True),),
        guide=Guide(("Ask.",), 1, "for ever"),
        open=open_client,
        probe=probe,
        resources=resources,
        webhooks=FakeWebhooks() if slug == "src" else None,
    )
    return module


MAPS = (
    Map("name", "name", when_empty=STOP),
    Map("total", "total"),
    Map("carrier", "carrier && lookup('carriers', carrier)"),
    Map("link", "parent && linked('boxes', parent)"),
)


def recipe(target: str = "tar.boxes", **flow_fields: Any) -> Recipe:
    main = FlowSpec(
        "boxes", "Boxes", "", "src.things", target, "name || key()", MAPS, **{"webhooks": ("THING",)} | flow_fields
    )
    polled_with_main = FlowSpec(
        "states",
        "States",
        "",
        "src.things",
        "tar.box_states",
        "name || key()",
        (Map("name", "name"), Map("total", "`0`")),
        filter="held && reached('boxes', key())",
        filter_says="not held",
        polled_with="boxes",
    )
    return Recipe(
        "fake",
        "Fake pair",
        "",
        "src",
        "tar",
        (main, polled_with_main),
        (Table("carriers", "Carriers", rows=(("ups", "UPS"),)),),
    )


def thing(key: str, version: int = 1, **body: Any) -> Document:
    content = {"name": f"N{key}", "total": 1} | body
    return Document(
        key, f"2026-01-01T00:00:{version:02d}Z", content, status=str(content.get("status", "")), label=f"L{key}"
    )
