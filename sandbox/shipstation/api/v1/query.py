"""The query string of a V1 call."""

from __future__ import annotations

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request

from sandbox.shipstation import clock
from sandbox.shipstation.api.v1.responses import invalid

MAX_PAGE = 500


class Query:
    """The query string; names in any case, as ShipStation's own webhook URLs differ in theirs."""

    def __init__(self, request: Request) -> None:
        self.values = {name.lower(): value for name, value in request.args.items() if value != ""}

    @property
    def key(self) -> tuple[tuple[str, str], ...]:
        """The same for every page of a list."""
        paging = ("page", "pagesize")
        return tuple(sorted(item for item in self.values.items() if item[0] not in paging))

    def text(self, name: str) -> str | None:
        return self.values.get(name.lower())

    def whole(self, name: str) -> int | None:
        value = self.text(name)
        try:
            return None if value is None else int(value)
        except ValueError:
            raise self._wrong(name, f"The value '{value}' is not valid for Int32.") from None

    def flag(self, name: str) -> bool:
        return (self.text(name) or "").lower() == "true"

    def moment(self, name: str) -> str | None:
        """A date as Pacific text with seven digits; text without an offset is Pacific already."""
        value = self.text(name)
        try:
            return None if value is None else clock.normal(value)
        except ValueError:
            raise self._wrong(name, f"The value '{value}' is not valid for Nullable`1.") from None

    def sort(self, *allowed: str) -> str:
        """The wanted order of rows, in lower case; empty for the list's own."""
        value = (self.text("sortBy") or "").lower()
        return value if value in {name.lower() for name in allowed} else ""

    @property
    def descending(self) -> bool:
        return (self.text("sortDir") or "").upper() == "DESC"

    def page(self) -> tuple[int, int]:
        size = self.whole("pageSize")
        return max(self.whole("page") or 1, 1), max(1, min(100 if size is None else size, MAX_PAGE))

    def _wrong(self, name: str, reason: str) -> HTTPException:
        return HTTPException(response=invalid({name: [reason]}))
