"""Long operations: begun by a POST, watched at a status address, done when their time has come.

What an operation does is done once its seconds have passed, whether or not anyone asks; while it is under way, other
requests of the same session to the same form are answered with 409.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from werkzeug.wrappers import Response

from sandbox.acumatica.errors import Refusal, error
from sandbox.kit.responses import json_response

BUSY = "A long operation is running for this screen in the current session. Please try again later."


@dataclass
class Operation:
    ident: str
    session: str
    form: str
    location: str
    due: float
    polls: int
    work: Callable[[], None]
    done: bool = False
    refusal: Refusal | None = None


class Operations:
    def __init__(self, clock: Callable[[], float], ids: Callable[[], uuid.UUID]) -> None:
        self.clock, self.ids = clock, ids
        self.known: dict[str, Operation] = {}
        self.running: list[Operation] = []

    def begin(
        self, session: str, form: str, path: str, seconds: float, polls: int, work: Callable[[], None]
    ) -> Response:
        """202 and the address at which to ask. `path` is that of the action."""
        ident = str(self.ids())
        operation = Operation(ident, session, form, f"{path}/status/{ident}", self.clock() + seconds, polls, work)
        self.known[ident] = operation
        self.running.append(operation)
        return Response(b"", 202, {"Location": operation.location})

    def settle(self) -> None:
        """Do what is due."""
        now = self.clock()
        for operation in sorted(self.running, key=lambda each: each.due):
            if operation.due <= now:
                self.running.remove(operation)
                self._finish(operation)

    def _finish(self, operation: Operation) -> None:
        try:
            operation.work()
        except Refusal as refusal:
            operation.refusal = refusal
        operation.done = True

    def busy(self, session: str, form: str) -> Response | None:
        """The refusal of a request to a form on which an operation of this session runs."""
        if any(each.session == session and each.form == form for each in self.running):
            return error(409, BUSY, "PX.Api.ContractBased.LongOperationInProgressException")
        return None

    def look(self, ident: str, session: str, failure_status: int) -> Response:
        """What the status address answers; an operation is known to the session that began it."""
        operation = self.known.get(ident)
        if operation is None or operation.session != session:
            return error(404, "The operation was not found.", "System.Collections.Generic.KeyNotFoundException")
        if operation.polls > 0 or not operation.done:
            operation.polls -= 1
            return Response(b"", 202, {"Location": operation.location})
        if operation.refusal is None:
            return Response(b"", 204)
        return _failure(operation.refusal, failure_status)


def _failure(refusal: Refusal, status: int) -> Response:
    """Status and body of a failed operation are not documented: 500 with the exception, or 422 with the entity."""
    if status != 422:
        return error(status, refusal.words, refusal.kind)
    body = {
        "message": "An error has occurred.",
        "exceptionMessage": refusal.words,
        "exceptionType": "PX.Api.ContractBased.OutcomeEntityHasErrorsException",
        "entity": {"error": refusal.words},
    }
    return json_response(body, 422)
