from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
import responses
import time_machine
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from connections.errors import Rejected, TryLater
from tests.connections.vendors.shipstation.accounts import V2_KEYS, V2_URL, opened
from tests.connections.vendors.shipstation.webhooks.notifications import HOOKS, JWKS, followed, notification


class Signer:
    def __init__(self, kid: str = "k1") -> None:
        self.kid = kid
        self.private = rsa.generate_private_key(65537, 2048)

    def published(self) -> dict[str, str]:
        numbers = self.private.public_key().public_numbers()
        return {"kty": "RSA", "kid": self.kid, "n": encoded(numbers.n), "e": encoded(numbers.e)}

    def headers(self, body: bytes) -> dict[str, str]:
        stamp = datetime.now(UTC).isoformat()
        signature = self.private.sign(stamp.encode() + b"." + body, padding.PKCS1v15(), hashes.SHA256())
        return {
            "X-ShipEngine-RSA-SHA256-Key-Id": self.kid,
            "X-ShipEngine-RSA-SHA256-Signature": base64.b64encode(signature).decode(),
            "X-ShipEngine-Timestamp": stamp,
        }


def encoded(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8)).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer()


LABELS = notification(f"{V2_URL}/v2/labels?batch_id=se-1", "LABEL_CREATED_V2")
NO_LABELS = {"labels": [], "total": 0, "page": 1, "pages": 0}


@pytest.mark.usefixtures("network")
def test_it_follows_what_shipstation_signed(signer: Signer) -> None:
    responses.get(JWKS, json={"keys": [signer.published()]})
    call = responses.get(f"{V2_URL}/v2/labels", json=NO_LABELS)
    assert followed(opened(keys=V2_KEYS), LABELS, signer.headers(LABELS)) == []
    assert call.call_count == 1
    assert "API-Key" not in responses.calls[0].request.headers


@pytest.mark.usefixtures("network")
def test_it_refuses_a_body_that_was_changed(signer: Signer) -> None:
    responses.get(JWKS, json={"keys": [signer.published()]})
    with pytest.raises(Rejected, match="wrong signature"):
        followed(opened(keys=V2_KEYS), LABELS, signer.headers(LABELS + b" "))


@pytest.mark.parametrize("signature", ["", "not base64!", "AAAA"])
@pytest.mark.usefixtures("network")
def test_it_refuses_a_broken_signature(signer: Signer, signature: str) -> None:
    responses.get(JWKS, json={"keys": [signer.published()]})
    headers = signer.headers(LABELS) | {"X-ShipEngine-RSA-SHA256-Signature": signature}
    with pytest.raises(Rejected, match="signature"):
        followed(opened(keys=V2_KEYS), LABELS, headers)


@pytest.mark.usefixtures("network")
def test_it_fetches_the_keys_once_more_for_an_unknown_one(signer: Signer) -> None:
    newer = Signer("k2")
    responses.get(JWKS, json={"keys": [signer.published()]})
    responses.get(JWKS, json={"keys": [signer.published(), newer.published()]})
    responses.get(f"{V2_URL}/v2/labels", json=NO_LABELS)
    client = opened(keys=V2_KEYS)
    for each in (signer, signer, newer):
        followed(client, LABELS, each.headers(LABELS))
    assert [call.request.url for call in responses.calls].count(JWKS) == 2


@pytest.mark.usefixtures("network")
def test_it_refuses_a_key_that_is_not_published(signer: Signer) -> None:
    responses.get(JWKS, json={"keys": [Signer("other").published()]})
    with pytest.raises(Rejected, match="does not publish"):
        followed(opened(keys=V2_KEYS), LABELS, signer.headers(LABELS))


@pytest.mark.usefixtures("network")
def test_it_tries_later_when_the_keys_cannot_be_read(signer: Signer) -> None:
    responses.get(JWKS, status=403)
    with pytest.raises(TryLater):
        followed(opened(keys=V2_KEYS), LABELS, signer.headers(LABELS))


@pytest.mark.usefixtures("network")
def test_it_refuses_the_token_of_another_subscriber(signer: Signer) -> None:
    with pytest.raises(Rejected, match="token"):
        followed(opened(keys=V2_KEYS), LABELS, signer.headers(LABELS) | {"X-Console-Token": "guessed"})


@pytest.mark.usefixtures("network")
def test_it_checks_the_signature_of_a_notification_that_waited(signer: Signer) -> None:
    responses.get(JWKS, json={"keys": [signer.published()]})
    responses.get(f"{V2_URL}/v2/labels", json=NO_LABELS)
    headers = signer.headers(LABELS)
    hint = HOOKS.read(LABELS, headers)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=3)):
        assert list(HOOKS.follow(opened(keys=V2_KEYS), hint, LABELS, headers)) == []
