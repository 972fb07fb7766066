"""Reports of a recipe: the records of one flow by date, beside those of another flow that belong to them.

Both flows are read once, some records at a time; then rows are made in the order of their dates, again some at a
time. A record is never left out because of what is wrong with it: its row says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from audit import trail
from audit.actions import Action
from audit.trail import Actor
from connections import vendors
from syncjobs.engine.compiled import with_tables
from syncjobs.mapping.expressions import Expression, MappingError
from syncjobs.mapping.functions import FunctionError, LinkUnread
from syncjobs.mapping.mapper import Mapper
from syncjobs.models import Integration, SyncRecord
from syncjobs.recipe import DATE, STATE, TEXT, Column, Join, Report
from syncjobs.report_cells import Cell, day_of, keys_of, value_cell
from syncjobs.report_pairs import ReportPair, ReportPairs

CHUNK = 400
READ_COLUMNS = ("pk", "source_key", "natural_key", "first_seen_at", "source_body")
ROW_COLUMNS = (*READ_COLUMNS, "source_label", "state")


@dataclass(frozen=True)
class Period:
    """Calendar dates, both included."""

    first: dt.date
    last: dt.date

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"


@dataclass(frozen=True)
class ReportRow:
    """One record, and the record beside it where there is one; cells in the order of the declared columns."""

    day: dt.date
    record: SyncRecord
    cells: Sequence[Cell]
    joined: SyncRecord | None
    joined_cells: Sequence[Cell]
    note: str


class ReportRows:
    """The rows of a report for a period, oldest first. Making it reads both flows; close it after use.

    `count` is the number of rows. `uncompared` counts records of the joined flow that could not say where they belong.
    """

    def __init__(self, integration: Integration, report: Report, period: Period) -> None:
        self.integration, self.report, self.period = integration, report, period
        self.mapper = Mapper((), with_tables(integration.pk))
        self.flows = {flow.slug: flow.pk for flow in integration.flows.all()}
        self.compiled: dict[str, Expression] = {}
        self.uncompared = 0
        self.pairs = ReportPairs()
        self._list()
        if report.joined:
            self._join(report.joined)
        self.count = self.pairs.seal()

    def close(self) -> None:
        self.pairs.close()

    def __iter__(self) -> Iterator[ReportRow]:
        return self.rows()

    def rows(self, limit: int | None = None) -> Iterator[ReportRow]:
        """The rows, or the first of them: two records of each are read with one query for hundreds of rows."""
        for chunk in self.pairs.chunks(CHUNK, limit):
            keys = {pk for pair in chunk for pk in (pair.record, pair.joined) if pk is not None}
            records = SyncRecord.objects.only(*ROW_COLUMNS).in_bulk(keys)
            for pair in chunk:
                if pair.record in records:
                    yield self._row(pair, records)

    # Which records there are

    def _list(self) -> None:
        join = self.report.joined
        for chunk in self._read(self.report.flow):
            days = [(self._day(record)[0], record) for record in chunk]
            listed = [(day, record) for day, record in days if self.period.first <= day <= self.period.last]
            self.pairs.list((day.isoformat(), record.pk) for day, record in listed)
            if join:
                self.pairs.ours((key, record.pk) for _, record in listed for key in self._keys(join.ours, record)[0])

    def _join(self, join: Join) -> None:
        for chunk in self._read(join.flow):
            keyed = [(record, *self._keys(join.theirs, record)) for record in chunk]
            self.pairs.theirs((key, record.pk) for record, keys, _ in keyed for key in keys)
            self.uncompared += sum(
                1 for record, keys, problem in keyed if problem or (record.source_body is None and not keys)
            )

    def _read(self, slug: str) -> Iterator[list[Any]]:
        """All records of a flow, some at a time, by the index that is unique in it."""
        records = SyncRecord.objects.filter(flow=self.flows.get(slug)).order_by("source_key")
        chunk = list(records.values_list(*READ_COLUMNS, named=True)[:CHUNK])
        while chunk:
            yield chunk
            after = records.filter(source_key__gt=chunk[-1].source_key)
            chunk = list(after.values_list(*READ_COLUMNS, named=True)[:CHUNK])

    # What stands in a row

    def _row(self, pair: ReportPair, records: dict[int, SyncRecord]) -> ReportRow:
        record, join = records[pair.record], self.report.joined
        joined = records.get(pair.joined) if pair.joined is not None else None
        notes = [self._day(record)[1]]
        if join and joined is None:
            notes.append(self._keys(join.ours, record)[1] or self._not_found_note(join))
        elif join and joined is not None and joined.source_body is None:
            notes.append(f"The document of the {self._document_name(join.flow)} is no longer kept.")
        return ReportRow(
            dt.date.fromisoformat(pair.day),
            record,
            [self._cell(column, record) for column in self.report.columns],
            joined,
            [self._cell(column, joined) for column in join.columns] if join else [],
            " ".join(filter(None, notes)),
        )

    def _cell(self, column: Column, record: SyncRecord | None) -> Cell:
        if record is None:
            return Cell(kind=column.kind)
        if column.kind == STATE:
            return Cell(record.get_state_display(), STATE, state=record.state)
        try:
            return value_cell(column.kind, self._evaluate(column.source, record))
        except FunctionError as error:
            return Cell(str(error), column.kind, problem=True)

    def _day(self, record: Any) -> tuple[dt.date, str]:
        """The date of a row, and a note where it is not the document's own."""
        problem = "The document has no date"
        try:
            day = day_of(self._evaluate(self.report.dated, record))
        except FunctionError as error:
            day, problem = None, f"Its date cannot be determined ({error})"
        if record.source_body is None:
            problem = "The document is no longer kept"
            if day:
                return day, f"{problem}."
        seen = timezone.localtime(record.first_seen_at).date()
        return (day, "") if day else (seen, f"{problem}: listed by the day it was first seen.")

    def _keys(self, text: str, record: Any) -> tuple[list[str], str]:
        """The keys that an expression gives for a record, and why there are none."""
        try:
            return keys_of(self._evaluate(text, record)), ""
        except FunctionError as error:
            return [], f"What belongs to it cannot be determined: {error}."

    def _not_found_note(self, join: Join) -> str:
        if not self.uncompared:
            return ""
        return f"No {self._document_name(join.flow)} was found, but {self.uncompared} could not be compared."

    def _evaluate(self, text: str, record: Any) -> Any:
        """Raises `FunctionError`. Without its document only the keys of a record have a value."""
        expression = self.compiled.get(text) or self.compiled.setdefault(text, Expression(text))
        keys = {"key": record.source_key, "natural_key": record.natural_key}
        try:
            return self.mapper.evaluate(expression, record.source_body, **keys)
        except (MappingError, LinkUnread) as error:
            if record.source_body is None:
                return None
            raise FunctionError(str(error) or "a report reads no links") from error

    # What the columns are called

    def headings(self) -> list[tuple[str, str]]:
        """Label and kind of each column: date, record and columns, joined record and columns, note."""
        join = self.report.joined
        return [
            ("Date", DATE),
            (self._document_name(self.report.flow).capitalize(), TEXT),
            *((column.label, column.kind) for column in self.report.columns),
            *([(self._document_name(join.flow).capitalize(), TEXT)] if join else []),
            *((column.label, column.kind) for column in (join.columns if join else ())),
            ("Note", TEXT),
        ]

    def _document_name(self, flow: str) -> str:
        """What a record of a flow is called, such as “customer invoice”."""
        resource = vendors.resource(self.integration.declaration.flow(flow).source)
        return resource.document.replace("_", " ")


def record_download(rows: ReportRows, actor: Actor) -> None:
    """Leave an entry that says who took which documents out of the console, and how many."""
    report, period, integration = rows.report, rows.period, rows.integration
    trail.record(
        Action.REPORT_DOWNLOADED,
        integration,
        actor=actor,
        customer_id=integration.customer_id,
        summary=f"{report.label}, {period}: {rows.count} rows.",
        data={"report": report.slug, "first": str(period.first), "last": str(period.last), "rows": rows.count},
    )


def last_month(today: dt.date) -> Period:
    last = today.replace(day=1) - dt.timedelta(days=1)
    return Period(last.replace(day=1), last)


def presets(today: dt.date) -> Iterable[tuple[str, Period]]:
    """The periods that a page offers; the second is the one it starts with."""
    return [
        ("This month", Period(today.replace(day=1), today)),
        ("Last month", last_month(today)),
        ("Last 90 days", Period(today - dt.timedelta(days=89), today)),
    ]
