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
class Validator:
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

    def fresh(self) -> Validator:
        """The same contract and relaxations, nothing remembered."""
        return replace(self, needed=set(), asked=set(), answered=set())

    def validate(self, calls: Iterable[Call]) -> list[str]:
        """What violates the contract, each sentence once."""
        return sorted({sentence for call in calls for sentence in self._validate(call)})

    def _validate(self, call: Call) -> list[str]:
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
        for undocumented in self.undocumented:
            pattern = re.escape(undocumented.path).replace(r"\{\}", "[^/]+")
            if undocumented.method == call.method and re.fullmatch(pattern, path):
                self.needed.add(undocumented)
                return True
        return False

    def _request(self, operation: Operation, call: Call) -> list[str]:
        """Refused requests may be wrong: a test may have meant to send them."""
        if call.by == "test" and call.status >= 400:
            return []
        violations = [("query", finding) for finding in operation.check_query(call.query)]
        violations += [("header", finding) for finding in operation.check_headers(call.headers)]
        violations += [("request", finding) for finding in operation.check_request(call.request)]
        return self._sentences(operation, violations)

    def _answer(self, operation: Operation, call: Call) -> list[str]:
        if call.status not in operation.answers and (schema := self.errors(call)) is not None:
            violations = findings(schema, call.answer)
        else:
            violations = operation.check_answer(call.status, call.answer)
        return self._sentences(operation, [(f"answer {call.status}", finding) for finding in violations])

    def _sentences(self, operation: Operation, violations: Iterable[tuple[str, Finding]]) -> list[str]:
        """One for each violation that no relaxation covers."""
        return [
            f"{operation.name}: {part}: {finding}"
            for part, finding in violations
            if not self._is_covered(operation, part, finding)
        ]

    def _is_covered(self, operation: Operation, part: str, finding: Finding) -> bool:
        for relaxation in self.relaxations:
            if relaxation.covers(part.partition(" ")[0], operation.name, finding):
                self.needed.add(relaxation)
                return True
        return False

    def unused(self) -> list[str]:
        """Relaxations that no call needed."""
        listed = [*self.relaxations, *self.undocumented]
        return [str(relaxation) for relaxation in listed if relaxation not in self.needed]
