"""The trail, to read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import DropdownFilter, RangeDateTimeFilter, TextFilter
from unfold.paginator import InfinitePaginator

from audit.actions import Action
from audit.models import AuditEntry
from toolkit.admin import ReadOnlyAdmin, badge, link, short

BADGE_VARIANTS = {
    Action.SYNCED: "good",
    Action.CONNECTION_RECOVERED: "good",
    Action.ATTENTION: "bad",
    Action.CONNECTION_BROKEN: "bad",
    Action.MISSING: "bad",
    Action.CONFLICT: "bad",
    Action.UNKNOWN: "warn",
    Action.RETRYING: "warn",
    Action.WAITING: "warn",
    Action.LEASE_EXPIRED: "warn",
    Action.WEBHOOK_REFUSED: "warn",
}


class ActionFilter(DropdownFilter):  # type: ignore[misc]  # unfold has no types
    title = "what happened"
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(value, f"{value.partition('.')[0]}: {label}") for value, label in Action.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(action=self.value()) if self.value() else queryset


class ActorFilter(TextFilter):  # type: ignore[misc]  # unfold has no types
    title = "who (exact name)"
    parameter_name = "actor"

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(actor=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin[AuditEntry]):
    list_display = ["local_time", "action_badge", "subject_link", "actor", "short_summary"]
    list_display_links = ["local_time"]
    list_filter = [ActionFilter, ActorFilter, ("at", RangeDateTimeFilter)]
    search_fields = ["subject"]
    search_help_text = "Number or name of what it was done to: the whole of it, or its beginning"
    fields = ["local_time", "action_badge", "subject_link", "actor", "summary", "data", "group"]
    readonly_fields = ["local_time", "action_badge", "subject_link"]
    ordering = ["-pk"]
    show_full_result_count = False
    paginator = InfinitePaginator
    list_per_page = 100
    actions = None
    sortable_by = ()

    def lookup_allowed(self, lookup: str, value: str, request: Any = None) -> bool:
        linked = {"subject_type__exact", "subject_id__exact", "customer_id__exact", "group__exact"}
        return lookup in linked or super().lookup_allowed(lookup, value, request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        exact = queryset.filter(subject=term)
        return (exact if exact.exists() else queryset.filter(subject__startswith=term)), False

    @admin.display(description="time")
    def local_time(self, entry: AuditEntry) -> str:
        return timezone.localtime(entry.at).strftime("%Y-%m-%d %H:%M:%S %Z")

    @admin.display(description="what happened")
    def action_badge(self, entry: AuditEntry) -> SafeString:
        return badge(entry.get_action_display(), BADGE_VARIANTS.get(Action(entry.action), ""))

    @admin.display(description="to what")
    def subject_link(self, entry: AuditEntry) -> SafeString | str:
        name = entry.subject or entry.subject_type
        url = subject_url(entry)
        return link(url, name) if url else name

    @admin.display(description="summary")
    def short_summary(self, entry: AuditEntry) -> SafeString:
        return short(entry.summary)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return self.change_view(request, object_id)


def subject_url(entry: AuditEntry) -> str:
    """The page of what an entry is about; empty where there is none."""
    for model in apps.get_models():
        if model._meta.model_name == entry.subject_type and entry.subject_id:
            try:
                return reverse(f"admin:{model._meta.app_label}_{entry.subject_type}_change", args=[entry.subject_id])
            except NoReverseMatch:
                return ""
    return ""
