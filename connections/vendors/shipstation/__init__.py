"""ShipStation: the warehouse's shipping desk. V1 moves orders and parcels, V2 adds stock and signed notifications."""

from __future__ import annotations

from connections.vendor import Field, Guide, Rate, Vendor
from connections.vendors.shipstation.client import JWKS_URL, V1_URL, V2_URL, open_client
from connections.vendors.shipstation.probe import probe
from connections.vendors.shipstation.resources import RESOURCES
from connections.vendors.shipstation.webhooks import ShipStationWebhooks

SETTINGS = (
    Field(
        "base_url",
        "V1 address",
        help="Leave as it is unless ShipStation told you another one.",
        kind="url",
        default=V1_URL,
    ),
    Field(
        "v2_base_url",
        "V2 address",
        help="Leave as it is unless ShipStation told you another one.",
        kind="url",
        default=V2_URL,
    ),
    Field(
        "store_id",
        "Store for new orders",
        help="The number of the ShipStation store that new orders are put in. Empty: the first manual store.",
        kind="number",
        required=False,
        pattern=r"\d+",
        example="179188",
    ),
    Field(
        "v1_calls_per_minute",
        "V1 calls a minute",
        help="ShipStation allows 40 unless its support raised it. All apps that use the same key share them.",
        kind="number",
        default=40,
    ),
    Field(
        "v2_calls_per_minute",
        "V2 calls a minute",
        help="ShipStation allows 200 unless its support raised it.",
        kind="number",
        default=200,
    ),
    Field(
        "jwks_url",
        "Address of the signing keys",
        help="Where ShipStation publishes the keys that its V2 notifications are signed with.",
        kind="url",
        default=JWKS_URL,
    ),
)
SECRETS = (
    Field(
        "api_key",
        "API Key (V1)",
        help="From API Settings, version V1. Orders, shipments, products and customers need it.",
        secret=True,
        required=False,
    ),
    Field(
        "api_secret",
        "API Secret (V1)",
        help="Shown beside the V1 API Key when it is made.",
        secret=True,
        required=False,
    ),
    Field(
        "v2_api_key",
        "API Key (V2)",
        help="From API Settings, version V2. Stock and labels need it. One of V1 or V2 must be complete.",
        secret=True,
        required=False,
    ),
)
GUIDE = Guide(
    steps=(
        "Sign in to ShipStation as an administrator and open Settings (the gear, or the wrench).",
        "Open Account, then API Settings.",
        "Choose V1 API and press Generate API Keys; if keys exist already, use them: new ones end the old ones.",
        "Copy API Key and API Secret into this form. The secret is not shown again.",
        "For stock and labels choose V2 API on the same screen, generate a key and copy it too.",
    ),
    minutes=5,
    lifetime="The keys stay valid until somebody generates new ones in ShipStation.",
    screen="https://ship.shipstation.com/settings/api",
)
VENDOR = Vendor(
    slug="shipstation",
    label="ShipStation",
    settings=SETTINGS,
    secrets=SECRETS,
    guide=GUIDE,
    open=open_client,
    probe=probe,
    resources=RESOURCES,
    rates={
        "v1": Rate(40, 60, 1, setting="v1_calls_per_minute", per=("base_url", "api_key")),
        "v2": Rate(200, 60, 1, setting="v2_calls_per_minute", per=("v2_base_url", "v2_api_key")),
    },
    webhooks=ShipStationWebhooks(),
)
