"""Lists over many orders: the indexes must find exactly what looking at each order would."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.connections.vendors.acumatica.simulated import Site

MANY = 2000


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    site = Site()
    site.login()
    site.do("seed", orders=40)
    site.do("add_orders", count=MANY)
    yield site
    site.stop()


def matching(site: Site, text: str, top: str = "100000") -> list[str]:
    rows = site.get("SalesOrder", filter=text, top=top, select="OrderType,OrderNbr,LastModified").json()
    return [row["OrderNbr"]["value"] for row in rows]


def test_it_walks_by_key_without_losing_or_doubling_an_order(site: Site) -> None:
    numbers, last = [], ""
    while page := matching(site, f"OrderType eq 'SO' and OrderNbr gt '{last}'", top="97"):
        numbers += page
        last = page[-1]
    assert numbers == [order["OrderNbr"] for order in site.state()["orders"] if order["OrderType"] == "SO"]


def test_it_walks_over_all_types_where_none_is_named(site: Site) -> None:
    expected = [order["OrderNbr"] for order in site.state()["orders"] if order["OrderNbr"] > "000030"]
    assert matching(site, "OrderNbr gt '000030'") == expected


@pytest.mark.parametrize("place", [0, 5, 35, 1000, MANY - 1])
def test_it_finds_by_stamp_what_changed_since(site: Site, place: int) -> None:
    orders = site.state()["orders"]
    since = orders[place]["LastModified"]
    expected = [order["OrderNbr"] for order in orders if order["LastModified"] > since]
    assert matching(site, f"LastModified gt datetimeoffset'{since}Z'") == expected


def test_it_finds_an_edited_order_by_its_new_stamp_only(site: Site) -> None:
    since = max(order["LastModified"] for order in site.state()["orders"])
    number = "000777"
    site.do("edit_order", order_nbr=number, changes={"Description": "edited"})
    assert matching(site, f"LastModified gt datetimeoffset'{since}Z'") == [number]


def test_it_answers_a_page_of_full_orders_quickly(site: Site) -> None:
    parts = "Details,ShipToAddress,ShipToContact,ShippingSettings,Shipments"
    text = "LastModified gt datetimeoffset'2020-01-01T00:00:00Z' and OrderType eq 'SO' and OrderNbr gt '000500'"
    started = time.perf_counter()
    page = site.get("SalesOrder", filter=text, top="100", expand=parts).json()
    assert (len(page), page[0]["OrderNbr"]["value"]) == (100, "000501")
    assert time.perf_counter() - started < 1


def test_it_shows_a_change_after_a_record_was_shown(site: Site) -> None:
    for text in ("first", "second"):
        site.do("edit_order", order_nbr="000500", changes={"Description": text})
        assert site.get("SalesOrder/SO/000500").json()["Description"] == {"value": text}
