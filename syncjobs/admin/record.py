"""Records: where is order 4711, what happened to it, and the verbs that settle it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.paginator import InfinitePaginator

from audit.trail import actor
from syncjobs.admin import record_page, states
from syncjobs.admin.bulk import in_batches
from syncjobs.admin.documents import pretty
from syncjobs.admin.record_filters import CustomerFilter, FlowFilter, KindFilter, StateFilter, search
from syncjobs.engine.compiled import Subject, compile_flow, map_batch
from syncjobs.engine.differences import difference
from syncjobs.engine.replay import close_records, edit_and_replay, reopen_records, replay_records
from syncjobs.forms import CloseForm, PayloadForm
from syncjobs.mapping.expressions import MappingError
from syncjobs.models import IN_FLIGHT, State, SyncRecord, SyncRecordQuerySet
from toolkit.admin import Button, ReadOnlyAdmin, age, link, short

STUCK = [State.ATTENTION, State.CONFLICT, State.RETRYING, State.WAITING]
IN_FLIGHT_NOTE = (
    "A write of it is under way or its outcome is unknown; it can be changed as soon as the outcome is known."
)


@admin.register(SyncRecord)
class SyncRecordAdmin(ReadOnlyAdmin[SyncRecord]):
    list_display = ["number", "customer", "flow_label", "state_badge", "short_cause", "target_link", "last_change"]
    list_display_links = ["number"]
    list_filter = [StateFilter, CustomerFilter, FlowFilter, KindFilter]
    list_select_related = ["flow__integration__customer"]
    search_fields = ["source_label"]
    search_help_text = "Number or key in either system: the whole of it, or its beginning"
    list_before_template = "console/replay_shown.html"
    show_full_result_count = False
    paginator = InfinitePaginator
    ordering = ["-pk"]
    sortable_by = ()
    actions = ["replay_many", "close_many", "reopen_many"]
    buttons = (
        Button(
            "replay",
            "Replay",
            "syncjobs.replay_syncrecord",
            "replay",
            variant="primary",
            hint="Reads the source again and sends it",
        ),
        Button("edit", "Edit and replay", "syncjobs.edit_syncrecord", "edit", page=True),
        Button("close", "Close", "syncjobs.close_syncrecord", "done", page=True),
        Button("reopen", "Reopen", "syncjobs.close_syncrecord", "undo"),
    )

    def get_queryset(self, request: HttpRequest) -> SyncRecordQuerySet:
        return SyncRecord.objects.without_bodies().select_related("flow__integration__customer").order_by("-pk")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[SyncRecord], search_term: str
    ) -> tuple[QuerySet[SyncRecord], bool]:
        return search(queryset, search_term), False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.replay_shown))
        return [path("replay-shown/", view, name="syncjobs_syncrecord_replay_shown"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {
            **(extra_context or {}),
            "filtered_query": request.GET.urlencode(),
            "may_replay": request.user.has_perm("syncjobs.replay_syncrecord"),
        }
        return super().changelist_view(request, context)

    def shows_button(self, request: HttpRequest, obj: SyncRecord, button: Button) -> bool:
        closed = obj.state == State.CLOSED
        if obj.state in IN_FLIGHT:
            return False
        if button.slug == "edit":
            return not obj.flow.spec.compares and request.user.has_perm("syncjobs.see_bodies")
        return {"close": not closed, "reopen": closed}.get(button.slug, True)

    # The page of one record

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method == "POST":
            raise PermissionDenied
        record = self.get_object_or_404(request, object_id)
        sees_bodies = request.user.has_perm("syncjobs.see_bodies")
        differences = list(record_page.differences(record))
        return self.render_page(
            request,
            "console/record.html",
            record,
            str(record),
            record=record,
            headline=record_page.headline(record),
            target_link=web_address(record.target_url),
            in_flight_note=IN_FLIGHT_NOTE if record.state in IN_FLIGHT else "",
            timeline=record_page.timeline(record),
            all_entries_url=record_page.all_entries_url(record),
            related=[(other, states.state_badge(other.state)) for other in record_page.related_records(record)],
            refused_fields=record_page.refused_fields(record),
            differing=[name for name, _, _ in differences],
            differences=differences if sees_bodies else [],
            current=record_page.current_state(record) if sees_bodies else [],
            documents=record_page.documents(record) if sees_bodies else [],
            sees_bodies=sees_bodies,
        )

    # Verbs on one

    def replay_view(self, request: HttpRequest, obj: SyncRecord) -> HttpResponse:
        done = replay_records(SyncRecord.objects.filter(pk=obj.pk), actor(request))
        self._report(request, done, f"{obj} is replayed: its source is read again, and it is sent.", obj)
        return self.redirect_to(obj)

    def reopen_view(self, request: HttpRequest, obj: SyncRecord) -> HttpResponse:
        done = reopen_records(SyncRecord.objects.filter(pk=obj.pk), actor(request))
        self._report(request, done, f"{obj} is open again.", obj)
        return self.redirect_to(obj)

    def close_view(self, request: HttpRequest, obj: SyncRecord) -> HttpResponse:
        form = CloseForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            done = close_records(SyncRecord.objects.filter(pk=obj.pk), form.cleaned_data["reason"], actor(request))
            self._report(request, done, f"{obj} is closed.", obj)
            return self.redirect_to(obj)
        return self.render_page(request, "console/close.html", obj, f"Close {obj}", form=form, records=[obj])

    def edit_view(self, request: HttpRequest, obj: SyncRecord) -> HttpResponse:
        """First shows what would change; sends it when that was seen and confirmed."""
        if not request.user.has_perm("syncjobs.see_bodies") or obj.flow.spec.compares:
            raise PermissionDenied
        before, problem = _current_payload(obj)
        start = obj.edited_body if obj.edited_body is not None else before
        form = PayloadForm(request.POST or None, initial={"payload": pretty(start)})
        changes: dict[str, list[Any]] | None = None
        if request.method == "POST" and form.is_valid():
            payload = form.cleaned_data["payload"]
            if "send" in request.POST:
                done = edit_and_replay(obj, payload, actor(request))
                self._report(request, int(done), f"{obj} is sent as edited, once.", obj)
                return self.redirect_to(obj)
            changes = difference(before, payload)
        return self.render_page(
            request,
            "console/edit.html",
            obj,
            f"Edit and replay {obj}",
            form=form,
            changes=sorted(changes.items()) if changes is not None else None,
            problem=problem,
        )

    def _report(self, request: HttpRequest, done: int, message: str, obj: SyncRecord) -> None:
        if done:
            messages.success(request, message)
        else:
            obj.refresh_from_db(fields=["state"])
            messages.warning(
                request, IN_FLIGHT_NOTE if obj.state in IN_FLIGHT else f"Nothing to do: {obj.get_state_display()}."
            )

    # Verbs on many

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("syncjobs.replay_syncrecord")

    def has_close_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("syncjobs.close_syncrecord")

    @admin.action(description="Replay", permissions=["replay"])
    def replay_many(self, request: HttpRequest, queryset: SyncRecordQuerySet) -> None:
        done, has_more = in_batches(queryset, lambda records: replay_records(records, actor(request)))
        self._report_many(request, done, has_more, "replayed")

    @admin.action(description="Reopen", permissions=["close"])
    def reopen_many(self, request: HttpRequest, queryset: SyncRecordQuerySet) -> None:
        done, has_more = in_batches(queryset, lambda records: reopen_records(records, actor(request)))
        self._report_many(request, done, has_more, "reopened")

    @admin.action(description="Close with a reason", permissions=["close"])
    def close_many(self, request: HttpRequest, queryset: SyncRecordQuerySet) -> HttpResponse | None:
        form = CloseForm(request.POST if "reason" in request.POST else None)
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            done, has_more = in_batches(queryset, lambda records: close_records(records, reason, actor(request)))
            self._report_many(request, done, has_more, "closed")
            return None
        records = list(queryset[:200])
        title = f"Close {len(records)} records"
        return self.render_page(request, "console/close.html", None, title, form=form, records=records, many=True)

    def replay_shown(self, request: HttpRequest) -> HttpResponse:
        """Replay what the present filters and search show, as far as it is stuck."""
        if not (self.has_replay_permission(request) and self.has_view_permission(request)):
            raise PermissionDenied
        listed = self.get_changelist_instance(request).get_queryset(request)
        stuck = SyncRecord.objects.filter(pk__in=listed.order_by().values("pk"), state__in=STUCK)
        done, has_more = in_batches(stuck, lambda records: replay_records(records, actor(request)))
        self._report_many(request, done, has_more, "replayed")
        changelist = reverse("admin:syncjobs_syncrecord_changelist")
        return HttpResponseRedirect(f"{changelist}?{request.GET.urlencode()}")

    def _report_many(self, request: HttpRequest, done: int, has_more: bool, verb: str) -> None:
        if done:
            messages.success(request, f"{done} {verb}.")
        else:
            messages.warning(request, f"None {verb}: those chosen are done already, or a write is under way.")
        if has_more:
            messages.warning(request, "There are more than one click takes; do it again for the rest.")

    # Columns

    @admin.display(description="number")
    def number(self, record: SyncRecord) -> str:
        return str(record)

    @admin.display(description="customer")
    def customer(self, record: SyncRecord) -> str:
        return str(record.flow.integration.customer)

    @admin.display(description="flow")
    def flow_label(self, record: SyncRecord) -> str:
        return record.flow.spec.label

    @admin.display(description="state")
    def state_badge(self, record: SyncRecord) -> SafeString:
        return states.state_badge(record.state)

    @admin.display(description="why")
    def short_cause(self, record: SyncRecord) -> SafeString | str:
        return short(record.cause) if record.cause else "–"

    @admin.display(description="in the target")
    def target_link(self, record: SyncRecord) -> SafeString | str:
        if not record.target_key:
            return "–"
        address = web_address(record.target_url)
        return link(address, record.target_key) if address else record.target_key

    @admin.display(description="changed")
    def last_change(self, record: SyncRecord) -> SafeString | str:
        return age(record.changed_at)


def web_address(url: str) -> str:
    """An address that may stand in a link: what a system answered could also be a script."""
    return url if url.startswith(("https://", "http://")) else ""


def _current_payload(record: SyncRecord) -> tuple[dict[str, Any], str]:
    """What was sent last; else what the mapping makes now, or why it makes nothing."""
    if record.sent_body is not None:
        return record.sent_body, ""
    if record.source_body is None:
        return {}, "Neither what was sent nor the source document is kept any more."
    try:
        compiled = compile_flow(record.flow)
    except MappingError as error:
        return {}, f"{error.target}: {error}"
    (payload,) = map_batch(compiled, [Subject.of(record, record.source_body)])
    return (payload, "") if isinstance(payload, dict) else ({}, f"The mapping makes nothing of it yet: {payload}")
