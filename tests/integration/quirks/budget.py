"""Quirks of the budget workbooks, found in the release.

Keys of the answer key read ``<file>[ re-sent]/<sheet>!<cell>``; `place` turns them into the warehouse's own columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from tests.integration.quirks.finding import Case, Finding, finding, finding_among_planted

WHOLE_EUR = 0


class Place(NamedTuple):
    """A cell, or a sheet or file where the rest is empty."""

    file: str
    sheet: str = ""
    cell: str = ""

    @property
    def row(self) -> str:
        """The row's number."""
        return re.sub(r"\D", "", self.cell)


def place(key: str) -> Place:
    """Where an answer key's key lies, as the warehouse writes files."""
    file, _, rest = key.partition("/")
    name, _, again = file.partition(" ")
    sheet, _, cell = rest.partition("!")
    return Place(f"resent/{name}" if again else name, sheet, cell)


def delivered(case: Case, keys: Iterable[str]) -> list[str]:
    """Keys of the files that the company has received by now."""
    folder = case.warehouse.environment.demo / "drop" / "budget"
    return [key for key in keys if (folder / place(key).file).is_file()]


def wrong_sheets(case: Case) -> set[tuple[str, str]]:
    """Sheets that must be rejected as a whole (B3)."""
    wrong = [q for q in case.warehouse.quirks() if q["id"] == "B3"]
    return {place(key)[:2] for q in wrong for key in q["keys"]}


def b1_layout(case: Case) -> Finding:
    """Every sheet of every file is read, each month in its period: January is the last one, of the next year."""
    planted, wrong = set(), wrong_sheets(case)
    for entry in case.entries:
        for file in delivered(case, entry["keys"]):
            year = entry["expected"]["january_is_in"] - 1
            planted |= {
                (place(file).file, sheet, year * 100 + 1, year * 100 + 12)
                for sheet in entry["expected"]["sheets"]
                if (place(file).file, sheet) not in wrong
            }
    found = case.warehouse.query("""
        select source_file, source_sheet, min(fiscal_period_key), max(fiscal_period_key) from marts.fct_budget
        group by all having count(distinct fiscal_period_key) = 12""")
    return finding("B1", "sheets read, February to January", planted, found)


def b2_totals(case: Case) -> Finding:
    """Each sheet adds up to its control total, cell by cell: no total, subtotal or hidden helper is loaded."""
    planted, wrong = set(), wrong_sheets(case)
    for entry in case.entries:
        for file in {place(key).file for key in delivered(case, entry["keys"])}:
            planted |= {
                (file, sheet, control["loaded_cells"], round(control["total_eur"], WHOLE_EUR))
                for sheet, control in entry["expected"]["sheets"].items()
                if (file, sheet) not in wrong
            }
    rows = case.warehouse.query(
        "select source_file, source_sheet, count(*), sum(amount)::double from marts.fct_budget group by all"
    )
    found = {(file, sheet, cells, round(total, WHOLE_EUR)) for file, sheet, cells, total in rows}
    return finding("B2", "control totals of sheets", planted, found)


def b3_wrong_total(case: Case) -> Finding:
    """The sheet with the wrong total is rejected by its cell, as a whole, and no other is."""
    planted = {place(key) for entry in case.entries for key in entry["keys"]}
    reasons = case.ids("select distinct reason from quality.rejected_row where source = 'budget'")
    named = (re.search(r"file (\S+), sheet (\S+), cell (\S+):", reason) for reason in reasons)
    found = {Place(*match.groups()) for match in named if match}
    loaded = case.warehouse.query("select distinct source_file, source_sheet from marts.fct_budget")
    return finding("B3", "wrong totals, sheet rejected", planted, {p for p in found if p[:2] not in loaded})


def b4_units(case: Case) -> Finding:
    """Sheets in thousands or in another currency are in EUR, next to last year's size."""
    controls = {
        (place(key).file, sheet): round(control["total_eur"], WHOLE_EUR)
        for quirk in case.warehouse.quirks()
        if quirk["id"] == "B2"
        for key in quirk["keys"][:1]
        for sheet, control in quirk["expected"]["sheets"].items()
    }
    keys = [place(key) for entry in case.entries for key in delivered(case, entry["keys"])]
    planted = {(p.file, p.sheet, controls[p.file, p.sheet]) for p in keys}
    rows = case.warehouse.query(
        "select source_file, source_sheet, sum(amount)::double from marts.fct_budget group by all"
    )
    sheets = {(file, sheet) for file, sheet, _ in planted}
    found = {(file, sheet, round(total, WHOLE_EUR)) for file, sheet, total in rows if (file, sheet) in sheets}
    return finding("B4", "sheets in other units", planted, found)


def b5_text_numbers(case: Case) -> Finding:
    """Numbers written as text have their value; dashes are nought; blanks are not there."""
    wrong = wrong_sheets(case)
    factors = {"EUR thousand": 1000.0}
    units = {
        (place(key).file, place(key).sheet): unit["unit"]
        for quirk in case.warehouse.quirks()
        if quirk["id"] == "B4"
        for key in quirk["keys"]
        for unit in quirk["expected"]["units"].values()
    }
    planted = set()
    for entry in case.entries:
        values = entry["expected"]["text_values"]
        for key in delivered(case, values):
            at = place(key)
            unit = units.get(at[:2], "EUR")
            if at[:2] not in wrong and unit != "PLN":
                planted.add((at, round(values[key] * factors.get(unit, 1.0), 2)))
    amounts = _amounts(case)
    found = {(at, amounts[at]) for at, _ in planted if at in amounts}
    return finding_among_planted("B5", "numbers written as text", planted, found)


def b5_blanks(case: Case) -> Finding:
    """Of the awkward cells the dashes are loaded as nought, and as many are missing as were left blank."""
    wrong = wrong_sheets(case)
    amounts = _amounts(case)
    planted, found = set(), set()
    for entry in case.entries:
        keys = [key for key in delivered(case, entry["keys"]) if key not in entry["expected"]["text_values"]]
        places = [place(key) for key in keys]
        if not places or any(file == places[0].file for file, _ in wrong):
            continue
        noughts = sum(amounts.get(at) == 0 for at in places)
        missing = sum(at not in amounts for at in places)
        cells = entry["expected"]["cells"]
        planted.add((places[0].file, cells["dash"], cells["blank"]))
        found.add((places[0].file, noughts, missing))
    return finding("B5", "dashes and blanks by file", planted, found)


def _amounts(case: Case) -> dict[Place, float]:
    rows = case.warehouse.query("select source_file, source_sheet, source_cell, amount::double from marts.fct_budget")
    return {Place(*where): round(amount, 2) for *where, amount in rows}


def b6_names(case: Case) -> Finding:
    """Misspelt and old names stand for the member that is meant."""
    wrong = wrong_sheets(case)
    planted = {
        (place(key).file, place(key).sheet, place(key).row, member)
        for entry in case.entries
        for key, member in entry["expected"]["members"].items()
        if delivered(case, [key]) and place(key)[:2] not in wrong
    }
    rows = case.warehouse.query(r"""
        select distinct source_file, source_sheet, regexp_replace(source_cell, '\D', '', 'g'),
            unnest([territory_name, product_category, if(budget.sales_rep_id = 'VACANT', 'Vacant', sales_rep_name)])
        from marts.fct_budget as budget
        left join marts.dim_territory as territory using (territory_id)
        left join (select sales_rep_id, sales_rep_name from marts.dim_sales_rep) as rep using (sales_rep_id)""")
    return finding("B6", "names and aliases", planted, planted & set(rows))


def b7_versions(case: Case) -> Finding:
    """Every delivery is a version, on the territories of its time."""
    planted = set()
    for entry in case.entries:
        for key in delivered(case, entry["keys"]):
            again = ".2" if place(key).file.startswith("resent/") else ""
            planted.add((entry["expected"]["budget_version"] + again, entry["expected"]["territories"]))
    wrong = {file for file, _ in wrong_sheets(case)}
    rows = case.warehouse.query("""
        select budget_version, any_value(source_file), count(distinct territory_id) from marts.fct_budget group by 1""")
    # Of the version with the rejected sheet the other sheets' territories are there.
    found = {(version, 14 if file in wrong and count < 14 else count) for version, file, count in rows}
    return finding("B7", "versions and their territories", planted, found)


def b8_people(case: Case) -> Finding:
    """A leaver and a vacant position keep their budget, under their own member."""
    names = {"N.N.": "Vacant"}
    planted = {
        (place(key).file, place(key).sheet, place(key).row, names.get(rep, rep))
        for entry in case.entries
        for key, rep in entry["expected"]["reps"].items()
        if delivered(case, [key])
    }
    rows = case.warehouse.query(r"""
        select distinct source_file, source_sheet, regexp_replace(source_cell, '\D', '', 'g'),
            if(budget.sales_rep_id = 'VACANT', 'Vacant', sales_rep_name)
        from marts.fct_budget as budget
        left join (select distinct sales_rep_id, sales_rep_name from marts.dim_sales_rep) as rep using (sales_rep_id)
        where budget.sales_rep_id <> 'UNALLOCATED'""")
    return finding("B8", "budget of a leaver and a vacancy", planted, rows)


def b9_fiscal_months(case: Case) -> Finding:
    """The months of each file are those of its fiscal year, 'Jan' being the last, of the next calendar year."""
    rows = case.warehouse.query("""
        select distinct budget.source_file, strftime(period.starts_on, '%Y-%m')
        from marts.fct_budget as budget
        inner join (select fiscal_period_key, min(date_day) as starts_on from marts.dim_date group by all) as period
            using (fiscal_period_key)""")
    planted = set()
    for file in {file for file, _ in rows}:
        year = int(re.search(r"FY(\d{4})", file)[1])  # type: ignore[index]
        planted |= {(file, f"{year}-{month:02}") for month in range(2, 13)} | {(file, f"{year + 1}-01")}
    return finding("B9", "fiscal months by file", planted, rows)


def b10_resent(case: Case) -> Finding:
    """Files that came again under their name are versions of their own, by content."""
    planted = {
        (key, content)
        for entry in case.entries
        for key in entry["keys"]
        for content in entry["expected"]["sha256"][key]
        if delivered(case, [f"{key} re-sent"]) or content == entry["expected"]["sha256"][key][0]
    }
    rows = case.warehouse.query(
        "select distinct replace(source_file, 'resent/', ''), file_sha256 from marts.fct_budget"
    )
    names = {key for entry in case.entries for key in entry["keys"]}
    return finding("B10", "contents of re-sent files", planted, {row for row in rows if row[0] in names})


FINDERS: dict[str, list[Callable[[Case], Finding]]] = {
    "B1": [b1_layout],
    "B2": [b2_totals],
    "B3": [b3_wrong_total],
    "B4": [b4_units],
    "B5": [b5_text_numbers, b5_blanks],
    "B6": [b6_names],
    "B7": [b7_versions],
    "B8": [b8_people],
    "B9": [b9_fiscal_months],
    "B10": [b10_resent],
}
