"""Example: a small order desk. Orders are read, shipments are written, and an API key is all it asks for."""

from __future__ import annotations

from connections.vendor import Field, Guide, Rate, Vendor
from connections.vendors.example.client import open_client
from connections.vendors.example.probe import probe
from connections.vendors.example.resources import RESOURCES

VENDOR = Vendor(
    slug="example",
    label="Example",
    settings=(
        Field(
            "base_url",
            "Address",
            help="Where the order desk answers.",
            kind="url",
            example="https://desk.example.com/api",
        ),
        Field(
            "calls_per_minute", "Calls a minute", help="As in the contract with Example.", kind="number", default=120
        ),
    ),
    secrets=(Field("api_key", "API key", help="From Settings, API. It is shown once.", secret=True),),
    guide=Guide(
        steps=(
            "Sign in to the order desk as its owner, and open Settings, API.",
            "Press New key, tick “Read orders” and “Write shipments”, and copy the key into this form.",
        ),
        minutes=2,
        lifetime="The key stays valid until somebody deletes it.",
    ),
    open=open_client,
    probe=probe,
    resources=RESOURCES,
    rates={"api": Rate(120, 60, setting="calls_per_minute", per=("base_url", "api_key"))},
)
