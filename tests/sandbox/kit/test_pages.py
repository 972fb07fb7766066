from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jinja2
import pytest
from werkzeug.exceptions import Conflict
from werkzeug.routing import Map
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from sandbox.kit.pages import OperatorPage, Pages, Slice

LIST = """{% extends "base.html" %}{% import "parts.html" as parts %}
{% block title %}{{ title }}{% endblock %}
{% block main %}
{{ parts.notice(message, "refused") }}
{{ parts.action("ship", "Ship it", "q=1&page=2", {"order_id": 7}, "main") }}
{{ parts.tab("open", {"status": "a&b"}, True, 3) }}
{{ parts.search("Number", search, {"status": "open"}) }}
{{ parts.pager(slice, {"q": search}, "orders") }}
{% endblock %}"""


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    (tmp_path / "list.html").write_text(LIST)
    return Pages(tmp_path)


def render(pages: Pages, **changes: Any) -> str:
    values: dict[str, Any] = {"title": "T", "message": "", "search": "", "slice": Slice(1, 25, "1")} | changes
    return pages.render("list.html", **values).get_data(as_text=True)


def test_it_puts_a_page_into_the_shared_frame(pages: Pages) -> None:
    page = render(pages, title="Orders")
    assert page.startswith("<!doctype html>")
    assert "<title>Orders</title>" in page
    assert "prefers-color-scheme: dark" in page


def test_it_escapes_what_it_shows(pages: Pages) -> None:
    bad = '"><script>'
    page = render(pages, title=bad, message=bad, search=bad, slice=Slice(60, 25, "2"))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "q=%22%3E%3Cscript%3E" in page


def test_it_fails_on_a_value_that_is_not_there(pages: Pages) -> None:
    with pytest.raises(jinja2.UndefinedError):
        pages.render("list.html")


def test_a_button_posts_its_fields_and_where_to_come_back(pages: Pages) -> None:
    page = render(pages)
    assert '<form method="post" action="/_operator/ship">' in page
    assert '<input type="hidden" name="order_id" value="7">' in page
    assert '<input type="hidden" name="back" value="q=1&amp;page=2">' in page


def test_a_notice_is_shown_only_with_a_message(pages: Pages) -> None:
    assert 'role="alert"' not in render(pages)
    assert '<p class="notice refused" role="alert">No.</p>' in render(pages, message="No.")


def test_a_tab_says_that_it_is_the_current_one(pages: Pages) -> None:
    assert '<a href="/_operator?status=a%26b" aria-current="page">open <b>3</b></a>' in render(pages)


def test_the_pager_is_there_when_there_are_more_pages(pages: Pages) -> None:
    assert "Older" not in render(pages)
    first, last = (render(pages, slice=Slice(60, 25, page)) for page in ("1", "9"))
    assert "<span>Newer</span>" in first
    assert 'page=2">Older</a>' in first
    assert "Page 3 of 3, 60 orders" in last
    assert "<span>Older</span>" in last


@pytest.mark.parametrize(("requested", "rows"), [("1", [0, 1]), ("3", [4]), ("9", [4]), ("0", [0, 1]), ("x", [0, 1])])
def test_a_slice_is_always_a_page_that_there_is(requested: str, rows: list[int]) -> None:
    assert Slice(5, 2, requested).of(list(range(5))) == rows


class Counter(OperatorPage):
    """Counts up; refuses to count down."""

    def show(self, request: Request) -> Response:
        return Response("shown")

    def anchor(self, form: Mapping[str, str]) -> str:
        return form.get("card", "")

    def run(self, action: str, form: Mapping[str, str]) -> str:
        match action:
            case "down":
                raise Conflict("Never down.")
            case "up":
                return f"Up by {int(form['by'])}."
        raise ValueError(action)


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    request = Request(environ)
    handler, arguments = Map(list(Counter().routes())).bind_to_environ(environ).match()
    response: Response = handler(request, **arguments)
    return response(environ, start_response)


@pytest.mark.parametrize(
    ("action", "form", "query"),
    [
        ("up", {"by": "2"}, "message=Up+by+2.&kind=done"),
        ("up", {"by": "x"}, "message=Something+in+the+form+could+not+be+read.&kind=refused"),
        ("up", {}, "message=Something+in+the+form+could+not+be+read.&kind=refused"),
        ("down", {}, "message=Never+down.&kind=refused"),
        ("sideways", {}, "message=Something+in+the+form+could+not+be+read.&kind=refused"),
    ],
)
def test_an_action_comes_back_to_the_list_with_a_message(action: str, form: dict[str, str], query: str) -> None:
    response = Client(application).post(f"/_operator/{action}", data={**form, "back": "page=2", "card": "c7"})
    assert (response.status_code, response.headers["Location"]) == (303, f"/_operator?page=2&{query}#c7")
