"""The proof that a V2 notification comes from ShipStation, and that it answers a subscription of ours.

Source: webhook validation guide of the V2 documentation. RSASSA-PKCS1-v1_5 with SHA-256 over the timestamp, a dot,
and the raw body; public keys as a JWKS. V1 documents no proof at all.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from connections.errors import Rejected, Surprise, TryLater, VendorError
from connections.vendors.shipstation.client import ShipStationClient

KEY_ID = "x-shipengine-rsa-sha256-key-id"
SIGNATURE = "x-shipengine-rsa-sha256-signature"
TIMESTAMP = "x-shipengine-timestamp"
TOKEN = "x-console-token"  # noqa: S105 (a header's name)
WINDOW = timedelta(minutes=5)


def lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def check_timestamp(headers: Mapping[str, str], received_at: datetime) -> None:
    """Raises `Rejected` unless the notification was signed within five minutes of its arrival."""
    text = lowered(headers).get(TIMESTAMP, "")
    try:
        signed_at = datetime.fromisoformat(text)
    except ValueError:
        raise _refused("has no readable time of signing") from None
    if signed_at.tzinfo is None:
        signed_at = signed_at.replace(tzinfo=UTC)
    if abs(received_at - signed_at) > WINDOW:
        raise _refused("was signed more than five minutes from its arrival")


def check_signature(client: ShipStationClient, body: bytes, headers: Mapping[str, str]) -> None:
    """Raises `Rejected` unless ShipStation signed exactly this body."""
    by_name = lowered(headers)
    try:
        signature = base64.b64decode(by_name.get(SIGNATURE, ""), validate=True)
    except ValueError:
        raise _refused("has no readable signature") from None
    key = _public_key(client, by_name.get(KEY_ID, ""))
    signed = by_name.get(TIMESTAMP, "").encode() + b"." + body
    try:
        key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        raise _refused("has a wrong signature") from None


def check_token(client: ShipStationClient, headers: Mapping[str, str]) -> None:
    """Raises `Rejected` where the notification carries the token of another subscriber."""
    value = lowered(headers).get(TOKEN, "")
    if value and not hmac.compare_digest(value.encode(), token(client).encode()):
        raise _refused("carries a token that is not this connection's")


def token(client: ShipStationClient) -> str:
    """The value of `X-Console-Token` in our V2 subscriptions: known to this key and address only."""
    http = client.need_v2()
    text = f"X-Console-Token {http.base_url}".encode()
    return hmac.new(client.secrets["v2_api_key"].encode(), text, hashlib.sha256).hexdigest()


def _public_key(client: ShipStationClient, key_id: str) -> rsa.RSAPublicKey:
    if key_id not in client.keys:
        client.keys = _fetch_keys(client)
    if not key_id or key_id not in client.keys:
        raise _refused("is signed with a key that ShipStation does not publish")
    key: rsa.RSAPublicKey = client.keys[key_id]
    return key


def _fetch_keys(client: ShipStationClient) -> dict[str, Any]:
    try:
        body = client.jwks.get(client.jwks.base_url).json()
    except VendorError as error:  # that address takes no credentials, so nothing it says breaks the connection
        raise TryLater("ShipStation's list of signing keys could not be read.") from error
    keys = body.get("keys") if isinstance(body, dict) else None
    if not isinstance(keys, list):
        raise Surprise("ShipStation's list of signing keys is not one.")
    return {
        str(key["kid"]): rsa.RSAPublicNumbers(_number(key["e"]), _number(key["n"])).public_key()
        for key in keys
        if isinstance(key, dict) and key.get("kty") == "RSA" and {"kid", "n", "e"} <= key.keys()
    }


def _number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def _refused(why: str) -> Rejected:
    return Rejected(
        f"A notification {why}, so it was not followed.",
        next_step="Nothing is lost: the next poll reads what it may have meant. Subscribe again if this repeats.",
    )
