"""Every switch of the simulator with its default, and the vendor's own faults."""

from __future__ import annotations

from typing import Any

SWITCHES: dict[str, Any] = {
    # Endpoints. Extra ones, as "Name/version", are customers' own; they serve the same entities.
    "contract5": False,
    "extra_endpoints": [],
    "bare_endpoint_list": False,
    "wrong_version_body": "json",
    "redirect": False,
    # Signing in
    "seats": 2,
    "session_idle": 1200,
    "tenant_mixup": False,
    "single_tenant": False,
    "redirect_uris": [],
    "refresh_days": 30,
    "rotate_refresh": True,
    "revoked": [],
    # Records
    "shuffled": False,
    "padded_keys": False,
    "utc_offset_minutes": 0,
    "null_notes": False,
    "cannot_optimize": [],
    "package_required": False,
    # Long operations: seconds until the work is done, responses 202 before the first 204, status of a failure.
    "operation_seconds": 0.05,
    "polls": 1,
    "failure_status": 500,
    "lock_status": 500,
    # The licence's queue; 0 switches a limit off. `work_seconds` is how long each request keeps its place.
    "minute_limit": 0,
    "minute_seconds": 60.0,
    "concurrent_limit": 0,
    "work_seconds": 0.0,
    # Push notifications: normal, delayed, duplicated, dropped, reordered, or mixed of all. After the last retry a
    # message waits until a person sends it again.
    "webhook_mode": "normal",
    "webhook_delay": 0.0,
    "webhook_retries": 4,
    "webhook_retry_seconds": 1.0,
}
FAULTS = {
    "lost_lock": "returns that another process has updated the record, instead of doing the work",
    "session_lost": "ends the session of the request and returns 401",
}
