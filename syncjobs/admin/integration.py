"""Integrations: made from a recipe, switched on and off, with an overview of their flows."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from audit.console import Button, ConsoleAdmin, actor, badge
from connections.admin import state_badge as connection_badge
from syncjobs import inbox, lifecycle
from syncjobs.admin.states import flow_lines
from syncjobs.expressions import MappingError
from syncjobs.models import Integration

LOOKS = {Integration.State.DRAFT: "plain", Integration.State.ACTIVE: "good", Integration.State.PAUSED: "warn"}


def integration_badge(integration: Integration) -> SafeString:
    return badge(integration.get_state_display(), LOOKS[Integration.State(integration.state)])


@admin.register(Integration)
class IntegrationAdmin(ConsoleAdmin[Integration]):
    list_display = ["name", "customer", "health", "left", "right", "start_from"]
    list_display_links = ["name"]
    list_filter = [("state", ChoicesDropdownFilter)]
    search_fields = ["customer__name"]
    list_select_related = ["customer", "left__customer", "right__customer"]
    fields = ["customer", "recipe", "left", "right", "start_from"]
    note_template = "console/integration.html"
    actions = None
    buttons = (
        Button("activate", "Activate", "syncjobs.activate_integration", "play_arrow", look="primary"),
        Button(
            "pause", "Pause", "syncjobs.activate_integration", "pause", hint="Nothing is read or sent; nothing is lost"
        ),
    )

    def shows(self, request: HttpRequest, obj: Integration, button: Button) -> bool:
        return (obj.state == Integration.State.ACTIVE) == (button.slug == "pause")

    def get_readonly_fields(self, request: HttpRequest, obj: Integration | None = None) -> list[str]:
        return [] if obj is None else ["customer", "recipe", "left", "right", "start_from"]

    def has_change_permission(self, request: HttpRequest, obj: Integration | None = None) -> bool:
        """Nothing of a stored integration is edited; its flows and tables have pages of their own."""
        return False

    def save_model(self, request: HttpRequest, obj: Integration, form: Any, change: bool) -> None:
        made = lifecycle.create_integration(
            obj.customer, obj.recipe, obj.left, obj.right, actor(request), start_from=obj.start_from
        )
        obj.pk = made.pk
        obj._state.adding = False

    def response_add(
        self, request: HttpRequest, obj: Integration, post_url_continue: str | None = None
    ) -> HttpResponse:
        messages.success(request, f"{obj} is made, and not active yet. Look at its flows and tables, then activate it.")
        return self.back(obj)

    def head(self, request: HttpRequest, obj: Integration) -> dict[str, Any]:
        flows = list(obj.flows.select_related("integration__customer"))
        may_see_hooks = self.may(request, "syncjobs.activate_integration")
        sides = [(side, connection_badge(side)) for side in (obj.left, obj.right)]
        labels = {table.name: table.label for table in obj.declaration.tables}
        hooks = [(side, inbox.hook_url(side)) for side, _ in sides if side.declaration.webhooks is not None]
        return super().head(request, obj) | {
            "integration": obj,
            "state": integration_badge(obj),
            "sides": sides,
            "lines": flow_lines(flows),
            "tables": [(table, labels.get(table.name, table.name)) for table in obj.value_maps.all()],
            "hooks": hooks if may_see_hooks else [],
            "hooks_hidden": bool(hooks) and not may_see_hooks,
        }

    def activate_view(self, request: HttpRequest, obj: Integration) -> HttpResponse:
        try:
            done = lifecycle.activate(obj, actor(request))
        except MappingError as error:
            messages.error(request, f"It cannot be activated: {error.target}: {error}")
            return self.back(obj)
        stopped = [side for side in (obj.left, obj.right) if not side.usable]
        messages.success(request, f"{obj} is active." if done else f"{obj} was active already.")
        for side in stopped:
            messages.warning(request, f"{side} does not work just now, so its flows wait: {side.cause}")
        return self.back(obj)

    def pause_view(self, request: HttpRequest, obj: Integration) -> HttpResponse:
        done = lifecycle.pause(obj, actor(request))
        messages.success(request, f"{obj} is paused." if done else f"{obj} was not active.")
        return self.back(obj)

    @admin.display(description="integration", ordering="recipe")
    def name(self, integration: Integration) -> str:
        return integration.get_recipe_display()

    @admin.display(description="state", ordering="state")
    def health(self, integration: Integration) -> SafeString:
        return integration_badge(integration)
