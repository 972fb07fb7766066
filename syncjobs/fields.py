"""The column for documents: JSON text whose numbers stay exact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from connections import exact_json

if TYPE_CHECKING:
    _Text = models.TextField[Any, Any]
else:
    _Text = models.TextField


class DocumentField(_Text):
    """Plain JSON, stored as text.

    Text rather than a database's own JSON type: PostgreSQL's refuses the NUL character that real documents hold,
    and both would reorder keys. Numbers come back as `int` or `Decimal`, digit for digit.
    """

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, exact_json.Canonical):  # written already, for its digest
            return str(value)
        return None if value is None else exact_json.dumps(value)

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Any:
        return None if value is None else exact_json.loads(value)

    def to_python(self, value: Any) -> Any:
        return exact_json.loads(value) if isinstance(value, str) else value  # a Canonical too

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else exact_json.dumps(value)
