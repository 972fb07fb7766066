"""JSON whose numbers survive, as the simulated systems read and write it: a decimal is a `Decimal`, never a float."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")

DecodeError = msgspec.DecodeError


def loads(text: str | bytes) -> Any:
    """Parse JSON; integers stay `int`. Raises `DecodeError` (a `ValueError`)."""
    return _decoder.decode(text)


def dumps(value: Any) -> str:
    """Write JSON; a `Decimal` is written with exactly its own digits."""
    return _encoder.encode(value).decode()
