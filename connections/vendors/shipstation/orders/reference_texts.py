"""References in a text field of an order: numbers with commas between them, beside whatever a person wrote there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from connections.errors import Rejected
from connections.vendor import Body, Outgoing

DEFAULT_FIELD = "customField3"
# Custom fields: the contract of V2, for both APIs. Notes: no limit is stated anywhere, so this one is cautious.
LIMITS: Mapping[str, int] = {"customField1": 100, "customField2": 100, "customField3": 100, "internalNotes": 1000}


def holds(text: str, reference: str) -> bool:
    """Whether the reference is one of those in the text; INV-1 is not in INV-10."""
    return reference in (part.strip() for part in text.split(","))


def added(text: str, reference: str) -> str:
    """The text with the reference behind it: what a person wrote stays in front."""
    if holds(text, reference):
        return text
    return f"{text.rstrip()}, {reference}" if text.strip() else reference


def removed(text: str, reference: str) -> str:
    """The text without the reference; everything else in it stays as it was written."""
    if not holds(text, reference):
        return text
    return ",".join(part for part in text.split(",") if part.strip() != reference).strip()


@dataclass(frozen=True)
class Placement:
    """Where a reference goes: into this field of the order with this key, or with one of these numbers.

    `before` is the field and the reference that it asked for last time.
    """

    reference: str
    field: str
    key: str
    numbers: tuple[str, ...]
    keyed: bool
    before: tuple[str, str] = ("", "")

    def names(self, order: Body) -> bool:
        """Whether this order is one of those asked for."""
        return order.get("orderKey") == self.key or self.numbered(order)

    def numbered(self, order: Body) -> bool:
        number = str(order.get("orderNumber") or "").strip().casefold()
        return number in (name.casefold() for name in self.numbers)


def placement_of(document: Outgoing) -> Placement:
    """Read a payload. Raises `Rejected` where it asks for something that no order can hold."""
    payload = document.payload
    reference, place = _text(payload, "reference"), _text(payload, "field") or DEFAULT_FIELD
    if place not in LIMITS:
        raise Rejected(
            f"A reference cannot be put into the field {place!r} of a ShipStation order.",
            fields={"field": f"one of {', '.join(LIMITS)}"},
            next_step="Correct the mapping of field.",
        )
    if "," in reference or len(reference) > LIMITS[place]:
        raise Rejected(
            "This reference cannot stand in a list with commas, or is longer than its field.",
            fields={"reference": f"without commas, at most {LIMITS[place]} characters"},
            next_step="Correct the mapping of reference.",
        )
    named = [_text(row, "orderNumber") for row in (payload, *(payload.get("candidates") or []))]
    key = _text(payload, "orderKey")
    numbers = tuple(dict.fromkeys(filter(None, named))) or (key or document.natural_key,)
    before = (_text(document.sent or {}, "field") or DEFAULT_FIELD, document.target_key.partition("#")[2])
    return Placement(reference, place, key or document.natural_key, numbers, bool(key), before)


def _text(row: Body, name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value).strip()


@dataclass(frozen=True)
class TextEdit:
    """What must change in an order: texts by field, and whether the reference found no room."""

    texts: dict[str, str] = field(default_factory=dict)
    full: bool = False


def text_edit_of(order: Body, placement: Placement) -> TextEdit:
    """The change that brings an order to its placement; empty where it is there already."""
    texts = {}
    place, reference = placement.before
    if reference and placement.before != (placement.field, placement.reference):
        texts[place] = removed(text_of(order, place), reference)
    full = False
    if placement.reference:
        text = texts.get(placement.field, text_of(order, placement.field))
        longer = added(text, placement.reference)
        full = len(longer) > LIMITS[placement.field] and longer != text
        texts[placement.field] = text if full else longer
    return TextEdit({name: text for name, text in texts.items() if text != text_of(order, name)}, full)


def text_of(order: Body, name: str) -> str:
    """What stands in one of the fields of `LIMITS`."""
    group = order if name == "internalNotes" else order.get("advancedOptions") or {}
    return str(group.get(name) or "")


def changes_of(edit: TextEdit) -> Body:
    """An edit as a part of an order."""
    changes: Body = {name: text for name, text in edit.texts.items() if name == "internalNotes"}
    options = {name: text for name, text in edit.texts.items() if name != "internalNotes"}
    return changes | {"advancedOptions": options} if options else changes
