from __future__ import annotations

from typing import Any

import pytest

from audit.redaction import HIDDEN, redact


@pytest.mark.parametrize(
    "name", ["password", "clientSecret", "Authorization", "access_token", "Set-Cookie", ".ASPXAUTH", "apiKey"]
)
def test_it_hides_every_name_that_secrets_go_by(name: str) -> None:
    assert redact({name: "s3cr3t"}) == {name: HIDDEN}


@pytest.mark.parametrize(
    "name", ["AddressLine1", "street2", "Phone1", "customerEmail", "BusinessName", "ShipToContact", "FirstName"]
)
def test_it_hides_every_name_that_people_go_by(name: str) -> None:
    assert redact([{name: "Kari Nordmann"}]) == [{name: HIDDEN}]


def test_it_keeps_empty_fields_visible_as_empty() -> None:
    assert redact({"phone": None, "street1": ""}) == {"phone": None, "street1": ""}


@pytest.mark.parametrize("name", ["orderNumber", "sku", "quantity", "status", "trackingNumber", "warehouse"])
def test_it_keeps_what_is_neither_secret_nor_personal(name: str) -> None:
    assert redact({name: "value"}) == {name: "value"}


def test_it_hides_a_whole_object_under_a_personal_name() -> None:
    assert redact({"shipTo": {"street1": "Storgata 1", "country": "NO"}}) == {"shipTo": HIDDEN}


def test_it_reaches_every_depth_of_objects_and_lists() -> None:
    document = {"lines": [{"sku": "A", "contact": {"phone": "1"}}, ({"token": "t"},)]}
    assert redact(document) == {"lines": [{"sku": "A", "contact": HIDDEN}, [{"token": HIDDEN}]]}


def test_it_hides_a_mail_address_inside_of_any_text() -> None:
    assert redact({"note": "ask kari.n+shop@mail.example.no today"}) == {"note": f"ask {HIDDEN} today"}


@pytest.mark.parametrize("value", [0, False, 1.5, None, "", [], {}])
def test_it_keeps_values_that_hold_no_text(value: Any) -> None:
    assert redact({"amount": value}) == {"amount": value}


def test_it_changes_a_copy() -> None:
    document = {"password": "s3cr3t", "lines": [{"phone": "1"}]}
    redact(document)
    assert document == {"password": "s3cr3t", "lines": [{"phone": "1"}]}
