"""The signature of V2 webhooks: RSA over `<timestamp>.<raw body>`, with public keys at `/jwks`."""

from __future__ import annotations

import base64
import threading
import time
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from sandbox.kit.oauth import base64url
from sandbox.shipstation import clock


class SigningKeys:
    """The signing keys: made when first needed, the newest signs, all are published."""

    def __init__(self) -> None:
        self.pairs: list[tuple[str, rsa.RSAPrivateKey]] = []
        self.lock = threading.Lock()

    def newest(self) -> tuple[str, rsa.RSAPrivateKey]:
        with self.lock:
            return self.pairs[-1] if self.pairs else self._make()

    def rotate(self) -> str:
        """Sign with a new key from now on. Returns its id."""
        with self.lock:
            return self._make()[0]

    def _make(self) -> tuple[str, rsa.RSAPrivateKey]:
        pair = (f"sim-{len(self.pairs) + 1}", rsa.generate_private_key(65537, 2048))
        self.pairs.append(pair)
        return pair

    def published(self) -> dict[str, Any]:
        """The public keys as a JWKS document."""
        self.newest()
        fixed = {"kty": "RSA", "use": "sig", "alg": "RS256"}
        keys = []
        for kid, private in self.pairs:
            numbers = private.public_key().public_numbers()
            keys.append(fixed | {"kid": kid, "n": _number64(numbers.n), "e": _number64(numbers.e)})
        return {"keys": keys}

    def headers(self, body: bytes, stale: bool) -> dict[str, str]:
        """The signature of a body sent now; `stale` dates it a quarter of an hour ago."""
        # The receiver compares with its own clock, so the simulated one has no say here.
        stamp = clock.zulu(time.time() - (900 if stale else 0))
        kid, private = self.newest()
        signature = private.sign(stamp.encode() + b"." + body, padding.PKCS1v15(), hashes.SHA256())
        return {
            "x-shipengine-rsa-sha256-key-id": kid,
            "x-shipengine-rsa-sha256-signature": base64.b64encode(signature).decode(),
            "x-shipengine-timestamp": stamp,
        }


def _number64(number: int) -> str:
    return base64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))
