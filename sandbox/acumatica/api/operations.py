"""Long operations: begun by a POST, watched at a status address, done when their time has come.

What an operation does is done once its seconds have passed, whether or not anyone asks; while it is under way, other
requests of the same session to the same form are refused with 409.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from werkzeug.wrappers import Response

from sandbox.acumatica.errors import Refusal, error
from sandbox.kit.context import Context
from sandbox.kit.responses import json_response

BUSY = "A long operation is running for this screen in the current session. Please try again later."


@dataclass
class Operation:
    id: str
    session: str
    form: str
    location: str
    due: float
    polls: int
    work: Callable[[], None]
    done: bool = False
    refusal: Refusal | None = None

    def run(self) -> None:
        try:
            self.work()
        except Refusal as refusal:
            self.refusal = refusal
        self.done = True


class Operations:
    def __init__(self, context: Context) -> None:
        self.context = context
        self.known: dict[str, Operation] = {}
        self.running: list[Operation] = []

    def begin(self, session: str, form: str, path: str, work: Callable[[], None]) -> Response:
        """202 and the address at which to ask. `path` is that of the action."""
        operation_id = str(self.context.new_id())
        due = self.context.now() + float(self.context.switches["operation_seconds"])
        polls = int(self.context.switches["polls"])
        operation = Operation(operation_id, session, form, f"{path}/status/{operation_id}", due, polls, work)
        self.known[operation_id] = operation
        self.running.append(operation)
        return Response(b"", 202, {"Location": operation.location})

    def run_due(self) -> None:
        """Do the work whose time has come."""
        now = self.context.now()
        for operation in sorted(self.running, key=lambda operation: operation.due):
            if operation.due <= now:
                self.running.remove(operation)
                operation.run()

    def must_be_free(self, session: str, form: str) -> None:
        """Raises the 409 of a request to a form on which an operation of this session runs."""
        if any((operation.session, operation.form) == (session, form) for operation in self.running):
            raise Refusal(409, BUSY, "PX.Api.ContractBased.LongOperationInProgressException")

    def status(self, operation_id: str, session: str) -> Response:
        """What the status address shows; an operation is known to the session that began it."""
        operation = self.known.get(operation_id)
        if operation is None or operation.session != session:
            return error(404, "The operation was not found.", "System.Collections.Generic.KeyNotFoundException")
        if operation.polls > 0 or not operation.done:
            operation.polls -= 1
            return Response(b"", 202, {"Location": operation.location})
        if operation.refusal is None:
            return Response(b"", 204)
        return _failure(operation.refusal, int(self.context.switches["failure_status"]))


def _failure(refusal: Refusal, status: int) -> Response:
    """Status and body of a failed operation are not documented: 500 with the exception, or 422 with the entity."""
    if status != 422:
        return error(status, refusal.message, refusal.kind)
    body = {
        "message": "An error has occurred.",
        "exceptionMessage": refusal.message,
        "exceptionType": "PX.Api.ContractBased.OutcomeEntityHasErrorsException",
        "entity": {"error": refusal.message},
    }
    return json_response(body, 422)
