"""How the connected app logs in: by its secret, or by a signed assertion."""

from __future__ import annotations

import time

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from fake_org import SECRET, FakeOrg, configure, connect
from pydantic import ValidationError

from ingestion.errors import IngestionError, secrets_in


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def pem(key: rsa.RSAPrivateKey) -> str:
    encoding, kind = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, kind, serialization.NoEncryption()).decode()


@pytest.mark.parametrize("in_one_line", [False, True])
def test_assertion_names_app_user_and_login_and_is_signed(key: rsa.RSAPrivateKey, pem: str, in_one_line: bool) -> None:
    given = pem.replace("\n", "\\n") if in_one_line else pem
    login = "https://test.salesforce.com"
    org = FakeOrg()
    client = connect(org, private_key=given, username="ș.user@acme.example", login_url=login + "/")
    assert client.check_limits() is None
    (form,) = org.forms
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    assert "client_secret" not in form
    claims = jwt.decode(form["assertion"][0], key.public_key(), algorithms=["RS256"], audience=login)
    assert (claims["iss"], claims["sub"]) == ("app", "ș.user@acme.example")
    assert 0 < claims["exp"] - time.time() <= 180


def test_refused_assertion_is_one_sentence_without_the_key(pem: str) -> None:
    org = FakeOrg()
    org.token_faults = [(400, {"error": "invalid_grant", "error_description": "user hasn't approved this consumer"})]
    with pytest.raises(IngestionError, match=r"invalid_grant: user hasn't approved .* not pre-authorised") as caught:
        connect(org, private_key=pem, username="u@x").check_limits()
    assert "PRIVATE" not in str(caught.value)
    assert org.tokens == 1


def test_key_that_is_none_is_refused_before_any_request() -> None:
    org = FakeOrg()
    with pytest.raises(IngestionError, match="not an RSA private key in PEM form") as caught:
        connect(org, private_key="canary-key", username="u@x").check_limits()
    assert "canary-key" not in str(caught.value)
    assert org.tokens == 0


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"client_secret": ""}, "neither came"),
        ({"client_secret": SECRET, "private_key": "k", "username": "u"}, "both came"),
        ({"private_key": "k"}, "username is missing"),
    ],
)
def test_there_is_one_way_in(settings: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        configure(**settings)


def test_the_key_counts_as_a_secret(pem: str) -> None:
    assert pem in secrets_in(configure(private_key=pem, username="u@x"))


def test_token_endpoint_that_fails_is_asked_again() -> None:
    org, waits = FakeOrg(), list[float]()
    org.token_faults = [(503, "down", {"Retry-After": "2"}), (200, "<html>")]
    connect(org, waits).check_limits()
    assert (org.tokens, waits) == (3, [2.0, 1.0])


def test_answer_without_a_token_is_one_sentence() -> None:
    org = FakeOrg()
    org.token_faults = [(200, ["nothing"])]
    with pytest.raises(IngestionError, match="without an access token; check that base_url"):
        connect(org).check_limits()
