"""The encrypted column: one JSON object of all secrets of a row."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldError
from django.db import models
from fernet_fields import EncryptedTextField


class Secrets(dict[str, str]):
    """Secrets that do not print themselves."""

    def __repr__(self) -> str:
        return f"Secrets({', '.join(sorted(self))})"

    __str__ = __repr__


if TYPE_CHECKING:
    _Encrypted = models.Field[Mapping[str, str] | None, Secrets | None]
else:
    _Encrypted = EncryptedTextField


class SecretsField(_Encrypted):
    """Stores a dict of strings, encrypted with `FERNET_KEYS`.

    The package below would store the text of a database expression (`F()`, `bulk_update`) as if it were the secret,
    without an error: such values are refused here. Serialisation shows the names and no values.
    """

    def __init__(self, **options: Any) -> None:
        options["editable"] = False
        super().__init__(**options)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, options = super().deconstruct()
        options.pop("editable", None)
        return name, path, args, options

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value, sort_keys=True)

    def to_python(self, value: Any) -> Secrets | None:
        if value is None or isinstance(value, Secrets):
            return value
        return Secrets(value if isinstance(value, dict) else json.loads(value))

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if hasattr(value, "as_sql") or hasattr(value, "resolve_expression"):
            raise FieldError("SecretsField takes plain values only")
        return super().get_db_prep_save(value, connection)

    def value_to_string(self, obj: models.Model) -> str:
        return json.dumps(dict.fromkeys(self.value_from_object(obj) or {}, ""))
