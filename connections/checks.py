"""System checks of vendors and of the keys that credentials are encrypted with."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from connections import vendors


@register()
def check_vendors(app_configs: Any, **options: Any) -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    for slug in vendors.SLUGS:
        vendor = vendors.get(slug)
        names = [field.name for field in (*vendor.settings, *vendor.secrets)]
        if vendor.slug != slug:
            problems.append(Error(f"The folder {slug} declares the system {vendor.slug}.", id="connections.E001"))
        if len(names) != len(set(names)):
            problems.append(Error(f"{slug} asks for a field twice.", id="connections.E002"))
        if any(not field.secret for field in vendor.secrets):
            problems.append(Error(f"{slug} has a secret that is not marked as one.", id="connections.E003"))
    return problems


@register()
def check_keys(app_configs: Any, **options: Any) -> list[CheckMessage]:
    keys = list(settings.FERNET_KEYS)
    if settings.SECRET_KEY in keys:
        return [Error("FERNET_KEYS must not hold SECRET_KEY: `make keys` prints good ones.", id="connections.E004")]
    if any(not _is_long(key) for key in keys):
        return [
            Error("Each of FERNET_KEYS needs 32 random bytes: `make keys` prints good ones.", id="connections.E005")
        ]
    return []


def _is_long(key: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(key)) >= 32
    except (binascii.Error, ValueError):
        return len(key) >= 43
