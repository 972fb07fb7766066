"""Telling a wrong address from a wrong endpoint version: `GET {instance}/entity` names what a site offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connections.errors import ConnectionBroken, TryLater, VendorError
from connections.http import Http

Endpoint = tuple[str, str]
"""Name and version, such as ("Default", "25.200.001")."""
FORM = "Web Service Endpoints (SM207060)"


def offered(door: Http, headers: Mapping[str, str]) -> list[Endpoint] | None:
    """What the site offers, or None where no Acumatica answers. Customers' own endpoints need a session."""
    try:
        listed = door.get("/entity", headers=headers).json()
    except TryLater:
        raise
    except VendorError:
        return None
    # Older builds answer with the bare list.
    rows = listed.get("endpoints") if isinstance(listed, dict) else listed
    if not isinstance(rows, list):
        return None
    return [(str(row.get("name", "")), str(row.get("version", ""))) for row in rows if isinstance(row, dict)]


def wrong_door(
    sites: Sequence[Endpoint] | None, name: str, version: str, entity: str, trouble: VendorError
) -> VendorError:
    """Why nothing useful answered, in one sentence."""
    if sites is None:
        return ConnectionBroken(
            "There is no Acumatica at this address.",
            next_step="Copy the address from the browser up to, and without, /Main: "
            "a site may stand in a directory, as in https://erp.example.com/MyInstance.",
            status=trouble.status,
        )
    if (name.lower(), version.lower()) not in {(each.lower(), number.lower()) for each, number in sites}:
        return ConnectionBroken(
            f"Endpoint {name}/{version} is not there; this site offers {_listed(sites)}.",
            next_step=f"Choose one of them in the connection's settings; see form {FORM}.",
            status=trouble.status,
        )
    if trouble.status == 404:
        return ConnectionBroken(
            f"Endpoint {name}/{version} has no {entity}.",
            next_step=f"Use the endpoint Default, or add {entity} to this one on form {FORM}.",
            status=trouble.status,
        )
    if trouble.status is not None and 300 <= trouble.status < 400:
        return TryLater(
            "Acumatica sent us to an error page.",
            next_step=f"If it stays so, open the site by browser, and validate the endpoint on form {FORM}.",
            status=trouble.status,
        )
    return TryLater("Acumatica answered with a page instead of data.", next_step="It is tried again by itself.")


def _listed(sites: Sequence[Endpoint]) -> str:
    return ", ".join(f"{name}/{version}" for name, version in sites) or "none"
