"""One account at Example."""

from __future__ import annotations

from typing import Any

from connections.auth import HeaderAuth
from connections.errors import ConnectionBroken, OutcomeUnknown, Surprise
from connections.http import Http
from connections.response import Response
from connections.vendor import Account
from connections.vendors.example.errors import SYSTEM, map_error


class ExampleClient:
    """Calls with the account's key; it knows paths and shapes of answers, and nothing of what is done with them."""

    def __init__(self, account: Account) -> None:
        key, address = account.secrets.get("api_key"), account.settings.get("base_url")
        if not (key and address):
            raise ConnectionBroken(
                "This connection has no address or no API key.", next_step="Enter both, then test the connection."
            )
        self.http = Http(
            str(address),
            system=SYSTEM,
            auth=HeaderAuth("X-Api-Key", key),
            budget=account.budget("api"),
            exchanges=account.exchanges,
            map_error=map_error,
        )

    def read(self, path: str, **params: str) -> dict[str, Any]:
        """Raises `Surprise` where the answer is no object."""
        return _object(self.http.get(path, params=params))

    def send(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """A call that changes Example. Raises `OutcomeUnknown` where its answer cannot be read."""
        response = self.http.request(method, path, json=body)
        try:
            return _object(response)
        except Surprise as error:
            raise OutcomeUnknown(error.message, status=response.status, request_id=response.request_id) from error

    def close(self) -> None:
        self.http.close()

    def sign_out(self) -> None:
        """Nothing to end: every call carries its key."""


def open_client(account: Account) -> ExampleClient:
    """Open a connection. Raises `ConnectionBroken` unless address and key are there; makes no call."""
    return ExampleClient(account)


def _object(response: Response) -> dict[str, Any]:
    body = response.json()
    if not isinstance(body, dict):
        raise Surprise(f"{SYSTEM} answered with something that is no object.", status=response.status)
    return body
