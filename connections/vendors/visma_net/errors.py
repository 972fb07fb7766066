"""How Visma.net says no.

Four shapes occur: the platform's capitalised exceptions, the ERP's `message`, problem details of the sales order
service, and whatever a gateway sends. This module alone turns them into `connections.errors`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connections.errors import (
    ConnectionBroken,
    NotThere,
    Rejected,
    SignedOut,
    Surprise,
    TryLater,
    VendorError,
)
from connections.response import Response, by_status, in_one_line

RECEIPTS, ORDERS = "Purchase receipts (PO302000)", "Purchase orders (PO301000)"
NO_LICENCE = "12027"
WRONG_TENANT = (
    "Most often the tenant ID is that of the customer (the contract) and not that of the company: copy the company's "
    "from Visma App Store or Visma Admin. If it is right, see that the company has a Visma.net ERP API licence and "
    "has approved this integration."
)


class RightMissing(ConnectionBroken):
    """403: the token is good, and lacks the scope or the user the right."""


class ChangedMeanwhile(TryLater):
    """Someone else saved the same record first; a fresh read resolves it."""


# Texts that the framework, not the ERP's rules, puts into a message: they do not say whether the work was done.
EMPTY_WORDS = ("an error has occurred", "timeout", "timed out", "internal server error", "deadlock")
# What refusals usually mean, for people who see the sentence for the first time. Never a reason to act differently.
HINTS = (
    ("not recognized as", "One of the mapped values has the wrong type: correct the mapping, then send it again."),
    ("period", "Open the period on screen Financial periods (GL201000), or correct the date, then send it again."),
    ("released", f"The document is released: correct it by hand in Visma, screen {RECEIPTS}."),
    ("quantity", f"Compare the quantities with the order's, screen {ORDERS}, then send it again."),
    ("cannot be found", "Create what is named in Visma, or correct the mapping, then send it again."),
)
HINT = "Correct the cause in Visma.net or in the record, then send it again."


def map_error(response: Response) -> VendorError | None:
    """What both services mean; see `connections.response.MapError`."""
    status = response.status
    if status < 400:
        return None
    problem = response.problem()
    details = response.details(words_of(problem))
    if str(problem.get("ExceptionFaultCode") or "") == NO_LICENCE:
        return ConnectionBroken("Visma.net has no licence for this company.", next_step=WRONG_TENANT, **details)
    if status == 401:
        return SignedOut("Visma.net did not accept our token.", **details)
    if status == 403:
        return RightMissing("Visma.net refused our rights.", **details)
    return _document_error(response, problem, details)


def _document_error(response: Response, problem: Mapping[str, Any], details: dict[str, Any]) -> VendorError | None:
    status, words = response.status, details["words"]
    if status == 404:
        return NotThere("There is no such record in Visma.net.", **details)
    if status == 410:
        return Surprise(
            "Visma.net no longer offers what was asked.",
            next_step="Tell the people who run this console: an address of Visma's API has reached its end of life.",
            **details,
        )
    if status == 412:
        return ChangedMeanwhile(
            "Someone saved the same record in Visma.net at the same moment.",
            next_step="It is read again and tried again by itself.",
            retry_after=5,
            **details,
        )
    if status == 428:
        return Surprise("Visma.net wanted to know which version of the record we change.", **details)
    if status in {400, 405, 409, 422}:
        return refused(problem, details)
    if status == 500 and words and not any(empty in words.lower() for empty in EMPTY_WORDS):
        return refused(problem, details) if response.wrote else TryLater("Visma.net failed to answer.", **details)
    return by_status(response, words) if status >= 500 else None


def refused(problem: Mapping[str, Any], details: Mapping[str, Any]) -> Rejected:
    """A refusal in the vendor's own words, with the fields it names."""
    words = str(details["words"])
    return Rejected(
        f"Visma.net refused this: {words or 'it gave no reason'}",
        fields=_fields(problem),
        next_step=next_step(words),
        **details,
    )


def next_step(words: str) -> str:
    return next((step for part, step in HINTS if part in words.lower()), HINT)


def words_of(problem: Mapping[str, Any]) -> str:
    """The vendor's own words, of whichever shape."""
    words = (
        problem.get("ExceptionMessage")
        or problem.get("message")
        or problem.get("Message")
        or _details(problem)
        or problem.get("title")
        or problem.get("error_description")
        or problem.get("error")
        or ""
    )
    return in_one_line(words)


def _details(problem: Mapping[str, Any]) -> str:
    details = problem.get("details")
    if isinstance(details, list) and details:
        texts = [" ".join(str(detail.get(name) or "") for name in ("code", "message")) for detail in details if detail]
        return "; ".join(texts)
    return "; ".join(f"{name}: {text}" for name, text in _fields(problem).items())


def _fields(problem: Mapping[str, Any]) -> dict[str, str]:
    errors = problem.get("errors")
    if not isinstance(errors, Mapping):
        return {}
    return {
        str(name): "; ".join(map(str, texts)) if isinstance(texts, list) else str(texts)
        for name, texts in errors.items()
    }
