"""The plays: one folder for each recipe that can be shown, drilled and measured between simulated systems."""

from __future__ import annotations

from integrator.plays.acumatica_shipstation import AcumaticaShipStation
from integrator.plays.play import Play
from integrator.plays.visma_net_shipstation import VismaNetShipStation

PLAYS: tuple[type[Play], ...] = (AcumaticaShipStation, VismaNetShipStation)
