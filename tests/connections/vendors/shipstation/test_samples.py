from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import connections.vendors.shipstation as folder
from connections import exact_json
from connections.vendors.shipstation import VENDOR, codec
from connections.vendors.shipstation.shipments.lines import split_line_key

SAMPLES = Path(folder.__file__).parent / "samples"


def sample(name: str) -> Any:
    return exact_json.loads((SAMPLES / name).read_bytes())


@pytest.mark.parametrize("resource", [each for each in VENDOR.resources if each.sample], ids=lambda each: each.slug)
def test_it_has_a_sample_for_each_resource_that_is_read(resource: Any) -> None:
    assert sample(resource.sample)


@pytest.mark.parametrize("name", ["order.json", "shipment.json", "fulfillment.json"])
def test_it_holds_decoded_documents(name: str) -> None:
    body = sample(name)
    assert body["createDate"].endswith("Z")
    assert codec.decode(codec.encode(body)) == body


@pytest.mark.parametrize("name", ["shipment.json", "fulfillment.json"])
def test_it_shows_parcels_whose_lines_lead_to_their_order(name: str) -> None:
    body = sample(name)
    assert body["kind"] == name.removesuffix(".json")
    for line in body["items"]:
        assert split_line_key(line["lineItemKey"], "") == (body["orderKey"], line["orderLine"])


def test_it_names_each_document_kind_once_or_on_purpose() -> None:
    kinds = {resource.slug: resource.document for resource in VENDOR.resources}
    assert kinds == {
        "orders": "order",
        "order_status": "order",
        "order_references": "order",
        "shipments": "parcel",
        "customers": "customer",
        "products": "product",
        "inventory": "stock",
        "labels": "label",
    }
