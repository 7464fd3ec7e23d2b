"""The part of SOQL that the demo CRM understands, parsed into plain data.

``SELECT <fields> | COUNT() FROM <object> [WHERE <field> <op> <literal> [AND …]] [ORDER BY <field> [ASC|DESC], …]
[LIMIT <n>]``. Everything else is refused the way Salesforce refuses it, as MALFORMED_QUERY.
What does not belong here: looking at any data.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

Operator = Literal["=", "!=", "<", "<=", ">", ">="]
Value = str | float | bool | date | datetime | None

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^'\\]|\\.)*')
      | (?P<stamp>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
      | (?P<date>\d{4}-\d\d-\d\d)
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<operator><=|>=|!=|<>|=|<|>)
      | (?P<mark>[(),])
      | (?P<word>[A-Za-z_][A-Za-z0-9_.]*)
    )""",
    re.VERBOSE,
)
_WORDS: dict[str, Value] = {"true": True, "false": False, "null": None}


class MalformedQueryError(ValueError):
    """The query is outside the supported part of SOQL; the message says where."""


@dataclass(frozen=True)
class Condition:
    """``field operator value``; date-times are UTC without a zone."""

    field: str
    operator: Operator
    value: Value


@dataclass(frozen=True)
class Order:
    """One sort key."""

    field: str
    descending: bool


@dataclass(frozen=True)
class Query:
    """A parsed query; no `fields` means ``COUNT()``."""

    object_name: str
    fields: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int | None = None


def parse(text: str) -> Query:
    """Parse one SOQL query, raising `MalformedQueryError` with the word at which it left the subset."""
    return _Parser(text).query()


class _Parser:
    """A recursive-descent parser: one method per clause, one token of look-ahead."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0

    def query(self) -> Query:
        self._expect("select")
        fields = self._fields()
        self._expect("from")
        name = self._take("word")
        conditions = self._conditions() if self._accept("where") else ()
        order = self._order() if self._accept("order") else ()
        limit = int(self._take("number")) if self._accept("limit") else None
        if self._at < len(self._tokens):
            raise MalformedQueryError(f"unexpected token: {self._tokens[self._at][1]}")
        return Query(name, fields, conditions, order, limit)

    def _fields(self) -> tuple[str, ...]:
        names = [self._take("word")]
        if names[0].lower() == "count" and self._accept("("):
            self._expect(")")
            return ()
        while self._accept(","):
            names.append(self._take("word"))
        return tuple(names)

    def _conditions(self) -> tuple[Condition, ...]:
        found = [self._condition()]
        while self._accept("and"):
            found.append(self._condition())
        return tuple(found)

    def _condition(self) -> Condition:
        field = self._take("word")
        operator = self._take("operator").replace("<>", "!=")
        return Condition(field, operator, self._value())  # type: ignore[arg-type]

    def _value(self) -> Value:
        kind, text = self._next()
        if kind == "word" and text.lower() in _WORDS:
            return _WORDS[text.lower()]
        if kind not in _LITERALS:
            raise MalformedQueryError(f"unexpected token: {text}")
        return _LITERALS[kind](text)

    def _order(self) -> tuple[Order, ...]:
        self._expect("by")
        found = [self._order_key()]
        while self._accept(","):
            found.append(self._order_key())
        return tuple(found)

    def _order_key(self) -> Order:
        field = self._take("word")
        descending = self._accept("desc")
        if not descending:
            self._accept("asc")
        if self._accept("nulls"):
            self._take("word")
        return Order(field, descending)

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise MalformedQueryError("unexpected end of the query")
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, kind: str) -> str:
        found, text = self._next()
        if found != kind:
            raise MalformedQueryError(f"unexpected token: {text}")
        return text

    def _accept(self, word: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at][1].lower() == word:
            self._at += 1
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            found = self._tokens[self._at][1] if self._at < len(self._tokens) else "the end of the query"
            raise MalformedQueryError(f"expecting {word.upper()}, found {found}")


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise MalformedQueryError(f"unexpected token: {text[position : position + 20].strip()}")
        found.append((match.lastgroup, match.group(match.lastgroup)))
        position = match.end()
    return found


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


_LITERALS: dict[str, Callable[[str], Value]] = {
    "text": _unquoted,
    "stamp": _utc,
    "date": date.fromisoformat,
    "number": float,
}
