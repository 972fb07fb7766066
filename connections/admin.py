"""Customers and their connections."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cryptography.fernet import InvalidToken
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from audit import trail
from audit.actions import Action
from audit.trail import actor
from connections import browser_sign_in as signing_in
from connections import lifecycle, vendors
from connections.forms import PREFIX, ConnectionForm, SecretsForm, settings_form
from connections.models import Connection, Customer
from connections.vendor import Field, Vendor
from toolkit.admin import Button, ConsoleAdmin, age, badge, short

BADGE_VARIANTS = {
    Connection.State.NEW: "plain",
    Connection.State.READY: "good",
    Connection.State.BROKEN: "bad",
    Connection.State.PAUSED: "warn",
}


def connection_badge(connection: Connection) -> SafeString:
    return badge(connection.get_state_display(), BADGE_VARIANTS[Connection.State(connection.state)], connection.cause)


@admin.register(Customer)
class CustomerAdmin(ConsoleAdmin[Customer]):
    list_display = ["name", "connection_count", "integration_count", "broken_badge"]
    search_fields = ["name"]
    fields = ["name", "notes"]
    header_template = "console/customer.html"
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                connection_count=Count("connections", distinct=True),
                integration_count=Count("integrations", distinct=True),
                broken_count=Count("connections", distinct=True, filter=Q(connections__state=Connection.State.BROKEN)),
            )
        )

    def header_context(self, request: HttpRequest, obj: Customer) -> dict[str, Any]:
        return super().header_context(request, obj) | {
            "connections": [(connection, connection_badge(connection)) for connection in obj.connections.all()],
            "integrations": list(obj.integrations.all()),
        }

    def save_model(self, request: HttpRequest, obj: Customer, form: Any, change: bool) -> None:
        if change and not form.changed_data:
            return
        super().save_model(request, obj, form, change)
        summary = f"Changed: {', '.join(form.changed_data)}." if change else "Added."
        trail.record(Action.CUSTOMER_CHANGED, obj, actor=actor(request), customer_id=obj.pk, summary=summary)

    @admin.display(description="connections", ordering="connection_count")
    def connection_count(self, customer: Any) -> int:
        return int(customer.connection_count)

    @admin.display(description="integrations", ordering="integration_count")
    def integration_count(self, customer: Any) -> int:
        return int(customer.integration_count)

    @admin.display(description="stopped", ordering="broken_count")
    def broken_badge(self, customer: Any) -> SafeString | str:
        return badge(f"{customer.broken_count} stopped", "bad") if customer.broken_count else "–"


@admin.register(Connection)
class ConnectionAdmin(ConsoleAdmin[Connection]):
    list_display = ["name", "customer", "vendor", "state_badge", "short_cause", "last_test", "lag"]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("vendor", ChoicesDropdownFilter),
        ("customer", RelatedDropdownFilter),
    ]
    search_fields = ["name", "customer__name"]
    list_select_related = ["customer"]
    header_template = "console/connection.html"
    actions = ["pause_many", "resume_many"]
    buttons = (
        Button("test", "Test", "connections.probe_connection", "network_check", hint="Signs in and tries every right"),
        Button("secrets", "Enter credentials", "connections.enter_secrets", "key", page=True),
        Button(
            "sign-in", "Sign in by browser", "connections.enter_secrets", "login", hint="Leads to the system's own page"
        ),
        Button("pause", "Pause", "connections.pause_connection", "pause", hint="Nothing is lost meanwhile"),
        Button("resume", "Resume", "connections.pause_connection", "play_arrow", variant="primary"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        return super().get_queryset(request).prefetch_related("customer__integrations__flows")

    def shows_button(self, request: HttpRequest, obj: Connection, button: Button) -> bool:
        paused = obj.state == Connection.State.PAUSED
        applies = {"pause": not paused, "resume": paused, "test": not paused, "sign-in": obj.sign_in is not None}
        return applies.get(button.slug, True)

    # The form

    def _vendor(self, request: HttpRequest, obj: Connection | None) -> Vendor:
        return vendors.get(obj.vendor if obj else request.GET.get("vendor", ""))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The system is chosen first: the rest of the form is made from what it declares."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.GET.get("vendor") not in vendors.SLUGS:
            query = f"&customer={request.GET['customer']}" if request.GET.get("customer", "").isdigit() else ""
            return self.render_page(
                request,
                "console/choose_vendor.html",
                None,
                "Which system?",
                vendors=[vendors.get(slug) for slug in vendors.SLUGS],
                query=query,
            )
        vendor = self._vendor(request, None)
        return super().add_view(
            request,
            form_url,
            {"title": f"Connect {vendor.label}", "vendor": vendor, "header_template": "console/guide.html"},
        )

    def get_form(
        self, request: HttpRequest, obj: Connection | None = None, change: bool = False, **options: Any
    ) -> type[ConnectionForm]:
        options["form"] = settings_form(self._vendor(request, obj))
        return super().get_form(request, obj, change, **options)  # type: ignore[return-value]

    def get_fieldsets(self, request: HttpRequest, obj: Connection | None = None) -> Any:
        vendor = self._vendor(request, obj)
        if obj is not None and not self.has_change_permission(request, obj):
            return [(None, {"fields": ["customer", "name"]})]  # its settings stand above, to read
        names = [PREFIX + field.name for field in vendor.settings]
        return [(None, {"fields": ["customer", "name"]}), (f"Settings of {vendor.label}", {"fields": names})]

    def get_readonly_fields(self, request: HttpRequest, obj: Connection | None = None) -> list[str]:
        if obj is None:
            return []
        if not self.has_change_permission(request, obj):
            return ["customer", "name"]
        return ["customer"]

    def save_model(self, request: HttpRequest, obj: Connection, form: Any, change: bool) -> None:
        if not change:
            created = lifecycle.create_connection(
                obj.customer, obj.vendor, obj.name, form.settings(), {}, actor(request)
            )
            obj.pk = created.pk
            obj.refresh_from_db()
            return
        if "name" in form.changed_data:
            obj.save(update_fields=["name"])
            trail.record(
                Action.CONNECTION_CHANGED, obj, actor=actor(request), customer_id=obj.customer_id, summary="Renamed."
            )
        lifecycle.change_settings(obj, form.settings(), actor(request))

    def response_add(self, request: HttpRequest, obj: Connection, post_url_continue: str | None = None) -> HttpResponse:
        if not request.user.has_perm("connections.enter_secrets"):
            messages.info(request, f"{obj} is saved. Somebody with the right to must enter its credentials now.")
            return self.redirect_to(obj)
        messages.success(request, f"{obj} is saved. Now enter its credentials.")
        return HttpResponseRedirect(self.get_url(obj, "secrets"))

    def header_context(self, request: HttpRequest, obj: Connection) -> dict[str, Any]:
        return super().header_context(request, obj) | {
            "connection": obj,
            "vendor": obj.declaration,
            "badge": connection_badge(obj),
            "partly": obj.state == Connection.State.READY and any(not line.get("ok") for line in obj.probe or []),
            "secret_lines": self._secret_lines(obj),
            "redirect_uri": _redirect_uri(obj),
            "plain_settings": [] if self.has_change_permission(request, obj) else plain_settings(obj),
        }

    def _secret_lines(self, obj: Connection) -> list[tuple[str, bool]]:
        entered = entered_names(obj)
        return [(field.label, field.name in entered) for field in obj.declaration.secrets]

    # Verbs

    def test_view(self, request: HttpRequest, obj: Connection) -> HttpResponse:
        lines = lifecycle.probe(obj, actor(request), for_person=True)
        failed = sum(not line.ok for line in lines)
        if failed:
            messages.error(request, f"{failed} of {len(lines)} tests failed; each line below says what to do.")
        else:
            messages.success(request, f"All {len(lines)} tests passed.")
        return self.redirect_to(obj)

    def secrets_view(self, request: HttpRequest, obj: Connection) -> HttpResponse:
        entered = entered_names(obj)
        form = SecretsForm(obj.declaration.secrets, entered, request.POST or None)
        if request.method == "POST" and form.is_valid():
            secrets = form.entered_secrets()
            lifecycle.enter_secrets(obj, secrets, actor(request))
            messages.success(request, f"Stored: {len(secrets)} of {len(form.fields)} credentials, encrypted.")
            if "test" in request.POST and request.user.has_perm("connections.probe_connection"):
                return self.test_view(request, obj)
            return self.redirect_to(obj)
        return self.render_page(
            request,
            "console/secrets.html",
            obj,
            f"Credentials of {obj}",
            form=form,
            vendor=obj.declaration,
            secret_lines=self._secret_lines(obj),
            redirect_uri=_redirect_uri(obj),
        )

    def sign_in_view(self, request: HttpRequest, obj: Connection) -> HttpResponse:
        """Leads to the address that the connection's own settings give, and to no other."""
        try:
            return HttpResponseRedirect(signing_in.begin(obj, request.session, actor(request)))
        except signing_in.SignInFailed as failed:
            messages.error(request, f"{failed.message} What to do: {failed.next_step}")
            return self.redirect_to(obj)

    def pause_view(self, request: HttpRequest, obj: Connection) -> HttpResponse:
        done = lifecycle.pause(obj, actor(request))
        messages.success(request, f"{obj} is paused." if done else f"{obj} was paused already.")
        return self.redirect_to(obj)

    def resume_view(self, request: HttpRequest, obj: Connection) -> HttpResponse:
        done = lifecycle.resume(obj, actor(request))
        messages.success(request, f"{obj} goes on." if done else f"{obj} was not paused.")
        return self.redirect_to(obj)

    def has_pause_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("connections.pause_connection")

    @admin.action(description="Pause", permissions=["pause"])
    def pause_many(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        done = sum(lifecycle.pause(connection, actor(request)) for connection in queryset)
        messages.success(request, f"{done} paused.")

    @admin.action(description="Resume", permissions=["pause"])
    def resume_many(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        done = sum(lifecycle.resume(connection, actor(request)) for connection in queryset)
        messages.success(request, f"{done} resumed.")

    # Columns

    @admin.display(description="state", ordering="state")
    def state_badge(self, connection: Connection) -> SafeString:
        return connection_badge(connection)

    @admin.display(description="cause")
    def short_cause(self, connection: Connection) -> SafeString | str:
        return short(connection.cause) if connection.cause else "–"

    @admin.display(description="last tested", ordering="checked_at")
    def last_test(self, connection: Connection) -> SafeString | str:
        return age(connection.checked_at)

    @admin.display(description="lag")
    def lag(self, connection: Connection) -> SafeString | str:
        """How long ago the flow that is furthest behind read this system to its end."""
        flows = [
            flow
            for integration in connection.customer.integrations.all()
            if integration.state == "active" and connection.pk in (integration.left_id, integration.right_id)
            for flow in integration.flows.all()
            if flow.enabled and not flow.spec.polled_with and flow.spec.source.partition(".")[0] == connection.vendor
        ]
        if not flows:
            return "–"
        moments: list[datetime] = [flow.read_up_to for flow in flows if flow.read_up_to]
        return age(min(moments)) if len(moments) == len(flows) else badge("not read yet", "warn")


def entered_names(connection: Connection) -> set[str]:
    """Which credentials are stored. Only their names leave here; one that no key can read counts as missing."""
    try:
        secrets = Connection._base_manager.only("secrets").get(pk=connection.pk).secrets
    except (InvalidToken, ValueError):
        return set()
    return {name for name, value in (secrets or {}).items() if value}


def _redirect_uri(connection: Connection) -> str:
    return signing_in.redirect_uri() if connection.sign_in else ""


def plain_settings(connection: Connection) -> list[tuple[str, object]]:
    """The settings as the form would show them."""
    settings = connection.full_settings
    return [(field.label, _in_words(field, settings.get(field.name, ""))) for field in connection.declaration.settings]


def _in_words(field: Field, value: Any) -> object:
    if field.kind == "switch":
        return "yes" if value else "no"
    if field.kind == "lines" and isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return dict(field.choices).get(str(value), value)
