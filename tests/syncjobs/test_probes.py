from __future__ import annotations

import pytest

from syncjobs.models import Flow
from syncjobs.probes import broken_flows, needing
from syncjobs.recipe import FlowSpec
from tests import factories as make

SPECS = [
    FlowSpec("a", "A", "", "erp.orders", "shop.orders", "", ()),
    FlowSpec("b", "B", "", "erp.items", "shop.items", "", ()),
    FlowSpec("c", "C", "", "shop.shipments", "erp.orders", "", ()),
]


@pytest.mark.parametrize(
    ("vendor", "resources", "slugs"),
    [("erp", ["orders"], "ac"), ("shop", ["orders", "items"], "ab"), ("erp", ["shipments"], ""), ("erp", [], "")],
)
def test_a_flow_needs_what_it_reads_and_what_it_writes(vendor: str, resources: list[str], slugs: str) -> None:
    assert "".join(spec.slug for spec in needing(SPECS, vendor, resources)) == slugs


@pytest.mark.django_db
def test_the_enabled_flows_over_a_connection_are_named() -> None:
    integration = make.integration()
    unused = make.connection(customer=integration.customer, vendor="shipstation")
    assert {flow.slug for flow in broken_flows(integration.left, ["orders"])} == {"orders", "cancellations"}
    Flow.objects.filter(slug="cancellations").update(enabled=False)
    assert [flow.slug for flow in broken_flows(integration.left, ["orders"])] == ["orders"]
    assert "shipments" in {flow.slug for flow in broken_flows(integration.right, ["shipments"])}
    assert broken_flows(unused, ["orders"]) == []
