"""How Acumatica says no.

"Not found" and a wrong password are status 500, a refused record comes back whole with `error` texts inside it, and the
licence answers in plain text. This module alone turns those into `connections.errors`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connections.answers import Answer, in_one_line
from connections.errors import (
    NotThere,
    OutcomeUnknown,
    Rejected,
    SignedOut,
    TryLater,
    VendorError,
    WrongAddress,
)

FORMS = {
    "SalesOrder": "Sales Orders (SO301000)",
    "Shipment": "Shipments (SO302000)",
    "Customer": "Customers (AR303000)",
    "StockItem": "Stock Items (IN202500)",
    "ShipVia": "Ship Via Codes (CS207500)",
    "ShippingBox": "Boxes (CS207600)",
    "Warehouse": "Warehouses (IN204000)",
}
SEATS_FORM = "License Monitoring Console (SM604000)"
# Exceptions with which business logic refuses a write; whatever else fails with 500 may have been done.
REFUSALS = {
    "PXException",
    "PXSetPropertyException",
    "PXRowPersistingException",
    "PXFieldValueProcessingException",
    "PXOuterException",
    "PXInvalidOperationException",
    "PXActionDisabledException",
    "PXSetupNotEnteredException",
    "PXOperationCompletedWithErrorException",
    "OutcomeEntityHasErrorsException",
}
NEVER_SHOWN = {"stackTrace"}


class CannotOptimize(TryLater):
    """The list cannot be read in one database query; single records can."""


class LostLock(TryLater):
    """Someone else saved the same record first; a fresh read mends it."""


HINT = "Mend the cause in Acumatica or in the record, then send it again."
# What business refusals usually mean, for people who see the sentence for the first time.
HINTS = (
    (
        "would have no lines",
        "Nothing of the order can be shipped from that warehouse: look at its stock and at the order's allocations "
        "(form SO301000), then send it again.",
    ),
    ("financial period", "Open the period, or correct the shipment's date in ShipStation, then send it again."),
    ("credit hold", "Release the order from credit hold (form SO301000), then send it again."),
)


def map_error(answer: Answer) -> VendorError | None:
    """What the contract API means; see `connections.answers.MapError`."""
    about: dict[str, Any] = {"status": answer.status, "request_id": answer.request_id}
    if 200 <= answer.status < 300:
        return None
    if answer.status == 401:
        return SignedOut("Acumatica ended our session.", **about)
    if answer.status == 404 or 300 <= answer.status < 400:
        return WrongAddress(f"Acumatica has nothing under this address (status {answer.status}).", **about)
    if no_seat(answer):
        return seats_used_up(about)
    problem = answer.problem()
    words = said(problem)
    if answer.status in {409, 500} and problem:
        return _by_words(problem, words, answer.wrote, about)
    if answer.status == 409:
        return _busy(about)
    if answer.status == 422:
        return refused_record(problem, about)
    if answer.status == 400 and problem:
        return Rejected(f"Acumatica did not understand this: {words}", words=words, **about)
    return None


def _by_words(problem: Mapping[str, Any], words: str, wrote: bool, about: dict[str, Any]) -> VendorError | None:
    kind = str(problem.get("exceptionType", "")).rpartition(".")[2]
    if "Another process has" in words:
        return LostLock(
            "Someone else saved the same record in Acumatica at the same moment.",
            next_step="It is read again and tried again by itself.",
            retry_after=5,
            words=words,
            **about,
        )
    if about["status"] == 409 or "previous operation has not been completed" in words:
        return _busy(about)
    if kind == "NoEntitySatisfiesTheConditionException":
        return NotThere("There is no such record in Acumatica, or our user may not see it.", **about)
    if kind == "CannotOptimizeException" or "Optimization cannot be performed" in words:
        return CannotOptimize("Acumatica cannot list these records in one query.", words=words, **about)
    if not wrote:
        return TryLater("Acumatica failed to answer.", words=words, **about)
    if kind == "OutcomeEntityHasErrorsException":
        return refused_record(problem, about)
    if kind in REFUSALS:
        return Rejected(
            f"Acumatica refused this: {words}",
            next_step=next((step for part, step in HINTS if part in words), HINT),
            words=words,
            **about,
        )
    return OutcomeUnknown("Acumatica failed while writing, so it may or may not have been done.", words=words, **about)


def refused_record(record: Mapping[str, Any], about: Mapping[str, Any]) -> Rejected:
    """A record that came back with errors inside, as one sentence and the fields it names."""
    fields = dict(_errors_in(record))
    top = str(record.get("error") or record.get("exceptionMessage") or "")
    details = "; ".join(f"{path}: {error}" for path, error in fields.items())
    words = details or top or "it gave no reason"
    return Rejected(
        f"Acumatica refused this: {words}",
        fields=fields,
        next_step="Correct the named fields in the mapping or in Acumatica, then send it again.",
        words=words,
        **about,
    )


def _errors_in(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, list):
        for index, each in enumerate(node):
            yield from _errors_in(each, f"{path}[{index}]")
    if not isinstance(node, Mapping):
        return
    if path and node.get("error"):
        yield path, str(node["error"])
    for name, each in node.items():
        # For actions the record stands under "entity".
        inner = path if name == "entity" and not path else f"{path}.{name}" if path else name
        if name not in NEVER_SHOWN:
            yield from _errors_in(each, inner)


def _busy(about: Mapping[str, Any]) -> TryLater:
    return TryLater(
        "Acumatica is still busy with the previous operation on this form.",
        next_step="It is tried again by itself.",
        retry_after=2,
        **about,
    )


def no_seat(answer: Answer) -> bool:
    """Whether the licence has no seat left. The status that goes with the text is not documented."""
    if answer.status < 400:
        return False
    body = answer.text[:2000].lower()
    return "api login limit" in body or ("concurrent" in body and "login" in body)


def seats_used_up(about: Mapping[str, Any]) -> TryLater:
    return TryLater(
        "All API seats of the Acumatica licence are in use, so we could not sign in.",
        next_step=f"It is tried again each minute. See who is signed in on form {SEATS_FORM}, and sign someone out.",
        retry_after=60,
        words="API Login Limit",
        **about,
    )


def said(problem: Mapping[str, Any]) -> str:
    """The vendor's own words, without its stack trace."""
    inner = problem.get("innerException")
    words = problem.get("exceptionMessage") or (said(inner) if isinstance(inner, Mapping) else "")
    words = words or _model_state(problem) or problem.get("error") or problem.get("message") or ""
    return in_one_line(words)


def _model_state(problem: Mapping[str, Any]) -> str:
    state = problem.get("modelState")
    if not isinstance(state, Mapping):
        return ""
    return "; ".join(str(each) for texts in state.values() for each in texts)
