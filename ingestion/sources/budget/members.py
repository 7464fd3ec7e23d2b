"""Names of territories, categories and reps: aliases become members, unknown names are refused with a suggestion.

What belongs here: the aliases file and the lookup. What does not: where a name was read.
"""

from __future__ import annotations

import csv
import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ingestion.errors import IngestionError
from ingestion.workbook.grid import clean

NAME_KINDS = {"territory": "territory", "product_category": "category", "sales_rep": "rep"}
"""Kind in the aliases file of each member column; the names of other columns are taken as they are written."""


_ID = re.compile(r"\w+:\S+|\S*\d\S*")
"""A member that is an id, such as erp:V3, and no name that a person would know."""
_ONE = "one name means one member, so keep one of the two"


class UnknownMemberError(ValueError):
    """A name that neither is a member nor an alias; the message suggests the nearest."""


@dataclass(frozen=True)
class Members:
    """The known members per kind and what their aliases mean. A kind without entries accepts every name.

    `aliases` gives the member by name in lower case, `spellings` the name as the aliases file writes it.
    """

    aliases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    spellings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    _refusals: dict[tuple[str, str], str] = field(default_factory=dict, repr=False, compare=False)

    def resolve(self, column: str, name: str) -> str | None:
        """Return the member meant by `name` in a member column; None for a blank name."""
        if not name:
            return None
        kind = NAME_KINDS.get(column, "")
        known = self.aliases.get(kind)
        if not known:
            return name
        member = known.get(name.casefold())
        if member is None:
            if (kind, name) not in self._refusals:
                self._refusals[kind, name] = self._refusal(kind, name)
            raise UnknownMemberError(self._refusals[kind, name])
        return member

    def _refusal(self, kind: str, name: str) -> str:
        """Say that a name is unknown, and which is the nearest: a search that takes its time."""
        near = difflib.get_close_matches(name.casefold(), list(self.aliases[kind]), n=1, cutoff=0.6)
        hint = f"; did you mean {self._told(kind, near[0])}?" if near else ""
        return f"{kind} “{name}” is neither a member nor an alias{_look_alikes(name)}{hint}"

    def _told(self, kind: str, name: str) -> str:
        """Return a known name as people write it; an id is told by its first alias, and beside an alias."""
        member, spellings = self.aliases[kind][name], self.spellings.get(kind, {})
        if not _ID.fullmatch(member):
            return f"“{member}”"
        aliases = [key for key, meant in self.aliases[kind].items() if meant == member and key != member.casefold()]
        chosen = name if name in aliases or not aliases else aliases[0]
        beside = f" ({member})" if chosen in aliases else ""
        return f"“{spellings.get(chosen, member)}”{beside}"


def _look_alikes(name: str) -> str:
    """Name a letter of another script among Latin ones: it looks the same and is not."""
    letters = [letter for letter in name if letter.isalpha()]
    foreign = [letter for letter in letters if not unicodedata.name(letter, "LATIN").startswith("LATIN")]
    if not foreign or len(foreign) == len(letters):
        return ""
    return f" (its “{foreign[0]}” is {unicodedata.name(foreign[0])})"


def read_members(path: Path | None) -> Members:
    """Return the members of an aliases file (columns kind, alias, member; UTF-8); without a file, all names pass."""
    if path is None:
        return Members()
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return _members(list(_lines(csv.reader(stream))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise IngestionError(f"Budget aliases {path} cannot be read: {error}; mend the file.") from None
    except ValueError as error:
        raise IngestionError(f"Budget aliases {path}{error}.") from None


@dataclass(frozen=True)
class _Line:
    """One line of the aliases file."""

    number: int
    kind: str
    alias: str
    member: str


def _lines(reader: Iterator[list[str]]) -> Iterator[_Line]:
    """Yield the lines that say something; ValueError where the header or a line has other cells."""
    header = next(reader, [])
    if sorted(header) != ["alias", "kind", "member"]:
        raise ValueError(f": expected the columns kind,alias,member, found {','.join(header)}; correct the header")
    for number, cells in enumerate(reader, start=2):
        if not any(map(clean, cells)):
            continue
        if len(cells) != len(header):
            raise ValueError(
                f", line {number}: expected {','.join(header)}, found {len(cells)} cells; correct it, and put a name"
                " that holds a comma into quotes"
            )
        yield _Line(number, **dict(zip(header, map(clean, cells), strict=True)))


def _members(lines: list[_Line]) -> Members:
    """Return per kind what each name means; ValueError names the first line that does not fit the others."""
    members: dict[tuple[str, str], _Line] = {}
    for line in lines:
        _refuse_incomplete(line)
        first = members.setdefault((line.kind, line.member.casefold()), line)
        if first.member != line.member:
            raise ValueError(
                f", line {line.number}: {line.member} is written {first.member} in line {first.number}; {_ONE}"
            )
    meanings = dict(members)
    for line in (line for line in lines if line.alias):
        first = meanings.setdefault((line.kind, line.alias.casefold()), line)
        if first.member != line.member:
            raise ValueError(
                f", line {line.number}: {line.kind} {line.alias} means {line.member} here and {first.member} in line"
                f" {first.number}; {_ONE}"
            )
    aliases: dict[str, dict[str, str]] = {}
    spellings: dict[str, dict[str, str]] = {}
    for (kind, name), line in meanings.items():
        aliases.setdefault(kind, {})[name] = line.member
    for line in lines:
        spellings.setdefault(line.kind, {})[line.alias.casefold()] = line.alias
    return Members(aliases, spellings)


def _refuse_incomplete(line: _Line) -> None:
    kinds = ", ".join(NAME_KINDS.values())
    if line.kind not in NAME_KINDS.values():
        raise ValueError(f", line {line.number}: expected a kind among {kinds}, found “{line.kind}”; correct it")
    if not line.member:
        raise ValueError(f", line {line.number}: {line.kind} {line.alias} has no member; write one or delete the line")
