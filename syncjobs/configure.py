"""Verbs on what people configure: a flow's settings, its field mappings, value maps. Each leaves one entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction

from audit import trail
from audit.actions import Action
from audit.trail import Actor
from syncjobs.models import FieldMapping, Flow, ValueMap
from syncjobs.recipe import FlowSpec, Map

COMPARED_COLUMNS = ("source", "default", "when_empty")


def recipe_row(spec: FlowSpec, target: str) -> Map | None:
    """The recipe's row for a target field."""
    return next((row for row in spec.maps if row.target == target), None)


def differs(row: FieldMapping, spec: FlowSpec) -> bool:
    """Whether a row is not, or no longer, the recipe's."""
    declared = recipe_row(spec, row.target)
    return declared is None or any(getattr(row, name) != getattr(declared, name) for name in COMPARED_COLUMNS)


def change_flow(flow: Flow, values: Mapping[str, object], actor: Actor) -> list[str]:
    """Store enabled, schedule, filter, look-back; returns the names of those that changed, which the trail keeps.

    A filter that equals the recipe's again follows the recipe from now on. A new schedule counts from now.
    """
    stored = Flow.objects.get(pk=flow.pk)
    changed = sorted(name for name, value in values.items() if getattr(stored, name) != value)
    if not changed:
        return []
    update: dict[str, object] = {name: values[name] for name in changed}
    if "filter" in changed:
        update["filter_edited"] = values["filter"] != flow.spec.filter
    if "schedule" in changed or "enabled" in changed:
        update["next_run_at"] = None
    with transaction.atomic():
        Flow.objects.filter(pk=flow.pk).update(**update)
        trail.record(
            Action.FLOW_CHANGED,
            flow,
            actor=actor,
            customer_id=flow.integration.customer_id,
            summary=f"Changed: {', '.join(changed)}.",
            data={"changed": changed} | {name: str(values[name]) for name in changed if name != "filter"},
        )
    flow.refresh_from_db()
    return changed


def change_rows(flow: Flow, changed: Sequence[FieldMapping], actor: Actor) -> list[str]:
    """Store field mapping rows; those that differ from the recipe are marked. Returns their target fields."""
    if not changed:
        return []
    targets = sorted(row.target for row in changed)
    last = max(flow.mappings.values_list("position", flat=True), default=0)
    with transaction.atomic():
        for row in changed:
            row.edited = differs(row, flow.spec)
            if row._state.adding and not row.position:
                last += 1
                row.position = last
            row.save()
        trail.record(
            Action.MAPPING_CHANGED,
            flow,
            actor=actor,
            customer_id=flow.integration.customer_id,
            summary=f"Rows: {', '.join(targets)}.",
            data={"rows": targets, "edited": sorted(row.target for row in changed if row.edited)},
        )
    return targets


def table_changed(table: ValueMap, names: Sequence[str], actor: Actor) -> None:
    """Note that a value map was changed: which of its fields, and the keys of which rows."""
    trail.record(
        Action.TABLE_CHANGED,
        table,
        actor=actor,
        customer_id=table.integration.customer_id,
        summary=f"Changed: {', '.join(names)}." if names else "",
        data={"changed": list(names)},
    )
