"""Holding recorded calls against a contract, less what is listed in `relaxations`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from tests.contracts.openapi import Contract, Operation
from tests.contracts.recording import Call
from tests.contracts.relaxations import Relaxation, Undocumented
from tests.contracts.schemas import Finding, Schema, findings

Refusal = Callable[[Call], Schema | None]
"""The schema of an error answer that the contract leaves out, or None where it must be documented or be empty."""


@dataclass
class Judge:
    """Remembers which relaxations it needed, and which operations were called."""

    contract: Contract
    relaxations: Sequence[Relaxation]
    undocumented: Sequence[Undocumented]
    base: str = ""
    errors: Refusal = field(default=lambda call: None)
    needed: set[Relaxation | Undocumented] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    """Operations that our client called."""
    answered: set[str] = field(default_factory=set)
    """Operations that the simulator did."""

    def fresh(self) -> Judge:
        """The same contract and relaxations, nothing remembered."""
        return replace(self, needed=set(), asked=set(), answered=set())

    def judge(self, calls: Iterable[Call]) -> list[str]:
        """What is wrong, each told once."""
        return sorted({told for call in calls for told in self._judged(call)})

    def _judged(self, call: Call) -> list[str]:
        if self._is_listed(call):
            return []
        operation = self.contract.find(call.method, self._path(call))
        if operation is None:
            return [f"{call.method} {call.path}: the contract has no such operation"]
        if call.by == "client":
            self.asked.add(operation.name)
        if call.status < 400:
            self.answered.add(operation.name)
        return [*self._request(operation, call), *self._answer(operation, call)]

    def _path(self, call: Call) -> str:
        return call.path.removeprefix(self.base) if call.path.startswith(f"{self.base}/") else f"!{call.path}"

    def _is_listed(self, call: Call) -> bool:
        path = call.path.removeprefix(self.base)
        for one in self.undocumented:
            pattern = re.escape(one.path).replace(r"\{\}", "[^/]+")
            if one.method == call.method and re.fullmatch(pattern, path):
                self.needed.add(one)
                return True
        return False

    def _request(self, operation: Operation, call: Call) -> list[str]:
        """Refused requests may be wrong: a test may have meant to send them."""
        if call.by == "test" and call.status >= 400:
            return []
        found = [("query", one) for one in operation.check_query(call.query)]
        found += [("header", one) for one in operation.check_headers(call.headers)]
        found += [("request", one) for one in operation.check_request(call.request)]
        return [told for on, one in found if (told := self._told(operation, on, one))]

    def _answer(self, operation: Operation, call: Call) -> list[str]:
        if call.status not in operation.answers and (schema := self.errors(call)) is not None:
            found = findings(schema, call.answer)
        else:
            found = operation.check_answer(call.status, call.answer)
        return [told for one in found if (told := self._told(operation, f"answer {call.status}", one))]

    def _told(self, operation: Operation, on: str, finding: Finding) -> str:
        for one in self.relaxations:
            if one.covers(on.partition(" ")[0], operation.name, finding):
                self.needed.add(one)
                return ""
        return f"{operation.name}: {on}: {finding}"

    def idle(self) -> list[str]:
        """Relaxations that no call needed."""
        listed = [*self.relaxations, *self.undocumented]
        return [str(one) for one in listed if one not in self.needed]
