"""What all pages of the console share: the admin base class, verbs as buttons that post, badges, plain times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.timesince import timesince

if TYPE_CHECKING:  # unfold has no types; its classes are Django's with another look
    from django.contrib.admin import ModelAdmin, TabularInline
else:
    from unfold.admin import ModelAdmin, TabularInline

M = TypeVar("M", bound=Model)
P = TypeVar("P", bound=Model)

HISTORY = "admin:audit_auditentry_changelist"


@dataclass(frozen=True)
class Button:
    """A verb at the top of an object's page. `permission` is a full name, such as `syncjobs.run_flow`.

    One that is a `page` opens a page of its own; every other only answers POST.
    """

    slug: str
    label: str
    permission: str
    icon: str = ""
    page: bool = False
    look: str = ""
    hint: str = ""

    @property
    def method(self) -> str:
        return f"{self.slug.replace('-', '_')}_view"


class ConsoleAdmin(ModelAdmin[M]):
    """Base of every page: no deleting, no history of Django's, verbs by permission."""

    buttons: ClassVar[tuple[Button, ...]] = ()
    note_template: ClassVar[str] = ""
    compressed_fields = True
    list_per_page = 50
    list_max_show_all = 50
    list_disable_select_all = True
    empty_value_display = "–"
    change_form_outer_before_template = "console/head.html"

    # Verbs

    def get_urls(self) -> list[URLPattern]:
        about = self.model._meta
        own = [
            path(
                f"<int:object_id>/{button.slug}/",
                self.admin_site.admin_view(self._door(button)),
                name=f"{about.app_label}_{about.model_name}_{button.slug}",
            )
            for button in self.buttons
        ]
        return own + super().get_urls()

    def _door(self, button: Button) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, object_id: int) -> HttpResponse:
            if not self.may(request, button.permission):
                raise PermissionDenied
            if request.method != "POST" and not button.page:
                return HttpResponseNotAllowed(["POST"])
            found = self.found(request, object_id)
            answer: HttpResponse = getattr(self, button.method)(request, found)
            return answer

        return view

    def found(self, request: HttpRequest, object_id: int | str) -> M:
        """The object, if this person may see it. Raises `Http404` or `PermissionDenied`."""
        found = self.get_object(request, str(object_id))
        if found is None:
            raise Http404
        if not self.has_view_permission(request, found):
            raise PermissionDenied
        return found

    def shows(self, request: HttpRequest, obj: M, button: Button) -> bool:
        """Whether a button makes sense for this object just now; permissions are checked besides."""
        return True

    def buttons_for(self, request: HttpRequest, obj: M) -> list[dict[str, Any]]:
        return [
            {"about": button, "url": self.url(obj, button.slug)}
            for button in self.buttons
            if self.may(request, button.permission) and self.shows(request, obj, button)
        ]

    @staticmethod
    def may(request: HttpRequest, permission: str) -> bool:
        return bool(request.user.has_perm(permission))

    # Pages

    def url(self, obj: M, page: str = "change") -> str:
        about = self.model._meta
        return reverse(f"admin:{about.app_label}_{about.model_name}_{page}", args=[obj.pk])

    def back(self, obj: M) -> HttpResponseRedirect:
        return HttpResponseRedirect(self.url(obj))

    def page(
        self, request: HttpRequest, template: str, obj: M | None, title: str, status: int = 200, **more: Any
    ) -> HttpResponse:
        """A page of our own inside of the console's frame."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "original": obj,
            "title": title,
            "back_url": self.url(obj) if obj is not None else "",
            "buttons": self.buttons_for(request, obj) if obj is not None else [],
            **more,
        }
        return TemplateResponse(request, template, context, status=status)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        more = {"show_save_and_add_another": False, **(extra_context or {})}
        if object_id is not None:  # also when a form comes back with errors
            obj = self.get_object(request, object_id)
            if obj is not None and self.has_view_permission(request, obj):
                more |= {"buttons": self.buttons_for(request, obj), **self.head(request, obj)}
        return super().changeform_view(request, object_id, form_url, more)

    def head(self, request: HttpRequest, obj: M) -> dict[str, Any]:
        """What the template above the form shows."""
        return {"note_template": self.note_template}

    # Rights

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    # The trail is ours: Django's own log goes when its user goes, and says less

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        name = self.model._meta.model_name
        return HttpResponseRedirect(f"{reverse(HISTORY)}?subject_type__exact={name}&subject_id__exact={object_id}")


class ReadOnlyAdmin(ConsoleAdmin[M]):
    """Pages that show and change nothing."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False


class RowsInline(TabularInline[M, P]):
    """Rows edited on their parent's page."""

    extra = 0
    hide_title = True
    show_change_link = False


def badge(text: object, kind: str = "", title: str = "") -> SafeString:
    """A small coloured label. `kind`: good, bad, warn, busy or nothing."""
    return format_html('<span class="c-badge c-{}" title="{}">{}</span>', kind or "plain", title, text)


def link(url: str, text: object, css: str = "c-link") -> SafeString:
    return format_html('<a class="{}" href="{}">{}</a>', css, url, text)


def short(text: str, length: int = 90) -> SafeString:
    """The beginning of a long text; the rest is in its title."""
    return format_html('<span class="c-wrap" title="{}">{}</span>', text, Truncator(text).chars(length))


def age(moment: datetime | None) -> SafeString | str:
    """How long ago, with the moment itself in the title."""
    if moment is None:
        return "never"
    now = timezone.now()
    words = "just now" if abs((now - moment).total_seconds()) < 60 else _distance(moment, now)
    exact = timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S %Z")
    return format_html('<time class="c-nowrap" datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, words)


def _distance(moment: datetime, now: datetime) -> str:
    return f"{timesince(moment, now, depth=1)} ago" if moment <= now else f"in {timesince(now, moment, depth=1)}"
