"""The systems we speak to, one folder each. A new one is a new line here."""

from __future__ import annotations

from importlib import import_module

from connections.vendor import Resource, Vendor

SLUGS = (
    "acumatica",
    "shipstation",
    "visma_net",
)


def get(slug: str) -> Vendor:
    """A vendor by its slug, loaded when first asked for. Raises `KeyError`."""
    if slug not in SLUGS:
        raise KeyError(f"There is no system {slug!r}; there are {', '.join(SLUGS)}.")
    vendor: Vendor = import_module(f"connections.vendors.{slug}").VENDOR
    return vendor


def resource(name: str) -> type[Resource]:
    """A resource class by its full name, such as `acumatica.orders`. Raises `KeyError`."""
    vendor, _, slug = name.partition(".")
    return get(vendor).resource(slug)


def choices() -> list[tuple[str, str]]:
    """For form fields: a callable, so that a new vendor needs no migration."""
    return [(slug, get(slug).label) for slug in SLUGS]
