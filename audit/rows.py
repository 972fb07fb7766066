"""Writing many rows of one table at once.

Django's `bulk_create` and `bulk_update` build one statement that holds every value of every row; for the tables that
grow with each document this was measured at more than half of all processor time. `executemany` sends one short
statement and the rows. Nothing else is different: fields prepare their own values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from django.db import connection, models

# Fields whose values go to the database as they are.
PLAIN = {
    models.CharField,
    models.TextField,
    models.PositiveIntegerField,
    models.PositiveSmallIntegerField,
    models.BigIntegerField,
    models.ForeignKey,
}
Value = Callable[[models.Model], Any]


def insert(rows: Sequence[models.Model]) -> None:
    """Insert new rows of one model; their primary keys stay unset. Raises what the database raises."""
    if not rows:
        return
    model = type(rows[0])
    names = tuple(field.name for field in model._meta.concrete_fields if not field.primary_key)
    columns = _columns(model, names)
    marks = ", ".join(["%s"] * len(names))
    table = connection.ops.quote_name(model._meta.db_table)
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 (names of our own columns)
    _run(statement, [_values(row, names) for row in rows])


def update(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Write these fields of existing rows of one model; deferred fields that are not named stay unread."""
    if not rows:
        return
    model = type(rows[0])
    names = tuple(fields)
    sets = ", ".join(f"{column} = %s" for column in _columns(model, names))
    table, key = connection.ops.quote_name(model._meta.db_table), model._meta.pk
    parameters = [[*_values(row, names), row.pk] for row in rows]
    _run(f"UPDATE {table} SET {sets} WHERE {connection.ops.quote_name(str(key.column))} = %s", parameters)  # noqa: S608 (names of our own columns)


def _run(statement: str, parameters: list[list[Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(statement, parameters)


def _columns(model: type[models.Model], names: Sequence[str]) -> list[str]:
    return [connection.ops.quote_name(str(_field(model, name).column)) for name in names]


def _values(row: models.Model, names: tuple[str, ...]) -> list[Any]:
    return [value(row) for value in _readers(type(row), names, connection.vendor)]


@cache
def _readers(model: type[models.Model], names: tuple[str, ...], vendor: str) -> list[Value]:
    """One function a field that reads its value the way this database takes it."""
    return [_reader(_field(model, name)) for name in names]


def _reader(field: models.Field[Any, Any]) -> Value:
    name = field.attname
    if type(field) in PLAIN:
        return lambda row: getattr(row, name)
    if type(field) is models.DateTimeField:
        return lambda row: None if (at := getattr(row, name)) is None else connection.ops.adapt_datetimefield_value(at)
    return lambda row: field.get_db_prep_save(getattr(row, name), connection)


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    field = model._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise TypeError(f"{name} is not a column")
    return field
