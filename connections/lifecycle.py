"""Verbs on connections: create, change, probe, pause, resume, sign out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils import timezone

from audit import trail
from audit.actions import Action
from audit.trail import ENGINE, Actor
from connections import vendors
from connections.clients import opened
from connections.errors import ConnectionBroken, VendorError
from connections.fields import Secrets
from connections.health import recover, stop
from connections.models import Connection, Customer
from connections.vendor import Field, ProbeLine, Vendor


def create_connection(
    customer: Customer,
    vendor: str,
    name: str,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
    actor: Actor,
) -> Connection:
    """Store a customer's account at a vendor, its secrets encrypted, with the trail of both. Returns it, untested.

    Settings that are left out take the vendor's defaults; secrets that are left out or empty can be entered later.
    Raises `KeyError` for a vendor that is not there, `ValueError` for a setting or secret that it does not declare,
    and `IntegrityError` if the customer has a connection of this name to this vendor, so also when called twice; then
    nothing is stored.
    """
    declaration = vendors.get(vendor)
    _declared(declaration, "setting", declaration.settings, settings)
    _declared(declaration, "secret", declaration.secrets, secrets)
    with transaction.atomic():
        connection = Connection.objects.create(customer=customer, vendor=vendor, name=name, settings=dict(settings))
        trail.record(Action.CONNECTION_CREATED, connection, actor=actor, customer_id=customer.pk)
        entered = {field: value for field, value in secrets.items() if value}
        if entered:
            enter_secrets(connection, entered, actor)
    return connection


def _declared(vendor: Vendor, kind: str, fields: Sequence[Field], values: Mapping[str, Any]) -> None:
    unknown = sorted(set(values) - {field.name for field in fields})
    if unknown:
        raise ValueError(f"{vendor.label} declares no {kind} {', '.join(unknown)}.")


def enter_secrets(connection: Connection, secrets: Mapping[str, str], actor: Actor) -> None:
    """Store credentials (what is empty or left out stays), and drop the session that the old ones opened."""
    with transaction.atomic():
        row = Connection._base_manager.select_for_update().get(pk=connection.pk)
        entered = {name: value for name, value in secrets.items() if value}
        row.secrets = Secrets((row.secrets or {}) | _renewed(row) | entered)
        row.session = None
        row.save(update_fields=["secrets", "session"])
        trail.record(
            Action.SECRETS_CHANGED,
            connection,
            actor=actor,
            customer_id=connection.customer_id,
            summary=f"Entered: {', '.join(sorted(secrets)) or 'nothing'}.",
        )
    connection.refresh_from_db(fields=["secrets", "session"])


def _renewed(row: Connection) -> dict[str, str]:
    """The secrets that a session granted by a person has renewed: the stored ones may be used up."""
    if row.sign_in is None:
        return {}
    names = {field.name for field in row.declaration.secrets}
    return {name: value for name, value in (row.session or {}).items() if name in names and value}


def probe(connection: Connection, actor: Actor = ENGINE, *, for_person: bool = False) -> Sequence[ProbeLine]:
    """Test a connection and store the result; the state follows. Never raises a `VendorError`."""
    try:
        with opened(connection, for_person=for_person) as access:
            lines: Sequence[ProbeLine] = connection.declaration.probe(access.client)
        tested = True
    except ConnectionBroken as error:  # it has stopped the connection
        lines, tested = [ProbeLine("Sign in", False, str(error), screen=error.next_step)], False
    except VendorError as error:  # busy or unreachable: says nothing about rights
        lines, tested = [ProbeLine("Reach the system", False, str(error), screen=error.next_step)], False
    failed = next((line for line in lines if not (line.ok or line.advice)), None)
    with transaction.atomic():
        Connection.objects.filter(pk=connection.pk).update(
            probe=[asdict(line) for line in lines], checked_at=timezone.now()
        )
        trail.record(
            Action.PROBED,
            connection,
            actor=actor,
            customer_id=connection.customer_id,
            summary=failed.detail if failed else "Everything it needs works.",
            data={"passed": sum(line.ok for line in lines), "lines": len(lines)},
        )
        if failed and tested and connection.state != Connection.State.PAUSED:
            stop(connection, ConnectionBroken(failed.detail or failed.what, next_step=failed.screen))
        elif not failed:
            recover(connection)
    connection.refresh_from_db(fields=["state", "cause", "next_step", "probe", "checked_at"])
    return lines


def pause(connection: Connection, actor: Actor) -> bool:
    """Nothing is called any more until somebody resumes; nothing is lost. Returns whether it was running."""
    with transaction.atomic():
        paused = Connection.objects.exclude(state=Connection.State.PAUSED).filter(pk=connection.pk)
        if not paused.update(state=Connection.State.PAUSED, cause=f"Paused by {actor.name}.", next_step="Resume it."):
            return False
        trail.record(Action.CONNECTION_PAUSED, connection, actor=actor, customer_id=connection.customer_id)
    sign_out(connection)
    return True


def resume(connection: Connection, actor: Actor) -> bool:
    """Undo `pause`; the next run shows whether it works. Returns whether it was paused."""
    with transaction.atomic():
        paused = Connection.objects.filter(pk=connection.pk, state=Connection.State.PAUSED)
        if not paused.update(state=Connection.State.NEW, cause="", next_step=""):
            return False
        trail.record(Action.CONNECTION_RESUMED, connection, actor=actor, customer_id=connection.customer_id)
    return True


def sign_out(connection: Connection) -> bool:
    """End the connection's session, which frees its seat. A system that cannot be reached keeps it until it expires.

    A session that a person granted by browser is kept: only they could open it again.
    """
    signed_in = Connection._base_manager.filter(pk=connection.pk, session__isnull=False)
    if connection.sign_in or not signed_in.exists():
        return False
    summary = "Signed out after its work was done."
    try:
        with opened(connection) as access:
            access.client.sign_out()
    except VendorError as error:
        summary = f"Its session was dropped, but signing out failed: {error}"
    signed_in.update(session=None)
    trail.record(Action.SIGNED_OUT, connection, customer_id=connection.customer_id, summary=summary)
    return True


def change_settings(connection: Connection, settings: Mapping[str, Any], actor: Actor) -> list[str]:
    """Store plain settings; returns the names that changed, which are all the trail keeps."""
    changed = sorted(name for name, value in settings.items() if connection.settings.get(name) != value)
    if changed:
        with transaction.atomic():
            connection.settings = {**connection.settings, **settings}
            connection.save(update_fields=["settings"])
            trail.record(
                Action.CONNECTION_CHANGED,
                connection,
                actor=actor,
                customer_id=connection.customer_id,
                summary=f"Changed: {', '.join(changed)}.",
            )
    return changed
