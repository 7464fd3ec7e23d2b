"""Names of territories, categories and reps: aliases become members, unknown names are refused with a suggestion.

What belongs here: the aliases file and the lookup. What does not: where a name was read.
"""

from __future__ import annotations

import csv
import difflib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ingestion.errors import IngestionError
from ingestion.workbook.grid import clean

NAME_KINDS = {"territory": "territory", "product_category": "category", "sales_rep": "rep"}
"""Kind in the aliases file of each member column; the names of other columns are taken as they are written."""


_ID = re.compile(r"\w+:\S+|\S*\d\S*")
"""A member that is an id, such as erp:V3, and no name that a person would know."""


class UnknownMemberError(ValueError):
    """A name that neither is a member nor an alias; the message suggests the nearest."""


@dataclass(frozen=True)
class Members:
    """The known members per kind and what their aliases mean. A kind without entries accepts every name.

    `aliases` gives the member by name in lower case, `spellings` the name as the aliases file writes it.
    """

    aliases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    spellings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def resolve(self, column: str, name: str) -> str | None:
        """Return the member meant by `name` in a member column; None for a blank name."""
        if not name:
            return None
        kind = NAME_KINDS.get(column, column)
        known = self.aliases.get(kind)
        if not known:
            return name
        member = known.get(name.casefold())
        if member is None:
            near = difflib.get_close_matches(name.casefold(), list(known), n=1, cutoff=0.6)
            hint = f"; did you mean {self._told(kind, near[0])}?" if near else ""
            raise UnknownMemberError(f"{kind} “{name}” is neither a member nor an alias{_look_alikes(name)}{hint}")
        return member

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
            reader = csv.DictReader(stream)
            if set(reader.fieldnames or ()) != {"kind", "alias", "member"}:
                raise IngestionError(
                    f"Budget aliases {path}: expected the columns kind,alias,member, found"
                    f" {','.join(reader.fieldnames or ())}; correct the header."
                )
            rows = [(row["kind"].strip(), clean(row["alias"]), clean(row["member"])) for row in reader]
    except (OSError, UnicodeDecodeError) as error:
        raise IngestionError(f"Budget aliases {path} cannot be read: {error}; mend the file.") from None
    aliases: dict[str, dict[str, str]] = {}
    spellings: dict[str, dict[str, str]] = {}
    for kind, alias, member in rows:
        aliases.setdefault(kind, {})[member.casefold()] = member
        spellings.setdefault(kind, {})[alias.casefold()] = alias
    for kind, alias, member in rows:
        aliases[kind].setdefault(alias.casefold(), member)
    return Members(aliases, spellings)
