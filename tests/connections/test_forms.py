from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError

from connections.forms import AddressField, DeclaredField, NumberField, SecretsForm, secret_field, settings_field
from connections.vendor import Field

SECRETS = (Field("username", "User name", secret=True), Field("password", "Password", secret=True))


def field_of(kind: str, **declared: Any) -> forms.Field:
    return settings_field(Field("name", "Name", kind=kind, **declared))


@pytest.mark.parametrize(
    ("kind", "form_field"),
    [
        ("text", DeclaredField),
        ("lines", DeclaredField),
        ("number", NumberField),
        ("url", AddressField),
        ("switch", forms.BooleanField),
        ("choice", forms.ChoiceField),
    ],
)
def test_each_kind_of_setting_has_its_form_field(kind: str, form_field: type[forms.Field]) -> None:
    assert type(field_of(kind)) is form_field


@pytest.mark.parametrize(
    ("declared", "required"), [({}, True), ({"required": False}, False), ({"default": "x"}, False)]
)
def test_a_setting_is_required_unless_it_is_optional_or_has_a_default(declared: dict[str, Any], required: bool) -> None:
    assert field_of("text", **declared).required is required


def test_a_switch_may_be_off() -> None:
    assert field_of("switch").clean("") is False


def test_an_optional_choice_may_be_left_open() -> None:
    choices = (("a", "A"),)
    optional, required = field_of("choice", choices=choices, required=False), field_of("choice", choices=choices)
    assert [value for value, _ in optional.choices] == ["", "a"]  # type: ignore[attr-defined]
    assert [value for value, _ in required.choices] == ["a"]  # type: ignore[attr-defined]


def test_the_help_ends_with_the_example() -> None:
    assert field_of("text", help="The site.", example="Oslo").help_text == "The site. Example: Oslo"


def test_a_text_matches_the_pattern_as_a_whole() -> None:
    field = field_of("text", pattern=r"\d{4}", example="1234")
    assert field.clean("0001") == "0001"
    with pytest.raises(ValidationError, match=r"does not have the form that Name has\. It looks like 1234\."):
        field.clean("12345")


@pytest.mark.parametrize(("text", "number"), [("40", 40), ("40.0", 40), ("1.10", "1.10"), ("0", 0)])
def test_a_number_is_whole_or_keeps_its_digits(text: str, number: int | str) -> None:
    value = field_of("number").clean(text)
    assert (value, type(value)) == (number, type(number))


@pytest.mark.parametrize("text", ["many", "-1", "NaN", "Infinity", "1e999999", "1" * 31])
def test_a_number_is_refused_that_no_setting_means(text: str) -> None:
    with pytest.raises(ValidationError):
        field_of("number").clean(text)


@pytest.mark.parametrize(
    ("text", "address"), [("https://erp.no/Site/", "https://erp.no/Site"), ("http://10.0.0.7:81", "http://10.0.0.7:81")]
)
def test_an_address_loses_its_last_slash(text: str, address: str) -> None:
    assert field_of("url").clean(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "erp.no",
        "ftp://erp.no",
        "https://u:p@erp.no",
        "https://erp.no?a=1",
        "https://erp.no#a",
        "https://[",
        "https://a b",
    ],
)
def test_an_address_is_refused_that_holds_more_or_less_than_a_host_and_a_path(text: str) -> None:
    with pytest.raises(ValidationError):
        field_of("url").clean(text)


def test_a_secret_is_never_shown_again() -> None:
    form = SecretsForm(SECRETS, set(), {"username": "kari", "password": "planted"})
    assert "planted" not in str(form)
    assert secret_field(SECRETS[0]).required is False


def test_it_says_which_secrets_are_stored() -> None:
    fields = SecretsForm(SECRETS, {"username"}).fields
    placeholders = [fields[name].widget.attrs["placeholder"] for name in ("username", "password")]
    assert placeholders == ["entered; leave empty to keep it", "missing"]


def test_only_what_was_entered_is_stored() -> None:
    form = SecretsForm(SECRETS, set(), {"username": "", "password": "new"})
    assert form.is_valid()
    assert form.entered_secrets() == {"password": "new"}


def test_a_form_without_any_entry_is_refused() -> None:
    form = SecretsForm(SECRETS, {"username"}, {"username": " ", "password": ""})
    assert "Nothing was entered" in str(form.non_field_errors())
