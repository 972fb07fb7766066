"""What an Acumatica connection can do: one line per right, and for each that is missing, where to grant it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html.parser import HTMLParser

from connections.errors import ConnectionBroken, NotReady, Rejected, Surprise, TryLater, VendorError
from connections.probes import Check, run
from connections.vendor import ProbeLine
from connections.vendors.acumatica.client import KEYS, AcumaticaClient
from connections.vendors.acumatica.errors import (
    ENDPOINTS_FORM,
    FORMS,
    SEATS_FORM,
    SEATS_WORDS,
    offered,
    wrong_address,
)
from connections.vendors.acumatica.session import headers

USERS_FORM = "Users (SM201010)"
ROLES_FORM = "Access Rights by Role (SM201025)"
ALL = ("orders", "customers", "items", "shipments")
READS = (
    ("SalesOrder", "Read sales orders", ("orders", "shipments")),
    ("Customer", "Read customers", ("customers",)),
    ("StockItem", "Read stock items", ("items",)),
    ("Shipment", "Read shipments", ("shipments",)),
)


def probe(client: AcumaticaClient) -> Sequence[ProbeLine]:
    """A line for each right and endpoint; where the site or the sign-in fails, that one line ends the list."""
    return run(client, CHECKS)


def _screen(screen: str) -> Callable[[VendorError], str]:
    """Where to grant it, unless it failed for want of a seat."""

    def of(error: VendorError) -> str:
        seats = isinstance(error, TryLater) and error.words == SEATS_WORDS
        return SEATS_FORM if seats else screen

    return of


def _endpoint(client: AcumaticaClient) -> str:
    """Costs no sign-in. A customer's own endpoint is listed only with one, so then the sign-in comes first."""
    name, version = client.endpoint_name, client.endpoint_version
    own = name.lower() != "default"
    sites = offered(client.auth_http, headers(client.session.current()) if own else {})
    if sites is None or (name.lower(), version.lower()) not in {(one.lower(), two.lower()) for one, two in sites}:
        raise wrong_address(sites, name, version, "", Surprise("not offered"))
    if client.contract == 5:
        return f"{name}/{version}: for shipments, use the endpoint version 25.200.001 of the same site."
    return f"{name}/{version}"


def _sign_in(client: AcumaticaClient) -> str:
    """A session in the store may be long over, and an OAuth seat is counted at the first call: so one is made."""
    try:
        client.records("SalesOrder", top=1, select=KEYS["SalesOrder"])
    except ConnectionBroken as error:
        if error.status not in {403, 404}:  # those are about the record, and have their own line
            raise
    return "The API user can sign in; it holds one API seat from now on."


def _tenant(client: AcumaticaClient) -> str:
    """Which tenant answers, asked of the sign-in page: nothing in the contract API names it."""
    expected = str(client.settings.get("tenant") or "")
    try:
        page = client.call("GET", "/Frames/Login.aspx").text
    except VendorError:
        page = ""
    tenant = _SingleCompany.read(page)
    if not tenant:
        return f"Acumatica did not say which tenant answers; see that the orders read are those of {expected}."
    if tenant.casefold() != expected.casefold():
        raise ConnectionBroken(
            f"The tenant {tenant} answers instead of {expected}.",
            next_step="Enter the tenant's login name in the connection's settings; if it is right there, "
            "restart the Acumatica site: after a tenant was added, it may sign users in to the default one.",
        )
    return tenant


def _reader(entity: str) -> Callable[[AcumaticaClient], str]:
    def read(client: AcumaticaClient) -> str:
        rows, _ = client.records(entity, top=1, select=KEYS[entity])
        return "" if rows else "Allowed, but none is to be seen: check the branches of the API user's role."

    return read


def _ship_vias(client: AcumaticaClient) -> str:
    codes = client.lookup("ShipVia")
    if not codes:
        raise NotReady(
            "There is no ship-via code.",
            waits_for="a ship-via code",
            next_step=f"Add the carriers in use on form {FORMS['ShipVia']}.",
        )
    return f"{len(codes)} codes"


def _box(client: AcumaticaClient) -> str:
    box = str(client.settings.get("default_box") or "").strip()
    boxes = client.lookup("ShippingBox")
    if not box:
        raise Rejected(
            "No default box is set.", next_step=f"Choose one of {_some(boxes)} in the connection's settings."
        )
    if box.casefold() not in {each.casefold() for each in boxes}:
        raise Rejected(
            f"There is no box {box}.",
            next_step=f"Choose one of {_some(boxes)}, or add it on form {FORMS['ShippingBox']}.",
        )
    return box


def _some(names: Sequence[str] | dict[str, str]) -> str:
    listed = sorted(names)
    return ", ".join(listed[:10]) + (", …" if len(listed) > 10 else "") or "the boxes (there is none yet)"


class _SingleCompany(HTMLParser):
    """Finds the hidden input `txtSingleCompany`, which holds the login name of the tenant."""

    value = ""

    @classmethod
    def read(cls, page: str) -> str:
        parser = cls()
        parser.feed(page)
        return parser.value.strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        names = (attributes.get("name") or "", attributes.get("id") or "")
        if tag == "input" and any("txtSingleCompany" in name for name in names):
            self.value = attributes.get("value") or ""


CHECKS = (
    Check("Address of the site and endpoint version", _endpoint, ALL, _screen(ENDPOINTS_FORM), ends=True),
    Check("Sign-in and a free API seat", _sign_in, ALL, _screen(USERS_FORM), ends=True),
    Check("Tenant", _tenant, ALL, _screen(USERS_FORM)),
    *(
        Check(what, _reader(entity), resources, _screen(f"{ROLES_FORM}, form {FORMS[entity]}"))
        for entity, what, resources in READS
    ),
    Check("Ship-via codes", _ship_vias, ("shipments",), _screen(FORMS["ShipVia"])),
    Check("Default box", _box, ("shipments",), _screen(FORMS["ShippingBox"]), advice=True),
)
