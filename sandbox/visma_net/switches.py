"""Every switch of the simulator with its default, and the vendor's own faults."""

from __future__ import annotations

from typing import Any

SWITCHES: dict[str, Any] = {
    # Visma Connect
    "token_seconds": 3600,
    "token_names_tenant": True,
    "secret_revoked": False,
    "approved": True,  # False: the customer has withdrawn its approval; tokens are refused and no longer taken
    "withheld_scopes": [],
    "unknown_tenant_error": "invalid_grant",
    "redirect_uris": [],
    "pkce_required": False,
    "code_seconds": 300,
    "refresh_mode": "reuse",  # or "one_time"
    "refresh_grace": 0,
    "refresh_days": 365,
    "preselects_tenant": True,  # acr_values=tenant:<id> chooses the company on the page
    # Companies and rights
    "company_mode": "ignored",  # or "strict": a wrong ipp-company-id gives empty lists
    "no_licence": False,
    "no_licence_status": 401,
    "paths_any_case": True,
    "action_scope": "update",  # or "create"
    # Calls in each window, for each company and client; 0 switches the limit off, headers stay.
    "limit": 15000,
    "window_seconds": 3600,
    "v3_counts": True,  # False: SalesOrders v3 has no limit and no headers of one
    "throttle_seconds": 1,
    "throttle_body": "json",  # or "empty", "html"
    # Lists and times
    "max_page_size": 500,
    "max_page_sizes": {},
    "default_page_size": 100,
    "list_order": "key",  # or "modified": a change moves a record to the end
    "time_zone": "Europe/Oslo",
    "zone_in_filter": "reject",  # or "strip", "unfiltered"
    "expand_by_default": True,
    # Writing
    "created_body": "object",  # or "none"
    "location_host": "new",  # or "old"
    "branch": {"number": "1", "name": "Oslo"},
    "default_warehouse": "1",
    # Purchase orders
    "note_on_closed_order": True,
    "create_from_order": "offered",  # or "with_location", "gone"
    # Purchase receipts
    "receipts_v1": "gone",  # or "warning", "throttled", "missing"
    "direct_lines": "link",  # or "shown" (fields are there, the order does not know), "unlinked"
    "added_quantity": "open",  # or "zero"
    "hold_on_entry": False,
    "over_receipt_at": "save",  # or "release", "never"
    "unnamed_lines": "stay",  # or "go": a PUT with lines takes off those that it does not name
    "receipts_touch_order": True,  # False: an order moves only when its status does
    "zero_lines": "refuse",  # or "allow"
    "closed_period_refuses": True,
    "cancel_receipt": "any",  # or "released", "unreleased", "gone"
    "action_refusal": "400",  # or "failed": 200 with `actionResult: Failed`
    # Release of receipts and invoices: done, queued (done after `release_reads` reads), stuck, failed, lost
    "release": "done",
    "release_reads": 2,
    "release_error": "The document could not be released: Inventory account is missing.",
    # Customer invoices and sales orders
    "released_invoice_takes": ["note", "externalReference", "paymentReference", "customerRefNumber", "timeStamp"],
    "invoice_carries_reference": True,
    "v3_expand_needed": True,
    "v3_lines_apart": False,  # True: `expand=All` does not bring the lines, `expand=Lines` does
    # The background API
    "background_seconds": 0.0,
    # Webhooks: normal, delayed, duplicated, dropped, reordered, wrong_host, or mixed of all.
    "webhook_header": "X-Visma-Signature",
    "webhook_body": "pointer",  # or "nested": the same under "message"
    "webhook_mode": "normal",
    "webhook_delay": 0.0,
    "webhook_retries": 0,
    "webhook_retry_seconds": 30.0,
}
FAULTS = {
    "gateway_html": "a gateway returns 502 with an HTML page, and the work is not done",
    "gateway_empty": "a gateway returns 503 with nothing, and the work is not done",
    "gateway_after": "the work is done, and a gateway returns 504 with nothing",
    "licence": "returns that the company has no licence (12027)",
    "business_500": "returns 500 with a message, as some business rules do",
    "capital_message": 'returns 400 with "Message" written large',
    "forbidden": "returns 403",
    "token_lost": "ends the token of the request and returns 401",
    "row_moved": "somebody changes the document just before the request reaches it",
}
