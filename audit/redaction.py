"""What must not be kept: secrets, and who lives where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

SECRET = re.compile(
    r"pass(word|wd)|secret|token|api_?key|authoriz|cookie|aspxauth|session_?id|credential|signature", re.I
)
PERSONAL = re.compile(
    r"^(name|.*full_?name|first_?name|last_?name|attention|company(_?name)?|business_?name|customer_?name|"
    r"street\d?|address_?line_?\d?|phone\d?|.*e?_?mail|ship_?to|bill_?to|ship_?from|.*address|.*contact|"
    r"customer_?username|username|recipient.*|gift_?message|customer_?notes)$",
    re.I,
)
HIDDEN = "•••"
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")


def redact(value: Any) -> Any:
    """A copy of plain JSON without the values of secret or personal fields; the field names stay."""
    if isinstance(value, Mapping):
        return {name: _hidden(item) if _is_hidden(str(name)) else redact(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [redact(item) for item in value]
    return EMAIL.sub(HIDDEN, value) if isinstance(value, str) else value


def _is_hidden(name: str) -> bool:
    return bool(SECRET.search(name) or PERSONAL.match(name))


def _hidden(value: Any) -> Any:
    return HIDDEN if value not in (None, "", [], {}) else value
