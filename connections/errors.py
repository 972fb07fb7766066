"""What can go wrong at a vendor. The class alone says what happens next; the engine sees no others.

VendorError
├── TryLater          network before sending, 429, 503, busy      → due again at retry_after or a jittered backoff
│   └── NotReady      what it needs is not there yet              → waiting, for that
├── OutcomeUnknown    timeout, cut, 5xx after sending             → unknown, settle reads back
├── ConnectionBroken  bad login, revoked right, wrong company     → connection pauses with ONE cause; records wait
├── Rejected          this document, with its fields              → attention
│   └── Locked        the target may no longer change             → conflict, with the difference
└── Surprise          an answer we do not understand              → attention, redacted sample kept
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connections.texts import without_nul


class VendorError(Exception):
    """Something a vendor answered, or did not.

    `message` is a plain sentence for support staff, `next_step` what they can do about it. `words` are the
    vendor's own words, `status` its HTTP status, `request_id` its name for the call. None of them may hold a
    secret: whatever is put here is shown on pages and kept in the audit trail.
    """

    def __init__(
        self,
        message: str,
        *,
        next_step: str = "",
        words: str = "",
        status: int | None = None,
        request_id: str = "",
    ) -> None:
        super().__init__(message)
        self.message = without_nul(message)
        self.next_step = without_nul(next_step)
        self.words = without_nul(words)
        self.status = status
        self.request_id = request_id

    def __str__(self) -> str:
        quoted = f' It said: "{self.words}"' if self.words and self.words not in self.message else ""
        return f"{self.message}{quoted}"


class TryLater(VendorError):
    """A passing reason, and nothing was written. `retry_after` is in seconds, or None for the usual backoff."""

    def __init__(self, message: str, *, retry_after: float | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.retry_after = retry_after


class NotReady(TryLater):
    """What this document needs is not there yet.

    `waits_for` says it in a few words ("first order with SKU A-1"). Where it is the record of another flow, `flow`
    and `key` (that flow's source key) name it, and the engine fetches it.
    """

    def __init__(self, message: str, *, waits_for: str, flow: str = "", key: str = "", **details: Any) -> None:
        super().__init__(message, **details)
        self.waits_for = waits_for
        self.flow = flow
        self.key = key


class OutcomeUnknown(VendorError):
    """A write may or may not have happened. Never a reason to repeat it: settle reads back first."""


class ConnectionBroken(VendorError):
    """Nothing will work at this connection until a person corrects it; the message is its one clear cause.

    `connection_id` names the connection that it has stopped, None before.
    """

    connection_id: int | None = None


class Rejected(VendorError):
    """The vendor refused this document. `fields` maps a field path to what is wrong with it."""

    def __init__(self, message: str, *, fields: Mapping[str, str] | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.fields = dict(fields or {})


class Locked(Rejected):
    """The target document may no longer change. `current` is what it says of itself now, such as its status."""

    def __init__(self, message: str, *, current: Mapping[str, Any] | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.current = dict(current or {})


class Surprise(VendorError):
    """An answer outside of what the vendor documents. `sample` is the beginning of it, already redacted."""

    def __init__(self, message: str, *, sample: str = "", **details: Any) -> None:
        super().__init__(message, **details)
        self.sample = sample


# Kinds that clients tell apart before the engine sees them; what happens next is that of their class.


class SignedOut(ConnectionBroken):
    """The session is over, and what was asked was not done."""


class NotThere(Rejected):
    """No such record, or none that we may see."""


class WrongAddress(Surprise):
    """What answered is not the API: a wrong address, a wrong version of it, or an error page."""
