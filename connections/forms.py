"""Forms built from what a vendor declares: plain settings, and credentials that are written and never read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import (
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from connections.models import Connection
from connections.vendor import Field, Vendor

PREFIX = "setting_"
LARGEST, LONGEST = 1_000_000_000_000, 30


class ConnectionForm(forms.ModelForm[Connection]):
    """Customer, name and the vendor's declared settings. The vendor is given, never chosen here."""

    vendor: Vendor

    class Meta:
        model = Connection
        fields = ["customer", "name"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.instance.vendor = self.vendor.slug
        for field in self.vendor.settings:
            self.initial.setdefault(PREFIX + field.name, self.instance.settings.get(field.name, field.default))

    def settings(self) -> dict[str, Any]:
        """The settings, by the names that the vendor declares."""
        return {
            field.name: self.cleaned_data[PREFIX + field.name]
            for field in self.vendor.settings
            if PREFIX + field.name in self.cleaned_data
        }

    def validate_unique(self) -> None:
        """The name is unique with the system too, which is no field of this form."""
        try:
            self.instance.validate_constraints()
        except ValidationError:
            self.add_error("name", "This customer has a connection of this name to this system already.")


def settings_form(vendor: Vendor) -> type[ConnectionForm]:
    """The form of a vendor's connections."""
    fields = {PREFIX + field.name: settings_field(field) for field in vendor.settings}
    return type("SettingsForm", (ConnectionForm,), {**fields, "vendor": vendor, "__module__": __name__})


class SecretsForm(forms.Form):
    """Credentials: what is typed replaces what is stored, what is left empty stays. Nothing is ever shown again."""

    def __init__(self, declared: Iterable[Field], entered: set[str], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in declared:
            placeholder = "entered; leave empty to keep it" if field.name in entered else "missing"
            self.fields[field.name] = secret_field(field)
            self.fields[field.name].widget.attrs["placeholder"] = placeholder

    def entered_secrets(self) -> dict[str, str]:
        return {name: value for name, value in self.cleaned_data.items() if value}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not any(cleaned.values()):
            raise ValidationError("Nothing was entered, so nothing was changed.")
        return cleaned


def settings_field(field: Field) -> forms.Field:
    """The form field of a declared field that is no secret."""
    options: dict[str, Any] = {
        "label": field.label,
        "help_text": _help(field),
        "required": field.required and field.default == "",
    }
    match field.kind:
        case "switch":
            return forms.BooleanField(**options | {"required": False}, widget=UnfoldBooleanSwitchWidget())
        case "choice":
            choices = field.choices if options["required"] or field.default else (("", "–"), *field.choices)
            return forms.ChoiceField(**options, choices=choices, widget=UnfoldAdminSelectWidget())
        case "number":
            return NumberField(field, **options, widget=UnfoldAdminTextInputWidget({"inputmode": "decimal"}))
        case "lines":
            return DeclaredField(field, **options, widget=UnfoldAdminTextareaWidget({"rows": 3}))
        case "url":
            return AddressField(field, **options, widget=UnfoldAdminTextInputWidget({"inputmode": "url"}))
    return DeclaredField(field, **options, widget=UnfoldAdminTextInputWidget())


def secret_field(field: Field) -> forms.CharField:
    attrs = {"autocomplete": "new-password", "spellcheck": "false"}
    widget: forms.Widget = (
        UnfoldAdminTextareaWidget({**attrs, "rows": 4})
        if field.kind == "lines"
        else UnfoldAdminPasswordWidget(attrs, render_value=False)
    )
    return DeclaredField(field, label=field.label, help_text=_help(field), required=False, widget=widget)


def _help(field: Field) -> str:
    example = f"Example: {field.example}" if field.example else ""
    return " ".join(part for part in (field.help, example) if part)


class DeclaredField(forms.CharField):
    """A text that matches the declared pattern as a whole."""

    def __init__(self, declared: Field, **options: Any) -> None:
        self.declared = declared
        super().__init__(max_length=10_000, **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text and self.declared.pattern and not re.fullmatch(self.declared.pattern, str(text)):
            example = f" It looks like {self.declared.example}." if self.declared.example else ""
            raise ValidationError(f"This does not have the form that {self.declared.label} has.{example}")
        return text


class NumberField(DeclaredField):
    """A number, kept as `int` where it is whole and as its digits where it is not: JSON knows no exact fraction."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text in (None, ""):
            return ""
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise ValidationError("Enter a number.") from None
        if not number.is_finite() or not 0 <= number <= LARGEST or len(text) > LONGEST:
            raise ValidationError(f"Enter a number from 0 to {LARGEST:,}.")
        return int(number) if number == number.to_integral_value() else str(number)


class AddressField(DeclaredField):
    """An http or https address without a user, a query or a fragment: credentials have a form of their own."""

    def clean(self, value: Any) -> Any:
        text = str(super().clean(value) or "").rstrip("/")
        if not text:
            return text
        try:
            parts = urlsplit(text)
            host = parts.hostname
        except ValueError:
            raise ValidationError("This is not an address.") from None
        if parts.scheme not in ("http", "https") or not host or re.search(r"\s", text):
            raise ValidationError(
                "Enter an address that begins with https:// (or http:// for a system in your own network)."
            )
        if parts.username or parts.password:
            raise ValidationError(
                "Leave user and password out of the address: credentials are entered on their own page."
            )
        if parts.query or parts.fragment:
            raise ValidationError("Leave out everything from the question mark or the hash on.")
        return text
