"""Flows: settings, field mappings, and the verbs run, rewind, dry run and refilter."""

from __future__ import annotations

import time
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import RelatedDropdownFilter

from audit.trail import actor
from connections import vendors
from connections.errors import VendorError
from syncjobs import lifecycle, samples
from syncjobs.admin.documents import pretty
from syncjobs.admin.run import counts_in_words
from syncjobs.admin.states import cursor_in_words, flow_lines, is_late, lag
from syncjobs.configure import change_flow, change_rows, recipe_row
from syncjobs.engine.refilter import refilter
from syncjobs.forms import FlowForm, MappingForm, MappingFormSet, RewindForm, schedule_in_words
from syncjobs.mapping.expressions import MappingError
from syncjobs.models import FieldMapping, Flow
from toolkit.admin import Button, ConsoleAdmin, RowsInline, badge, short

REFILTER_SECONDS = 20


class MappingInline(RowsInline[FieldMapping, Flow]):
    model = FieldMapping
    form = MappingForm
    formset = MappingFormSet
    fields = ["target", "source", "default", "when_empty", "recipe_reset"]
    readonly_fields = ["recipe_reset", "recipe_state"]
    verbose_name_plural = "field mappings"
    can_delete = False  # rows of the recipe would come back with the next upgrade; others have a button
    ordering = ["position", "pk"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        last = "recipe_reset" if self.has_change_permission(request, obj) else "recipe_state"
        return ["target", "source", "default", "when_empty", last]

    @admin.display(description="recipe")
    def recipe_state(self, row: FieldMapping) -> SafeString:
        return badge("edited", "warn") if row.edited else badge("as the recipe")

    @admin.display(description="recipe")
    def recipe_reset(self, row: FieldMapping) -> SafeString | str:
        if row._state.adding:
            return "–"
        if not row.edited:
            return badge("as the recipe")
        declared = recipe_row(row.flow.spec, row.target)
        tooltip = f"The recipe has: {declared.source}" if declared else "The recipe has no such row"
        url = reverse("admin:syncjobs_flow_reset_row", args=[row.flow_id, row.pk])
        button = format_html(
            '<button type="submit" class="c-small-button" formaction="{}" formnovalidate title="{}">{}</button>',
            url,
            tooltip,
            "Reset to the recipe" if declared else "Remove",
        )
        return format_html("{} {}", badge("edited", "warn", tooltip), button)


@admin.register(Flow)
class FlowAdmin(ConsoleAdmin[Flow]):
    form = FlowForm
    list_display = ["label", "customer", "state_badge", "schedule_text", "last_read", "short_error"]
    list_display_links = ["label"]
    list_filter = ["enabled", ("integration__customer", RelatedDropdownFilter)]
    list_select_related = ["integration__customer"]
    search_fields = ["slug", "integration__customer__name"]
    fields = ["enabled", "schedule", "look_back_days", "filter"]
    inlines = [MappingInline]
    header_template = "console/flow.html"
    actions = ["run_many"]
    buttons = (
        Button("run", "Run now", "syncjobs.run_flow", "play_arrow", variant="primary"),
        Button("rewind", "Read again from…", "syncjobs.rewind_flow", "history", page=True),
        Button("dry-run", "Dry run on the sample", "syncjobs.view_flow", "science", page=True),
        Button(
            "refilter",
            "Apply the filter again",
            "syncjobs.change_flow",
            "filter_alt",
            hint="Filters every skipped record again",
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # flows come with their integration

    def shows_button(self, request: HttpRequest, obj: Flow, button: Button) -> bool:
        return not (button.slug == "rewind" and obj.spec.polled_with)

    def get_urls(self) -> list[URLPattern]:
        reset = self.admin_site.admin_view(require_POST(self.reset_row))
        return [path("<int:object_id>/reset/<int:row_id>/", reset, name="syncjobs_flow_reset_row"), *super().get_urls()]

    def header_context(self, request: HttpRequest, obj: Flow) -> dict[str, Any]:
        lines = flow_lines(obj.integration.flows.select_related("integration__customer"))
        return super().header_context(request, obj) | {
            "flow": obj,
            "spec": obj.spec,
            "source": vendors.resource(obj.spec.source).label,
            "target": vendors.resource(obj.spec.target).label,
            "line": next(line for line in lines if line.flow.pk == obj.pk),
            "schedule": schedule_in_words(obj.schedule),
            "cursor": cursor_in_words(obj.cursor),
            "runs": [(run, counts_in_words(run.counts)) for run in obj.runs.all()[:8]],
            "polled_with": obj.integration.flows.filter(slug=obj.spec.polled_with).first()
            if obj.spec.polled_with
            else None,
            "fields": sorted(vendors.resource(obj.spec.target).fields),
        }

    # Saving

    def save_model(self, request: HttpRequest, obj: Flow, form: Any, change: bool) -> None:
        changed = change_flow(obj, form.cleaned_data, actor(request))
        if "filter" in changed:
            # After the commit: the verb works in transactions of its own, and this one would hold up all others.
            transaction.on_commit(lambda: self._refilter(request, obj))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        rows = formset.save(commit=False)
        targets = change_rows(form.instance, rows, actor(request))
        if targets:
            messages.info(request, "Records that wait or failed take the new rows when they are delivered or replayed.")

    def _refilter(self, request: HttpRequest, flow: Flow) -> None:
        try:
            counts = refilter(flow, actor(request), deadline=time.monotonic() + REFILTER_SECONDS)
        except MappingError as error:
            messages.error(request, f"The filter could not be applied: {error}")
            return
        messages.info(
            request, f"{counts['looked_at']} skipped records were filtered again: {counts['due']} are due now."
        )
        if counts["left"]:
            messages.warning(request, "There are more; “Apply the filter again” goes on from the newest.")

    # Verbs

    def run_view(self, request: HttpRequest, obj: Flow) -> HttpResponse:
        if lifecycle.run_now(obj, actor(request)):
            messages.success(request, "It will run now; reload in a moment to see the result.")
        else:
            messages.warning(request, "It cannot run: the flow or integration is off, or a connection does not work.")
        return self.redirect_to(obj)

    def rewind_view(self, request: HttpRequest, obj: Flow) -> HttpResponse:
        form = RewindForm(request.POST or None, initial={"since": obj.read_up_to or timezone.now()})
        if request.method == "POST" and form.is_valid():
            try:
                lifecycle.rewind(obj, form.cleaned_data["since"], actor(request))
            except VendorError as error:
                form.add_error(None, f"{error} {error.next_step}".strip())
            else:
                messages.success(
                    request, "It reads again from there at its next run. What has not changed makes no work."
                )
                return self.redirect_to(obj)
        return self.render_page(request, "console/rewind.html", obj, f"Read again: {obj}", form=form, flow=obj)

    def dry_run_view(self, request: HttpRequest, obj: Flow) -> HttpResponse:
        name, sample, payload, problem = samples.dry_run(obj)
        return self.render_page(
            request,
            "console/dry_run.html",
            obj,
            f"Dry run: {obj}",
            name=name,
            sample=pretty(sample) if sample is not None else "",
            payload=pretty(payload) if payload is not None else "",
            problem=problem,
        )

    def refilter_view(self, request: HttpRequest, obj: Flow) -> HttpResponse:
        self._refilter(request, obj)
        return self.redirect_to(obj)

    def reset_row(self, request: HttpRequest, object_id: int, row_id: int) -> HttpResponse:
        flow = self.get_object_or_404(request, object_id)
        if not (self.has_change_permission(request, flow) and request.user.has_perm("syncjobs.change_fieldmapping")):
            raise PermissionDenied
        row = FieldMapping.objects.select_related("flow__integration").filter(pk=row_id, flow=flow).first()
        if row is None:
            raise Http404
        lifecycle.reset_mapping(row, actor(request))
        messages.success(request, f"{row.target} is as the recipe has it.")
        return self.redirect_to(flow)

    def has_run_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("syncjobs.run_flow")

    @admin.action(description="Run now", permissions=["run"])
    def run_many(self, request: HttpRequest, queryset: Any) -> None:
        enqueued = sum(lifecycle.run_now(flow, actor(request)) for flow in queryset)
        messages.success(
            request, f"{enqueued} will run now; those of a paused integration or a stopped connection are left alone."
        )

    # Columns

    @admin.display(description="flow", ordering="slug")
    def label(self, flow: Flow) -> str:
        return flow.spec.label

    @admin.display(description="customer", ordering="integration__customer__name")
    def customer(self, flow: Flow) -> str:
        return str(flow.integration.customer)

    @admin.display(description="state", ordering="enabled")
    def state_badge(self, flow: Flow) -> SafeString:
        if not flow.enabled:
            return badge("switched off")
        active = flow.integration.state == flow.integration.State.ACTIVE
        return badge("on", "good") if active else badge(f"integration {flow.integration.get_state_display()}", "warn")

    @admin.display(description="runs", ordering="schedule")
    def schedule_text(self, flow: Flow) -> str:
        return "with another flow" if flow.spec.polled_with else schedule_in_words(flow.schedule)

    @admin.display(description="read up to", ordering="read_up_to")
    def last_read(self, flow: Flow) -> SafeString | str:
        if flow.spec.polled_with:
            return "–"
        return format_html("{} {}", lag(flow), badge("late", "warn")) if is_late(flow, timezone.now()) else lag(flow)

    @admin.display(description="error")
    def short_error(self, flow: Flow) -> SafeString | str:
        return short(flow.trouble) if flow.trouble else "–"
