"""What a system answered, and what that means where its vendor does not know better."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from connections import exact_json
from connections.errors import (
    ConnectionBroken,
    NotThere,
    OutcomeUnknown,
    Rejected,
    SignedOut,
    Surprise,
    TryLater,
    VendorError,
)

T = TypeVar("T")
# Headers in which vendors name a call, for their support.
REQUEST_ID_HEADERS = ("x-request-id", "request-id", "ipp-request-id", "x-newrelic-transaction-id", "requestid")
LONGEST_WORDS = 500
LONGEST_PAUSE = 86_400.0


@dataclass(frozen=True)
class Response:
    """A vendor's answer, read whole. `wrote`: it answers a call that may have changed the system."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    system: str
    wrote: bool = False

    def json(self) -> Any:
        """The body as exact JSON. Raises `Surprise` where it is something else."""
        with self._parsing("JSON"):
            return exact_json.loads(self.body)

    def rows(self, read: Callable[[dict[str, Any]], T]) -> list[T]:
        """What `read` makes of each object of a JSON array. Raises `Surprise` where the body is something else."""
        with self._parsing("a JSON list of objects"):
            return [read(row) for row in exact_json.objects(self.body)]

    @contextmanager
    def _parsing(self, expected: str) -> Iterator[None]:
        try:
            yield
        except exact_json.DecodeError as error:
            raise Surprise(
                f"{self.system} answered with something that is not {expected} ({self.content_type or 'no content type'}).",
                next_step="Try again later; if it stays so, check that the address is that of the API.",
                status=self.status,
                sample=self.body[:80].decode("utf-8", "replace") if b"<" in self.body[:20] else "",
            ) from error

    def problem(self) -> dict[str, Any]:
        """The body of a refusal as a JSON object; empty where it is something else: gateways send pages, or nothing."""
        try:
            body = exact_json.loads(self.body)
        except exact_json.DecodeError:
            return {}
        return body if isinstance(body, dict) else {}

    def details(self, words: str = "") -> dict[str, Any]:
        """What every error made of this answer carries."""
        return {"status": self.status, "request_id": self.request_id, "words": words}

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def request_id(self) -> str:
        return next((self.headers[name] for name in REQUEST_ID_HEADERS if name in self.headers), "")

    @property
    def retry_after(self) -> float | None:
        """Seconds, a day at most; None where the vendor names none."""
        header = self.headers.get("retry-after")
        try:
            return min(max(0.0, float(header)), LONGEST_PAUSE) if header else None
        except ValueError:
            return None  # an HTTP date: rare, and the usual backoff serves


MapError = Callable[[Response], VendorError | None]
"""A vendor's `map_error`: the error that an answer means, None to go by its status."""


def by_status(response: Response, words: str = "") -> VendorError | None:
    """The one table from status to class, for all vendors. None: the call succeeded."""
    status, system, details = response.status, response.system, response.details(words)
    if 200 <= status < 300:
        return None
    if status == 429:
        return TryLater(f"{system} asked us to slow down.", retry_after=response.retry_after, **details)
    if status == 503 and not response.wrote:
        return TryLater(f"{system} is not available just now.", retry_after=response.retry_after, **details)
    if status >= 500 and response.wrote:
        return OutcomeUnknown(f"{system} failed while writing, so it may or may not have been done.", **details)
    if status >= 500:
        return TryLater(f"{system} failed to answer (status {status}).", **details)
    if status in {401, 402, 403}:
        kind = SignedOut if status == 401 else ConnectionBroken
        return kind(
            f"{system} refused our sign-in or our rights (status {status}).",
            next_step="Enter the credentials again, or grant the missing right, then test the connection.",
            **details,
        )
    if status in {400, 404, 405, 409, 412, 422}:
        kind_of_refusal = NotThere if status == 404 else Rejected
        return kind_of_refusal(f"{system} refused this (status {status}).", **details)
    return Surprise(f"{system} answered with status {status}, which it does not document.", **details)


def in_one_line(words: object) -> str:
    """A vendor's own words, without line breaks and not longer than a paragraph."""
    return " ".join(str(words).split())[:LONGEST_WORDS]
