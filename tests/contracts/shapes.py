"""The names of fields in JSON bodies, by place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

Places = dict[str, set[str]]


def places(bodies: Iterable[Any]) -> Places:
    """The field names of all objects at each dotted place; list positions do not count."""
    names_by_place: Places = defaultdict(set)
    for body in bodies:
        for place, names in _objects(body, ""):
            names_by_place[place] |= names
    return names_by_place


def _objects(value: Any, place: str) -> Iterator[tuple[str, set[str]]]:
    if isinstance(value, list):
        for part in value:
            yield from _objects(part, place)
    elif isinstance(value, dict):
        yield place, set(value)
        for name, part in value.items():
            yield from _objects(part, f"{place}.{name}".lstrip("."))


def differences(ours: Places, theirs: Places) -> list[str]:
    """Names that only one of both has, at places that both have."""
    lines = []
    for place in sorted(ours.keys() & theirs.keys()):
        at = place or "the whole"
        lines += [f"{at} lacks {name}" for name in sorted(theirs[place] - ours[place])]
        lines += [f"{at} has {name} too" for name in sorted(ours[place] - theirs[place])]
    return lines
