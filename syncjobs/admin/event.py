"""Webhook events: the notifications that came, why one was refused, and following one again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.paginator import InfinitePaginator

from audit.trail import actor
from syncjobs import webhooks
from syncjobs.admin.documents import as_text
from syncjobs.models import WebhookEvent
from toolkit.admin import Button, ReadOnlyAdmin, age, badge, short

BADGE_VARIANTS = {
    WebhookEvent.State.DUE: "busy",
    WebhookEvent.State.FOLLOWING: "busy",
    WebhookEvent.State.DONE: "good",
    WebhookEvent.State.RETRYING: "warn",
    WebhookEvent.State.REFUSED: "bad",
}


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin[WebhookEvent]):
    list_display = ["name", "connection", "state_badge", "short_cause", "received", "documents", "last_received"]
    list_display_links = ["name"]
    list_filter = [("state", ChoicesDropdownFilter), ("connection", RelatedDropdownFilter)]
    list_select_related = ["connection__customer"]
    search_fields = ["topic__startswith", "digest__exact"]
    search_help_text = "Topic, or the whole digest"
    fields = [
        "connection",
        "topic",
        "state_badge",
        "cause",
        "received",
        "documents",
        "attempts",
        "first_at",
        "last_at",
        "url",
    ]
    readonly_fields = ["state_badge"]
    header_template = "console/event.html"
    show_full_result_count = False
    paginator = InfinitePaginator
    sortable_by = ()
    actions = ["follow_many"]
    buttons = (Button("follow", "Follow again", "syncjobs.replay_webhookevent", "replay", variant="primary"),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookEvent]:
        return super().get_queryset(request).defer("body")

    def shows_button(self, request: HttpRequest, obj: WebhookEvent, button: Button) -> bool:
        return bool(obj.topic) and obj.state != WebhookEvent.State.FOLLOWING

    def header_context(self, request: HttpRequest, obj: WebhookEvent) -> dict[str, Any]:
        sees_bodies = request.user.has_perm("syncjobs.see_bodies")
        body = as_text(bytes(obj.body)) if sees_bodies and obj.body else ""
        return super().header_context(request, obj) | {
            "event": obj,
            "sees_bodies": sees_bodies,
            "body": body,
            "headers": obj.headers,
        }

    def follow_view(self, request: HttpRequest, obj: WebhookEvent) -> HttpResponse:
        if webhooks.replay_event(obj, actor(request)):
            messages.success(request, "It is followed again; reload in a moment to see the result.")
        else:
            messages.warning(request, "It is being followed just now, or it was not understood.")
        return self.redirect_to(obj)

    def has_follow_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("syncjobs.replay_webhookevent")

    @admin.action(description="Follow again", permissions=["follow"])
    def follow_many(self, request: HttpRequest, queryset: QuerySet[WebhookEvent]) -> None:
        followed = sum(webhooks.replay_event(event, actor(request)) for event in queryset)
        messages.success(request, f"{followed} are followed again.")

    @admin.display(description="notification")
    def name(self, event: WebhookEvent) -> str:
        return event.topic or "not understood"

    @admin.display(description="state")
    def state_badge(self, event: WebhookEvent) -> SafeString:
        return badge(event.get_state_display(), BADGE_VARIANTS[WebhookEvent.State(event.state)])

    @admin.display(description="cause")
    def short_cause(self, event: WebhookEvent) -> SafeString | str:
        return short(event.cause) if event.cause else "–"

    @admin.display(description="last came")
    def last_received(self, event: WebhookEvent) -> SafeString | str:
        return age(event.last_at)
