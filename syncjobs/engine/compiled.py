"""A flow made ready to work: its declaration, its rows compiled, and one call that maps a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Q

from connections import exact_json, vendors
from connections.vendor import Body, Document, Resource
from syncjobs.mapping.expressions import Expression, MappingError
from syncjobs.mapping.functions import Context, Link, LinkMissing, LinkUnread
from syncjobs.mapping.mapper import Mapper
from syncjobs.models import IN_FLIGHT, Flow, SyncRecord, ValueMap
from syncjobs.recipe import FlowSpec, Map

T = TypeVar("T")
ROUNDS = 5  # a link may depend on another; deeper than this is a mistake in a mapping
Unmapped = MappingError | LinkMissing
"""Why an expression gave no value: our own rule, or a record that must be there first."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A source document as it came, and the text and digest of its body."""

    document: Document
    text: exact_json.Canonical


AtHand = Mapping[str, Incoming]
"""Documents that this worker has just stored, by source key: nobody has to read their bodies back."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What expressions are evaluated on: a document, and what they may ask about its record."""

    body: Body
    key: str
    natural_key: str = ""
    sent: bool = False

    @classmethod
    def of(cls, record: SyncRecord, body: Body) -> Subject:
        return cls(body, record.source_key, record.natural_key, bool(record.target_key))


@dataclass(frozen=True, slots=True)
class CompiledFlow:
    """What collect, deliver, settle and reconcile need of a flow. It holds nothing of a run."""

    flow: Flow
    spec: FlowSpec
    mapper: Mapper
    filter: Expression | None
    natural_key: Expression
    belongs_to: Expression | None
    version: str
    source: type[Resource]
    target: type[Resource]
    lock: str
    """The target's part of `SyncRecord.target_lock`."""

    def target_lock(self, natural_key: str) -> str:
        return f"{self.lock}:{natural_key}"


def compile_flow(flow: Flow) -> CompiledFlow:
    """Raises `MappingError` for a row that does not compile, or a flow that its recipe has no more."""
    if not flow.declared:
        raise MappingError(f"The recipe has no flow “{flow.slug}” any more. Switch it off; its records are kept.")
    spec = flow.spec
    rows = mapping_rows(flow)
    context = with_tables(flow.integration_id)
    target = vendors.resource(spec.target)
    # A flow that only compares writes nothing, so it needs no turn at the target document.
    document = f"compare-{spec.slug}" if spec.compares else target.document
    return CompiledFlow(
        flow=flow,
        spec=spec,
        mapper=Mapper(rows, context),
        filter=Expression(flow.filter, "filter") if flow.filter else None,
        natural_key=Expression(spec.natural_key, "natural key"),
        belongs_to=Expression(spec.belongs_to, "belongs to") if spec.belongs_to else None,
        version=exact_json.digest(
            [[row.target, row.source, row.default, row.when_empty] for row in rows] + [context.tables]
        ),
        source=vendors.resource(spec.source),
        target=target,
        lock=f"{flow.target.pk}:{document}",
    )


def with_tables(integration_id: int) -> Context:
    """What expressions of an integration can reach: its value maps."""
    maps = ValueMap.objects.filter(integration=integration_id).prefetch_related("rows")
    tables = {table.name: {row.key: row.value for row in table.rows.all()} for table in maps}
    return Context(tables=tables, fallbacks={table.name: table.fallback for table in maps})


def mapping_rows(flow: Flow) -> list[Map]:
    return [Map(row.target, row.source, row.default, row.when_empty) for row in flow.mappings.all()]


def map_batch(compiled: CompiledFlow, subjects: Sequence[Subject]) -> list[Body | Unmapped]:
    """The payload of each subject, or why there is none."""
    mapper = compiled.mapper
    return evaluate_batch(
        compiled,
        subjects,
        lambda subject: mapper.map(subject.body, key=subject.key, natural_key=subject.natural_key, sent=subject.sent),
    )


def passes_filter(compiled: CompiledFlow, subject: Subject) -> bool:
    """Raises `MappingError`, `LinkUnread`, `LinkMissing`."""
    return compiled.filter is None or bool(evaluate(compiled, compiled.filter, subject))


def filter_batch(compiled: CompiledFlow, subjects: Sequence[Subject]) -> list[bool | Unmapped]:
    """Whether each subject passes the flow's filter, or why that cannot be told."""
    return evaluate_batch(compiled, subjects, lambda subject: passes_filter(compiled, subject))


def evaluate(compiled: CompiledFlow, expression: Expression, subject: Subject) -> Any:
    """One expression on one subject. Raises `MappingError`, `LinkUnread`, `LinkMissing`."""
    return compiled.mapper.evaluate(
        expression, subject.body, key=subject.key, natural_key=subject.natural_key, sent=subject.sent
    )


def evaluate_batch(
    compiled: CompiledFlow, subjects: Sequence[Subject], work: Callable[[Subject], T]
) -> list[T | Unmapped]:
    """Evaluate on each subject; what they ask of other flows' records is read from the database in one go."""
    links = compiled.mapper.context.links
    links.known.clear()
    links.unread.clear()
    results: list[T | Unmapped | None] = [None] * len(subjects)
    pending: Iterable[int] = range(len(subjects))
    for _ in range(ROUNDS):
        unread = []
        for index in pending:
            try:
                results[index] = work(subjects[index])
            except LinkUnread:
                unread.append(index)
            except (MappingError, LinkMissing) as error:
                results[index] = error
        if not unread:
            break
        links.known.update(_read_links(compiled.flow, links.unread))
        links.unread.clear()
        pending = unread
    return [MappingError("Its links lead in a circle.") if result is None else result for result in results]


def _read_links(flow: Flow, unread: set[Link]) -> dict[Link, Any]:
    values: dict[Link, Any] = dict.fromkeys(unread)
    for kind, slug in {(link.kind, link.flow) for link in unread}:
        keys = [link.key for link in unread if (link.kind, link.flow) == (kind, slug)]
        records = SyncRecord.objects.filter(flow__integration=flow.integration_id, flow__slug=slug)
        values.update({Link(kind, slug, key): value for key, value in _LINK_READERS[kind](records, keys)})
    return values


Pairs = Iterable[tuple[str, Any]]


def _linked(records: Any, keys: Sequence[str]) -> Pairs:
    there = records.filter(source_key__in=keys, target_key__isnull=False)
    return there.values_list("source_key", "target_key")  # type: ignore[no-any-return]


def _source_of(records: Any, keys: Sequence[str]) -> Pairs:
    return records.filter(natural_key__in=keys).order_by("-pk").values_list("natural_key", "source_key")  # type: ignore[no-any-return]


def _sent_by(records: Any, keys: Sequence[str]) -> Pairs:
    return records.filter(natural_key__in=keys).order_by("-pk").values_list("natural_key", "sent_body")  # type: ignore[no-any-return]


def _reached(records: Any, keys: Sequence[str]) -> Pairs:
    there = records.filter(Q(target_key__isnull=False) | Q(state__in=IN_FLIGHT), source_key__in=keys)
    return there.values_list("source_key", "source_key")  # type: ignore[no-any-return]


_LINK_READERS: dict[str, Callable[[Any, Sequence[str]], Pairs]] = {
    "linked": _linked,
    "source_of": _source_of,
    "sent_by": _sent_by,
    "reached": _reached,
}
