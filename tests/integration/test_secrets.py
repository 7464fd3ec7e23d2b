"""No secret in anything that a load or a run leaves behind, whether it succeeds or fails: planted ones are searched.

Searched are sentences, logs, dlt's folders and traces, the state file, dbt's artefacts, Dagster's history and compute
logs, releases, reports and notifications.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg
import dlt
import pytest
from dlt.extract import DltSource
from pydantic import BaseModel, ConfigDict, SecretStr

from demo.systems.crm_auth import CLIENT_SECRET
from ingestion.context import LoadContext, SourceDefinition
from ingestion.contract import TableContract, columns
from ingestion.errors import IngestionError
from ingestion.pipeline import LoadResult, load
from ingestion.registry import SOURCES
from ingestion.sources.erp.config import ErpConfig
from ingestion.sources.erp.tables import TABLES as ERP
from ingestion.sources.files.config import FilesConfig, FileTable
from orchestration.instance import open_instance
from orchestration.schedules import all_sensors
from tests.integration.demo_warehouse import DemoWarehouse
from tests.leaks import leaks

CANARY = "c4nary-pass"
CRM_TOKEN = "00D000000000001!"
"""Every token of the demo CRM begins so."""

THING = TableContract("thing", ("id",), columns("id!"))


class Config(BaseModel):
    """Settings of a source with one address."""

    model_config = ConfigDict(frozen=True)

    url: SecretStr


def refuse(_config: Config, _context: LoadContext) -> DltSource:
    """A source whose driver quotes the password as it reads unescaped."""

    @dlt.resource(name="thing")
    def thing() -> Iterator[Any]:
        raise OSError(f"login of reader with {CANARY}@unescaped failed")
        yield

    return dlt.source(lambda: thing, name="driver", max_table_nesting=0)()


DRIVER = SourceDefinition("driver", Config, {"thing": THING}, refuse)


def files(address: str) -> FilesConfig:
    """Settings of one file."""
    return FilesConfig(tables=(FileTable(name="t", address=address, key=("k",)),))


FAILING: dict[str, tuple[SourceDefinition, Any]] = {
    "path": (SOURCES["erp"], ErpConfig(url=f"sqlite:////nowhere/gone.sqlite?password={CANARY}")),
    "dialect": (SOURCES["erp"], ErpConfig(url=f"nosuch://reader:{CANARY}@erp/db")),
    "form": (SOURCES["erp"], ErpConfig(url=f"sqlite://reader:{CANARY}@erp/db")),
    "no address": (SOURCES["erp"], ErpConfig(url=f"reader/{CANARY}")),
    "driver": (DRIVER, Config(url=f"db://reader:{CANARY}%40unescaped@erp/db")),
    "file": (SOURCES["files"], files(f"file:///nowhere/t.csv?sig={CANARY}")),
    "protocol": (SOURCES["files"], files(f"nosuch://u:{CANARY}@x/t.csv")),
}


def load_into(folder: Path, definition: SourceDefinition, config: Any, **more: Any) -> LoadResult:
    """Load a source into a state file in `folder`."""
    places = {"state_file": folder / "state.duckdb", "pipelines_dir": folder / "pipelines"}
    return load(definition, config, **places, clock=datetime(2024, 2, 29, 23), **more)


@pytest.mark.parametrize("case", FAILING)
def test_a_failing_load_leaves_no_secret(
    case: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    definition, config = FAILING[case]
    with caplog.at_level(logging.INFO), pytest.raises(IngestionError) as caught:
        load_into(tmp_path, definition, config)
    said = "".join([*capfd.readouterr(), caplog.text, repr(config), repr(caught.value)])
    (tmp_path / "console.txt").write_text(said)
    assert leaks(tmp_path, [CANARY]) == []


def test_a_succeeding_load_leaves_no_secret(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(tmp_path / "erp.sqlite")) as database, database:
        names = ", ".join(column.name for column in ERP["salesperson"].columns)
        database.execute(f"create table salesperson ({names})")
        database.execute("insert into salesperson (salesperson_no, name, rowversion) values ('ß-1', 'Ă', 3)")
    config = ErpConfig(url=f"sqlite:///{tmp_path}/erp.sqlite?password={CANARY}")
    folder = tmp_path / "out"
    with caplog.at_level(logging.INFO):
        assert load_into(folder, SOURCES["erp"], config, only={"salesperson"}).appended == 1
    (folder / "console.txt").write_text("".join([*capfd.readouterr(), caplog.text, repr(config)]))
    assert list(folder.rglob("trace*")), "dlt's trace of the load is among what is searched"
    assert leaks(folder, [CANARY]) == []


def test_a_whole_job_leaves_no_secret(warehouse: DemoWarehouse) -> None:
    folder = warehouse.environment.folder
    names = {path.name for path in folder.iterdir()}
    assert {"state.duckdb", "build.duckdb", "releases", "reports", "dlt", "dbt", "dagster", "logs"} <= names
    assert leaks(folder, [CLIENT_SECRET, CRM_TOKEN], without=warehouse.environment.demo) == []


def test_a_failing_job_leaves_no_secret(own_warehouse: DemoWarehouse) -> None:
    outcome = own_warehouse.run_on_record(
        "refresh",
        sources=("salesforce", "erp"),
        salesforce_client_secret=SecretStr(CANARY),
        erp_url=SecretStr(f"sqlite:///{own_warehouse.environment.demo}/gone.sqlite?password={CANARY}"),
    )
    assert not outcome.success
    assert len(outcome.failures) == 2, outcome.failures
    tell_of_the_failure(own_warehouse, outcome.run_id)
    folder = own_warehouse.environment.folder
    (folder / "console.txt").write_text("\n".join([*outcome.failures, *outcome.warnings, repr(own_warehouse.settings)]))
    assert (folder / "notifications.jsonl").read_text().count("refresh failed") == 1
    assert leaks(folder, [CANARY]) == []


def tell_of_the_failure(warehouse: DemoWarehouse, run_id: str) -> None:
    """Let the failure sensor notify, as the daemon would."""
    (sensor,) = [sensor for sensor in all_sensors(warehouse.settings) if sensor.name == "run_failure"]
    with open_instance(warehouse.environment) as instance:
        run = instance.get_run_by_id(run_id)
        (failure,) = instance.all_logs(run_id, of_type=dg.DagsterEventType.PIPELINE_FAILURE)
        context = dg.build_run_status_sensor_context("run_failure", failure.dagster_event, instance, run)
        sensor(context.for_run_failure())
