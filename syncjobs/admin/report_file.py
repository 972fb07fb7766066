"""A report as a CSV file that Excel opens: UTF-8 with a mark, ISO dates, exact digits, and nothing that calculates."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

from syncjobs.recipe import AMOUNT, DATE
from syncjobs.report_cells import Cell
from syncjobs.reports import ReportRow, ReportRows

BOM = "\ufeff"
ROWS_AT_ONCE = 200
# A spreadsheet calculates a cell that begins with one of these. Where its separator is a semicolon, a cell also begins
# behind one inside of a text, and behind a line's end: quotes do not help there.
STARTS = re.compile(r"""(^|[;\t\r\n])((?:[^\S\t\r\n]|")*)(?=[=+\-@＝＋－＠|%])""")
UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe stands before what looks like one."""
    return STARTS.sub(r"\1\2'", text.replace("\x00", ""))


def lines(rows: ReportRows) -> Iterator[str]:
    """The file, some rows at a time; the rows are closed at its end."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    try:
        buffer.write(BOM)
        writer.writerow([harmless(label) for label, _ in rows.headings()])
        for number, row in enumerate(rows, 1):
            writer.writerow(_values(row, rows.report.joined is not None))
            if number % ROWS_AT_ONCE == 0:
                yield _taken(buffer)
        yield _taken(buffer)
    finally:
        rows.close()


def file_name(rows: ReportRows) -> str:
    name = f"{rows.integration.customer} - {rows.report.label} - {rows.period}"
    return f"{' '.join(UNFIT.sub(' ', name).split())}.csv"


def _values(row: ReportRow, with_joined: bool) -> Sequence[str]:
    joined = [harmless(str(row.joined or ""))] if with_joined else []
    return [
        row.day.isoformat(),
        harmless(str(row.record)),
        *map(_value, row.cells),
        *joined,
        *map(_value, row.joined_cells),
        harmless(row.note),
    ]


def _value(cell: Cell) -> str:
    if cell.problem:
        return harmless(f"cannot be shown: {cell.text}")
    # Amounts and dates are written by us: a minus in front of digits is a number, and must stay one.
    return cell.text if cell.kind in (AMOUNT, DATE) else harmless(cell.text)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
