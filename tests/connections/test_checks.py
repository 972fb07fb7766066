from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from connections import vendors
from connections.checks import check_keys, check_vendors
from connections.vendor import Field, Vendor

GOOD_KEY = base64.urlsafe_b64encode(b"k" * 32).decode()


def ids_with(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> list[str | None]:
    """What the check says of ShipStation's declaration after these changes."""
    changed: Vendor = replace(vendors.get("shipstation"), **changes)
    monkeypatch.setattr(vendors, "SLUGS", ("shipstation",))
    monkeypatch.setattr(vendors, "get", lambda slug: changed)
    return [problem.id for problem in check_vendors(None)]


def test_it_finds_nothing_wrong_with_our_vendors() -> None:
    assert check_vendors(None) == []


def test_it_refuses_a_folder_that_declares_another_system(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ids_with(monkeypatch, slug="shopify") == ["connections.E001"]


def test_it_refuses_a_setting_and_a_secret_of_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    settings, secrets = (Field("key", "Key"),), (Field("key", "Key", secret=True),)
    assert ids_with(monkeypatch, settings=settings, secrets=secrets) == ["connections.E002"]


def test_it_refuses_a_secret_that_is_not_marked_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ids_with(monkeypatch, secrets=(Field("api_key", "Key"),)) == ["connections.E003"]


@pytest.mark.parametrize(
    ("keys", "ids"),
    [
        ([GOOD_KEY], []),
        (["any text of forty-three characters and more!!"], []),
        ([GOOD_KEY, "the-secret-key"], ["connections.E004"]),
        ([GOOD_KEY, "short"], ["connections.E005"]),
        ([base64.urlsafe_b64encode(b"k" * 16).decode()], ["connections.E005"]),
    ],
)
def test_it_asks_for_long_keys_that_serve_nothing_else(settings: Any, keys: list[str], ids: list[str]) -> None:
    settings.SECRET_KEY, settings.FERNET_KEYS = "the-secret-key", keys
    assert [problem.id for problem in check_keys(None)] == ids
