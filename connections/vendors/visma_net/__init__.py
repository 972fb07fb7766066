"""Visma.net ERP, through its service API (`/v1`, `/v2`) and, for customers' order numbers, sales orders v3."""

from __future__ import annotations

from connections.vendor import Field, Guide, Rate, Vendor
from connections.vendors.visma_net.browser_sign_in import VismaBrowserSignIn
from connections.vendors.visma_net.client import ERP, SALES_ORDERS, VismaClient
from connections.vendors.visma_net.probe import probe
from connections.vendors.visma_net.resources import RESOURCES
from connections.vendors.visma_net.session import CODE, CONNECT, CREDENTIALS
from connections.vendors.visma_net.webhooks import HEADERS, VismaWebhooks

SETTINGS = (
    Field(
        "auth_mode",
        "Way of signing in",
        "As the application is registered in the Visma Developer Portal: a service signs in by itself; for a web "
        "application a person signs in once by browser.",
        kind="choice",
        choices=((CREDENTIALS, "Service (client ID and secret)"), (CODE, "Sign-in by browser")),
        default=CREDENTIALS,
    ),
    Field(
        "tenant_id",
        "Tenant ID of the company",
        "Needed for a service. It is the ID of the company, not that of the customer (the contract): with the wrong one, "
        "the sign-in works and everything after it is refused.",
        required=False,
        pattern=r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        example="af1140c1-52e0-46c7-b684-df894d4b8a5a",
    ),
    Field(
        "branch",
        "Branch",
        "The number of the branch that new documents belong to; empty for the user's own.",
        required=False,
        example="1",
    ),
    Field(
        "time_zone",
        "Time zone",
        "The zone of Visma.net's clock, whose times carry none.",
        default="Europe/Oslo",
        example="Europe/Stockholm",
    ),
    Field(
        "read_sales_orders",
        "Read sales orders",
        "Adds the customer's order number and reference to invoices. The application needs the scope "
        "visma.net.erp.salesorder:read.",
        kind="switch",
        required=False,
        default=False,
    ),
    Field(
        "calls_per_hour",
        "Calls in an hour",
        "Visma.net tells its limit with every answer; of that, this connection uses no more than this.",
        kind="number",
        default=500,
    ),
    Field("page_size", "Records in a page", kind="number", default=500),
    Field("poll_seconds", "Seconds between two looks at a running operation", kind="number", default=2),
    Field(
        "release_seconds",
        "Seconds to wait for a release",
        "What takes longer is looked at again later.",
        kind="number",
        default=60,
    ),
    Field(
        "webhook_header",
        "Header of the signature",
        "The header in which notifications carry their signature; only with a webhook key.",
        kind="choice",
        choices=tuple((name, name) for name in HEADERS),
        default=HEADERS[0],
    ),
    Field(
        "company_id",
        "Company ID of the older sign-in",
        "Leave empty unless Visma asks for it.",
        required=False,
        pattern=r"\d+",
        example="1234567",
    ),
    Field("base_url", "Address of the ERP API", kind="url", pattern=r"https?://[^\s?#]+", default=ERP),
    Field(
        "salesorder_url",
        "Address of the sales order API",
        kind="url",
        pattern=r"https?://[^\s?#]+",
        default=SALES_ORDERS,
    ),
    Field("connect_url", "Address of Visma Connect", kind="url", pattern=r"https?://[^\s?#]+", default=CONNECT),
)

SECRETS = (
    Field(
        "client_id",
        "Client ID",
        "Of the application in the Visma Developer Portal.",
        secret=True,
        example="isv_yourapp",
    ),
    Field("client_secret", "Client secret", "Shown only once there; note when it ends.", secret=True),
    Field("refresh_token", "Refresh token", "Filled by the sign-in by browser.", secret=True, required=False),
    Field(
        "webhook_key",
        "Webhook key",
        "Of the webhook subscription in the Visma Developer Portal. Without it notifications are taken as hints, unproved.",
        secret=True,
        required=False,
    ),
)

GUIDE = Guide(
    steps=(
        "In the Visma Developer Portal (oauth.developers.visma.com), register an application of the type Service and "
        "add the integration with the Visma.net ERP API: the scopes vismanet_erp_service_api:read, :create and :update. "
        "To show customers' order numbers on invoices, add visma.net.erp.salesorder:read.",
        "There, under Credentials, make a secret. Copy it at once with the client ID: it is shown only then.",
        "Send an invitation code to the company. Its administrator opens Visma App Store (Visma Admin, Integrations), "
        "enters the code and approves all scopes for the company.",
        "Copy the tenant ID of the company from the same place. It is not the ID of the customer or the contract.",
        "For a sign-in by browser instead: register a Web application with a refresh token (offline access) and the "
        "redirect address that stands beside the credentials, and give the person who signs in the role API User on the company.",
        "Enter all of it here and test the connection; each line that fails says what to change and where. See that the "
        "branches it names are yours.",
        "If orders should come at once and not by the schedule, subscribe to the webhook Purchase Order in the "
        "Developer Portal and enter its key here.",
    ),
    minutes=30,
    lifetime="A client secret works until the day that was chosen when it was made. A sign-in by browser lasts as long as "
    "the refresh token: up to a year, if the application re-uses it and it is used.",
    screen="Visma App Store",
)

VENDOR = Vendor(
    slug="visma_net",
    label="Visma.net ERP",
    settings=SETTINGS,
    secrets=SECRETS,
    guide=GUIDE,
    open=VismaClient,
    probe=probe,
    resources=RESOURCES,
    # Sales orders v3 publishes no limit; what its headers and refusals say is its own account.
    rates={
        "api": Rate(500, 3600, 25, setting="calls_per_hour", per=("base_url", "tenant_id", "client_id")),
        "salesorder": Rate(0, 3600, 0, per=("salesorder_url", "tenant_id", "client_id")),
    },
    # One writer: receipts of one order are made one after the other, and "create from order" leaves unmarked drafts.
    slots={"read": 2, "write": 1},
    webhooks=VismaWebhooks(),
    sign_in=VismaBrowserSignIn(),
)
