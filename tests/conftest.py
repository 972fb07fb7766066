"""What all tests share: no network but this machine's, simulators over real HTTP, a customer between them, people."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
from django.test import Client

from sandbox.kit.server import Running

# How long an example takes says more of the machine than of the code.
hypothesis.settings.register_profile("project", deadline=None)
hypothesis.settings.load_profile("project")


@pytest.fixture(autouse=True)
def _only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for another host fails at once."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise OSError(f"tests do not call {address[0]}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def acumatica() -> Iterator[Running]:
    from sandbox.acumatica.app import AcumaticaSimulator

    running = Running(AcumaticaSimulator())
    running.simulator.switches["polls"] = 0
    yield running
    running.stop()


@pytest.fixture
def shipstation() -> Iterator[Running]:
    from sandbox.shipstation.app import ShipStationSimulator

    running = Running(ShipStationSimulator())
    running.simulator.switches.update(v1_limit=0, v2_limit=0, side_effect_delay=0.0)
    yield running
    running.stop()


@pytest.fixture
def visma_net() -> Iterator[Running]:
    from sandbox.visma_net.app import VismaNetSimulator

    running = Running(VismaNetSimulator())
    yield running
    running.stop()


@pytest.fixture
def world(db: None, settings: Any, acumatica: Running, shipstation: Running) -> Any:
    from tests.world import World

    return World(acumatica, shipstation)


def _signed_in(group: str) -> Client:
    """A browser in which a person of this group is signed in to the console."""
    from django.contrib.auth.models import Group, User

    user = User.objects.create_user(group.lower(), password="tests", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def signed_in(db: None) -> Callable[[str], Client]:
    return _signed_in


@pytest.fixture
def support(db: None) -> Client:
    return _signed_in("Support")


@pytest.fixture
def auditor(db: None) -> Client:
    return _signed_in("Auditor")


@pytest.fixture
def administrator(db: None) -> Client:
    return _signed_in("Administrator")
