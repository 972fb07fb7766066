"""What ShipStation says when something is wrong, as the error that says what happens next.

V1 has four body shapes whose keys come in any case (`Message` with `ModelState`, the ASP.NET exception envelope,
`{"message": "Too Many Requests"}`, `{"message": ...}`); V2 answers a list `errors`. Any other body is opaque text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from connections import exact_json
from connections.errors import (
    ConnectionBroken,
    OutcomeUnknown,
    Rejected,
    TryLater,
    VendorError,
)
from connections.http import Response
from connections.vendor import Budget

THROTTLED = "too many requests"
WINDOW = 60.0
V1_SCREEN = "In ShipStation open Settings > Account > API Settings"
PLAN_CODES = frozenset({"invalid_billing_plan", "subscription_inactive", "trial_expired", "terms_not_accepted"})
LOGIN_CODES = frozenset({"unauthorized", "forbidden"})
# Nobody's address, telephone number or quoted value belongs on a support page.
_PRIVATE = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\+?\d[\d ()./-]{7,}\d|(?<=value )(?:\"[^\"]*\"|'[^']*')")
# ModelState names a field behind the name of the call's own parameter.
_PARAMETER = re.compile(r"^(?:apiOrders?|request)(?:\[\d+\])?\.?")


@dataclass(frozen=True)
class ErrorBody:
    """An error body, read: the vendor's words, what is wrong by field, and V2's codes."""

    words: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    codes: frozenset[str] = frozenset()
    request_id: str = ""


def read_error(response: Response) -> ErrorBody:
    """Read any of the documented error bodies; never raises."""
    try:
        body = exact_json.loads(response.body)
    except ValueError:
        opaque = "" if b"<" in response.body[:200] else response.text
        return ErrorBody(without_private(opaque))
    if not isinstance(body, dict):
        return ErrorBody(without_private(body) if isinstance(body, str) else "")
    lowered = {str(name).lower(): value for name, value in body.items()}
    if isinstance(lowered.get("errors"), list):
        return _v2(lowered)
    fields = _model_state(lowered.get("modelstate"))
    words = lowered.get("exceptionmessage") or lowered.get("message") or ""
    return ErrorBody(without_private(str(words)), fields)


def _v2(body: dict[str, Any]) -> ErrorBody:
    errors = [error for error in body["errors"] if isinstance(error, dict)]
    words = " ".join(str(error.get("message") or error.get("error_code") or "") for error in errors)
    fields = {
        str(name): without_private(str(error.get("message") or ""))
        for error in errors
        if (name := error.get("field_name") or error.get("field"))
    }
    codes = frozenset(str(error.get("error_code") or "") for error in errors) - {""}
    return ErrorBody(without_private(words), fields, codes, str(body.get("request_id") or ""))


def _model_state(state: Any) -> dict[str, str]:
    if not isinstance(state, dict):
        return {}
    return {
        _PARAMETER.sub("", str(name)) or "order": without_private(
            " ".join(map(str, words if isinstance(words, list) else [words]))
        )
        for name, words in state.items()
    }


def without_private(text: str) -> str:
    """Vendor's words without addresses, telephone numbers and echoed values, and not longer than a paragraph."""
    return _PRIVATE.sub("…", text).strip()[:400]


def learn(budget: Budget, response: Response) -> None:
    """Take over the three V1 rate headers; `Reset` counts down the seconds to the next window."""
    limit = _number(response.headers.get("x-rate-limit-limit"))
    remaining = _number(response.headers.get("x-rate-limit-remaining"))
    resets_in = _number(response.headers.get("x-rate-limit-reset"))
    if limit is not None or remaining is not None:
        budget.learn(limit=limit, remaining=remaining, resets_in=resets_in)


def map_error(response: Response, *, api: str, budget: Budget) -> VendorError | None:
    """What one of the two APIs means; see `connections.response.MapError`. "Too many" pauses the budget."""
    if _throttled(response):
        return _slow_down(response, budget)
    if response.status < 400:
        return None
    body = read_error(response)
    details = response.details(body.words)
    details["request_id"] = details["request_id"] or body.request_id
    return (
        _broken(response.status, api, body, details)
        or _failed(response, details)
        or _refused(response.status, body, details)
    )


def _slow_down(response: Response, budget: Budget) -> TryLater:
    wait = _number(response.headers.get("retry-after"))
    if wait is None:
        wait = _number(response.headers.get("x-rate-limit-reset"))
    seconds = WINDOW if wait is None else max(1.0, float(wait))
    budget.pause(seconds)
    return TryLater(
        "ShipStation asked us to slow down.",
        next_step="It goes on by itself. If it happens often, look for other apps that use the same key.",
        retry_after=seconds,
        **response.details(),
    )


def _broken(status: int, api: str, body: ErrorBody, details: dict[str, Any]) -> ConnectionBroken | None:
    if status == 402 or body.codes & PLAN_CODES:
        return ConnectionBroken(
            f"The ShipStation plan of this account does not include API {api}.",
            next_step="Change the plan in ShipStation under Settings > Account > Billing, then test again.",
            **details,
        )
    if status in {401, 403} or body.codes & LOGIN_CODES:
        return ConnectionBroken(
            f"ShipStation refused the {api} credentials (status {status}).",
            next_step=f"{V1_SCREEN}, copy the {api} key again, and test the connection.",
            **details,
        )
    return None


def _failed(response: Response, details: dict[str, Any]) -> VendorError | None:
    if response.status < 500:
        return None
    if response.wrote:
        return OutcomeUnknown(
            "ShipStation failed while writing, so it may or may not have been done.",
            next_step="It is looked up there before anything is sent again.",
            **details,
        )
    return TryLater(
        f"ShipStation failed to answer (status {response.status}).",
        next_step="It is tried again by itself.",
        **details,
    )


def _refused(status: int, body: ErrorBody, details: dict[str, Any]) -> Rejected | None:
    if status not in {400, 404, 405, 409, 412, 422}:
        return None
    return Rejected(
        f"ShipStation refused this (status {status}).",
        fields=body.fields,
        next_step="Correct the named field in the source system or in the mapping, then replay.",
        **details,
    )


def _throttled(response: Response) -> bool:
    """A 429, or its sentence under another status, as production clients have met it."""
    if response.status == 429:
        return True
    if len(response.body) > 500 or THROTTLED not in response.text.lower():
        return False
    return response.status >= 400 or read_error(response).words.lower().rstrip(".") == THROTTLED


def _number(header: str | None) -> int | None:
    try:
        return max(0, int(float(header))) if header else None
    except (ValueError, OverflowError):
        return None
