"""The workbooks' share of the answer key: cells, control totals and versions, taken from the plans.

What does not belong here: planting; this module only reports.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from demo.company.model import BudgetVersion, Quirk
from demo.workbooks.cosmetics import Cosmetics
from demo.workbooks.layout import BODY_ROW, HEADER_ROW, MONTHS, UNIT_ROW, address
from demo.workbooks.plan import SheetPlan


def delivery_quirks(version: BudgetVersion, plans: list[SheetPlan], cosmetics: Cosmetics) -> list[Quirk]:
    """What one delivery carries. Keys are ``<file>[ re-sent]/<sheet>!<cell>``; amounts are in whole EUR or in the
    sheet's unit, as named."""
    file = version.file_name + (" re-sent" if version.is_resend else "")
    found = [
        _layout(file, version, plans),
        _totals(file, plans),
        _units(file, plans),
        _awkward_numbers(file, plans),
        _names(file, plans, cosmetics),
        _version(file, version),
        _people(file, plans),
        _wrong_totals(file, plans),
    ]
    return [quirk for quirk in found if quirk.keys]


def resend_quirks(deliveries: list[tuple[str, bool, bytes]]) -> list[Quirk]:
    """B10: names that came more than once, with the SHA-256 of each content in order of arrival."""
    hashes: dict[str, list[str]] = {}
    for name, _, content in deliveries:
        hashes.setdefault(name, []).append(hashlib.sha256(content).hexdigest())
    again = {name: values for name, values in sorted(hashes.items()) if len(values) > 1}
    return [Quirk("B10", "budget_file", list(again), {"sha256": again})]


def _layout(file: str, version: BudgetVersion, plans: list[SheetPlan]) -> Quirk:
    expected = {
        "sheets": [plan.source.region for plan in plans],
        "header_row": HEADER_ROW + 1,
        "first_body_row": BODY_ROW + 1,
        "periods": {month: number for number, month in enumerate(MONTHS, start=1)},
        "january_is_in": version.fiscal_year + 1,
    }
    return Quirk("B1", "budget_file", [file], expected)


def _totals(file: str, plans: list[SheetPlan]) -> Quirk:
    """B2: rows and columns that repeat the body, hidden ones, and the control total of each sheet."""
    controls: dict[str, Any] = {}
    keys: list[str] = []
    for plan in plans:
        where = f"{file}/{plan.source.region}"
        rows = [(BODY_ROW + i + 1, row) for i, row in enumerate(plan.rows)]
        keys += [f"{where}!A{number}" for number, row in rows if row.kind != "body"]
        eur = sum(amount or 0.0 for row in plan.source.rows for amount in row.amounts)
        cells = [cell for _, row in rows if row.kind == "body" for c, cell in row.cells.items() if _is_month(plan, c)]
        controls[plan.source.region] = {
            "total_in_unit": plan.total,
            "total_eur": round(eur, 2),
            "loaded_cells": sum(cell.kind != "blank" for cell in cells),
            "hidden_rows": [number for number, row in rows if row.hidden],
            "hidden_column": address(HEADER_ROW, plan.layout.memo) if plan.has_memo else None,
        }
    return Quirk("B2", "budget_total", keys, {"sheets": controls, "total_columns": ["Q1", "Q2", "Q3", "Q4", "FY"]})


def _units(file: str, plans: list[SheetPlan]) -> Quirk:
    odd = [plan for plan in plans if plan.source.unit != "EUR"]
    units = {plan.source.region: {"unit": plan.source.unit, "currency": plan.source.currency} for plan in odd}
    keys = [f"{file}/{plan.source.region}!{address(UNIT_ROW, 1)}" for plan in odd]
    return Quirk("B4", "budget_sheet", keys, {"units": units})


def _awkward_numbers(file: str, plans: list[SheetPlan]) -> Quirk:
    keys: list[str] = []
    kinds: Counter[str] = Counter()
    values: dict[str, float] = {}
    for plan in plans:
        for offset, row in enumerate(plan.rows):
            for column, cell in sorted(row.cells.items()):
                if row.kind == "body" and cell.kind in ("text", "dash", "blank"):
                    key = f"{file}/{plan.source.region}!{address(BODY_ROW + offset, column)}"
                    keys.append(key)
                    kinds[cell.kind] += 1
                    if cell.kind == "text":
                        values[key] = cell.value
    return Quirk("B5", "budget_cell", keys, {"cells": dict(sorted(kinds.items())), "text_values": values})


def _names(file: str, plans: list[SheetPlan], cosmetics: Cosmetics) -> Quirk:
    """B6: cells that hold an alias and the member it stands for."""
    meant: dict[str, str] = {}
    for plan in plans:
        rows = [(BODY_ROW + i, row) for i, row in enumerate(plan.rows) if row.kind == "body"]
        for (at, row), source in zip(rows, plan.source.rows, strict=True):
            names = (source.territory, source.category, source.rep or "")
            for column, text in enumerate(row.members):
                if text != names[column]:
                    meant[f"{file}/{plan.source.region}!{address(at, column)}"] = names[column]
    return Quirk(
        "B6", "budget_name", list(meant), {"members": meant, "written": sorted(set(cosmetics.aliases.values()))}
    )


def _version(file: str, version: BudgetVersion) -> Quirk:
    expected = {
        "budget_version": f"FY{version.fiscal_year} v{version.version}",
        "territories": version.territory_count,
        "total_eur": round(sum(a or 0.0 for s in version.sheets for r in s.rows for a in r.amounts), 2),
    }
    return Quirk("B7", "budget_version", [file], expected)


def _people(file: str, plans: list[SheetPlan]) -> Quirk:
    """B8: rows that name a rep, by the text in the rep column."""
    named = {
        f"{file}/{plan.source.region}!A{BODY_ROW + i + 1}": row.members[2]
        for plan in plans
        if plan.layout.has_rep
        for i, row in enumerate(plan.rows)
        if row.kind == "body" and row.members[2]
    }
    return Quirk("B8", "budget_rep", list(named), {"reps": named})


def _wrong_totals(file: str, plans: list[SheetPlan]) -> Quirk:
    wrong = {f"{file}/{p.source.region}!{p.wrong_total.cell}": p.wrong_total for p in plans if p.wrong_total}
    values = {key: {"found": total.found, "right": total.right} for key, total in wrong.items()}
    return Quirk("B3", "budget_total", list(wrong), {"totals": values, "rejected": "the whole sheet"})


def _is_month(plan: SheetPlan, column: int) -> bool:
    return column in {plan.layout.month(index) for index in range(len(MONTHS))}
