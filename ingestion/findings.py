"""What testing a source finds: whether it answers, which tables it shows, what it will never tell.

What belongs here: the vocabulary of `saleswh sources check`. What does not: asking a source (its own `probe.py`) and
printing (the orchestration).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ingestion.contract import TableContract


@dataclass(frozen=True)
class TableFinding:
    """One table, object or file of a source.

    `rows` is None where nobody counted; `is_estimate` says that it is near rather than exact. `newest` is the newest
    modification stamp, as text. `columns` counts those that can be seen; `missing` are declared ones that cannot,
    `undeclared` those beyond the contract. `note` is worth knowing; `problem` ends a load, in one sentence.
    """

    table: str
    rows: int | None = None
    is_estimate: bool = False
    newest: str | None = None
    columns: int = 0
    missing: tuple[str, ...] = ()
    undeclared: tuple[str, ...] = ()
    note: str = ""
    problem: str = ""


@dataclass(frozen=True)
class SourceFindings:
    """One source: `reached` and `authenticated` are None where nobody could tell.

    `cannot_know` are facts that no load of this source will ever bring, `problem` is why it cannot be loaded at all.
    """

    source: str
    reached: bool | None = None
    authenticated: bool | None = None
    tables: tuple[TableFinding, ...] = ()
    cannot_know: tuple[str, ...] = ()
    problem: str = ""

    @property
    def is_usable(self) -> bool:
        """Whether a load would succeed as far as can be seen."""
        return not self.problem and not any(table.problem for table in self.tables)


def compare_columns(contract: TableContract, names: Iterable[str]) -> TableFinding:
    """Return the finding about a table that shows the columns `names`; it needs its key and its cursor."""
    seen = tuple(names)
    declared = [column.name for column in contract.columns]
    missing = tuple(name for name in contract.expected if name not in seen)
    finding = TableFinding(
        contract.name,
        columns=len(seen),
        missing=missing,
        undeclared=tuple(name for name in seen if name not in declared),
    )
    needed = [name for name in (*contract.key, contract.cursor) if name in missing]
    if not needed:
        return finding
    problem = f"column {', '.join(map(str, needed))} is missing, without which versions cannot be told apart"
    return replace(finding, problem=f"Table {contract.name}: {problem}; grant access to it or restore it.")
