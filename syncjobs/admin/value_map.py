"""Value maps, and the replay of what they had stopped."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.contrib.filters.admin import RelatedDropdownFilter

from audit.trail import actor
from syncjobs.admin.bulk import in_batches
from syncjobs.admin.states import records_url
from syncjobs.configure import table_changed
from syncjobs.engine.replay import replay_records
from syncjobs.models import State, SyncRecord, SyncRecordQuerySet, ValueMap, ValueMapRow
from toolkit.admin import Button, ConsoleAdmin, RowsInline


class RowInline(RowsInline[ValueMapRow, ValueMap]):
    model = ValueMapRow
    fields = ["key", "value"]
    extra = 1


@admin.register(ValueMap)
class ValueMapAdmin(ConsoleAdmin[ValueMap]):
    list_display = ["name", "integration", "row_total", "fallback"]
    list_filter = [("integration__customer", RelatedDropdownFilter)]
    list_select_related = ["integration__customer"]
    search_fields = ["name", "integration__customer__name"]
    fields = ["integration", "name", "fallback"]
    inlines = [RowInline]
    header_template = "console/value_map.html"
    actions = None
    buttons = (
        Button(
            "replay",
            "Replay all that failed by mapping",
            "syncjobs.replay_syncrecord",
            "replay",
            hint="Records of this integration that need a person because a mapping failed",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ValueMap]:
        return super().get_queryset(request).annotate(row_count=Count("rows"))

    def get_readonly_fields(self, request: HttpRequest, obj: ValueMap | None = None) -> list[str]:
        return ["integration", "name"] if obj else []

    def header_context(self, request: HttpRequest, obj: ValueMap) -> dict[str, Any]:
        tables = {table.name: table for table in obj.integration.declaration.tables}
        flows = list(obj.integration.flows.values_list("pk", flat=True))
        customer = obj.integration.customer_id
        return super().header_context(request, obj) | {
            "declared": tables.get(obj.name),
            "failed_count": failed_by_mapping(flows).count(),
            "failed_url": records_url(customer=customer, state=State.ATTENTION.value, error="MappingError"),
        }

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        names = list(form.changed_data)
        for formset in formsets:
            rows = [*formset.new_objects, *(row for row, _ in formset.changed_objects), *formset.deleted_objects]
            names += sorted({row.key for row in rows})
        if names or not change:
            table_changed(form.instance, names, actor(request))
            flows = list(form.instance.integration.flows.values_list("pk", flat=True))
            if count := failed_by_mapping(flows).count():
                messages.info(
                    request, f"{count} records failed by mapping; replay them with the button above the form."
                )

    def replay_view(self, request: HttpRequest, obj: ValueMap) -> HttpResponse:
        flows = list(obj.integration.flows.values_list("pk", flat=True))
        done, has_more = in_batches(failed_by_mapping(flows), lambda records: replay_records(records, actor(request)))
        messages.success(request, f"{done} replayed." + (" There are more: press again." if has_more else ""))
        return self.redirect_to(obj)

    @admin.display(description="rows", ordering="row_count")
    def row_total(self, table: Any) -> int:
        return int(table.row_count)


def failed_by_mapping(flows: list[int]) -> SyncRecordQuerySet:
    """Records of these flows that stopped because the filter or a field mapping failed."""
    return SyncRecord.objects.filter(flow__in=flows, state=State.ATTENTION, error_class="MappingError")
