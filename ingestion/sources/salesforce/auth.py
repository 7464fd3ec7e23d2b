"""How the connected app proves who it is: the form that it sends to the token endpoint.

What belongs here: the client-credentials and the JWT bearer flow. What does not: sending the form (`client.py`).
"""

from __future__ import annotations

import time

import jwt

from ingestion.errors import IngestionError
from ingestion.sources.salesforce.config import SalesforceConfig

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ASSERTION_SECONDS = 180


def token_form(config: SalesforceConfig) -> dict[str, str]:
    """Return the fields of a token request; IngestionError if the private key cannot be used."""
    if config.private_key.get_secret_value():
        return {"grant_type": JWT_BEARER, "assertion": _assertion(config)}
    return {
        "grant_type": "client_credentials",
        "client_id": config.client_id,
        "client_secret": config.client_secret.get_secret_value(),
    }


def refused_sentence(config: SalesforceConfig, reason: str) -> str:
    """Return what to say when the token endpoint refuses the app; `reason` is the endpoint's own word."""
    if config.private_key.get_secret_value():
        remedy = (
            f"the private key does not belong to the app's certificate, the user {config.username} is not"
            " pre-authorised for the app, or this machine's clock is wrong; correct it"
        )
    else:
        remedy = "the client id or its secret is wrong; correct the credentials"
    return f"Salesforce at {config.base_url} refused client id {config.client_id} ({reason}): {remedy}."


def _assertion(config: SalesforceConfig) -> str:
    claims = {
        "iss": config.client_id,
        "sub": config.username,
        "aud": config.login_url.rstrip("/"),
        "exp": int(time.time()) + _ASSERTION_SECONDS,
    }
    # A key kept in one line of an environment file has its line breaks written out.
    key = config.private_key.get_secret_value().replace("\\n", "\n")
    try:
        return jwt.encode(claims, key, algorithm="RS256")
    except (jwt.InvalidKeyError, ValueError, TypeError):
        raise IngestionError(
            "Salesforce: private_key is not an RSA private key in PEM form without a passphrase; give the whole key,"
            " from its BEGIN to its END line."
        ) from None
