"""A flow made ready to work: its declaration, its rows compiled, its links read in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db.models import Q

from connections import exact_json, vendors
from connections.vendor import Document, Resource
from syncjobs.mapping.expressions import Expression, MappingError
from syncjobs.mapping.functions import Context, Link, LinkMissing, LinkUnread
from syncjobs.mapping.mapper import Plan
from syncjobs.models import IN_FLIGHT, Flow, SyncRecord, ValueMap
from syncjobs.recipe import FlowSpec, Map

T = TypeVar("T")
ROUNDS = 5  # a link may depend on another; deeper than this is a mistake in a mapping


@dataclass(frozen=True)
class Seen:
    """A document as it came, and the text and digest of its body."""

    document: Document
    text: exact_json.Canonical


@dataclass(frozen=True)
class CompiledFlow:
    """What collect, deliver and settle need of a flow."""

    flow: Flow
    spec: FlowSpec
    plan: Plan
    filter: Expression | None
    natural_key: Expression
    belongs_to: Expression | None
    version: str
    source: type[Resource]
    target: type[Resource]
    lock: str
    """The target's part of `SyncRecord.target_lock`."""
    fresh: dict[str, Seen] = field(default_factory=dict)
    """What was stored last, by source key: deliver need not read these bodies back."""

    def target_lock(self, natural_key: str) -> str:
        return f"{self.lock}:{natural_key}"


def prepare(flow: Flow) -> CompiledFlow:
    """Compile a flow. Raises `MappingError` for a row that does not compile."""
    spec = flow.spec
    rows = mapping_rows(flow)
    context = with_tables(flow.integration_id)
    target = vendors.resource(spec.target)
    # A flow that only compares writes nothing, so it needs no turn at the target document.
    document = f"compare-{spec.slug}" if spec.compares else target.document
    return CompiledFlow(
        flow=flow,
        spec=spec,
        plan=Plan(rows, context),
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


def evaluate_all(plan: CompiledFlow, work: Sequence[Callable[[], T]]) -> list[T | MappingError | LinkMissing]:
    """Run expressions of a batch; what they ask of other flows' records is read from the database in one go."""
    links = plan.plan.context.links
    links.known.clear()
    links.wanted.clear()
    results: list[T | MappingError | LinkMissing | None] = [None] * len(work)
    pending: Iterable[int] = range(len(work))
    for _ in range(ROUNDS):
        unread = []
        for index in pending:
            try:
                results[index] = work[index]()
            except LinkUnread:
                unread.append(index)
            except (MappingError, LinkMissing) as error:
                results[index] = error
        if not unread:
            break
        links.known.update(_read_links(plan.flow, links.wanted))
        links.wanted.clear()
        pending = unread
    return [MappingError("Its links lead in a circle.") if result is None else result for result in results]


def _read_links(flow: Flow, wanted: set[Link]) -> dict[Link, Any]:
    answers: dict[Link, Any] = dict.fromkeys(wanted)
    for kind, slug in {(link.kind, link.flow) for link in wanted}:
        keys = [link.key for link in wanted if (link.kind, link.flow) == (kind, slug)]
        rows = SyncRecord.objects.filter(flow__integration=flow.integration_id, flow__slug=slug)
        if kind == "source_of":
            pairs: Iterable[tuple[str, Any]] = (
                rows.filter(natural_key__in=keys).order_by("-pk").values_list("natural_key", "source_key")
            )
        elif kind == "sent_by":
            pairs = rows.filter(natural_key__in=keys).order_by("-pk").values_list("natural_key", "sent_body")
        elif kind == "reached":
            there = rows.filter(Q(target_key__isnull=False) | Q(state__in=IN_FLIGHT), source_key__in=keys)
            pairs = there.values_list("source_key", "source_key")
        else:
            pairs = rows.filter(source_key__in=keys, target_key__isnull=False).values_list("source_key", "target_key")
        answers.update({Link(kind, slug, key): answer for key, answer in pairs})
    return answers
