"""Expressions tried on the sample document of a source, before they meet a customer's order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from connections import exact_json, vendors
from connections.vendor import Body, Resource
from syncjobs.mapping.expressions import Expression, MappingError
from syncjobs.mapping.functions import Context, FunctionError, Link, LinkMissing, Links, LinkUnread
from syncjobs.mapping.mapper import Mapper
from syncjobs.models import Flow, ValueMap
from syncjobs.recipe import Map

FOLDER = Path(vendors.__file__).parent
KEY = "SAMPLE/1"


class SampleLinks(Links):
    """Other flows' records, as if each were there. Raises `FunctionError` for a flow that the recipe does not have."""

    def __init__(self, flows: Collection[str]) -> None:
        self.flows = flows

    def ask(self, link: Link) -> str | None:
        if link.flow not in self.flows:
            raise FunctionError(f"there is no flow “{link.flow}”; there are {', '.join(self.flows)}")
        return link.key if link.kind == "reached" else KEY


@dataclass(frozen=True)
class Problem:
    """What is wrong with one row; `target` is empty where it is the filter."""

    target: str
    message: str


@lru_cache(maxsize=64)
def _read(path: Path) -> str:
    return path.read_text() if path.is_file() else ""


def sample_of(resource_name: str) -> tuple[str, Body | None]:
    """Name and content of a source's sample document; nothing where it has none."""
    resource: type[Resource] = vendors.resource(resource_name)
    name = f"{resource_name.partition('.')[0]}/{resource.sample}"
    text = _read(FOLDER / resource_name.partition(".")[0] / "samples" / resource.sample) if resource.sample else ""
    return (name, exact_json.loads(text)) if text else ("", None)


def context_of(flow: Flow, *, lenient: bool) -> Context:
    """What expressions may ask for. `lenient` lets a value that a table lacks pass: that is no fault of the row."""
    maps = ValueMap.objects.filter(integration=flow.integration_id).prefetch_related("rows")
    tables = {table.name: {row.key: row.value for row in table.rows.all()} for table in maps}
    fallbacks = {table.name: table.fallback or ("(not in the table)" if lenient else "") for table in maps}
    flows = [spec.slug for spec in flow.integration.declaration.flows]
    return Context(tables=tables, fallbacks=fallbacks, links=SampleLinks(flows))


def try_rows(flow: Flow, rows: Sequence[Map], changed: set[str]) -> list[Problem]:
    """Problems of these rows: unknown targets, expressions that do not compile, and changed ones that fail on the sample."""
    problems = [problem for row in rows if (problem := _target_problem(flow, row))]
    problems += [problem for row in rows if (problem := _compile_problem(row))]
    if problems:
        return problems
    name, document = sample_of(flow.spec.source)
    try:
        Mapper(rows)
    except MappingError as error:
        return [Problem(error.target, str(error))]
    if document is None or flow.spec.compares:
        return []
    context, keys = context_of(flow, lenient=True), _sample_keys(flow, document)
    errors = [(row, _try_row(row, rows, document, context, keys)) for row in rows if row.target in changed]
    return [Problem(row.target, f"{error} (tried on the sample {name})") for row, error in errors if error]


def try_filter(flow: Flow, text: str) -> str:
    """What is wrong with a filter; empty where it works on the sample."""
    try:
        expression = Expression(text, "filter")
    except MappingError as error:
        return str(error)
    name, document = sample_of(flow.spec.source)
    if document is None:
        return ""
    try:
        Mapper((), context_of(flow, lenient=True)).evaluate(expression, document, **_sample_keys(flow, document))
    except LinkMissing:
        return ""
    except MappingError as error:
        return f"{error} (tried on the sample {name})"
    return ""


def dry_run(flow: Flow) -> tuple[str, Body | None, Body | None, str]:
    """Name and content of the sample, what the stored rows make of it, and what went wrong."""
    name, document = sample_of(flow.spec.source)
    if document is None:
        return name, None, None, "There is no sample of this kind of document."
    rows = [Map(row.target, row.source, row.default, row.when_empty) for row in flow.mappings.all()]
    try:
        payload = Mapper(rows, context_of(flow, lenient=False)).map(document, **_sample_keys(flow, document))
    except (MappingError, LinkMissing) as error:
        return name, document, None, f"{getattr(error, 'target', '')}: {error}".lstrip(": ")
    return name, document, payload, ""


def suggestions(flow: Flow, target: str) -> list[str]:
    """Target fields that are spelled like this one."""
    fields = vendors.resource(flow.spec.target).fields
    last = {field.rpartition(".")[2].lower(): field for field in sorted(fields)}
    close = get_close_matches(target, sorted(fields), n=3, cutoff=0.6)
    close += [last[name] for name in get_close_matches(target.rpartition(".")[2].lower(), list(last), n=3, cutoff=0.6)]
    return list(dict.fromkeys(close))[:3]


def _sample_keys(flow: Flow, document: Body) -> dict[str, Any]:
    """What a record of this document would know of itself; the natural key is the sample's own where it has one."""
    keys: dict[str, Any] = {"key": KEY, "sent": False, "natural_key": KEY}
    with suppress(MappingError, LinkMissing, LinkUnread):
        mapper = Mapper((), context_of(flow, lenient=True))
        keys["natural_key"] = str(mapper.evaluate(Expression(flow.spec.natural_key), document, **keys) or KEY)
    return keys


def _target_problem(flow: Flow, row: Map) -> Problem | None:
    if flow.spec.compares or vendors.resource(flow.spec.target).takes(row.target):
        return None
    close = suggestions(flow, row.target)
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    return Problem(row.target, f"The target has no field {row.target!r}.{hint}")


def _compile_problem(row: Map) -> Problem | None:
    try:
        Expression(row.source, row.target)
    except MappingError as error:
        return Problem(row.target, str(error))
    return None


def _try_row(row: Map, rows: Sequence[Map], document: Body, context: Context, keys: dict[str, Any]) -> str:
    """One row by itself, with the list it belongs to."""
    head, mark, tail = row.target.partition("[]")
    list_rows = [other for other in rows if mark and tail and other.target == f"{head}[]"]
    try:
        Mapper([*list_rows, row], context).map(document, **keys)
    except MappingError as error:
        return str(error)
    except LinkMissing:
        return ""
    return ""
