"""Actions, which may run on after the answer: POST, then poll until they are done.

While one runs, other calls of the same session to the same form fail, so nothing else is asked meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from connections.errors import NotThere, OutcomeUnknown, SignedOut, TryLater, WrongAddress
from connections.vendors.acumatica import codec
from connections.vendors.acumatica.client import AcumaticaClient
from connections.vendors.acumatica.errors import LostLock
from connections.vendors.acumatica.session import headers

UNANSWERED_LOOKS = 5  # looks without an answer, after which nobody knows how it ended
PATIENCE = 300.0  # seconds after which a running operation counts as unknown


def run(client: AcumaticaClient, entity: str, action: str, keys: Mapping[str, Any]) -> None:
    """Run an action on the record of these keys and return once Acumatica says that it is done.

    "Done" is not yet a proof: 204 also answers an operation that was not created. Raises `Rejected` where it was
    refused, `OutcomeUnknown` where it is not known how it ended.
    """
    body = {"entity": codec.encode(keys), "parameters": {}}
    response = client.call("POST", f"{client.endpoint}/{entity}/{action}", json=body)
    location = response.headers.get("location", "")
    # With 204 the operation is over; where that answer's Location leads is of no use.
    if response.status == 202 and location:
        _wait(client, client.absolute(location), action)


def _wait(client: AcumaticaClient, url: str, action: str) -> None:
    deadline = time.monotonic() + PATIENCE
    unanswered = 0
    while True:
        status = _poll(client, url, action)
        if status not in {202, None}:
            return
        unanswered += status is None
        if unanswered > UNANSWERED_LOOKS:
            raise _lost(action)
        if time.monotonic() > deadline:
            raise OutcomeUnknown(
                f"{action} is still running in Acumatica after {PATIENCE:.0f} seconds.",
                next_step="It is looked up there before anything is sent again.",
            )
        time.sleep(client.pause)


def _poll(client: AcumaticaClient, url: str, action: str) -> int | None:
    """The status of one look, None where it got no answer.

    An operation belongs to the session that began it, so a new session is never asked about it.
    """
    session = client.session.store.current()
    if session is None:
        raise _lost(action)
    try:
        return client.http.request("GET", url, headers=headers(session), write=True).status
    except (SignedOut, WrongAddress, NotThere) as error:
        raise _lost(action) from error
    except LostLock:
        raise
    except (TryLater, OutcomeUnknown) as error:
        if isinstance(error, OutcomeUnknown) and error.status is not None:
            raise
        return None


def _lost(action: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"Acumatica began {action}, and then could not be asked how it ended.",
        next_step="It is looked up there before anything is sent again.",
    )
