"""A page's form as a browser would send it back."""

from __future__ import annotations

from typing import Any

from django.forms import BoundField
from django.test import Client


def filled_form(client: Client, url: str) -> dict[str, Any]:
    """Every value of the form on an admin page, inline rows too."""
    context = client.get(url).context
    data = _values(context["adminform"].form)
    for inline in context.get("inline_admin_formsets") or ():
        data |= _values(inline.formset.management_form)
        for form in inline.formset.forms:
            data |= _values(form)
    return data


def _values(form: Any) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for field in form:
        data |= _value(field)
    return data


def _value(field: BoundField) -> dict[str, Any]:
    value, widget = field.value(), field.field.widget
    if hasattr(widget, "widgets_names"):
        parts = value if isinstance(value, list) else widget.decompress(value)
        return {field.html_name + name: part for name, part in zip(widget.widgets_names, parts, strict=True)}
    if value is None or value is False:
        return {}
    return {field.html_name: "on" if value is True else value}
