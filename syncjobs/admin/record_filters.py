"""Finding records: filters that use an index, and a search by any key of either side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter

from connections.models import Customer
from syncjobs.admin.states import ERROR_KINDS, kind_in_words
from syncjobs.models import Flow, State, SyncRecord

DONE = (State.SYNCED, State.SKIPPED, State.CLOSED)
KEYS = ("source_label", "source_key", "natural_key", "target_key", "belongs_to")
MAX_MATCHES = 500
FLOWS_OFFERED = 300
MAX_KEY = 2**63 - 1


def _key(text: str | None) -> int | None:
    """A primary key from the address; None for what none can be."""
    text = text or ""
    return int(text) if text.isdecimal() and len(text) < 20 and int(text) <= MAX_KEY else None


class StateFilter(DropdownFilter):  # type: ignore[misc]  # unfold has no types
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [("open", "everything that is not done"), *State.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SyncRecord]) -> QuerySet[SyncRecord]:
        chosen = self.value()
        if not chosen:
            return queryset
        if chosen in DONE:
            return queryset.filter(state=chosen)
        states = [state for state in State.values if state not in DONE] if chosen == "open" else [chosen]
        if not {"flow", "customer"} & set(request.GET):
            # What is rare is found by the index over flow and state, if the flows are named.
            queryset = queryset.filter(flow__in=list(Flow.objects.order_by().values_list("pk", flat=True)))
        return queryset.filter(state__in=states)


class CustomerFilter(DropdownFilter):  # type: ignore[misc]  # unfold has no types
    title = "customer"
    parameter_name = "customer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(str(pk), name) for pk, name in Customer.objects.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SyncRecord]) -> QuerySet[SyncRecord]:
        chosen = _key(self.value())
        if chosen is None:
            return queryset
        # Plain keys instead of a join: then the index over flow and state serves.
        flows = Flow.objects.filter(integration__customer=chosen).order_by()
        return queryset.filter(flow__in=list(flows.values_list("pk", flat=True)))


class FlowFilter(DropdownFilter):  # type: ignore[misc]  # unfold has no types
    title = "flow"
    parameter_name = "flow"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        flows = Flow.objects.select_related("integration__customer")
        customer, chosen = _key(request.GET.get("customer")), _key(request.GET.get("flow"))
        if customer is not None:
            flows = flows.filter(integration__customer=customer)
        offered = list(flows.order_by("integration__customer__name", "pk")[:FLOWS_OFFERED])
        if chosen is not None and all(flow.pk != chosen for flow in offered):
            offered += list(Flow.objects.select_related("integration__customer").filter(pk=chosen))
        return [(str(flow.pk), f"{flow.integration.customer}: {flow.spec.label}") for flow in offered]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SyncRecord]) -> QuerySet[SyncRecord]:
        chosen = _key(self.value())
        return queryset if chosen is None else queryset.filter(flow=chosen)


class KindFilter(DropdownFilter):  # type: ignore[misc]  # unfold has no types
    title = "kind of failure"
    parameter_name = "error"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        chosen = request.GET.get("error", "")
        kinds = {**ERROR_KINDS, chosen: kind_in_words(chosen)} if chosen else ERROR_KINDS
        return list(kinds.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[SyncRecord]) -> QuerySet[SyncRecord]:
        return queryset.filter(error_class=self.value()) if self.value() else queryset


def search(queryset: QuerySet[SyncRecord], text: str) -> QuerySet[SyncRecord]:
    """Records with this number or key on either side, and what belongs to them: exactly, else those that begin with it.

    One short query for each key, because each has an index of its own and an OR over all of them would use none.
    """
    term = text.strip()
    if not term:
        return queryset
    matches = _matches(queryset, {"__in": list(dict.fromkeys([term, term.upper()]))})
    if matches:
        exact = queryset.filter(pk__in=matches).exclude(natural_key="").order_by()
        owners = exact.values_list("natural_key", flat=True)
        matches |= _matches(queryset, {"__in": list(owners)}, ("belongs_to",))
    else:
        # A range besides the LIKE: in most databases' collations LIKE alone cannot use a plain index.
        matches = _matches(queryset, {"__gte": term, "__lt": term + "zzzzzzzz", "__startswith": term})
    return queryset.filter(pk__in=matches)


def _matches(queryset: QuerySet[SyncRecord], lookups: dict[str, Any], keys: Sequence[str] = KEYS) -> set[int]:
    matches: set[int] = set()
    for key in keys:
        conditions = {f"{key}{lookup}": value for lookup, value in lookups.items()}
        matches.update(queryset.filter(**conditions).order_by().values_list("pk", flat=True)[:MAX_MATCHES])
    return matches
