"""Who may talk to the demo CRM: one connected app, and the tokens handed out to it.

What does not belong here: HTTP. The credentials are part of the demo, not a secret.
"""

from __future__ import annotations

import secrets
import threading

CLIENT_ID = "demo-warehouse"
CLIENT_SECRET = "demo-secret"


class TokenDesk:
    """Hands out access tokens and counts how often each is used.

    `uses` is the number of requests after which a token expires; None: it does not.
    """

    def __init__(self, uses: int | None) -> None:
        self._uses = uses
        self._lock = threading.Lock()
        self._left: dict[str, int | None] = {}

    def issue(self, client_id: str | None, client_secret: str | None) -> str | None:
        """A new token, or None if the credentials are wrong."""
        if client_id != CLIENT_ID or client_secret != CLIENT_SECRET:
            return None
        token = f"00D000000000001!{secrets.token_urlsafe(24)}"
        with self._lock:
            self._left[token] = self._uses
        return token

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
