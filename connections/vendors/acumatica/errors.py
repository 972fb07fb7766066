"""How Acumatica says no.

"Not found" and a wrong password are status 500, a refused record comes back whole with `error` texts inside it, and the
licence answers in plain text. This module alone turns those into `connections.errors`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connections.errors import (
    ConnectionBroken,
    NotThere,
    OutcomeUnknown,
    Rejected,
    SignedOut,
    TryLater,
    VendorError,
    WrongAddress,
)
from connections.http import Http
from connections.response import Response, in_one_line

FORMS = {
    "SalesOrder": "Sales Orders (SO301000)",
    "Shipment": "Shipments (SO302000)",
    "Customer": "Customers (AR303000)",
    "StockItem": "Stock Items (IN202500)",
    "ShipVia": "Ship Via Codes (CS207500)",
    "ShippingBox": "Boxes (CS207600)",
    "Warehouse": "Warehouses (IN204000)",
}
ENDPOINTS_FORM = "Web Service Endpoints (SM207060)"
SEATS_FORM = "License Monitoring Console (SM604000)"
SEATS_WORDS = "API Login Limit"
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
    """Someone else saved the same record first; a fresh read resolves it."""


HINT = "Correct the cause in Acumatica or in the record, then send it again."
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


def map_error(response: Response) -> VendorError | None:
    """What the contract API means; see `connections.response.MapError`."""
    details: dict[str, Any] = {"status": response.status, "request_id": response.request_id}
    if 200 <= response.status < 300:
        return None
    if response.status == 401:
        return SignedOut("Acumatica ended our session.", **details)
    if response.status == 404 or 300 <= response.status < 400:
        return WrongAddress(f"Acumatica has nothing under this address (status {response.status}).", **details)
    if no_seat(response):
        return seats_used_up(details)
    problem = response.problem()
    words = words_of(problem)
    if response.status in {409, 500} and problem:
        return _by_words(problem, words, response.wrote, details)
    if response.status == 409:
        return _busy(details)
    if response.status == 422:
        return refused_record(problem, details)
    if response.status == 400 and problem:
        return Rejected(f"Acumatica did not understand this: {words}", words=words, **details)
    return None


def _by_words(problem: Mapping[str, Any], words: str, wrote: bool, details: dict[str, Any]) -> VendorError | None:
    kind = str(problem.get("exceptionType", "")).rpartition(".")[2]
    if "Another process has" in words:
        return LostLock(
            "Someone else saved the same record in Acumatica at the same moment.",
            next_step="It is read again and tried again by itself.",
            retry_after=5,
            words=words,
            **details,
        )
    if details["status"] == 409 or "previous operation has not been completed" in words:
        return _busy(details)
    if kind == "NoEntitySatisfiesTheConditionException":
        return NotThere("There is no such record in Acumatica, or our user may not see it.", **details)
    if kind == "CannotOptimizeException" or "Optimization cannot be performed" in words:
        return CannotOptimize("Acumatica cannot list these records in one query.", words=words, **details)
    if not wrote:
        return TryLater("Acumatica failed to answer.", words=words, **details)
    if kind == "OutcomeEntityHasErrorsException":
        return refused_record(problem, details)
    if kind in REFUSALS:
        return Rejected(
            f"Acumatica refused this: {words}",
            next_step=next((step for part, step in HINTS if part in words), HINT),
            words=words,
            **details,
        )
    return OutcomeUnknown(
        "Acumatica failed while writing, so it may or may not have been done.", words=words, **details
    )


def refused_record(record: Mapping[str, Any], details: Mapping[str, Any]) -> Rejected:
    """A record that came back with errors inside, as one sentence and the fields it names."""
    fields = dict(_errors_in(record))
    top = str(record.get("error") or record.get("exceptionMessage") or "")
    reasons = "; ".join(f"{path}: {error}" for path, error in fields.items())
    words = reasons or top or "it gave no reason"
    return Rejected(
        f"Acumatica refused this: {words}",
        fields=fields,
        next_step="Correct the named fields in the mapping or in Acumatica, then send it again.",
        words=words,
        **details,
    )


def _errors_in(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, list):
        for index, element in enumerate(node):
            yield from _errors_in(element, f"{path}[{index}]")
    if not isinstance(node, Mapping):
        return
    if path and node.get("error"):
        yield path, str(node["error"])
    for name, inner_node in node.items():
        # For actions the record stands under "entity".
        inner = path if name == "entity" and not path else f"{path}.{name}" if path else name
        if name not in NEVER_SHOWN:
            yield from _errors_in(inner_node, inner)


def _busy(details: Mapping[str, Any]) -> TryLater:
    return TryLater(
        "Acumatica is still busy with the previous operation on this form.",
        next_step="It is tried again by itself.",
        retry_after=2,
        **details,
    )


def no_seat(response: Response) -> bool:
    """Whether the licence has no seat left. The status that goes with the text is not documented."""
    if response.status < 400:
        return False
    body = response.text[:2000].lower()
    return "api login limit" in body or ("concurrent" in body and "login" in body)


def seats_used_up(details: Mapping[str, Any]) -> TryLater:
    return TryLater(
        "All API seats of the Acumatica licence are in use, so we could not sign in.",
        next_step=f"It is tried again each minute. See who is signed in on form {SEATS_FORM}, and sign someone out.",
        retry_after=60,
        words=SEATS_WORDS,
        **details,
    )


def words_of(problem: Mapping[str, Any]) -> str:
    """The vendor's own words, without its stack trace."""
    inner = problem.get("innerException")
    words = problem.get("exceptionMessage") or (words_of(inner) if isinstance(inner, Mapping) else "")
    words = words or _model_state(problem) or problem.get("error") or problem.get("message") or ""
    return in_one_line(words)


def _model_state(problem: Mapping[str, Any]) -> str:
    state = problem.get("modelState")
    if not isinstance(state, Mapping):
        return ""
    return "; ".join(str(text) for texts in state.values() for text in texts)


# A wrong address is told from a wrong endpoint version: `GET {instance}/entity` names what a site offers.

Endpoint = tuple[str, str]
"""Name and version, such as ("Default", "25.200.001")."""


def offered(http: Http, headers: Mapping[str, str]) -> list[Endpoint] | None:
    """What the site offers, or None where no Acumatica answers. Customers' own endpoints need a session."""
    try:
        listed = http.get("/entity", headers=headers).json()
    except TryLater:
        raise
    except VendorError:
        return None
    # Older builds answer with the bare list.
    rows = listed.get("endpoints") if isinstance(listed, dict) else listed
    if not isinstance(rows, list):
        return None
    return [(str(row.get("name", "")), str(row.get("version", ""))) for row in rows if isinstance(row, dict)]


def wrong_address(
    sites: Sequence[Endpoint] | None, name: str, version: str, entity: str, error: VendorError
) -> VendorError:
    """Why nothing useful answered, in one sentence."""
    if sites is None:
        return ConnectionBroken(
            "There is no Acumatica at this address.",
            next_step="Copy the address from the browser up to, and without, /Main: "
            "a site may stand in a directory, as in https://erp.example.com/MyInstance.",
            status=error.status,
        )
    if (name.lower(), version.lower()) not in {
        (offered_name.lower(), number.lower()) for offered_name, number in sites
    }:
        return ConnectionBroken(
            f"Endpoint {name}/{version} is not there; this site offers {_listed(sites)}.",
            next_step=f"Choose one of them in the connection's settings; see form {ENDPOINTS_FORM}.",
            status=error.status,
        )
    if error.status == 404:
        return ConnectionBroken(
            f"Endpoint {name}/{version} has no {entity}.",
            next_step=f"Use the endpoint Default, or add {entity} to this one on form {ENDPOINTS_FORM}.",
            status=error.status,
        )
    if error.status is not None and 300 <= error.status < 400:
        return TryLater(
            "Acumatica sent us to an error page.",
            next_step=f"If it stays so, open the site by browser, and validate the endpoint on form {ENDPOINTS_FORM}.",
            status=error.status,
        )
    return TryLater("Acumatica answered with a page instead of data.", next_step="It is tried again by itself.")


def _listed(sites: Sequence[Endpoint]) -> str:
    return ", ".join(f"{name}/{version}" for name, version in sites) or "none"
