"""Runs of flows, to read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.paginator import InfinitePaginator

from syncjobs.admin.record_filters import FlowFilter
from syncjobs.admin.states import cursor_in_words
from syncjobs.models import FlowRun
from toolkit.admin import ReadOnlyAdmin, age, badge, short

FIRST = ("seen", "new", "changed")


@admin.register(FlowRun)
class FlowRunAdmin(ReadOnlyAdmin[FlowRun]):
    list_display = ["started", "flow_label", "kind", "duration", "counts_text", "short_error"]
    list_display_links = ["started"]
    list_filter = [FlowFilter, ("kind", ChoicesDropdownFilter)]
    list_select_related = ["flow__integration__customer"]
    fields = [
        "flow",
        "kind",
        "started_at",
        "ended_at",
        "counts_text",
        "cursor_before_text",
        "cursor_after_text",
        "error",
    ]
    readonly_fields = ["counts_text", "cursor_before_text", "cursor_after_text", "error"]
    show_full_result_count = False
    paginator = InfinitePaginator
    ordering = ["-pk"]
    sortable_by = ()
    actions = None

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).order_by("-pk")

    @admin.display(description="started")
    def started(self, run: FlowRun) -> SafeString | str:
        return age(run.started_at)

    @admin.display(description="flow")
    def flow_label(self, run: FlowRun) -> str:
        return f"{run.flow.integration.customer}: {run.flow.spec.label}"

    @admin.display(description="duration")
    def duration(self, run: FlowRun) -> SafeString | str:
        if run.ended_at is None:
            return badge("still running, or its worker was stopped", "busy")
        return f"{(run.ended_at - run.started_at).total_seconds():.1f} s"

    @admin.display(description="counts")
    def counts_text(self, run: FlowRun) -> str:
        return counts_in_words(run.counts)

    @admin.display(description="cursor before")
    def cursor_before_text(self, run: FlowRun) -> str:
        return "; ".join(f"{name}: {value}" for name, value in cursor_in_words(run.cursor_before)) or "none"

    @admin.display(description="cursor after")
    def cursor_after_text(self, run: FlowRun) -> str:
        return "; ".join(f"{name}: {value}" for name, value in cursor_in_words(run.cursor_after)) or "not moved"

    @admin.display(description="error")
    def short_error(self, run: FlowRun) -> SafeString | str:
        return short(run.trouble) if run.trouble else "–"

    @admin.display(description="error")
    def error(self, run: FlowRun) -> str:
        return run.trouble or "–"


def counts_in_words(counts: dict[str, int]) -> str:
    """A run's counts, in an order that does not depend on the database."""
    names = [*FIRST, *sorted(set(counts) - set(FIRST))]
    return ", ".join(f"{counts[name]:,} {name}" for name in names if counts.get(name)) or "nothing new"
