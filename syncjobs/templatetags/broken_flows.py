"""For the page of a connection: its app knows no flows."""

from __future__ import annotations

from collections.abc import Collection

from django import template

from connections.models import Connection
from syncjobs import probes

register = template.Library()


@register.simple_tag
def broken_flows(connection: Connection, resources: Collection[str]) -> list[str]:
    """Labels of the flows that a failed line of its probe keeps from running."""
    return [flow.spec.label for flow in probes.broken_flows(connection, resources)]
