"""Ways to prove who we are, as parts a client puts together."""

from __future__ import annotations

from collections.abc import Callable

import requests


class HeaderAuth(requests.auth.AuthBase):
    """Puts one header on every request, such as `API-Key`."""

    def __init__(self, name: str, value: str) -> None:
        self.name = name
        self.value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers[self.name] = self.value
        return request


class MemorySessions:
    """A session store for one process: tests, probes of a connection that is not saved yet."""

    def __init__(self, session: dict[str, str] | None = None) -> None:
        self.session = session

    def current(self) -> dict[str, str] | None:
        return self.session

    def renew(self, stale: dict[str, str] | None, login: Callable[[], dict[str, str]]) -> dict[str, str]:
        if self.session is None or self.session == stale:
            self.session = login()
        return self.session

    def drop(self) -> dict[str, str] | None:
        session, self.session = self.session, None
        return session
