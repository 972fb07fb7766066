"""How Example says no: with status 200 and an `error`, whatever is wrong."""

from __future__ import annotations

from connections.errors import ConnectionBroken, Locked, Rejected, VendorError
from connections.response import Response, in_one_line

SYSTEM = "Example"


def map_error(response: Response) -> VendorError | None:
    """The error that an answer means; None leaves it to the table in `connections.response`."""
    error = response.problem().get("error")
    if not isinstance(error, dict):
        return None
    words = in_one_line(error.get("message") or "")
    details = response.details(words)
    match error.get("code"):
        case "key":
            return ConnectionBroken(f"{SYSTEM} did not accept the API key.", next_step="Enter a new key.", **details)
        case "right":
            return ConnectionBroken(f"{SYSTEM} refused a right.", next_step="Tick it in Settings, API.", **details)
        case "closed":
            return Locked(f"The order is closed in {SYSTEM}.", next_step="Correct it there by hand.", **details)
    field = str(error.get("field") or "")
    return Rejected(
        f"{SYSTEM} refused this.",
        fields={field: words} if field else {},
        next_step="Correct the mapping or the record, then send it again.",
        **details,
    )
