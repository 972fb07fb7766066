"""The only way out.

Every call to a vendor goes through `Http`: it spends the rate budget, sends to the connection's own host and no
other, reads at most so many bytes, follows no redirect, and turns whatever goes wrong into the one class of
`connections.errors` that says what happens next.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from connections import exact_json
from connections.errors import ConnectionBroken, OutcomeUnknown, Rejected, TryLater, VendorError
from connections.response import MapError, by_status
from connections.response import Response as Response
from connections.vendor import Budget, Exchange

MAX_BYTES = 50 * 1024 * 1024
READS = {"GET", "HEAD", "OPTIONS"}
PAUSE = 10.0  # seconds after a 429 that names none


class NoBudget:
    """For accounts without a limit, and for tests."""

    def take(self) -> None: ...

    def learn(self, *, limit: int | None, remaining: int | None, resets_in: float | None) -> None: ...

    def pause(self, seconds: float) -> None: ...


class Http:
    """Calls one system. `map_error` sees every answer before its status is looked at, `learn` every answer's headers.

    `hosts` says whether an absolute URL that came from outside may get our credentials; the host of `base_url`
    always may.
    """

    def __init__(
        self,
        base_url: str,
        *,
        system: str,
        auth: requests.auth.AuthBase | None = None,
        budget: Budget | None = None,
        exchanges: list[Exchange] | None = None,
        map_error: MapError | None = None,
        learn: Callable[[Budget, Response], None] | None = None,
        hosts: Callable[[str], bool] | None = None,
        timeout: tuple[float, float] = (10.0, 60.0),
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.system = system
        self.auth = auth
        self.budget = budget or NoBudget()
        self.exchanges = exchanges if exchanges is not None else []
        self.map_error = map_error or (lambda response: None)
        self.learn = learn or (lambda budget, response: None)
        self.hosts = hosts or (lambda url: False)
        self.timeout = timeout
        self.session = requests.Session()
        self.session.trust_env = False  # no .netrc credentials, no proxies that a shell happens to name

    def close(self) -> None:
        self.session.close()

    def get(self, path: str, **request: Any) -> Response:
        return self.request("GET", path, **request)

    def post(self, path: str, **request: Any) -> Response:
        return self.request("POST", path, **request)

    def put(self, path: str, **request: Any) -> Response:
        return self.request("PUT", path, **request)

    def delete(self, path: str, **request: Any) -> Response:
        return self.request("DELETE", path, **request)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        write: bool | None = None,
    ) -> Response:
        """Make one call. Returns what came back, whole. `write` is whether it may change the system.

        Raises `TryLater` if nothing was sent or nothing can have changed, `OutcomeUnknown` if a write may have
        been applied, and whatever the answer's status means.
        """
        wrote = method not in READS if write is None else write
        url = self._checked(path)
        self.budget.take()
        sent = dict(headers or {})
        if json is not None:
            data = exact_json.dumps(json).encode()
            sent.setdefault("Content-Type", "application/json")
        sent.setdefault("Accept", "application/json")
        started = time.monotonic()
        try:
            response = self._send(method, url, params, data, sent, wrote)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as failure:
            self._note(method, url, None, started, error=type(failure).__name__)
            raise self._transport_error(failure, wrote) from failure
        self._note(method, url, response, started)
        with contextlib.suppress(ArithmeticError, ValueError):  # no header, whatever it says, takes the response away
            self.learn(self.budget, response)
        error = self.map_error(response) or self._by_status(response)
        if error:
            raise error
        return response

    def _checked(self, path: str) -> str:
        url = path if "://" in path else urljoin(self.base_url + "/", path.lstrip("/"))
        base, target = urlsplit(self.base_url), urlsplit(url)
        same = (base.scheme, base.hostname, base.port) == (target.scheme, target.hostname, target.port)
        if target.username or not (same or self.hosts(url)):
            raise Rejected(
                f"An address on {target.hostname or 'an unknown host'} was not called: it does not belong to this {self.system} connection.",
                next_step="Check the address in the connection's settings, and who sent this notification.",
            )
        return url

    def _send(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        data: Any,
        headers: Mapping[str, str],
        wrote: bool,
    ) -> Response:
        response = self.session.request(
            method,
            url,
            params=params,
            data=data,
            headers=headers,
            auth=self.auth,
            timeout=self.timeout,
            allow_redirects=False,
            stream=True,
        )
        with response:
            body = response.raw.read(MAX_BYTES + 1, decode_content=True)
        if len(body) > MAX_BYTES:
            raise urllib3.exceptions.HTTPError("answer too large")
        names = {name.lower(): value for name, value in response.headers.items()}
        return Response(response.status_code, names, body, self.system, wrote)

    def _transport_error(self, failure: Exception, wrote: bool) -> VendorError:
        if isinstance(failure, requests.exceptions.SSLError):
            return ConnectionBroken(
                f"The certificate of {self.system} at {urlsplit(self.base_url).hostname} was not accepted.",
                next_step="Check the address; if the system uses its own certificate, ask its administrator to renew it.",
            )
        if _never_sent(failure):
            return TryLater(
                f"{self.system} could not be reached at {urlsplit(self.base_url).netloc}.",
                next_step="Nothing was sent; it is tried again by itself. If it stays so, check the address.",
            )
        if wrote:
            return OutcomeUnknown(
                f"{self.system} did not answer a write, so it may or may not have been done.",
                next_step="It is looked up there before anything is sent again.",
            )
        return TryLater(f"{self.system} did not answer in time.", next_step="It is tried again by itself.")

    def _by_status(self, response: Response) -> VendorError | None:
        if response.status == 429:
            self.budget.pause(response.retry_after or PAUSE)
        return by_status(response)

    def _note(self, method: str, url: str, response: Response | None, started: float, error: str = "") -> None:
        self.exchanges.append(
            Exchange(
                method,
                urlsplit(url).path,
                response.status if response else None,
                round((time.monotonic() - started) * 1000),
                response.request_id if response else "",
                error,
            )
        )


def _never_sent(failure: BaseException | None) -> bool:
    """Whether the failure came before a single byte of the request left: no address, no connection."""
    if isinstance(failure, requests.ConnectTimeout):
        return True
    early = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
    seen: BaseException | None = failure
    for _ in range(6):
        if seen is None:
            return False
        if isinstance(seen, early):
            return True
        reason = getattr(seen, "reason", None)
        inner = seen.args[0] if seen.args and isinstance(seen.args[0], BaseException) else None
        seen = reason if isinstance(reason, BaseException) else inner or seen.__cause__
    return False
