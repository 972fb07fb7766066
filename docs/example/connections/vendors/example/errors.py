"""How Example says no: with status 200 and an `error`, whatever is wrong."""

from __future__ import annotations

from typing import Any

from connections import exact_json
from connections.errors import ConnectionBroken, Locked, Rejected, VendorError
from connections.http import Answer

SYSTEM = "Example"


def map_error(answer: Answer, wrote: bool) -> VendorError | None:
    """The error that an answer stands for; None leaves it to the table in `connections.http`."""
    error = _error(answer)
    if error is None:
        return None
    known: dict[str, Any] = {
        "words": str(error.get("message") or ""),
        "status": answer.status,
        "request_id": answer.request_id,
    }
    match error.get("code"):
        case "key":
            return ConnectionBroken(f"{SYSTEM} did not accept the API key.", next_step="Enter a new key.", **known)
        case "right":
            return ConnectionBroken(f"{SYSTEM} refused a right.", next_step="Tick it in Settings, API.", **known)
        case "closed":
            return Locked("The order is closed in Example.", next_step="Correct it there by hand.", **known)
    field = str(error.get("field") or "")
    return Rejected(
        f"{SYSTEM} refused this.",
        fields={field: known["words"]} if field else {},
        next_step="Correct the mapping or the record, then send it again.",
        **known,
    )


def _error(answer: Answer) -> dict[str, Any] | None:
    try:
        body = exact_json.loads(answer.body)
    except exact_json.DecodeError:
        return None
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else None
