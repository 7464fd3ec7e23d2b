"""One writer at a time, readers undisturbed, and the way back: decision 6 as tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from exports.publish import Release, ReleaseMeta, build_release, prune_releases, switch_current
from orchestration.cli import main
from tests.integration.demo_warehouse import DemoWarehouse, hash_file

ROOT = Path(__file__).parents[2]
PUBLISHES = 12

HOLDER = """
import sys
from pathlib import Path
from orchestration.lock import writer_lock
with writer_lock(Path(sys.argv[1]), "the nightly load"):
    print("held", flush=True)
    sys.stdin.read()
"""

READER = """
import json, sys
from pathlib import Path
import duckdb
database, stop = Path(sys.argv[1]), Path(sys.argv[2])
seen, reads = {}, 0
while not stop.exists():
    with duckdb.connect(str(database), read_only=True) as connection:
        mark = connection.execute("select max(number) from marts.publish_mark").fetchall()[0][0]
        counts = connection.execute(
            "select (select count(*) from marts.publish_mark), (select count(*) from marts.publish_twin),"
            " (select count(*) from marts.fct_sales), (select sum(net_amount)::varchar from marts.fct_sales)"
        ).fetchall()[0]
    seen.setdefault(str(mark), set()).add(counts)
    reads += 1
    if reads == 1:
        print("reading", flush=True)
print(json.dumps({"reads": reads, "seen": {mark: sorted(found) for mark, found in seen.items()}}))
"""


def command(*arguments: str, warehouse: DemoWarehouse) -> subprocess.CompletedProcess[str]:
    """Run `saleswh` as a process of its own on a warehouse."""
    variables = {"SALESWH_VAR_DIR": str(warehouse.settings.var_dir), "SALESWH_DEMO_PROFILE": "S"}
    return subprocess.run(
        [sys.executable, "-m", "orchestration.cli", *arguments],
        cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@contextmanager
def held_lock(warehouse: DemoWarehouse) -> Iterator[int]:
    """Another process holds the writer lock; gives its process id."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(warehouse.environment.lock_file)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "held"
        yield holder.pid
    finally:
        holder.communicate("")


def test_a_second_run_is_told_who_holds_the_lock(own_warehouse: DemoWarehouse) -> None:
    """By the command and by a run that bypasses it, as one from the UI does."""
    served = own_warehouse.release.publish_id
    with held_lock(own_warehouse) as process:
        refused = command("refresh", warehouse=own_warehouse)
        bypassing = own_warehouse.run("reports")
    sentence = f"is being written by the nightly load (process {process}, since "
    assert refused.returncode == 1
    assert sentence in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert not bypassing.success
    assert sentence in " ".join(bypassing.failures)
    assert own_warehouse.release.publish_id == served
    assert own_warehouse.run("reports").success


def publish(warehouse: DemoWarehouse, number: int) -> Release:
    """Change the build so that the release can be told apart, and publish it."""
    environment = warehouse.environment
    with duckdb.connect(str(environment.build_file)) as connection:
        for table in ("publish_mark", "publish_twin"):
            rows = f"select range as number from range(1, {number + 1})"
            connection.execute(f"create or replace table marts.{table} as {rows}")
        connection.execute("update marts.fct_sales set net_amount = net_amount + 1")
    meta = ReleaseMeta(f"run-{number}", warehouse.release.data_as_of + timedelta(minutes=number), "test")
    release = build_release(environment.releases, environment.build_file, environment.state_file, meta)
    return switch_current(environment.releases, release.publish_id)


def test_rollback_serves_the_release_before(own_warehouse: DemoWarehouse) -> None:
    before = own_warehouse.release
    content = hash_file(before.database)
    newer = publish(own_warehouse, 1)
    assert own_warehouse.release.publish_id == newer.publish_id
    assert hash_file(newer.database) != content
    result = CliRunner().invoke(main, ["rollback"], env={"SALESWH_VAR_DIR": str(own_warehouse.settings.var_dir)})
    assert result.exit_code == 0, result.output
    assert before.publish_id in result.output
    assert own_warehouse.release.publish_id == before.publish_id
    assert hash_file(own_warehouse.environment.releases / "current" / before.database.name) == content
    again = CliRunner().invoke(main, ["rollback"], env={"SALESWH_VAR_DIR": str(own_warehouse.settings.var_dir)})
    assert again.exit_code == 1
    assert f"no release before {before.publish_id}" in again.output


def test_two_processes_read_while_releases_are_published(own_warehouse: DemoWarehouse, tmp_path: Path) -> None:
    """No error, and never a mixed read: what one connection sees is one release."""
    publish(own_warehouse, 1)
    current = own_warehouse.environment.releases / "current" / "warehouse.duckdb"
    stop = tmp_path / "stop"
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(current), str(stop)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    try:
        for reader in readers:
            assert reader.stdout is not None
            assert reader.stdout.readline().strip() == "reading", reader.communicate()[1]
        for number in range(2, PUBLISHES + 1):
            publish(own_warehouse, number)
            prune_releases(own_warehouse.environment.releases, keep=2)
    finally:
        stop.touch()
    for reader in readers:
        out, errors = reader.communicate(timeout=60)
        assert (reader.returncode, errors) == (0, "")
        assert_whole_reads(json.loads(out.splitlines()[-1]))


def assert_whole_reads(report: dict[str, object]) -> None:
    """Each release was seen with one set of counts, that of its own, and several releases were seen."""
    seen = report["seen"]
    assert isinstance(seen, dict)
    for mark, found in seen.items():
        (counts,) = found
        assert counts[:2] == [int(mark), int(mark)]
    assert len({found[0][3] for found in seen.values()}) == len(seen) >= 3
    assert report["reads"] >= len(seen)  # type: ignore[operator]


@pytest.mark.parametrize("name", ["warehouse.duckdb.wal", ".building-current"])
def test_nothing_half_written_lies_beside_a_release(warehouse: DemoWarehouse, name: str) -> None:
    assert not list(warehouse.environment.releases.rglob(name))
