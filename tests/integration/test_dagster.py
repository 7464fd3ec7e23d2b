"""The graph as the UI shows it: one connected whole, every edge there, and a run started through GraphQL ends well."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from exports.publish import RELEASED_SCHEMAS
from exports.reports import REPORTS
from orchestration.dbt import ensure_manifest
from orchestration.definitions import build_defs
from orchestration.jobs import SELECTIONS
from orchestration.keys import RELEASE_KEY
from tests.integration.demo_warehouse import DemoWarehouse

ROOT = Path(__file__).parents[2]
UI_SECONDS = 150
LOCATIONS = """query { workspaceOrError { ... on Workspace { locationEntries { name locationOrLoadError {
    __typename ... on PythonError { message } ... on RepositoryLocation { repositories { name } } } } } } }"""
LAUNCH = """mutation($selector: JobOrPipelineSelector!) {
    launchRun(executionParams: {selector: $selector, runConfigData: {}}) {
        __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
RUN = """query($runId: ID!) { runOrError(runId: $runId) { ... on Run { status } } }"""
ASSETS = """query($runId: ID!) { runOrError(runId: $runId) { ... on Run { assetMaterializations {
    assetKey { path } } } } }"""


@pytest.fixture(scope="module")
def graph(warehouse: DemoWarehouse) -> dg.AssetGraph:  # type: ignore[name-defined]
    """The asset graph of the demo environment."""
    return build_defs(warehouse.settings).resolve_asset_graph()


def neighbours(graph: Any) -> dict[dg.AssetKey, set[dg.AssetKey]]:
    """Upstream and downstream assets of each asset."""
    keys = graph.get_all_asset_keys()
    return {key: set(graph.get(key).parent_keys) | set(graph.get(key).child_keys) for key in keys}


def test_the_graph_is_one_connected_whole(graph: Any) -> None:
    around = neighbours(graph)
    reached, waiting = set(), [RELEASE_KEY]
    while waiting:
        key = waiting.pop()
        if key not in reached:
            reached.add(key)
            waiting.extend(around[key])
    assert {key.to_user_string() for key in around.keys() - reached} == set()
    assert len(reached) > 120


def test_every_asset_is_made_by_some_step(graph: Any) -> None:
    """No edge leads to a table that nobody makes: keys of dlt, dbt and Python meet."""
    keys = graph.get_all_asset_keys()
    assert {key.to_user_string() for key in keys if not graph.get(key).is_materializable} == set()


def test_every_dbt_source_is_made_upstream(graph: Any, warehouse: DemoWarehouse) -> None:
    manifest = json.loads(ensure_manifest(warehouse.settings).read_text(encoding="utf-8"))
    enabled = {node for model in manifest["nodes"].values() for node in model["depends_on"].get("nodes", [])}
    sources = [source for unique_id, source in manifest["sources"].items() if unique_id in enabled]
    keys = graph.get_all_asset_keys()
    assert len(sources) > 25
    assert [s["unique_id"] for s in sources if dg.AssetKey([s["schema"], s["identifier"]]) not in keys] == []


def test_the_release_waits_for_every_table_that_it_holds(graph: Any) -> None:
    reports = {dg.AssetKey(["reports", report]) for report in REPORTS}
    parents = set(graph.get(RELEASE_KEY).parent_keys)
    assert parents == {key for key in graph.get_all_asset_keys() if key.path[0] in RELEASED_SCHEMAS}
    assert set(graph.get(RELEASE_KEY).child_keys) == reports


def test_the_jobs_take_the_parts_that_they_name(warehouse: DemoWarehouse) -> None:
    defs = build_defs(warehouse.settings)
    graph = defs.resolve_asset_graph()
    taken = {name: selection.resolve(graph) for name, (selection, _) in SELECTIONS.items()}
    assert taken["full"] == graph.get_all_asset_keys()
    assert {key.path[0] for key in taken["reports"]} == {"reports"}
    assert not {key.path[0] for key in taken["refresh"]} & {"reports", "forecast"}
    assert not {key.path[0] for key in taken["rebuild"]} & {"raw_erp", "raw_salesforce", "reports", "forecast"}
    assert RELEASE_KEY in taken["refresh"] & taken["rebuild"] & taken["forecast"]


class Ui:
    """A running Dagster UI, asked through GraphQL."""

    def __init__(self, port: int) -> None:
        self._address = f"http://127.0.0.1:{port}/graphql"

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of one GraphQL answer; AssertionError with the server's own words."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(self._address, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as response:
            answer: dict[str, Any] = json.load(response)
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    def wait_until_up(self) -> None:
        """Wait for the server and its code location."""
        self._wait(lambda: self.ask(LOCATIONS)["workspaceOrError"]["locationEntries"][0]["locationOrLoadError"])

    def wait_for_end(self, run_id: str) -> str:
        """Wait until a run has ended; give its status."""
        self._wait(lambda: self.status(run_id) in {"SUCCESS", "FAILURE", "CANCELED"})
        return self.status(run_id)

    def status(self, run_id: str) -> str:
        """The status of a run."""
        return str(self.ask(RUN, runId=run_id)["runOrError"]["status"])

    @staticmethod
    def _wait(condition: Any) -> None:
        end = time.monotonic() + UI_SECONDS
        while time.monotonic() < end:
            try:
                if condition():
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                pass
            time.sleep(0.5)
        raise AssertionError(f"The Dagster UI was not ready within {UI_SECONDS} s.")


def free_port() -> int:
    """A port that nobody uses at the moment."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture(scope="module")
def ui(warehouse: DemoWarehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ui, DemoWarehouse]]:
    """`saleswh ui` on a copy: web server, daemon and code server, as `make dev` starts them."""
    copy = warehouse.copy(tmp_path_factory.mktemp("ui"))
    port, log = free_port(), tmp_path_factory.mktemp("log") / "ui.log"
    variables = {"SALESWH_VAR_DIR": str(copy.settings.var_dir), "SALESWH_DEMO_PROFILE": "S"}
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "orchestration.cli", "ui", "--port", str(port)],
            cwd=ROOT, env={**os.environ, **variables}, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
        try:
            made = Ui(port)
            made.wait_until_up()
            yield made, copy
        finally:
            os.killpg(server.pid, signal.SIGINT)
            try:
                server.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait()


def test_the_ui_loads_the_workspace(ui: tuple[Ui, DemoWarehouse]) -> None:
    entries = ui[0].ask(LOCATIONS)["workspaceOrError"]["locationEntries"]
    loaded = {entry["name"]: entry["locationOrLoadError"]["__typename"] for entry in entries}
    assert loaded == {"sales_warehouse": "RepositoryLocation"}, entries


def test_a_materialisation_from_the_ui_ends_well(ui: tuple[Ui, DemoWarehouse]) -> None:
    server, warehouse = ui
    exported = "select count(*) from state.ops.export_log"
    before = warehouse.query_build(exported)[0][0]
    (entry,) = server.ask(LOCATIONS)["workspaceOrError"]["locationEntries"]
    selector = {
        "repositoryLocationName": entry["name"],
        "repositoryName": entry["locationOrLoadError"]["repositories"][0]["name"],
        "jobName": "reports",
    }
    launched = server.ask(LAUNCH, selector=selector)["launchRun"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    run_id = launched["run"]["runId"]
    assert server.wait_for_end(run_id) == "SUCCESS"
    made = server.ask(ASSETS, runId=run_id)["runOrError"]["assetMaterializations"]
    assert {tuple(event["assetKey"]["path"]) for event in made} == {("reports", report) for report in REPORTS}
    assert warehouse.query_build(exported)[0][0] >= before
    files = [path.name for path in (warehouse.environment.reports / warehouse.release.publish_id).glob("*.xlsx")]
    assert len(files) == len(REPORTS)
