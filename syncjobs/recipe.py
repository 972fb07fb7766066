"""The declaration language of recipes: data, checked by a system check at start-up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

OMIT, NULL, STOP = "omit", "null", "stop"
TEXT, DATE, AMOUNT, STATE = "text", "date", "amount", "state"


@dataclass(frozen=True)
class Map:
    """One field mapping row. `target` is a path in the target's own names; `items[]` names a list, whose rows
    `items[].sku` are evaluated on each of its elements. `when_empty`: omit the field, send null, or stop the record.
    """

    target: str
    source: str
    default: Any = None
    when_empty: str = OMIT


@dataclass(frozen=True)
class Table:
    """A ValueMap that an integration starts with. A key that is not in it stops the record, unless `fallback`."""

    name: str
    label: str
    help: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    fallback: str = ""


@dataclass(frozen=True)
class FlowSpec:
    """One direction of one kind of document.

    `source` and `target` are full resource names. `natural_key` is an expression over the source document: the
    business key that the target holds too. `belongs_to` is one that gives the natural key of the document that this one
    is about, such as a parcel's order: a search for the order finds its parcels by it. `schedule` is seconds or a cron
    line. `polled_with` names the flow whose poll feeds this one too, in the same transaction. `compares` names the flow
    whose sent documents this one compares its source with, instead of writing.
    """

    slug: str
    label: str
    help: str
    source: str
    target: str
    natural_key: str
    maps: tuple[Map, ...]
    belongs_to: str = ""
    filter: str = ""
    filter_says: str = ""
    schedule: int | str = 300
    look_back_days: int = 7
    webhooks: tuple[str, ...] = ()
    polled_with: str = ""
    compares: str = ""
    enabled: bool = True


@dataclass(frozen=True)
class Column:
    """One column of a report: an expression over a record's source document. A `state` has none: it is the state
    of the record.
    """

    label: str
    source: str = ""
    kind: str = TEXT


@dataclass(frozen=True)
class Join:
    """Records of another flow beside the rows of a report: those that have one of the keys of the row.

    `ours` and `theirs` are expressions over the two source documents; each gives a text, or a list of them. A row
    that finds nothing stays, with empty columns.
    """

    flow: str
    ours: str
    theirs: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Report:
    """A list of one flow's records for a period. `dated` is an expression that gives the calendar date of a row."""

    slug: str
    label: str
    help: str
    flow: str
    dated: str
    columns: tuple[Column, ...]
    joined: Join | None = None


@dataclass(frozen=True)
class Recipe:
    """A pair of vendors: what moves between them, and how it starts out."""

    slug: str
    label: str
    help: str
    left: str
    right: str
    flows: tuple[FlowSpec, ...]
    tables: tuple[Table, ...] = ()
    reports: tuple[Report, ...] = ()

    def flow(self, slug: str) -> FlowSpec:
        """A flow by its slug. Raises `KeyError`."""
        return {flow.slug: flow for flow in self.flows}[slug]

    def stand_in(self, slug: str) -> FlowSpec:
        """For a flow of before, which this recipe has no more: it goes the way of the first one, and does nothing."""
        label = f"{slug} (not in the recipe any more)"
        nothing: dict[str, Any] = {"maps": (), "webhooks": (), "filter": "", "polled_with": "", "compares": ""}
        return replace(self.flows[0], slug=slug, label=label, help="", enabled=False, **nothing)

    def report(self, slug: str) -> Report:
        """A report by its slug. Raises `KeyError`."""
        return {report.slug: report for report in self.reports}[slug]
