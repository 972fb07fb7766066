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

if TYPE_CHECKING:  # unfold has no types; its classes are Django's in another style
    from django.contrib.admin import ModelAdmin, TabularInline
else:
    from unfold.admin import ModelAdmin, TabularInline

M = TypeVar("M", bound=Model)
P = TypeVar("P", bound=Model)

AUDIT_TRAIL = "admin:audit_auditentry_changelist"


@dataclass(frozen=True)
class Button:
    """A verb at the top of an object's page. `permission` is a full name, such as `syncjobs.run_flow`.

    A button with `page` opens a page of its own; every other one only takes POST. The admin class has a method
    `<slug>_view(request, obj)` for it.
    """

    slug: str
    label: str
    permission: str
    icon: str = ""
    page: bool = False
    variant: str = ""
    hint: str = ""

    @property
    def view_method(self) -> str:
        return f"{self.slug.replace('-', '_')}_view"


class ConsoleAdmin(ModelAdmin[M]):
    """Base of every page: no deleting, no history of Django's, verbs by permission."""

    buttons: ClassVar[tuple[Button, ...]] = ()
    header_template: ClassVar[str] = ""
    compressed_fields = True
    list_per_page = 50
    list_max_show_all = 50
    list_disable_select_all = True
    empty_value_display = "–"
    change_form_outer_before_template = "console/header.html"

    # Verbs

    def get_urls(self) -> list[URLPattern]:
        button_urls = [
            path(
                f"<int:object_id>/{button.slug}/",
                self.admin_site.admin_view(self._view_for(button)),
                name=f"{self.opts.app_label}_{self.opts.model_name}_{button.slug}",
            )
            for button in self.buttons
        ]
        return button_urls + super().get_urls()

    def _view_for(self, button: Button) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, object_id: int) -> HttpResponse:
            if not request.user.has_perm(button.permission):
                raise PermissionDenied
            if request.method != "POST" and not button.page:
                return HttpResponseNotAllowed(["POST"])
            response: HttpResponse = getattr(self, button.view_method)(
                request, self.get_object_or_404(request, object_id)
            )
            return response

        return view

    def get_object_or_404(self, request: HttpRequest, object_id: int | str) -> M:
        """The object, if this person may see it. Raises `Http404` or `PermissionDenied`."""
        obj = self.get_object(request, str(object_id))
        if obj is None:
            raise Http404
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        return obj

    def shows_button(self, request: HttpRequest, obj: M, button: Button) -> bool:
        """Whether a button makes sense for this object just now; permissions are checked besides."""
        return True

    def get_buttons(self, request: HttpRequest, obj: M) -> list[tuple[Button, str]]:
        """The buttons that this person sees on the object's page, each with its address."""
        return [
            (button, self.get_url(obj, button.slug))
            for button in self.buttons
            if request.user.has_perm(button.permission) and self.shows_button(request, obj, button)
        ]

    # Pages

    def get_url(self, obj: M, page: str = "change") -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=[obj.pk])

    def redirect_to(self, obj: M) -> HttpResponseRedirect:
        return HttpResponseRedirect(self.get_url(obj))

    def render_page(
        self, request: HttpRequest, template: str, obj: M | None, title: str, status: int = 200, **extra_context: Any
    ) -> HttpResponse:
        """A page of our own in the console's layout."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": obj,
            "title": title,
            "back_url": self.get_url(obj) if obj is not None else "",
            "buttons": self.get_buttons(request, obj) if obj is not None else [],
            **extra_context,
        }
        return TemplateResponse(request, template, context, status=status)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        context = {"show_save_and_add_another": False, **(extra_context or {})}
        if object_id is not None:  # also when a form comes back with errors
            obj = self.get_object(request, object_id)
            if obj is not None and self.has_view_permission(request, obj):
                context |= {"buttons": self.get_buttons(request, obj), **self.header_context(request, obj)}
        return super().changeform_view(request, object_id, form_url, context)

    def header_context(self, request: HttpRequest, obj: M) -> dict[str, Any]:
        """What the template above the form shows."""
        return {"header_template": self.header_template}

    # Rights

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    # The trail is ours: Django's own log goes when its user goes, and says less

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        name = self.opts.model_name
        return HttpResponseRedirect(f"{reverse(AUDIT_TRAIL)}?subject_type__exact={name}&subject_id__exact={object_id}")


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


def badge(text: object, variant: str = "", title: str = "") -> SafeString:
    """A small coloured label. `variant`: good, bad, warn, busy or nothing."""
    return format_html('<span class="c-badge c-{}" title="{}">{}</span>', variant or "plain", title, text)


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
