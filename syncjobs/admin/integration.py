"""Integrations: made from a recipe, switched on and off, with an overview of their flows."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from audit.trail import actor
from connections.admin import connection_badge
from syncjobs import lifecycle, webhooks
from syncjobs.admin import report as report_page
from syncjobs.admin.states import flow_lines
from syncjobs.forms import PeriodForm
from syncjobs.mapping.expressions import MappingError
from syncjobs.models import Integration
from syncjobs.reports import ReportRows
from toolkit.admin import Button, ConsoleAdmin, badge

BADGE_VARIANTS = {Integration.State.DRAFT: "plain", Integration.State.ACTIVE: "good", Integration.State.PAUSED: "warn"}


def integration_badge(integration: Integration) -> SafeString:
    return badge(integration.get_state_display(), BADGE_VARIANTS[Integration.State(integration.state)])


@admin.register(Integration)
class IntegrationAdmin(ConsoleAdmin[Integration]):
    list_display = ["name", "customer", "state_badge", "left", "right", "start_from"]
    list_display_links = ["name"]
    list_filter = [("state", ChoicesDropdownFilter)]
    search_fields = ["customer__name"]
    list_select_related = ["customer", "left__customer", "right__customer"]
    fields = ["customer", "recipe", "left", "right", "start_from"]
    header_template = "console/integration.html"
    actions = None
    buttons = (
        Button("activate", "Activate", "syncjobs.activate_integration", "play_arrow", variant="primary"),
        Button(
            "pause", "Pause", "syncjobs.activate_integration", "pause", hint="Nothing is read or sent; nothing is lost"
        ),
    )

    def shows_button(self, request: HttpRequest, obj: Integration, button: Button) -> bool:
        return (obj.state == Integration.State.ACTIVE) == (button.slug == "pause")

    def get_urls(self) -> list[URLPattern]:
        view, address = self.admin_site.admin_view, "<int:object_id>/reports/<slug:slug>/"
        return [
            path(address, view(self.report_view), name="syncjobs_integration_report"),
            path(f"{address}file/", view(require_POST(self.report_file)), name="syncjobs_integration_report_file"),
            *super().get_urls(),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Integration | None = None) -> list[str]:
        return [] if obj is None else ["customer", "recipe", "left", "right", "start_from"]

    def has_change_permission(self, request: HttpRequest, obj: Integration | None = None) -> bool:
        """Nothing of a stored integration is edited; its flows and tables have pages of their own."""
        return False

    def save_model(self, request: HttpRequest, obj: Integration, form: Any, change: bool) -> None:
        integration = lifecycle.create_integration(
            obj.customer, obj.recipe, obj.left, obj.right, actor(request), start_from=obj.start_from
        )
        obj.pk = integration.pk
        obj._state.adding = False

    def response_add(
        self, request: HttpRequest, obj: Integration, post_url_continue: str | None = None
    ) -> HttpResponse:
        messages.success(
            request, f"{obj} is created, and not active yet. Check its flows and value maps, then activate it."
        )
        return self.redirect_to(obj)

    def header_context(self, request: HttpRequest, obj: Integration) -> dict[str, Any]:
        flows = list(obj.flows.select_related("integration__customer"))
        may_see_urls = request.user.has_perm("syncjobs.activate_integration")
        sides = [(side, connection_badge(side)) for side in (obj.left, obj.right)]
        labels = {table.name: table.label for table in obj.declaration.tables}
        webhook_urls = [
            (side, webhooks.webhook_url(side)) for side, _ in sides if side.declaration.webhooks is not None
        ]
        return super().header_context(request, obj) | {
            "integration": obj,
            "badge": integration_badge(obj),
            "sides": sides,
            "lines": flow_lines(flows),
            "tables": [(table, labels.get(table.name, table.name)) for table in obj.value_maps.all()],
            "reports": report_page.links(obj) if report_page.has_report_permission(request) else [],
            "webhook_urls": webhook_urls if may_see_urls else [],
            "webhook_urls_hidden": bool(webhook_urls) and not may_see_urls,
        }

    def activate_view(self, request: HttpRequest, obj: Integration) -> HttpResponse:
        try:
            done = lifecycle.activate(obj, actor(request))
        except MappingError as error:
            messages.error(request, f"It cannot be activated: {error.target}: {error}")
            return self.redirect_to(obj)
        stopped = [side for side in (obj.left, obj.right) if not side.usable]
        messages.success(request, f"{obj} is active." if done else f"{obj} was active already.")
        for side in stopped:
            messages.warning(request, f"{side} does not work just now, so its flows wait: {side.cause}")
        return self.redirect_to(obj)

    def pause_view(self, request: HttpRequest, obj: Integration) -> HttpResponse:
        done = lifecycle.pause(obj, actor(request))
        messages.success(request, f"{obj} is paused." if done else f"{obj} was not active.")
        return self.redirect_to(obj)

    # Reports

    def report_view(self, request: HttpRequest, object_id: int, slug: str) -> HttpResponse:
        integration = self.get_object_or_404(request, object_id)
        report = report_page.get_report_or_404(request, integration, slug)
        context = report_page.context(request, integration, report)
        return self.render_page(
            request, "console/report.html", integration, f"{report.label}: {integration}", **context
        )

    def report_file(
        self, request: HttpRequest, object_id: int, slug: str
    ) -> StreamingHttpResponse | HttpResponseRedirect:
        """A post, because a download leaves an entry in the trail."""
        integration = self.get_object_or_404(request, object_id)
        report = report_page.get_report_or_404(request, integration, slug)
        period = PeriodForm(request.POST).period
        if period is None:
            return HttpResponseRedirect(report_page.url(integration, report))
        return report_page.download(ReportRows(integration, report, period), request)

    @admin.display(description="integration", ordering="recipe")
    def name(self, integration: Integration) -> str:
        return integration.get_recipe_display()

    @admin.display(description="state", ordering="state")
    def state_badge(self, integration: Integration) -> SafeString:
        return integration_badge(integration)
