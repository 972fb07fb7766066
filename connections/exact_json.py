"""JSON whose numbers survive: a decimal comes in as `Decimal`, goes out digit for digit, and never meets a float."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")
_decoder = msgspec.json.Decoder(float_hook=Decimal)
_object = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
_array = msgspec.json.Decoder(list[msgspec.Raw])
_encoder = msgspec.json.Encoder(decimal_format="number")
_canonical = msgspec.json.Encoder(decimal_format="number", order="sorted")

DecodeError = msgspec.DecodeError


def loads(text: str | bytes) -> Any:
    """Parse JSON; integers stay `int`, every other number is a `Decimal`. Raises `DecodeError` (a `ValueError`)."""
    return _decoded(_decoder, text)


def objects(text: str | bytes) -> Iterator[dict[str, Any]]:
    """Parse a JSON array of objects, one at a time, as `loads` does. Raises `DecodeError` where it is something else.

    For whoever makes something smaller of each: with all objects of a page of records in memory at once, the
    processor waits for its memory nearly half of the time.
    """
    return (_decoded(_object, raw) for raw in _array.decode(text))


def _decoded(decoder: msgspec.json.Decoder[T], text: Any) -> T:
    try:
        return decoder.decode(text)
    except (UnicodeError, RecursionError) as error:
        raise DecodeError(f"JSON is malformed: {error}") from error


def dumps(value: Any) -> str:
    """Write JSON; a `Decimal` is written as a number with exactly its own digits."""
    return _encoder.encode(value).decode()


class Canonical(str):
    """A document as text, written in the one way that its digest is made of: keys sorted, no blanks."""

    __slots__ = ("digest",)
    digest: str

    @classmethod
    def of(cls, value: Any) -> Canonical:
        written = _canonical.encode(value)
        text = cls(written.decode())
        text.digest = hashlib.blake2b(written, digest_size=16).hexdigest()
        return text


def digest(value: Any) -> str:
    """A short stable hash of a document, independent of the order of its keys."""
    return hashlib.blake2b(_canonical.encode(value), digest_size=16).hexdigest()


def plain(value: Any) -> Any:
    """A copy that any JSON column takes: a `Decimal` becomes the text of its digits."""
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Decimal) else value
