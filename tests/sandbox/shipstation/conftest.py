from __future__ import annotations

from tests.connections.vendors.shipstation.conftest import network, shared, simulator

__all__ = ["network", "shared", "simulator"]
