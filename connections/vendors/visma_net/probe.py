"""What a Visma.net connection can do: one line per right and endpoint, and for each that is missing, where to grant it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from email.utils import parsedate_to_datetime

from connections.errors import ConnectionBroken, Rejected
from connections.probes import Check, run
from connections.vendor import ProbeLine
from connections.vendors.visma_net import codec
from connections.vendors.visma_net.client import VismaClient
from connections.vendors.visma_net.receipts.of_order import RECEIPTS as RECEIPTS_PATH
from connections.vendors.visma_net.session import SALES_ORDERS, scopes

ORDERS, RECEIPTS, NOTES, INVOICES = "purchase_orders", "purchase_receipts", "purchase_order_notes", "customer_invoices"
ALL = (ORDERS, RECEIPTS, NOTES, INVOICES)
PORTAL, STORE = "Visma Developer Portal (oauth.developers.visma.com)", "Visma App Store"
READS = (
    ("/v1/purchaseorder", "Read purchase orders", (ORDERS, RECEIPTS, NOTES)),
    (RECEIPTS_PATH, "Read purchase receipts", (ORDERS, RECEIPTS)),
    ("/v1/customerinvoice", "Read customer invoices", (INVOICES,)),
)
SUBSCRIBE = (
    "In the Visma Developer Portal, open the application, Webhooks, and subscribe to the publisher Visma Net Financial, "
    "entity Purchase Order (Changed, Status Changed), with this console's address, leaving the tenant empty. Enter the "
    "subscription's key here, and have the company approve the webhook scopes in Visma App Store. Without it, orders "
    "come by the schedule alone."
)


def probe(client: VismaClient) -> Sequence[ProbeLine]:
    """A line for each right and endpoint; where the sign-in or the company is wrong, that one line ends the list."""
    sales_orders = client.settings.get("read_sales_orders")
    return run(client, [check for check in CHECKS if sales_orders or check is not SALES_ORDER_CHECK])


def _sign_in(client: VismaClient) -> str:
    """A token in the store may be that of earlier credentials, so a new one is asked for."""
    client.session.renew(client.session.store.current())
    return "Visma Connect gives us a token."


def _company(client: VismaClient) -> str:
    """A wrong company answers with normal, empty lists: every company has a branch, so an empty list tells."""
    try:
        rows = client.rows("/v1/branch", "number")
        names = [str(row.get("name") or row.get("number") or "") for row in rows]
    except ConnectionBroken as error:
        if error.status != 403:
            raise
        rows = client.rows("/v1/organization", "organizationId")
        names = [str(row.get("name") or row.get("organizationName") or "") for row in rows]
    if not rows:
        raise Rejected(
            "Visma.net answers, but as if for a company without a single branch.",
            next_step="The tenant ID, or the company ID of the older sign-in, is most likely that of another company: "
            "compare both with Visma App Store.",
        )
    return f"Branches: {', '.join(name for name in names[:5] if name)}. See that this is the right company."


def _reader(path: str) -> Callable[[VismaClient], str]:
    def check(client: VismaClient) -> str:
        client.page(path, 1, 1, {})
        return ""

    return check


def _writes(client: VismaClient) -> str:
    """Nothing is written for a test: Visma Connect refuses a token whose scopes were not all granted."""
    session = client.session.current()
    granted = session.get("scope", "").split()
    missing = [
        scope for scope in scopes(client.settings).split() if granted and "_api:" in scope and scope not in granted
    ]
    if missing:
        raise Rejected(
            f"The token lacks {', '.join(missing)}.",
            next_step="Add the scope to the application in the Visma Developer Portal and approve it again in Visma App Store.",
        )
    return "Granted by Visma Connect. Nothing was written for this test."


def _warehouses(client: VismaClient) -> str:
    rows = client.rows("/v1/warehouse", "warehouseID")
    named = [
        f"{row.get('warehouseID')} {row.get('description') or ''}".strip() for row in rows if row.get("active", True)
    ]
    if not named:
        raise Rejected(
            "There is no active warehouse, so nothing can be received.",
            next_step="Activate one on screen Warehouses (IN204000).",
        )
    return f"Active: {', '.join(named[:20])}."


def _sales_orders(client: VismaClient) -> str:
    client.check_sales_orders()
    return f"Scope {SALES_ORDERS} is granted."


def _time_zone(client: VismaClient) -> str:
    """Visma.net's times carry no zone. One that lies in the future shows that the setting is wrong."""
    zone = client.zone
    listed = client.page("/v1/purchaseorder", 1, 1, {})
    if not listed.date:
        return f"{zone.key}; it could not be measured."
    now = parsedate_to_datetime(listed.date)
    floor = codec.stamp(codec.to_local(now, zone) - timedelta(hours=1))
    pair = {"lastModifiedDateTime": floor, "lastModifiedDateTimeCondition": ">="}
    rows = client.page("/v1/purchaseorder", 1, client.page_size, pair).records
    stamps = [codec.local(str(row["lastModifiedDateTime"])) for row in rows if row.get("lastModifiedDateTime")]
    ahead = max(stamps, default=None)
    clock = now.astimezone(zone).replace(tzinfo=None)
    if ahead is not None and ahead > clock + timedelta(minutes=10):
        raise Rejected(
            f"An order was changed at {ahead:%H:%M}, which in the zone {zone.key} is still to come ({clock:%H:%M} now).",
            next_step="Correct the setting Time zone: nothing is lost by it, but times on screen are wrong.",
        )
    return f"{zone.key}; nothing that was changed lately speaks against it."


def _webhooks(client: VismaClient) -> str:
    if not client.secrets.get("webhook_key"):
        raise Rejected("No key of a webhook subscription is entered.", next_step=SUBSCRIBE)
    return f"Signatures are read from the header {client.settings.get('webhook_header')}."


SALES_ORDER_CHECK = Check("Read sales orders (API v3)", _sales_orders, (INVOICES,), PORTAL)
CHECKS = (
    Check("Sign-in at Visma Connect", _sign_in, ALL, PORTAL, ends=True),
    Check("Company", _company, ALL, STORE, ends=True),
    *(Check(what, _reader(path), resources, PORTAL) for path, what, resources in READS),
    Check("Write purchase receipts and notes", _writes, (RECEIPTS, NOTES), PORTAL),
    Check("Warehouses", _warehouses, (RECEIPTS,), PORTAL),
    SALES_ORDER_CHECK,
    Check("Time zone", _time_zone, ALL, "Settings of this connection", advice=True),
    Check("Notifications", _webhooks, (ORDERS,), PORTAL, advice=True),
)
