"""Running a probe: a list of checks becomes lines for people, and no error leaves it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from connections.errors import VendorError
from connections.vendor import ProbeLine


@dataclass(frozen=True)
class Check:
    """One right or endpoint, tried by a cheap call.

    `run` returns a detail to show, or raises the `VendorError` that says what is wrong. `resources` are the slugs of
    what cannot be read or written without it. `screen` says where to grant it. `ends`: where it fails, all that
    follow would say the same. `advice`: where it fails, nothing is kept from working.
    """

    what: str
    run: Callable[[Any], str]
    resources: tuple[str, ...]
    screen: str | Callable[[VendorError], str]
    ends: bool = False
    advice: bool = False


def run(client: Any, checks: Iterable[Check]) -> list[ProbeLine]:
    """A line for each check, up to one that ends the list."""
    lines: list[ProbeLine] = []
    for check in checks:
        line, error = try_check(client, check)
        lines.append(line)
        if error and check.ends:
            break
    return lines


def try_check(client: Any, check: Check) -> tuple[ProbeLine, VendorError | None]:
    """The line of one check, and the error where it failed."""
    try:
        detail = check.run(client)
    except VendorError as error:
        screen = check.screen if isinstance(check.screen, str) else check.screen(error)
        detail = f"{error} {error.next_step}".strip()
        return ProbeLine(check.what, False, detail, check.resources, screen, check.advice), error
    return ProbeLine(check.what, True, detail, check.resources, advice=check.advice), None
