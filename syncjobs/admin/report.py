"""The page of a report and its download."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString

from audit.trail import actor
from syncjobs.admin.report_file import file_name, lines
from syncjobs.admin.states import state_badge
from syncjobs.forms import PeriodForm
from syncjobs.models import Integration, SyncRecord
from syncjobs.recipe import AMOUNT, DATE, STATE, Report
from syncjobs.report_cells import Cell
from syncjobs.reports import Period, ReportRow, ReportRows, last_month, presets, record_download
from toolkit.admin import link

ROWS_SHOWN = 200
PERMISSIONS = ("syncjobs.view_syncrecord", "syncjobs.see_bodies")
ALIGNED = {AMOUNT: "c-number", DATE: "c-nowrap"}


@dataclass(frozen=True)
class TableCell:
    """One cell of the page's table."""

    css: str
    content: SafeString | str


def has_report_permission(request: HttpRequest) -> bool:
    """Reports show what stands in documents, so they need what documents need."""
    return all(request.user.has_perm(permission) for permission in PERMISSIONS)


def links(integration: Integration) -> list[tuple[str, Report]]:
    return [(url(integration, report), report) for report in integration.declaration.reports]


def url(integration: Integration, report: Report, page: str = "report") -> str:
    return reverse(f"admin:syncjobs_integration_{page}", args=[integration.pk, report.slug])


def get_report_or_404(request: HttpRequest, integration: Integration, slug: str) -> Report:
    """The report that an address names. Raises `PermissionDenied` or `Http404`."""
    if not has_report_permission(request):
        raise PermissionDenied
    try:
        return integration.declaration.report(slug)
    except KeyError:
        raise Http404 from None


def context(request: HttpRequest, integration: Integration, report: Report) -> dict[str, Any]:
    """What the page shows: the period, the first rows of it, and how many there are."""
    today = timezone.localdate()
    chosen = {"since": last_month(today).first, "until": last_month(today).last}
    form = PeriodForm(request.GET if {"since", "until"} & set(request.GET) else chosen)
    return {
        "integration": integration,
        "report": report,
        "form": form,
        "presets": [
            (label, urlencode({"since": period.first, "until": period.last}), period == form.period)
            for label, period in presets(today)
        ],
        "file_url": url(integration, report, "report_file"),
        **(_table(integration, report, form.period) if form.period else {}),
    }


def download(rows: ReportRows, request: HttpRequest) -> StreamingHttpResponse:
    """The whole of it as a file; who took it is in the trail before the first line leaves."""
    record_download(rows, actor(request))
    response = StreamingHttpResponse(lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, file_name(rows)) or "attachment"
    return response


def _table(integration: Integration, report: Report, period: Period) -> dict[str, Any]:
    rows = ReportRows(integration, report, period)
    try:
        shown = [_table_cells(row, report) for row in rows.rows(ROWS_SHOWN)]
        heads = [(label, ALIGNED.get(kind, "")) for label, kind in rows.headings()]
        joined = integration.declaration.flow(report.joined.flow).label if report.joined else ""
        return {
            "period": period,
            "heads": heads,
            "rows": shown,
            "count": rows.count,
            "uncompared": rows.uncompared,
            "joined_label": joined,
        }
    finally:
        rows.close()


def _table_cells(row: ReportRow, report: Report) -> list[TableCell]:
    joined = [TableCell("", _record_link(row.joined) if row.joined else "")] if report.joined else []
    return [
        TableCell("c-nowrap", row.day.isoformat()),
        TableCell("", _record_link(row.record)),
        *map(_table_cell, row.cells),
        *joined,
        *map(_table_cell, row.joined_cells),
        TableCell("c-muted c-note" if row.note else "", row.note),
    ]


def _table_cell(cell: Cell) -> TableCell:
    if cell.problem:
        return TableCell("", format_html('<span class="c-error">cannot be shown: {}</span>', cell.text))
    content = state_badge(cell.state) if cell.kind == STATE and cell.state else cell.text
    return TableCell(ALIGNED.get(cell.kind, ""), content)


def _record_link(record: SyncRecord) -> SafeString:
    return link(reverse("admin:syncjobs_syncrecord_change", args=[record.pk]), record)
