"""Which fields of two documents differ. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audit.redaction import redact
from connections.vendor import Body

FOR_TRAIL = ("status", "request_id", "words", "fields", "target", "expression")


def difference(before: Body | None, after: Body | None) -> dict[str, list[Any]]:
    """Changed fields as path → [before, after]; fields inside of lists are told by their position."""
    old, new = dict(_leaves(before or {})), dict(_leaves(after or {}))
    return {path: [old.get(path), new.get(path)] for path in sorted(old | new) if old.get(path) != new.get(path)}


def _leaves(value: Any, path: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return [leaf for name, part in value.items() for leaf in _leaves(part, f"{path}.{name}" if path else str(name))]
    if isinstance(value, list):
        return [leaf for index, part in enumerate(value) for leaf in _leaves(part, f"{path}[{index}]")]
    return [(path, value if isinstance(value, str | bool | int) or value is None else str(value))]


def for_trail(details: Mapping[str, Any]) -> dict[str, Any]:
    """What the trail keeps of a record's details: which fields differ, not what they say."""
    kept = {name: details[name] for name in FOR_TRAIL if name in details}
    changed = sorted(details.get("difference") or details.get("current", {}).get("differences") or ())
    return redact(kept | {"changed": changed} if changed else kept)  # type: ignore[no-any-return]
