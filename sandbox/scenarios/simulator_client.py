"""A simulator in another process, worked with over its control API only (`sandbox.kit.simulator`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from connections import exact_json, vendors
from sandbox import systems
from sandbox.kit.simulator import Simulator

TIMEOUT = 60.0
"""Seconds; seeding thousands of orders takes a while."""


@dataclass(frozen=True)
class SimulatorClient:
    slug: str
    root_url: str

    @property
    def simulator(self) -> type[Simulator]:
        return systems.get(self.slug)

    @property
    def label(self) -> str:
        return vendors.get(self.slug).label

    @property
    def base_url(self) -> str:
        return self.root_url + self.simulator.base_path

    @property
    def addresses(self) -> dict[str, str]:
        """Each address that the vendor asks for, led to the simulator; by setting."""
        others = {name: self.root_url + path for name, path in self.simulator.addresses.items()}
        return {"base_url": self.base_url, **others}

    @property
    def control_url(self) -> str:
        return f"{self.root_url}/_control"

    @property
    def operator_url(self) -> str:
        """Where a person works with it in the browser; empty if it has no such page."""
        return self.root_url + self.simulator.operator_path if self.simulator.operator_path else ""

    def do(self, name: str, **arguments: Any) -> Any:
        """What a person would click there. Raises `requests.HTTPError`, with its message, if it is refused."""
        return self._call("POST", f"do/{name}", arguments)

    def state(self) -> dict[str, Any]:
        """Everything it holds."""
        state: dict[str, Any] = self._call("GET", "state")
        return state

    def calls(self) -> dict[str, int]:
        """Calls of its API since the start, by method and path, and their `total`."""
        calls: dict[str, int] = self._call("GET", "calls")
        return calls

    def switch(self, **settings: Any) -> None:
        self._call("POST", "settings", settings)

    def fault(self, kind: str, **arguments: Any) -> None:
        """Arm a fault; the arguments are those of `sandbox.kit.simulator.Fault`."""
        self._call("POST", "faults", {"kind": kind, **arguments})

    def armed(self) -> list[dict[str, Any]]:
        """The faults that are still to happen."""
        return [fault for fault in self._call("GET", "faults")["armed"] if fault["times"] > 0]

    def clear_faults(self) -> dict[str, int]:
        """Disarm all; returns how many of each kind were injected since the start."""
        injected: dict[str, int] = self._call("DELETE", "faults")["injected"]
        return injected

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        data = exact_json.dumps(body).encode() if body is not None else None
        response = requests.request(method, f"{self.control_url}/{path}", data=data, timeout=TIMEOUT)
        if response.status_code >= 400:
            raise requests.HTTPError(f"{self.slug} refused {path}: {response.text[:300]}", response=response)
        return exact_json.loads(response.content)
