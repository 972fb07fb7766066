"""What a failed line of a probe means for a customer: vendors name resources, flows need them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from connections.models import Connection
from syncjobs.models import Flow
from syncjobs.recipe import FlowSpec


def needing(specs: Iterable[FlowSpec], vendor: str, resources: Collection[str]) -> list[FlowSpec]:
    """Those flows that read or write one of these resources of a vendor."""
    names = {f"{vendor}.{resource}" for resource in resources}
    return [spec for spec in specs if names & {spec.source, spec.target}]


def broken_flows(connection: Connection, resources: Collection[str]) -> list[Flow]:
    """Enabled flows of the integrations over this connection that cannot run without these resources of it."""
    integrations = connection.customer.integrations.all()
    flows = [
        flow
        for integration in integrations
        if connection.pk in {integration.left_id, integration.right_id}
        for flow in integration.flows.all()
        if flow.enabled and flow.declared
    ]
    return [flow for flow in flows if needing([flow.spec], connection.vendor, resources)]
