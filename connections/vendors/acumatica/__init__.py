"""Acumatica ERP, through its contract-based REST API (endpoints Default/20.200.001 to 25.200.001; 26.200.001 for reading)."""

from __future__ import annotations

from connections.vendor import Field, Guide, Rate, Vendor
from connections.vendors.acumatica.browser_sign_in import AcumaticaBrowserSignIn
from connections.vendors.acumatica.client import AcumaticaClient
from connections.vendors.acumatica.probe import probe
from connections.vendors.acumatica.resources import RESOURCES

SETTINGS = (
    Field(
        "base_url",
        "Address of the site",
        "Copy it from the browser up to, and without, /Main. A site may stand in a directory.",
        kind="url",
        pattern=r"https?://[^\s?#]+",
        example="https://erp.example.com/MyInstance",
    ),
    Field(
        "tenant",
        "Tenant",
        "The tenant's login name as the sign-in page lists it. Left empty, Acumatica would silently take its default tenant.",
        example="MyStore",
    ),
    Field("branch", "Branch", "The ID of the branch to sign in to.", required=False, example="MYSTORE"),
    Field("endpoint_name", "Endpoint", "The name on form Web Service Endpoints (SM207060).", default="Default"),
    Field(
        "endpoint_version",
        "Endpoint version",
        "The version beside the name; the test says which ones the site offers.",
        default="25.200.001",
    ),
    Field(
        "auth_mode",
        "Way of signing in",
        "OAuth needs a connected application (SM303010).",
        kind="choice",
        choices=(
            ("cookie", "User name and password"),
            ("oauth_password", "OAuth with user name and password"),
            ("oauth_code", "OAuth with a sign-in by browser"),
        ),
        default="cookie",
    ),
    Field("order_types", "Order types", "One on each line; only these are read.", kind="lines", default="SO"),
    Field(
        "default_box",
        "Default box",
        "The ID of a box from form Boxes (CS207600), for parcels whose box is not mapped.",
        required=False,
        example="SMALL",
    ),
    Field("weight_unit", "Unit of parcel weights", default="LB"),
    Field("page_size", "Records in a page", kind="number", default=100),
    Field(
        "calls_per_minute",
        "Calls in a minute",
        "The share of the licence's limit (SM604000) that this connection may use; 0 sets none.",
        kind="number",
        default=0,
    ),
    Field("poll_seconds", "Seconds between two looks at a running operation", kind="number", default=1),
)

SECRETS = (
    Field("username", "User name", "Of the API user, without the tenant.", secret=True, required=False),
    Field("password", "Password", secret=True, required=False),
    Field(
        "client_id",
        "Client ID",
        "From form Connected Applications (SM303010), with @ and the tenant.",
        secret=True,
        required=False,
        example="8E0761D9-F4EC-2D4B-A60F-BCE2708C6FDD@MyStore",
    ),
    Field("client_secret", "Client secret", "From the same form.", secret=True, required=False),
    Field("refresh_token", "Refresh token", "Filled by the sign-in by browser.", secret=True, required=False),
)

GUIDE = Guide(
    steps=(
        "On form Users (SM201010), make a user of its own for this connection, and give it a role that may see and edit "
        "sales orders, shipments, customers and stock items, and see ship-via codes and boxes, in the branches concerned. "
        "Forbid that its password expires.",
        "On form Web Service Endpoints (SM207060), note the name and the newest version of the endpoint Default, or of your own.",
        "For OAuth only: on form Connected Applications (SM303010), add an application with the flow you chose, a shared "
        "secret, and the scopes api and offline_access. Copy its client ID and the secret at once: it is shown only then. "
        "For a sign-in by browser, add the redirect address that this console shows beside the credentials, exactly as it "
        "stands there; then enter both, and press Sign in by browser on the connection's page.",
        "On form License Monitoring Console (SM604000), see that one seat for web services API users is free: this "
        "connection holds one as long as it works.",
        "On form Boxes (CS207600), choose the box that parcels get by default.",
        "Enter all of it here and test the connection; each line that fails says what to change and on which form.",
    ),
    minutes=20,
    lifetime="A user name and password work until the password changes. An OAuth grant ends after 30 days unless "
    "sliding expiration is on (SM303010).",
    screen="SM201010",
)

VENDOR = Vendor(
    slug="acumatica",
    label="Acumatica",
    settings=SETTINGS,
    secrets=SECRETS,
    guide=GUIDE,
    open=AcumaticaClient,
    probe=probe,
    resources=RESOURCES,
    rates={"api": Rate(0, 60, 0, setting="calls_per_minute", per=("base_url", "tenant"))},
    # One shared session: what asks a form while an operation runs on it in the same session is refused.
    slots={"read": 1, "write": 1},
    sign_in=AcumaticaBrowserSignIn(),
)
