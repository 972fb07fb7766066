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
from connections.http import Answer
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
class Complaint:
    """An error body, read: the vendor's words, what is wrong by field, and V2's codes."""

    words: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    codes: frozenset[str] = frozenset()
    request_id: str = ""


def read_complaint(answer: Answer) -> Complaint:
    """Read any of the documented error bodies; never raises."""
    try:
        body = exact_json.loads(answer.body)
    except ValueError:
        opaque = "" if b"<" in answer.body[:200] else answer.text
        return Complaint(without_private(opaque))
    if not isinstance(body, dict):
        return Complaint(without_private(body) if isinstance(body, str) else "")
    named = {str(name).lower(): value for name, value in body.items()}
    if isinstance(named.get("errors"), list):
        return _v2(named)
    fields = _model_state(named.get("modelstate"))
    said = named.get("exceptionmessage") or named.get("message") or ""
    return Complaint(without_private(str(said)), fields)


def _v2(named: dict[str, Any]) -> Complaint:
    errors = [error for error in named["errors"] if isinstance(error, dict)]
    words = " ".join(str(error.get("message") or error.get("error_code") or "") for error in errors)
    fields = {
        str(name): without_private(str(error.get("message") or ""))
        for error in errors
        if (name := error.get("field_name") or error.get("field"))
    }
    codes = frozenset(str(error.get("error_code") or "") for error in errors) - {""}
    return Complaint(without_private(words), fields, codes, str(named.get("request_id") or ""))


def _model_state(state: Any) -> dict[str, str]:
    if not isinstance(state, dict):
        return {}
    return {
        _PARAMETER.sub("", str(name)) or "order": without_private(
            " ".join(map(str, said if isinstance(said, list) else [said]))
        )
        for name, said in state.items()
    }


def without_private(text: str) -> str:
    """Vendor's words without addresses, telephone numbers and echoed values, and not longer than a paragraph."""
    return _PRIVATE.sub("…", text).strip()[:400]


def learn(budget: Budget, answer: Answer) -> None:
    """Take over the three V1 rate headers; `Reset` counts down the seconds to the next window."""
    limit = _number(answer.headers.get("x-rate-limit-limit"))
    remaining = _number(answer.headers.get("x-rate-limit-remaining"))
    resets_in = _number(answer.headers.get("x-rate-limit-reset"))
    if limit is not None or remaining is not None:
        budget.learn(limit=limit, remaining=remaining, resets_in=resets_in)


class Complaints:
    """Reads the answers of one of the two APIs; `budget` is paused when the vendor says "too many"."""

    def __init__(self, api: str, budget: Budget) -> None:
        self.api = api
        self.budget = budget

    def __call__(self, answer: Answer) -> VendorError | None:
        if _throttled(answer):
            return self._slow_down(answer)
        if answer.status < 400:
            return None
        complaint = read_complaint(answer)
        about: dict[str, Any] = {
            "status": answer.status,
            "words": complaint.words,
            "request_id": answer.request_id or complaint.request_id,
        }
        return (
            self._broken(answer.status, complaint, about)
            or self._failed(answer.status, answer.wrote, about)
            or self._refused(answer.status, complaint, about)
        )

    def _slow_down(self, answer: Answer) -> TryLater:
        wait = _number(answer.headers.get("retry-after"))
        if wait is None:
            wait = _number(answer.headers.get("x-rate-limit-reset"))
        seconds = WINDOW if wait is None else max(1.0, float(wait))
        self.budget.pause(seconds)
        return TryLater(
            "ShipStation asked us to slow down.",
            next_step="It goes on by itself. If it happens often, look for other apps that use the same key.",
            retry_after=seconds,
            status=answer.status,
            request_id=answer.request_id,
        )

    def _broken(self, status: int, complaint: Complaint, about: dict[str, Any]) -> ConnectionBroken | None:
        if status == 402 or complaint.codes & PLAN_CODES:
            return ConnectionBroken(
                f"The ShipStation plan of this account does not include API {self.api}.",
                next_step="Change the plan in ShipStation under Settings > Account > Billing, then test again.",
                **about,
            )
        if status in {401, 403} or complaint.codes & LOGIN_CODES:
            return ConnectionBroken(
                f"ShipStation refused the {self.api} credentials (status {status}).",
                next_step=f"{V1_SCREEN}, copy the {self.api} key again, and test the connection.",
                **about,
            )
        return None

    def _failed(self, status: int, wrote: bool, about: dict[str, Any]) -> VendorError | None:
        if status < 500:
            return None
        if wrote:
            return OutcomeUnknown(
                "ShipStation failed while writing, so it may or may not have been done.",
                next_step="It is looked up there before anything is sent again.",
                **about,
            )
        return TryLater(
            f"ShipStation failed to answer (status {status}).",
            next_step="It is tried again by itself.",
            **about,
        )

    def _refused(self, status: int, complaint: Complaint, about: dict[str, Any]) -> Rejected | None:
        if status not in {400, 404, 405, 409, 412, 422}:
            return None
        return Rejected(
            f"ShipStation refused this (status {status}).",
            fields=complaint.fields,
            next_step="Correct the named field in the source system or in the mapping, then replay.",
            **about,
        )


def _throttled(answer: Answer) -> bool:
    """A 429, or its sentence under another status, as production clients have met it."""
    if answer.status == 429:
        return True
    if len(answer.body) > 500 or THROTTLED not in answer.text.lower():
        return False
    return answer.status >= 400 or read_complaint(answer).words.lower().rstrip(".") == THROTTLED


def _number(header: str | None) -> int | None:
    try:
        return max(0, int(float(header))) if header else None
    except (ValueError, OverflowError):
        return None
