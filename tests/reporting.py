"""A report for tests: invoices beside the parcels of their orders, in a recipe that has no report of its own."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from syncjobs import recipes
from syncjobs.models import Integration, SyncRecord
from syncjobs.recipe import AMOUNT, DATE, STATE, Column, Join, Recipe, Report
from tests import factories as make

REPORT = Report(
    slug="invoiced",
    label="Invoiced, shipped, tracking",
    help="What was billed, beside what left the warehouse.",
    flow="orders",
    dated="documentDate",
    columns=(
        Column("Customer", "customer.name"),
        Column("Amount", "amount", AMOUNT),
        Column("Link", kind=STATE),
    ),
    joined=Join(
        flow="shipments",
        ours="[orderNumber, reference]",
        theirs="!isReturnLabel && orderNumber",
        columns=(
            Column("Shipped on", "shipDate", DATE),
            Column("Carrier", "join(':', [carrierCode || '', serviceCode || ''])"),
            Column("Tracking", "trackingNumber"),
            Column("Voided", "voided"),
        ),
    ),
)


def with_reports(*reports: Report, **fields: Any) -> Recipe:
    return replace(recipes.get("acumatica_shipstation"), reports=reports, **fields)


def declare(monkeypatch: pytest.MonkeyPatch, *reports: Report) -> Integration:
    """An integration whose recipe has these reports."""
    monkeypatch.setitem(recipes.RECIPES, "acumatica_shipstation", with_reports(*reports))
    return make.integration(customer=make.customer(name="Fjord Outdoor"))


def invoice(of: Integration, number: str, **fields: Any) -> SyncRecord:
    body = {
        "documentDate": "2026-10-05",
        "customer": {"name": "Kari Nordmann"},
        "amount": Decimal("3183.750"),
        "orderNumber": f"ORDER-{number}",
    } | fields.pop("body", {})
    stored = {"source_body": body, "source_key": number} | fields
    return make.record(flow=of.flows.get(slug="orders"), **stored)


def parcel(of: Integration, tracking: str, order: str, **fields: Any) -> SyncRecord:
    body = {
        "shipDate": "2026-10-04",
        "carrierCode": "ups",
        "serviceCode": "ups_ground",
        "trackingNumber": tracking,
        "voided": False,
        "orderNumber": order,
    } | fields.pop("body", {})
    stored = {"source_body": body, "source_key": f"shipment-{tracking}", "source_label": tracking} | fields
    return make.record(flow=of.flows.get(slug="shipments"), **stored)
