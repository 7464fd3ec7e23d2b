"""Whether the settings of a table fit what the database delivers, which a load and a test of the source ask alike.

What belongs here: the contract that the delivered columns can keep, and the sentences on those that are misnamed. What
does not: reading the columns (`session.py`) and which tables there are (`tables.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ingestion.contract import Column, TableContract
from ingestion.errors import SettingsMisfitError
from ingestion.naming import nearest
from ingestion.sources.erp.session import Selection
from ingestion.sources.erp.tables import TABLES

_SAME_NAME = 0.8
"""How near a column must be to a required one to be that one misspelt: `line_amuont` is, `full_name` is no `name`."""


def fitted(contract: TableContract, selection: Selection, *, is_own: bool) -> TableContract:
    """Return the contract that the database's columns can keep.

    A table that lands as it is takes its types from the database. Of a table described in the settings (`is_own`) what
    is not delivered stays empty; of the contract's own table it is missed with a warning. IngestionError where the
    settings name a column that is not there, or deliver a required one under a name that is nearly its own.
    """
    types = {column.name: column.type for column in selection.columns}
    needed = [*contract.key, *([contract.cursor] if contract.cursor else [])]
    if contract.name not in TABLES:
        selection.of([*needed, *contract.amounts])
        return replace(
            contract, columns=tuple(Column(name, kind, name in contract.key) for name, kind in types.items())
        )
    if not is_own:
        return contract
    selection.of(needed)
    _refuse_misspelt(contract, types)
    columns = tuple(replace(column, required=column.required and column.name in types) for column in contract.columns)
    return replace(contract, columns=columns, amounts=tuple(name for name in contract.amounts if name in types))


def undelivered(contract: TableContract, names: Iterable[str]) -> tuple[str, ...]:
    """Return the columns that may not be empty and are none of `names`; the row version is one of several cursors."""
    delivered, own = set(names), TABLES.get(contract.name, contract)
    return tuple(
        column.name
        for column in contract.columns
        if column.required and column.name not in delivered and column.name != own.cursor
    )


def _refuse_misspelt(contract: TableContract, names: Iterable[str]) -> None:
    declared = {column.name for column in contract.columns}
    undeclared = [name for name in names if name not in declared]
    meant = {name: nearest(name, undeclared, _SAME_NAME) for name in undelivered(contract, names)}
    if told := [f"{name} must be delivered; is {near} misspelt?" for name, near in meant.items() if near]:
        raise SettingsMisfitError(f"ERP settings (SALESWH_ERP_TABLES), table {contract.name}: {' '.join(told)}")
