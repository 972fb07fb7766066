"""The admin site of the console."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib.admin.apps import AdminConfig
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse, reverse_lazy

if TYPE_CHECKING:  # unfold has no types
    from django.contrib.admin import AdminSite as Site
else:
    from unfold.sites import UnfoldAdminSite as Site

MAX_RESULTS = 10


class ConsoleSite(Site):
    """The console: unfold's site, with our title, start page and help."""

    index_title = "Start"
    site_title = "Integration console"
    enable_nav_sidebar = True

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """unfold's form has no hidden field for where to go next, so an address without it would lead nowhere."""
        context = dict(extra_context or {})
        if REDIRECT_FIELD_NAME not in request.GET:
            context["app_path"] = f"{request.path}?{REDIRECT_FIELD_NAME}={reverse('admin:index')}"
        return super().login(request, context)

    def extra_urls(self) -> list[URLPattern]:
        return [path("help/", self.admin_view(self.help), name="help")]

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The command palette. unfold's own caches results for five minutes, and so shows states that are over."""
        term = request.GET.get("s", "").strip()
        if not term:
            return HttpResponse()
        site: Any = self
        results = [*site._search_apps(self.get_app_list(request), term.lower()), *find_objects(request, term)]
        context = {
            "page_obj": Paginator(results, len(results) or 1),
            "results": results,
            "page_counter": 0,
            "execution_time": 0,
        }
        template = "unfold/helpers/command_results.html"
        return TemplateResponse(request, template, context, headers={"HX-Trigger": "search"})

    def help(self, request: HttpRequest) -> HttpResponse:
        from syncjobs.admin.states import STATE_MEANINGS, state_badge

        states = [(state_badge(state), meaning) for state, meaning in STATE_MEANINGS.items()]
        context = {**self.each_context(request), "title": "Help", "states": states}
        return TemplateResponse(request, "console/help.html", context)


class ConsoleConfig(AdminConfig):
    default_site = "integrator.console.ConsoleSite"


def _has_perm(permission: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.has_perm(permission)


def _page(title: str, icon: str, model: str) -> dict[str, Any]:
    app, _, name = model.partition(".")
    url = reverse_lazy(f"admin:{app}_{name}_changelist")
    return {"title": title, "icon": icon, "link": url, "permission": _has_perm(f"{app}.view_{name}")}


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The side bar; what a person may not see is left out by its permission."""
    groups: list[dict[str, Any]] = [
        {
            "title": "Monitoring",
            "items": [
                {"title": "Start", "icon": "home", "link": reverse_lazy("admin:index")},
                _page("Records", "receipt_long", "syncjobs.syncrecord"),
                _page("Webhook events", "notifications", "syncjobs.webhookevent"),
                _page("Runs", "play_circle", "syncjobs.flowrun"),
            ],
        },
        {
            "title": "Setup",
            "separator": True,
            "items": [
                _page("Customers", "business", "connections.customer"),
                _page("Connections", "cable", "connections.connection"),
                _page("Integrations", "sync_alt", "syncjobs.integration"),
                _page("Flows", "arrow_forward", "syncjobs.flow"),
                _page("Value maps", "table_rows", "syncjobs.valuemap"),
            ],
        },
        {
            "title": "System",
            "separator": True,
            "items": [
                _page("Audit trail", "history", "audit.auditentry"),
                _page("Users", "person", "auth.user"),
                _page("Groups", "group", "auth.group"),
                {"title": "Help", "icon": "help", "link": reverse_lazy("admin:help")},
            ],
        },
    ]
    if request.user.is_superuser:
        groups[2]["items"].append(_page("Task queue", "list_alt", "django_q.ormq"))
    return groups


def find_objects(request: HttpRequest, term: str) -> list[Any]:
    """Results of the command palette besides pages: records by their keys, customers, connections."""
    from unfold.dataclasses import SearchResult

    from connections.models import Connection, Customer
    from syncjobs.admin.record_filters import search
    from syncjobs.models import SyncRecord

    results: list[Any] = []
    if request.user.has_perm("syncjobs.view_syncrecord"):
        records = SyncRecord.objects.without_bodies().select_related("flow__integration__customer")
        for record in search(records, term).order_by("-pk")[:MAX_RESULTS]:
            description = f"{record.flow} · {record.get_state_display()}"
            results.append(SearchResult(str(record), description, _url(record), "receipt_long"))
    for model, icon in ((Customer, "business"), (Connection, "cable")):
        if request.user.has_perm(f"connections.view_{model._meta.model_name}"):
            description, objects = str(model._meta.verbose_name), model._default_manager.filter(name__icontains=term)
            results += [SearchResult(str(obj), description, _url(obj), icon) for obj in objects[:MAX_RESULTS]]
    return results


def _url(obj: Any) -> str:
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])
