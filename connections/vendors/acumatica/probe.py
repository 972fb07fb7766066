"""What an Acumatica connection can do: one line per right, and for each that is missing, where to grant it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from html.parser import HTMLParser

from connections.errors import ConnectionBroken, NotReady, Rejected, Surprise, TryLater, VendorError
from connections.vendor import ProbeLine
from connections.vendors.acumatica.client import KEYS, AcumaticaClient
from connections.vendors.acumatica.endpoints import FORM as ENDPOINTS_FORM
from connections.vendors.acumatica.endpoints import offered, wrong_door
from connections.vendors.acumatica.errors import FORMS, SEATS_FORM
from connections.vendors.acumatica.session import headers

ALL = ("orders", "cancellations", "customers", "items", "shipments")
USERS_FORM = "Users (SM201010)"
ROLES_FORM = "Access Rights by Role (SM201025)"
READS = (
    ("SalesOrder", "Read sales orders", ("orders", "cancellations", "shipments")),
    ("Customer", "Read customers", ("customers",)),
    ("StockItem", "Read stock items", ("items",)),
    ("Shipment", "Read shipments", ("shipments",)),
)

Check = Callable[[AcumaticaClient], str]
"""Answers a detail to show; raises the `VendorError` that says what is wrong."""


def probe(client: AcumaticaClient) -> Sequence[ProbeLine]:
    """A line for each right and endpoint; where the site or the sign-in fails, that one line ends the list."""
    lines: list[ProbeLine] = []
    for what, check, screen in (
        ("Address of the site and endpoint version", _endpoint, ENDPOINTS_FORM),
        ("Sign-in and a free API seat", _sign_in, USERS_FORM),
    ):
        lines.append(_line(client, what, check, ALL, screen))
        if not lines[-1].ok:
            return lines
    lines.append(_line(client, "Tenant", _tenant, ALL, USERS_FORM))
    for entity, what, needed_by in READS:
        lines.append(_line(client, what, _reader(entity), needed_by, f"{ROLES_FORM}, form {FORMS[entity]}"))
    lines.append(_line(client, "Ship-via codes", _ship_vias, ("shipments",), FORMS["ShipVia"]))
    box = _line(client, "Default box", _box, ("shipments",), FORMS["ShippingBox"])
    lines.append(replace(box, advice=True))
    return lines


def _line(client: AcumaticaClient, what: str, check: Check, needed_by: tuple[str, ...], screen: str) -> ProbeLine:
    try:
        return ProbeLine(what, True, check(client), needed_by)
    except VendorError as trouble:
        detail = f"{trouble} {trouble.next_step}".strip()
        seats = isinstance(trouble, TryLater) and trouble.words == "API Login Limit"
        return ProbeLine(what, False, detail, needed_by, SEATS_FORM if seats else screen)


def _endpoint(client: AcumaticaClient) -> str:
    """Costs no sign-in. A customer's own endpoint is listed only with one, so then the sign-in comes first."""
    name, version = client.endpoint_name, client.endpoint_version
    own = name.lower() != "default"
    sites = offered(client.auth_http, headers(client.session.current()) if own else {})
    if sites is None or (name.lower(), version.lower()) not in {(one.lower(), two.lower()) for one, two in sites}:
        raise wrong_door(sites, name, version, "", Surprise("not offered"))
    if client.contract == 5:
        return f"{name}/{version}: for shipments, use the endpoint version 25.200.001 of the same site."
    return f"{name}/{version}"


def _sign_in(client: AcumaticaClient) -> str:
    """A session in the store may be long over, and an OAuth seat is counted at the first call: so one is made."""
    try:
        client.records("SalesOrder", top=1, select=KEYS["SalesOrder"])
    except ConnectionBroken as trouble:
        if trouble.status not in {403, 404}:  # those are about the record, and have their own line
            raise
    return "The API user can sign in; it holds one API seat from now on."


def _tenant(client: AcumaticaClient) -> str:
    """Which tenant answers, asked of the sign-in page: nothing in the contract API names it."""
    asked = str(client.settings.get("tenant") or "")
    try:
        page = client.call("GET", "/Frames/Login.aspx").text
    except VendorError:
        page = ""
    answered = _SingleCompany.read(page)
    if not answered:
        return f"Acumatica did not say which tenant answers; see that the orders read are those of {asked}."
    if answered.casefold() != asked.casefold():
        raise ConnectionBroken(
            f"The tenant {answered} answers instead of {asked}.",
            next_step="Enter the tenant's login name in the connection's settings; if it is right there, "
            "restart the Acumatica site: after a tenant was added, it may sign users in to the default one.",
        )
    return answered


def _reader(entity: str) -> Check:
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
        given = dict(attrs)
        names = (given.get("name") or "", given.get("id") or "")
        if tag == "input" and any("txtSingleCompany" in name for name in names):
            self.value = given.get("value") or ""
