"""The small demo company with its CRM served, loaded into one state file without the rest of a run.

What belongs here: what several tests of loads do with it. What does not: building marts (`demo_warehouse.py`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from demo.systems.crm_server import RunningServer, start_crm_server
from demo.systems.store import create_systems, demo_now, erp_address
from ingestion.contract import TableContract
from ingestion.naming import raw_name
from ingestion.pipeline import LoadResult, load
from ingestion.registry import SOURCES
from ingestion.sources.budget.config import BudgetConfig
from ingestion.sources.calendar.config import CalendarConfig
from ingestion.sources.erp.config import ErpConfig
from ingestion.sources.fx.config import FxConfig
from ingestion.sources.salesforce.config import SalesforceConfig

Row = tuple[Any, ...]


class LoadedCompany:
    """The small demo company with its CRM server running, and one state file that it is loaded into."""

    def __init__(self, folder: Path, server: RunningServer) -> None:
        self.folder, self.systems, self.state_file = folder, folder / "demo", folder / "state.duckdb"
        drop = self.systems / "drop"
        self.configs: dict[str, Any] = {
            "salesforce": SalesforceConfig(
                base_url=server.url, client_id=server.client_id, client_secret=server.client_secret
            ),
            "erp": ErpConfig(url=erp_address(self.systems)),
            "budget": BudgetConfig(
                folder=drop / "budget",
                templates_file=drop / "budget" / "templates.yml",
                aliases_file=drop / "budget" / "aliases.csv",
            ),
            "fx": FxConfig(folder=drop / "fx"),
            "calendar": CalendarConfig(country="RO", first_year=2021, last_year=2027),
        }

    def load(self, *names: str) -> dict[str, LoadResult]:
        """Load sources (all by default) at the company's now."""
        return {
            name: load(
                SOURCES[name],
                self.configs[name],
                state_file=self.state_file,
                pipelines_dir=self.folder / "pipelines",
                clock=demo_now(self.systems),
            )
            for name in names or self.configs
        }

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[LoadedCompany]:
        """Create the company in `folder` and serve its CRM for the block; nothing is loaded yet."""
        create_systems(folder / "demo", "S")
        server = start_crm_server(folder / "demo")
        try:
            yield cls(folder, server)
        finally:
            server.stop()

    def planted(self, quirk: str) -> dict[str, Any]:
        """What the answer key expects of one quirk."""
        (entry,) = [e for e in json.loads((self.systems / "quirks.json").read_text())["quirks"] if e["id"] == quirk]
        expected: dict[str, Any] = entry["expected"]
        return expected

    def query(self, sql: str) -> list[Row]:
        """Return the rows of a query on the state file."""
        with duckdb.connect(str(self.state_file), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def differing(
        self, dataset: str, contract: TableContract, truth: pa.Table, without: Collection[str] = ()
    ) -> list[Row]:
        """The rows that a raw table, as last seen, has otherwise than a system, or only one of both has.

        `truth` are the system's rows under its own names; compared are the declared columns that it has, in the types
        of raw. Rows whose key (as text) is among `without` are left aside.
        """
        names = [column.name for column in contract.columns if column.name in truth.column_names]
        key = f"concat_ws('|', {', '.join(f'cast({raw_name(name)} as varchar)' for name in contract.key)})"
        raw, stamp = f'{dataset}."{raw_name(contract.name)}"', raw_name(contract.cursor or contract.key[0])
        with duckdb.connect(str(self.state_file), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.register("truth", truth)
            types = {name: kind for name, kind, *_ in connection.execute(f"describe {raw}").fetchall()}
            casts = ", ".join(f'cast("{n}" as {types[raw_name(n)]}) as "{raw_name(n)}"' for n in names)
            kept = ", ".join(f'"{raw_name(name)}"' for name in names)
            return connection.execute(
                f"with there as (select {casts} from truth), here as (select {kept} from (from {raw}"
                f" qualify row_number() over (partition by {key} order by _extracted_at desc, _load_id desc,"
                f" {stamp} desc, _deleted_at is null) = 1) where _deleted_at is null)"
                f" select * from ((from there except all from here) union all (from here except all from there))"
                f" where {key} not in (select unnest(?))",
                [list(without)],
            ).fetchall()
