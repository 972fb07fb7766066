"""Pages for a person: Jinja2 templates, and what every operator page does with its lists and forms.

Templates are looked up in the simulator's own `pages/` folder first and then in `sandbox/kit/templates/`, which holds
`base.html` (frame and CSS; block `accent` sets the colours of a vendor), `parts.html` (macros: notice, form, button,
badge, pager) and `consent_base.html`. Everything that a template shows is escaped.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import InvalidOperation
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import jinja2
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

OPERATOR = "/_operator"
SHARED = Path(__file__).parent / "templates"
T = TypeVar("T")


class Pages:
    """The templates of one simulator: those in `folder`, and the shared ones."""

    def __init__(self, folder: Path) -> None:
        loader = jinja2.FileSystemLoader([folder, SHARED])
        self.environment = jinja2.Environment(
            loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self.environment.filters["query"] = urlencode

    def render(self, template: str, status: int = 200, **values: Any) -> Response:
        text = self.environment.get_template(template).render(values)
        return Response(text, status, content_type="text/html; charset=utf-8")


@dataclass(frozen=True)
class Slice:
    """One page of a list; a number past the end is the last page."""

    total: int
    size: int
    requested: str

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def page(self) -> int:
        number = int(self.requested) if self.requested.isdigit() else 1
        return min(max(number, 1), self.pages)

    def of(self, rows: list[T]) -> list[T]:
        return rows[(self.page - 1) * self.size : self.page * self.size]


class OperatorPage(ABC):
    """A list at `/_operator`; every button posts a form to `/_operator/<action>` and comes back to the list."""

    def routes(self) -> Iterable[Rule]:
        yield Rule(OPERATOR, endpoint=self.show, methods=["GET"])
        yield Rule(f"{OPERATOR}/<action>", endpoint=self.act, methods=["POST"])

    @abstractmethod
    def show(self, request: Request) -> Response:
        """The list."""

    @abstractmethod
    def run(self, action: str, form: Mapping[str, str]) -> str:
        """Do what was clicked. Returns what the person is told.

        Raises `HTTPException` with its reason for a refusal, `ValueError` or `KeyError` for a form that cannot be read.
        """

    def anchor(self, form: Mapping[str, str]) -> str:
        """The id of the card that the form belongs to, or empty."""
        return ""

    def act(self, request: Request, action: str) -> Response:
        """Run one action, then back to the list (303, so that a reload does not act again)."""
        form = {name: str(value) for name, value in request.form.items()}
        try:
            message, kind = self.run(action, form), "done"
        except HTTPException as refusal:
            message, kind = refusal.description or "That is not possible.", "refused"
        except (ValueError, KeyError, InvalidOperation):
            message, kind = "Something in the form could not be read.", "refused"
        query = f"{form.get('back', '')}&{urlencode({'message': message, 'kind': kind})}".lstrip("&")
        anchor = self.anchor(form)
        return redirect(f"{OPERATOR}?{query}{f'#{anchor}' if anchor else ''}", 303)
