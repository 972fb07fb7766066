from __future__ import annotations

from connections.authorization_code import pkce_challenge, pkce_verifier


def test_the_challenge_is_that_of_the_standard() -> None:
    # RFC 7636, appendix B
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert pkce_challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_a_verifier_is_long_and_new_each_time() -> None:
    assert 43 <= len(pkce_verifier()) <= 128
    assert pkce_verifier() != pkce_verifier()
