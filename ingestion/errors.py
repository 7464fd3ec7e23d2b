"""What ingestion raises when a source cannot be read: one sentence, and never a secret in it.

What belongs here: the exceptions and the helpers that keep their text safe. What does not: rejected rows, which are
no errors (see `casting.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote, unquote_plus

import yaml
from pydantic import BaseModel, SecretStr, ValidationError

_SECRET_NAME = r"[\w.-]*(?:passw|pwd|secret|token|signature|credential|access_?key|account_?key|api_?key)[\w.-]*"
_USER_INFO = re.compile(r"(?<=://)[^\s?#]*@")
_CREDENTIALS = re.compile(r"[^/@\s:]*:[^/@\s]+(?=@)")
_PARAMETER = re.compile(rf"\b((?:{_SECRET_NAME}|sig|odbc_connect)\s*=\s*)[^&;\s'\"]+", re.IGNORECASE)
_PASSWORD = re.compile(r"://[^:/@]*:(?P<password>[^?#]*)@")
_SHORTEST_PART = 4
"""Letters; what is shorter may be part of any word."""


def without_secrets(text: str, secrets: Iterable[str] = ()) -> str:
    """Return `text` on one line; masked are the given secrets, credentials in addresses and secret parameters."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        # A short secret is masked only where it stands alone, or every sentence would be full of holes.
        short = len(secret) < _SHORTEST_PART
        text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)" if short else re.escape(secret), "***", text)
    text = _USER_INFO.sub("***@", " ".join(text.split()))
    return _PARAMETER.sub(r"\1***", _CREDENTIALS.sub("***", text))


def secrets_in(settings: Any) -> list[str]:
    """Return every secret of a source's settings: of an address its password and secret parameters, else all of it.

    Each as it is written and as it reads when unescaped, since a driver may quote either.
    """
    parts = [part for value in _secret_values(settings) for part in _secret_parts(value)]
    readings = [reading for part in parts for reading in (part, unquote(part), unquote_plus(part))]
    return list(dict.fromkeys(reading for reading in readings if reading))


def _secret_values(settings: Any) -> Iterator[str]:
    """The secret values anywhere in settings, nested ones included."""
    if isinstance(settings, SecretStr):
        yield settings.get_secret_value()
    elif isinstance(settings, BaseModel):
        for _, value in settings:
            yield from _secret_values(value)
    elif isinstance(settings, dict):
        yield from _secret_values(tuple(settings.values()))
    elif isinstance(settings, list | tuple):
        for value in settings:
            yield from _secret_values(value)


def _secret_parts(value: str) -> Iterator[str]:
    if "://" not in value:
        # What is no address is secret as a whole; a path of a file is none.
        if not value.startswith(("/", "./", "../")):
            yield value
        return
    for match in _PASSWORD.finditer(value):
        yield match["password"]
        # An unescaped @ makes a driver quote what follows it as the host.
        yield from (part for part in match["password"].split("@") if len(part) >= _SHORTEST_PART)
    for match in _PARAMETER.finditer(value):
        yield match[0].removeprefix(match[1])


class IngestionError(RuntimeError):
    """A source cannot be loaded; the message says what was expected, what came, where, and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(without_secrets(sentence))


class SourceInterruptedError(IngestionError):
    """The source broke off or did not answer in time: the same load may succeed when it is tried again."""


class SettingsMisfitError(IngestionError):
    """The settings of a source do not fit its tables; whether it answers says nothing about that."""


class CredentialsError(IngestionError):
    """The source answers but refuses the credentials."""


def settings_problem(error: yaml.YAMLError | ValidationError) -> str:
    """Return what is wrong in a settings file and where, without the file's own text: it may hold secrets."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, found['loc']))}: {found['msg']}" for found in error.errors())
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"{error.problem} in line {error.problem_mark.line + 1}"
    return "it is no YAML"


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
