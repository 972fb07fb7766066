from __future__ import annotations

import pytest

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
from connections.response import Response, by_status, in_one_line

READ, WRITE = False, True


def response(status: int, wrote: bool = READ, body: bytes = b"", **headers: str) -> Response:
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, body, "ERP", wrote)


@pytest.mark.parametrize(
    ("status", "wrote", "kind"),
    [
        (401, READ, SignedOut),
        (403, READ, ConnectionBroken),
        (404, WRITE, NotThere),
        (409, WRITE, Rejected),
        (418, READ, Surprise),
        (429, WRITE, TryLater),
        (500, READ, TryLater),
        (500, WRITE, OutcomeUnknown),
        (503, READ, TryLater),
        (503, WRITE, OutcomeUnknown),
    ],
)
def test_a_status_means_one_class(status: int, wrote: bool, kind: type[VendorError]) -> None:
    error = by_status(response(status, wrote, request_id="r-1"), "Its words.")
    assert type(error) is kind
    assert (error.status, error.request_id, error.words) == (status, "r-1", "Its words.")


def test_success_is_no_error() -> None:
    assert by_status(response(204)) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("-1", 0.0),
        ("inf", 86_400.0),
        ("9" * 20, 86_400.0),
        ("nan", 0.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
def test_the_wait_is_read_in_seconds(header: str, seconds: float | None) -> None:
    error = by_status(response(429, retry_after=header))
    assert isinstance(error, TryLater)
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    ("body", "problem"), [(b'{"message":"No"}', {"message": "No"}), (b"[1]", {}), (b"<html>", {}), (b"", {})]
)
def test_a_refusal_is_read_as_an_object(body: bytes, problem: dict[str, str]) -> None:
    assert response(400, body=body).problem() == problem


def test_words_stand_in_one_line() -> None:
    assert in_one_line("No\n such   order.") == "No such order."
    assert len(in_one_line("x" * 600)) == 500
