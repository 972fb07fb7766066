"""The scenarios: one folder for each recipe that can be shown, drilled and measured between simulated systems."""

from __future__ import annotations

from sandbox.scenarios.acumatica_shipstation import AcumaticaShipStation
from sandbox.scenarios.scenario import Scenario
from sandbox.scenarios.visma_net_shipstation import VismaNetShipStation

SCENARIOS: tuple[type[Scenario], ...] = (AcumaticaShipStation, VismaNetShipStation)
