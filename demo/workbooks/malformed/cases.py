"""The ten workbooks: how each is spoilt, and what must come of it.

Territories, categories and amounts are those of the company's first budget, so its own templates and aliases read the
files. Rows and amounts that must be loaded follow from the table; only the sentences are written here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from demo.company.model import Company
from demo.workbooks.malformed import tables
from demo.workbooks.malformed.biff import xls
from demo.workbooks.malformed.files import semicolon_text, xlsx
from demo.workbooks.malformed.locked import locked
from demo.workbooks.malformed.tables import Line, Table

PASSWORD = "nordwind"
_FIRST = "C6"
"""Cell of the first number; the second is right of it."""


@dataclass(frozen=True)
class Malformed:
    """One file and its outcome.

    `rows_loaded` numbers that add up to `amount` are loaded; `refused` gives a part of the sentence by cell, '' for the
    whole file and A1 for a whole sheet.
    """

    file_name: str
    fault: str
    content: bytes
    rows_loaded: int
    amount: float
    refused: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Case:
    fault: str
    make: Callable[[Table], bytes]
    lost: int = 0
    """How many numbers, from the first on, are refused."""
    refused: dict[str, str] = field(default_factory=dict)
    suffix: str = ".xlsx"


def malformed_workbooks(company: Company) -> list[Malformed]:
    """Return the ten workbooks of a company."""
    lines, year = _lines(company), company.budgets[0].fiscal_year
    numbers = [amount for line in lines for amount in line.amounts]
    table, sheet = tables.budget_table(lines, approved=f"{year}-01-20"), company.budgets[0].sheets[0].region
    found = []
    for position, case in enumerate(_cases(sheet, year, len(numbers)), start=1):
        kept = numbers[case.lost :]
        name = f"Budget_FY{year}_v{position}_{case.fault.lower().replace(' ', '_')}{case.suffix}"
        found.append(Malformed(name, case.fault, case.make(table), len(kept), round(sum(kept), 2), case.refused))
    return found


def _cases(sheet: str, year: int, count: int) -> list[_Case]:
    def book(change: Callable[[Table], Table]) -> Callable[[Table], bytes]:
        return lambda table: xlsx(sheet, change(table))

    def plain(change: Callable[[Table], Table]) -> Callable[[Table], bytes]:
        return book(lambda table: change(tables.without_totals(table)))

    merged = dict.fromkeys((_FIRST, "D6"), f"the number is merged over {_FIRST}:D6")
    return [
        _Case("two header rows", book(tables.two_header_rows)),
        _Case("three header rows", book(lambda table: tables.three_header_rows(table, year))),
        _Case("no header", book(tables.no_header), count, {"A1": "no cell “Territory” starts a header"}),
        _Case("totals above", book(tables.totals_above)),
        _Case("totals right", book(tables.totals_right)),
        _Case("merged body cells", plain(_merged_body), 2, merged),
        _Case("formula without result", plain(tables.number_calculated), 1, {_FIRST: "has no stored result"}),
        _Case(
            "password", lambda table: locked(xlsx(sheet, table), PASSWORD), count, {"": "it is protected by a password"}
        ),
        _Case("old format", lambda table: xls(sheet, table), suffix=".xls"),
        _Case("semicolons and commas", semicolon_text, suffix=".csv"),
    ]


def _merged_body(table: Table) -> Table:
    return tables.number_merged_right(tables.names_merged_down(table))


def _lines(company: Company) -> list[Line]:
    """Two categories of one territory, budgeted for every month."""
    rows = [row for row in company.budgets[0].sheets[0].rows if None not in row.amounts]
    chosen = [rows[0], next(r for r in rows if r.territory == rows[0].territory and r.category != rows[0].category)]
    return [Line((r.territory, r.category), tuple(round(a or 0.0, 2) for a in r.amounts)) for r in chosen]
