"""Every switch of the simulator with its default."""

from __future__ import annotations

from typing import Any

SWITCHES: dict[str, Any] = {
    # Limits: requests in each window; 0 switches the limit off, headers stay.
    "v1_limit": 40,
    "v2_limit": 200,
    "window_seconds": 60,
    # What an injected 429 tells the client to wait.
    "throttle_seconds": 1,
    # Refusals
    "revoked": False,
    "plan_lacks_v1": False,
    # A write to a shipped or cancelled order: "error", "silent" (200, unchanged) or "server_error".
    "locked_response": "error",
    # createorder with a missing business value: "400" or "500".
    "invalid_response": "400",
    # Lists
    "range_ends": "inclusive",
    "pages_zero": False,
    # What ShipStation does by itself, and when
    "side_effect_delay": 1.0,
    "address_validation": True,
    "void_status": "awaiting_shipment",
    "split_keeps_key": False,
    # Webhooks: normal, delayed, duplicated, dropped, reordered, wrong_host, or mixed of all.
    "webhook_mode": "normal",
    "webhook_delay": 0.0,
    "webhook_retries": 0,
    "webhook_retry_seconds": 30.0,
    "mark_as_shipped_notifies": True,
    "subscribe_response": "201",
    "sign_v1_webhooks": False,
    "stale_timestamp": False,
    # V2: carriers come with 207 and an error beside the list.
    "v2_multi_status": False,
    "inventory_needs_product": False,
}
