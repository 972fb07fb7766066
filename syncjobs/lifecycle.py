"""Verbs on integrations and flows: create from a recipe, follow the recipe, activate, pause, run now, rewind."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from audit import trail
from audit.actions import Action
from audit.trail import ENGINE, Actor
from connections.models import Connection, Customer
from syncjobs import dispatch
from syncjobs.engine.compiled import compile_flow
from syncjobs.models import FieldMapping, Flow, Integration, ValueMap, ValueMapRow
from syncjobs.recipe import FlowSpec


def create_integration(
    customer: Customer,
    recipe: str,
    left: Connection,
    right: Connection,
    actor: Actor,
    *,
    start_from: datetime | None = None,
) -> Integration:
    """A draft integration with the recipe's flows, rows and tables. Raises `ValidationError` if the pair does not fit."""
    integration = Integration(
        customer=customer, recipe=recipe, left=left, right=right, start_from=start_from or timezone.now()
    )
    integration.full_clean()
    with transaction.atomic():
        integration.save()
        trail.record(Action.INTEGRATION_CREATED, integration, actor=actor, customer_id=customer.pk)
        follow_recipe(integration)
    return integration


def follow_recipe(integration: Integration) -> int:
    """Bring flows, rows and tables in line with the recipe as it is now; edited rows stay. Returns how many changed.

    Run at creation and after every upgrade; calling it again changes nothing.
    """
    changed = 0
    recipe = integration.declaration
    for table in recipe.tables:
        value_map, new = ValueMap.objects.get_or_create(
            integration=integration, name=table.name, defaults={"fallback": table.fallback}
        )
        if new:
            ValueMapRow.objects.bulk_create([ValueMapRow(value_map=value_map, key=k, value=v) for k, v in table.rows])
    for spec in recipe.flows:
        flow, _ = Flow.objects.get_or_create(
            integration=integration,
            slug=spec.slug,
            defaults={
                "enabled": spec.enabled,
                "schedule": str(spec.schedule),
                "filter": spec.filter,
                "look_back_days": spec.look_back_days,
            },
        )
        if not flow.filter_edited and flow.filter != spec.filter:
            Flow.objects.filter(pk=flow.pk).update(filter=spec.filter)
            changed += 1
        changed += _follow_rows(flow, spec)
    return changed


def _follow_rows(flow: Flow, spec: FlowSpec) -> int:
    rows = {row.target: row for row in flow.mappings.all()}
    changed = 0
    for position, declared in enumerate(spec.maps):
        row = rows.pop(declared.target, None)
        values = {
            "position": position,
            "source": declared.source,
            "default": declared.default,
            "when_empty": declared.when_empty,
        }
        if row is None:
            FieldMapping.objects.create(flow=flow, target=declared.target, **values)
        elif not row.edited and any(getattr(row, name) != value for name, value in values.items()):
            FieldMapping.objects.filter(pk=row.pk).update(**values)
        else:
            continue
        changed += 1
    dropped = FieldMapping.objects.filter(pk__in=[row.pk for row in rows.values()], edited=False)
    return changed + dropped.delete()[0]


def reset_mapping(row: FieldMapping, actor: Actor) -> bool:
    """Make an edited row equal to the recipe's again, or remove one that the recipe does not have."""
    with transaction.atomic():
        FieldMapping.objects.filter(pk=row.pk).update(edited=False)
        _follow_rows(row.flow, row.flow.spec)
        trail.record(
            Action.MAPPING_RESET,
            row.flow,
            actor=actor,
            summary=row.target,
            customer_id=row.flow.integration.customer_id,
        )
    return True


def activate(integration: Integration, actor: Actor) -> bool:
    """Switch on: flows run from now on, notifications are subscribed. Switched on again it loses nothing.

    Returns whether it was off. Raises `MappingError` if a row does not compile.
    """
    for flow in integration.flows.all():
        if flow.declared:
            compile_flow(flow)
    with transaction.atomic():
        off = Integration.objects.exclude(state=Integration.State.ACTIVE).filter(pk=integration.pk)
        if not off.update(state=Integration.State.ACTIVE):
            return False
        Flow.objects.filter(integration=integration).update(next_run_at=None)
        trail.record(Action.INTEGRATION_ACTIVATED, integration, actor=actor, customer_id=integration.customer_id)
        for flow in Flow.objects.running().filter(integration=integration):
            if flow.declared and not flow.spec.polled_with:
                dispatch.enqueue("poll", flow.pk)
        dispatch.enqueue("subscribe", integration.pk)
        # Last, because testing takes a dozen calls, and the first run shows as much.
        sides = Connection.objects.filter(pk__in=[integration.left_id, integration.right_id])
        for pk in sides.filter(state=Connection.State.NEW).values_list("pk", flat=True):
            dispatch.enqueue("probe", pk)
    integration.refresh_from_db(fields=["state"])
    return True


def pause(integration: Integration, actor: Actor) -> bool:
    """Switch off: nothing is read or sent, cursors and records stay, notifications are unsubscribed."""
    with transaction.atomic():
        on = Integration.objects.filter(pk=integration.pk, state=Integration.State.ACTIVE)
        if not on.update(state=Integration.State.PAUSED):
            return False
        trail.record(Action.INTEGRATION_PAUSED, integration, actor=actor, customer_id=integration.customer_id)
        dispatch.enqueue("unsubscribe", integration.pk)
    integration.refresh_from_db(fields=["state"])
    return True


def run_now(flow: Flow, actor: Actor) -> bool:
    """Enqueue a poll of a flow, or of the flow that it is polled with. Returns whether that one runs at all."""
    polled_flow = Flow.objects.get(integration=flow.integration_id, slug=flow.spec.polled_with or flow.slug)
    with transaction.atomic():
        if not Flow.objects.running().filter(pk=polled_flow.pk).exists():
            return False
        trail.record(Action.FLOW_RUN_ASKED, flow, actor=actor, customer_id=flow.integration.customer_id)
        dispatch.enqueue("poll", polled_flow.pk)
    return True


def rewind(flow: Flow, since: datetime, actor: Actor) -> None:
    """Let a flow read its source again from an earlier moment. What has not changed makes no work."""
    from connections.clients import opened

    with opened(flow.source) as access:
        cursor = compile_flow(flow).source(access.client).start(since)
    with transaction.atomic():
        Flow.objects.filter(pk=flow.pk).update(cursor=cursor, next_run_at=None)
        trail.record(
            Action.FLOW_REWOUND,
            flow,
            actor=actor,
            customer_id=flow.integration.customer_id,
            summary=f"From {since:%Y-%m-%d %H:%M %Z}.",
            group=uuid.uuid4(),
        )


def follow_recipes(actor: Actor = ENGINE) -> int:
    """`follow_recipe` for all integrations, after an upgrade."""
    changed = 0
    for integration in Integration.objects.all():
        with transaction.atomic():
            followed = follow_recipe(integration)
            if followed:
                trail.record(
                    Action.MAPPING_CHANGED,
                    integration,
                    actor=actor,
                    customer_id=integration.customer_id,
                    summary=f"{followed} rows followed the recipe.",
                )
        changed += followed
    return changed
