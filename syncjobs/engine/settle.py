"""Settle: writes whose outcome is unknown are looked up in the target. It never writes there."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from audit import trail
from audit.actions import Action
from audit.trail import Line
from connections.clients import Opened
from connections.errors import ConnectionBroken, VendorError
from connections.vendor import Body, Found, Outgoing
from syncjobs.engine import transitions
from syncjobs.engine.compiled import CompiledFlow, Subject, map_batch
from syncjobs.engine.record_lines import record_line
from syncjobs.models import State, SyncRecord
from toolkit import bulk_sql, leases

log = logging.getLogger(__name__)

BATCH = 100
# A clock of ours that is ahead of the vendor's must not hide the document from a search by time.
SKEW = timedelta(minutes=10)
Pair = tuple[SyncRecord, Outgoing]


def settle_batch(compiled: CompiledFlow, access: Opened) -> Counter[str]:
    """Look up one batch of unknown outcomes whose time has come. Returns counts; empty if there were none.

    What is found is linked; what is not there is released for another try, but only after as many growing delays as
    the resource states, because a write may still be under way and searches lag. A search that fails, in whatever
    way, counts as no look, and stops nothing else. Raises `ConnectionBroken`.
    """
    lease = leases.new_token()
    records = _claim(compiled, lease)
    if not records:
        return Counter()
    try:
        pairs = list(zip(records, _outgoing(compiled, records), strict=True))
        matches = _look_up(compiled, pairs, access)
    except Exception as error:
        transitions.lookup_failed(SyncRecord.objects.filter(flow=compiled.flow, lease=lease), error)
        if isinstance(error, ConnectionBroken):
            raise
        if not isinstance(error, VendorError):
            log.exception("Looking up what flow %s has written failed", compiled.flow.pk)
        return Counter(later=len(records))
    return _store(compiled, pairs, matches, lease)


def _claim(compiled: CompiledFlow, lease: str) -> list[SyncRecord]:
    now = timezone.now()
    skip_locked = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        due = SyncRecord.objects.filter(leases.is_free(now), flow=compiled.flow, state=State.UNKNOWN, due_at__lte=now)
        records = list(due.select_for_update(skip_locked=skip_locked, of=("self",)).order_by("due_at")[:BATCH])
        SyncRecord.objects.filter(pk__in=[record.pk for record in records]).update(
            lease=lease, lease_until=leases.ends(now), lookups=F("lookups") + 1
        )
    for record in records:
        record.lookups += 1
    return records


def _outgoing(compiled: CompiledFlow, records: Sequence[SyncRecord]) -> list[Outgoing]:
    """What was being written, as far as it can still be told: enough to search for it."""
    to_map = [record for record in records if record.edited_body is None and record.source_body]
    mapped = map_batch(compiled, [Subject.of(record, record.source_body) for record in to_map])
    payloads = {record.pk: payload for record, payload in zip(to_map, mapped, strict=True) if isinstance(payload, dict)}
    return [_outgoing_of(record, record.edited_body or payloads.get(record.pk)) for record in records]


def _outgoing_of(record: SyncRecord, payload: Body | None) -> Outgoing:
    return Outgoing(record.natural_key, payload or record.sent_body or {}, record.target_key or "", record.sent_body)


def _look_up(compiled: CompiledFlow, pairs: Sequence[Pair], access: Opened) -> Mapping[str, Found]:
    since = min(record.claimed_at or record.first_seen_at for record, _ in pairs) - SKEW
    matches = compiled.target(access.client).find([outgoing for _, outgoing in pairs], since)
    access.take_exchanges()
    return matches


def _store(compiled: CompiledFlow, pairs: Sequence[Pair], matches: Mapping[str, Found], lease: str) -> Counter[str]:
    try:
        return _store_together(compiled, pairs, matches, lease)
    except IntegrityError:  # two sources never share one target: the others must not suffer from one that would
        counts: Counter[str] = Counter()
        for pair in pairs:
            counts += _store_alone(compiled, pair, matches, lease)
        return counts


def _store_together(
    compiled: CompiledFlow, pairs: Sequence[Pair], matches: Mapping[str, Found], lease: str
) -> Counter[str]:
    with transaction.atomic():
        rows = SyncRecord.objects.select_for_update().filter(pk__in=[record.pk for record, _ in pairs])
        hashes = dict(leases.held(rows, lease).values_list("pk", "source_hash"))
        ours = [pair for pair in pairs if pair[0].pk in hashes]
        lines = [
            _decide(compiled, record, outgoing, matches.get(outgoing.natural_key), hashes[record.pk])
            for record, outgoing in ours
        ]
        bulk_sql.update(SyncRecord, [record for record, _ in ours], transitions.OUTCOME_FIELDS)
        trail.record_all(lines)
    return Counter(str(record.state) for record, _ in ours)


def _store_alone(compiled: CompiledFlow, pair: Pair, matches: Mapping[str, Found], lease: str) -> Counter[str]:
    outgoing = pair[1]
    record = SyncRecord.objects.get(pk=pair[0].pk)  # as it was before the batch was tried
    try:
        return _store_together(compiled, [(record, outgoing)], matches, lease)
    except IntegrityError:
        record = SyncRecord.objects.get(pk=record.pk)
        action = transitions.target_belongs_to_another(record, matches[outgoing.natural_key].key)
        with transaction.atomic():
            if leases.held(SyncRecord.objects.filter(pk=record.pk), lease).exists():
                bulk_sql.update(SyncRecord, [record], transitions.OUTCOME_FIELDS)
                customer = compiled.flow.integration.customer_id
                trail.record(action, record, summary=record.cause, customer_id=customer)
        return Counter([str(record.state)])


def _decide(
    compiled: CompiledFlow, record: SyncRecord, outgoing: Outgoing, match: Found | None, source_hash: str
) -> Line:
    newer = source_hash != record.claimed_hash
    lookups = record.lookups
    if match is None:
        summary = _not_found(compiled, record, newer)
    elif not match.complete:
        summary = transitions.found_unfinished(record, match)
    elif record.target_key and compiled.target.upsert:
        summary = transitions.found_as_before(record, match)
    else:
        summary = transitions.found_there(record, match, outgoing.payload, compiled.version, newer=newer)
    proof = {"found": match.key if match else None, "look": lookups, "state": record.state}
    return record_line(compiled, record, Action.SETTLED, "settle", timezone.now(), proof, summary)


def _not_found(compiled: CompiledFlow, record: SyncRecord, newer: bool) -> str:
    """Sending the same again to a true upsert does no harm; a newer version must not be overtaken by the lost one."""
    delays = compiled.target.settle_delays
    if record.lookups < len(delays) and (newer or not compiled.target.upsert):
        return transitions.not_found_yet(record, delays[record.lookups], len(delays))
    return transitions.not_there(record)
