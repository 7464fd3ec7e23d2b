"""Who may talk to the demo CRM: one connected app, and the tokens handed out to it.

The app proves itself by its secret, or by an assertion signed with the key whose public half lies in the company's
folder as `crm_app_certificate.pem` (without that file, only by the secret). What does not belong here: HTTP. The
credentials are part of the demo, not a secret.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from pathlib import Path

import jwt

CLIENT_ID = "demo-warehouse"
CLIENT_SECRET = "demo-secret"
USERNAME = "warehouse@nordwind.example"
AUDIENCE = "https://login.salesforce.com"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CERTIFICATE_FILE = "crm_app_certificate.pem"


class TokenDesk:
    """Hands out access tokens and counts how often each is used.

    `uses` is the number of requests after which a token expires; None: it does not.
    """

    def __init__(self, uses: int | None, certificate: Path) -> None:
        self._uses = uses
        self._certificate = certificate
        self._lock = threading.Lock()
        self._left: dict[str, int | None] = {}

    def answer(self, form: Mapping[str, str]) -> tuple[str | None, dict[str, str]]:
        """A new token for a token request, or None and the error as OAuth words it."""
        grant = form.get("grant_type")
        if grant == "client_credentials":
            right = (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
            return self._new_token() if right else None, _problem("invalid_client", "invalid client credentials")
        if grant == JWT_BEARER:
            return self._for_assertion(form.get("assertion", "")), _problem("invalid_grant", "invalid assertion")
        return None, _problem("unsupported_grant_type", "grant type not supported")

    def _for_assertion(self, assertion: str) -> str | None:
        """A new token for a JWT signed by the app for the demo's user; None if it is not, or has expired."""
        if not self._certificate.is_file():
            return None
        key = self._certificate.read_text(encoding="utf-8")
        try:
            claims = jwt.decode(assertion, key, algorithms=["RS256"], audience=AUDIENCE, issuer=CLIENT_ID)
        except jwt.InvalidTokenError:
            return None
        return self._new_token() if claims.get("sub") == USERNAME else None

    def admit(self, header: str | None) -> bool:
        """Whether an Authorization header carries a live token; uses the token once."""
        token = (header or "").removeprefix("Bearer ").strip()
        with self._lock:
            if token not in self._left:
                return False
            left = self._left[token]
            if left is None:
                return True
            if left <= 0:
                del self._left[token]
                return False
            self._left[token] = left - 1
            return True

    def _new_token(self) -> str:
        token = f"00D000000000001!{secrets.token_urlsafe(24)}"
        with self._lock:
            self._left[token] = self._uses
        return token


def _problem(error: str, description: str) -> dict[str, str]:
    return {"error": error, "error_description": description}
