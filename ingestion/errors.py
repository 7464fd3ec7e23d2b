"""What ingestion raises when a source cannot be read: one sentence, and never a secret in it.

What belongs here: the exception and the helpers that keep its text safe. What does not: rejected rows, which are
no errors (see `casting.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pydantic import SecretStr

_CREDENTIALS = re.compile(r"[^/@\s:]*:[^/@\s]+(?=@)")
_PASSWORD = re.compile(r"://[^:/@]*:(?P<password>[^@/]+)@")


class IngestionError(RuntimeError):
    """A source cannot be loaded; the message says what was expected, what came, where, and what to do."""


def without_secrets(text: str, secrets: Iterable[str] = ()) -> str:
    """Return `text` on one line with every given secret and every `user:password@` of an address masked."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    return _CREDENTIALS.sub("***", " ".join(text.split()))


def secrets_in(settings: Iterable[tuple[str, Any]]) -> list[str]:
    """Return the secret parts of a source's settings: of an address its password, of anything else all of it."""
    values = [value.get_secret_value() for _, value in settings if isinstance(value, SecretStr)]
    passwords = [match["password"] for value in values if (match := _PASSWORD.search(value))]
    return passwords + [value for value in values if "://" not in value]


def cause_of(error: BaseException) -> BaseException:
    """Return the `IngestionError` inside a chain of exceptions, else the innermost cause."""
    current = error
    while True:
        if isinstance(current, IngestionError):
            return current
        inner = current.__cause__ or current.__context__
        if inner is None or isinstance(inner, StopIteration):
            return current
        current = inner
