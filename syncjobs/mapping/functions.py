"""The functions that expressions may use, on top of JMESPath's own. All are pure.

JMESPath's number functions refuse `Decimal`, and its number literals are floats: both are replaced here, once, so
that an amount is exact from the source to the target and nobody meets either.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from typing import Any

from jmespath.functions import Functions, signature

from connections import exact_json
from connections.texts import without_nul

# Pounds are the unit that others are measured in; the factors are exact by definition.
POUNDS = {
    "lb": Decimal(1), "lbs": Decimal(1), "pound": Decimal(1), "pounds": Decimal(1),
    "oz": Decimal("0.0625"), "ounce": Decimal("0.0625"), "ounces": Decimal("0.0625"),
    "kg": 1 / Decimal("0.45359237"), "kilogram": 1 / Decimal("0.45359237"), "kilograms": 1 / Decimal("0.45359237"),
    "g": 1 / Decimal("453.59237"), "gram": 1 / Decimal("453.59237"), "grams": 1 / Decimal("453.59237"),
}  # fmt: skip


class FunctionError(Exception):
    """An expression was given something it cannot work with; the message is for support staff."""


class LinkUnread(Exception):
    """A link has not been looked up yet; it is now among those unread."""


@dataclass(frozen=True)
class Link:
    """A question to another flow's records. `kind`: linked, source_of, reached or sent_by."""

    kind: str
    flow: str
    key: str

    @classmethod
    def to(cls, kind: str, flow: str, key: Any) -> Link:
        """With the key as records have theirs."""
        return cls(kind, without_nul(flow), without_nul(str(key)))


class LinkMissing(Exception):
    """`linked()` found no record that has reached its target yet: this one waits for it."""

    def __init__(self, link: Link) -> None:
        super().__init__(f"{link.flow} {link.key}")
        self.link = link


@dataclass
class Links:
    """Values of links, read from the database in one go. Unknown ones are noted in `unread`, for the next go."""

    known: dict[Link, Any] = field(default_factory=dict)
    unread: set[Link] = field(default_factory=set)

    def ask(self, link: Link) -> Any:
        if link not in self.known:
            self.unread.add(link)
            raise LinkUnread
        return self.known[link]


@dataclass
class Context:
    """What an expression can reach besides the document it is evaluated on."""

    document: Any = None
    key: str = ""
    natural_key: str = ""
    sent: bool = False
    tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fallbacks: Mapping[str, str] = field(default_factory=dict)
    links: Links = field(default_factory=Links)


def number(value: Any) -> Decimal:
    """A `Decimal` of a number or of a text that is one. Raises `FunctionError`."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise FunctionError(f"{kind_of(value)} is not a number")
    try:
        return Decimal(value)
    except InvalidOperation:
        raise FunctionError(
            f"the text {value[:20]!r} is not a number" if isinstance(value, str) else "not a number"
        ) from None


def kind_of(value: Any) -> str:
    names = {type(None): "nothing", str: "a text", bool: "true or false", list: "a list", dict: "an object"}
    return names.get(type(value), "a number")


class ExactFunctions(Functions):
    """JMESPath's functions with exact numbers, and ours. Every `_func_name` is `name()` in an expression."""

    def __init__(self) -> None:
        super().__init__()
        self.context = Context()

    # Decimal is a number

    def _get_allowed_pytypes(self, types: Any) -> Any:
        allowed, subtypes = super()._get_allowed_pytypes(types)  # type: ignore[misc]  # not in the stubs
        if "int" in allowed:
            allowed = [*allowed, "Decimal"]
        return allowed, [(*kinds, "Decimal") if "int" in kinds else kinds for kinds in subtypes]

    def _convert_to_jmespath_type(self, pyobject: str) -> Any:
        return "number" if pyobject == "Decimal" else super()._convert_to_jmespath_type(pyobject)  # type: ignore[misc]

    @signature({"types": ["array-number"]})
    def _func_avg(self, values: list[Any]) -> Decimal | None:
        return sum(map(number, values), Decimal(0)) / len(values) if values else None

    @signature({"types": []})
    def _func_to_number(self, value: Any) -> Decimal | None:
        try:
            return number(value)
        except FunctionError:
            return None

    @signature({"types": []})
    def _func_to_string(self, value: Any) -> str:
        return value if isinstance(value, str) else exact_json.dumps(value)

    @signature({"types": []})
    def _func_type(self, value: Any) -> Any:
        return "number" if isinstance(value, Decimal) else super()._func_type(value)  # type: ignore[misc]

    # Arithmetic

    @signature({"types": []}, {"types": []})
    def _func_add(self, left: Any, right: Any) -> Decimal:
        return number(left) + number(right)

    @signature({"types": []}, {"types": []})
    def _func_subtract(self, left: Any, right: Any) -> Decimal:
        return number(left) - number(right)

    @signature({"types": []}, {"types": []})
    def _func_multiply(self, left: Any, right: Any) -> Decimal:
        return number(left) * number(right)

    @signature({"types": []}, {"types": []})
    def _func_divide(self, left: Any, right: Any) -> Decimal:
        if not number(right):
            raise FunctionError("division by zero")
        return number(left) / number(right)

    @signature({"types": []}, {"types": []})
    def _func_round(self, value: Any, places: Any) -> Decimal:
        return number(value).quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP)

    @signature({"types": []})
    def _func_whole(self, value: Any) -> int:
        """A quantity that the target takes as a whole number only."""
        exact = number(value)
        if exact != exact.to_integral_value():
            raise FunctionError(f"{exact.normalize():f} is not a whole number, and the target takes no fractions")
        return int(exact)

    @signature({"types": []}, {"types": []}, {"types": ["string"]})
    def _func_weight(self, value: Any, unit: Any, target_unit: str) -> Decimal | None:
        """A weight in another unit, to four places; nothing where the weight is nothing."""
        if value is None:
            return None
        here, there = POUNDS.get(str(unit or "lb").lower()), POUNDS.get(target_unit.lower())
        if here is None or there is None:
            raise FunctionError(f"there is no unit of weight {unit if here is None else target_unit!r}")
        return (number(value) * here / there).quantize(Decimal("0.0001")).normalize() + 0

    # Text

    @signature({"types": []})
    def _func_upper(self, text: Any) -> str | None:
        return None if text is None else str(text).upper()

    @signature({"types": []})
    def _func_lower(self, text: Any) -> str | None:
        return None if text is None else str(text).lower()

    @signature({"types": []})
    def _func_trim(self, text: Any) -> str | None:
        return None if text is None else " ".join(str(text).split())

    @signature({"types": []}, {"types": ["number"]})
    def _func_left(self, text: Any, length: Any) -> str | None:
        return None if text is None else str(text)[: int(length)]

    @signature({"types": []}, {"types": ["string"]}, {"types": ["number"]})
    def _func_part(self, text: Any, separator: str, position: Any) -> str | None:
        """One part of a text: `part('SO/000214', '/', `1`)` is 000214."""
        parts = [] if text is None else str(text).split(separator)
        return parts[int(position)] if int(position) < len(parts) else None

    @signature({"types": []}, {"types": ["string"]}, {"types": ["string"]})
    def _func_replace(self, text: Any, old: str, new: str) -> str | None:
        return None if text is None else str(text).replace(old, new)

    @signature({"types": []}, {"types": []}, {"types": []})
    def _func_if(self, condition: Any, then: Any, otherwise: Any) -> Any:
        return otherwise if condition in (None, False, "", [], {}) else then

    # Dates

    @signature({"types": []})
    def _func_date(self, instant: Any) -> str | None:
        """The calendar date at the beginning of a date or an instant, as it is written."""
        return None if instant is None else self._date(instant).isoformat()

    @signature({"types": []}, {"types": ["number"]})
    def _func_plus_days(self, date: Any, days: Any) -> str | None:
        return None if date is None else (self._date(date) + dt.timedelta(days=int(days))).isoformat()

    def _date(self, value: Any) -> dt.date:
        try:
            return dt.date.fromisoformat(str(value)[:10])
        except ValueError:
            raise FunctionError(f"{str(value)[:20]!r} is not a date") from None

    # The record, other records, tables

    @signature({"types": ["string"]})
    def _func_document(self, path: str) -> Any:
        """A field of the whole document, from inside of a list: `document('ShipVia')`."""
        value = self.context.document
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return value

    @signature()
    def _func_key(self) -> str:
        return self.context.key

    @signature()
    def _func_natural_key(self) -> str:
        return self.context.natural_key

    @signature()
    def _func_sent(self) -> bool:
        """Whether this record has been written to the target before."""
        return self.context.sent

    @signature({"types": ["string"]}, {"types": []})
    def _func_lookup(self, table: str, value: Any) -> str:
        return self._func_lookup_first(table, [value])

    @signature({"types": ["string"]}, {"types": ["array"]})
    def _func_lookup_first(self, table: str, values: list[Any]) -> str:
        """The entry of the first of these values that the ValueMap knows, else its fallback."""
        rows = self.context.tables.get(table)
        if rows is None:
            raise FunctionError(f"there is no value map “{table}”")
        for value in values:
            if value is not None and str(value) in rows:
                return rows[str(value)]
        if self.context.fallbacks.get(table):
            return self.context.fallbacks[table]
        known = " or ".join(f"“{value}”" for value in values if value not in (None, "")) or "an empty value"
        raise FunctionError(f"the value map “{table}” has no row for {known}")

    @signature({"types": ["string"]}, {"types": []})
    def _func_linked(self, flow: str, key: Any) -> str:
        """The target key of another flow's record; while it has none, this record waits for it."""
        link = Link.to("linked", flow, key)
        value = self.context.links.ask(link)
        if value is None:
            raise LinkMissing(link)
        return str(value)

    @signature({"types": ["string"]}, {"types": []})
    def _func_source_of(self, flow: str, natural_key: Any) -> str | None:
        """The source key of another flow's record with this natural key, or nothing."""
        value = None if natural_key is None else self.context.links.ask(Link.to("source_of", flow, natural_key))
        return None if value is None else str(value)

    @signature({"types": ["string"]}, {"types": []})
    def _func_reached(self, flow: str, key: Any) -> bool:
        """Whether another flow's record with this source key is in its target, or may be."""
        return bool(self.context.links.ask(Link.to("reached", flow, key)))

    @signature({"types": ["string"]}, {"types": []})
    def _func_sent_by(self, flow: str, natural_key: Any) -> Any:
        """What another flow sent last for its record with this natural key; nothing where that is not kept."""
        return None if natural_key is None else self.context.links.ask(Link.to("sent_by", flow, natural_key))

    @signature({"types": ["object", "null"]}, {"types": ["object", "null"]})
    def _func_differences(self, before: Any, after: Any) -> list[str]:
        """One sentence for each field of two flat objects that is not the same; none where there is nothing before."""
        if not before or not after:
            return []
        changed = [name for name in before | after if before.get(name) != after.get(name)]
        return [f"{name}: {_told(after.get(name))} instead of {_told(before.get(name))}" for name in changed]


def _told(value: Any) -> str:
    """A value for a sentence."""
    if value in (None, "", [], {}):
        return "nothing"
    if isinstance(value, list):
        return ", ".join(map(_told, value))
    return value if isinstance(value, str) else exact_json.dumps(value)


Kinds = tuple[frozenset[type], frozenset[type]]
"""The types that an argument may have, and those that the elements of its list may have; empty is any."""
_TYPES = {kind.__name__: kind for kind in (str, int, float, Decimal, bool, list, dict, type(None))}


@cache
def signatures() -> dict[str, tuple[Callable[..., Any], tuple[Kinds, ...]]]:
    """Functions that take a fixed number of arguments, each of one kind of list at most, with what they take.

    Given that, they may be called at once; JMESPath's way of checking arguments is a long one, and says what is wrong.
    """
    functions = ExactFunctions()
    table: dict[str, tuple[Callable[..., Any], tuple[Kinds, ...]]] = {}
    for name, entry in ExactFunctions.FUNCTION_TABLE.items():
        arguments = [functions._get_allowed_pytypes(argument["types"]) for argument in entry["signature"]]
        simple = all(not inside or (len(inside) == 1 and "list" in allowed) for allowed, inside in arguments)
        kinds = tuple((_types(allowed), _types(inside[0] if inside else ())) for allowed, inside in arguments)
        known = all(types or not allowed for (allowed, _), (types, _) in zip(arguments, kinds, strict=True))
        if simple and known and not any(argument.get("variadic") for argument in entry["signature"]):
            table[name] = (entry["function"], kinds)
    return table


def _types(names: Iterable[str]) -> frozenset[type]:
    return frozenset(_TYPES[name] for name in names if name in _TYPES)
