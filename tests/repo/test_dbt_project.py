"""Rules of the dbt project: what every model must say of itself, and what may not be in it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2.sandbox import SandboxedEnvironment

from orchestration.dbt import ensure_manifest
from orchestration.keys import DOWNSTREAM_TAG
from orchestration.settings import Settings

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "dbt_project"
MODELS = sorted((PROJECT / "models").rglob("*.sql"))
SQL = sorted(path for folder in ("models", "macros", "tests") for path in (PROJECT / folder).rglob("*.sql"))
CONTRACT = ROOT.parent / "shared" / "spec" / "marts.sql"
WALL_CLOCK = re.compile(
    r"\b(?:current_date|current_timestamp|current_time|localtimestamp|getdate|sysdate)\b|\b(?:now|today)\s*\(",
    re.IGNORECASE,
)
LAYER = {"staging": 0, "intermediate": 1, "marts": 2}
LONGEST_MODEL = 120

Node = dict[str, Any]


@pytest.fixture(scope="session")
def manifest(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The project as dbt reads it with the demo's settings; parsed anew only when the project has changed."""
    kept = request.config.cache.mkdir("manifest")
    settings = Settings(_env_file=None, var_dir=kept)  # type: ignore[call-arg]
    loaded: dict[str, Any] = json.loads(ensure_manifest(settings).read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="session")
def models(manifest: dict[str, Any]) -> list[Node]:
    """The models that the demo's settings enable."""
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


@pytest.fixture(scope="session")
def marts(models: list[Node]) -> list[Node]:
    """The models of the marts layer."""
    return [node for node in models if node["fqn"][1] == "marts"]


@cache
def code(path: Path) -> str:
    """SQL without its comments."""
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"--[^\n]*", "", text)


def shown(path: Path) -> str:
    """The path as people write it."""
    return path.relative_to(PROJECT).as_posix()


def test_nothing_asks_the_machine_for_the_time() -> None:
    assert len(SQL) > 100
    assert [shown(path) for path in SQL if WALL_CLOCK.search(code(path))] == []


def test_every_model_has_a_yaml_of_its_name_beside_it() -> None:
    assert [shown(path) for path in MODELS if not path.with_suffix(".yml").is_file()] == []


def test_every_yaml_beside_a_model_is_about_that_model_alone() -> None:
    wrong = [
        shown(path)
        for path in (model.with_suffix(".yml") for model in MODELS)
        if path.is_file() and [m["name"] for m in yaml.safe_load(path.read_text("utf-8"))["models"]] != [path.stem]
    ]
    assert wrong == []


@pytest.mark.parametrize("path", [p for p in MODELS if "marts" in p.parts], ids=lambda path: path.stem)
def test_a_mart_states_grain_and_additivity_first(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    comments = [line for line in lines if line.strip() and not line.startswith("{{ config(")]
    assert comments[0].startswith("-- grain: "), comments[0]
    head = []
    for line in comments:
        if not line.startswith("--"):
            break
        head.append(line)
    assert any(line.startswith("-- additive: ") for line in head), head


def test_models_end_with_one_select_and_stay_short() -> None:
    endings = [shown(path) for path in MODELS if not re.search(r"select \* from \w+\s*$", code(path))]
    lengths = [
        shown(path) for path in MODELS if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST_MODEL + 25
    ]
    assert (endings, lengths) == ([], [])


def test_every_mart_column_is_described_and_typed(marts: list[Node]) -> None:
    missing = [
        f"{node['name']}.{column['name']}"
        for node in marts
        for column in node["columns"].values()
        if not column["description"].strip() or not column["data_type"]
    ]
    assert missing == []
    assert [node["name"] for node in marts if not node["description"].strip()] == []


def test_every_mart_enforces_its_contract(marts: list[Node]) -> None:
    assert len(marts) >= 25
    assert [node["name"] for node in marts if not node["config"]["contract"]["enforced"]] == []


def test_every_mart_tests_its_key(manifest: dict[str, Any], marts: list[Node]) -> None:
    """A fact or dimension has a test that its grain is unique."""
    tested = {
        depended
        for test in manifest["nodes"].values()
        if test["resource_type"] == "test" and (test.get("test_metadata") or {}).get("name", "").startswith("unique")
        for depended in [test.get("attached_node")]
    }
    single_row = {"clock"}
    assert [m["name"] for m in marts if m["unique_id"] not in tested and m["name"] not in single_row] == []


def test_layers_are_read_from_below(manifest: dict[str, Any], models: list[Node]) -> None:
    """Staging reads sources, intermediate no mart but the clock, nothing reads a rpt_ but other reports."""
    wrong = []
    by_id = {node["unique_id"]: node for node in models}
    for node in models:
        for depended in node["depends_on"]["nodes"]:
            other = by_id.get(depended)
            if other is None:
                continue
            if LAYER[node["fqn"][1]] < LAYER[other["fqn"][1]] and other["name"] != "clock":
                wrong.append(f"{node['name']} reads {other['name']}")
            if other["name"].startswith("rpt_") and not node["name"].startswith("rpt_"):
                wrong.append(f"{node['name']} reads the report {other['name']}")
    assert wrong == []


def test_only_staging_reads_raw_tables(manifest: dict[str, Any], models: list[Node]) -> None:
    wrong = [
        f"{node['name']} reads {depended}"
        for node in models
        if node["fqn"][1] != "staging"
        for depended in node["depends_on"]["nodes"]
        if depended.startswith("source.") and manifest["sources"][depended]["schema"].startswith("raw_")
    ]
    assert wrong == []


def test_core_never_reads_downstream(models: list[Node]) -> None:
    """`core` is built before the Python forecasts, `downstream` after them."""
    downstream = {node["unique_id"] for node in models if DOWNSTREAM_TAG in node["tags"]}
    assert downstream
    wrong = [
        f"{node['name']} reads {depended}"
        for node in models
        if node["unique_id"] not in downstream
        for depended in node["depends_on"]["nodes"]
        if depended in downstream
    ]
    assert wrong == []


def test_core_reads_no_table_that_python_writes_later(models: list[Node]) -> None:
    wrong = [
        f"{node['name']} reads {depended}"
        for node in models
        if DOWNSTREAM_TAG not in node["tags"]
        for depended in node["depends_on"]["nodes"]
        if depended.startswith("source.") and depended.split(".")[2] == "forecast"
    ]
    assert wrong == []


def contract_tables() -> dict[str, list[tuple[str, str]]]:
    """Columns and types of every table of the public contract, in order."""
    if not CONTRACT.is_file():
        return {}
    text = re.sub(r"--[^\n]*", "", CONTRACT.read_text(encoding="utf-8"))
    tables = {}
    for name, body in re.findall(r"CREATE TABLE (\w+\.\w+) \((.*?)\n\);", text, re.DOTALL):
        columns = re.findall(r"(\w+)\s+([A-Z]+(?:\([\d,]+\))?)", re.sub(r"PRIMARY KEY", "", body))
        tables[name] = [(column, kind.lower()) for column, kind in columns]
    return tables


SAME_TYPE = {"int": "integer", "int4": "integer", "text": "varchar", "bool": "boolean", "float8": "double"}


def plain_type(kind: str) -> str:
    """A type's name without blanks and synonyms."""
    short = kind.lower().replace(" ", "")
    return SAME_TYPE.get(short, short)


def test_marts_keep_the_public_contract(marts: list[Node]) -> None:
    """Names, types and order of the contract; columns may be added after them."""
    contract = contract_tables()
    if not contract:
        pytest.skip("the public contract (../shared/spec/marts.sql) is absent")
    checked, wrong = 0, []
    for node in marts:
        expected = contract.get(f"{node['schema']}.{node.get('alias') or node['name']}")
        if expected is None:
            continue
        checked += 1
        found = [(column["name"], plain_type(column["data_type"])) for column in node["columns"].values()]
        if found[: len(expected)] != [(name, plain_type(kind)) for name, kind in expected]:
            wrong.append(f"{node['name']}: {[p for p in zip(found, expected, strict=False) if p[0][0] != p[1][0]][:3]}")
    assert wrong == []
    assert checked >= 25


def test_state_tables_keep_the_public_contract() -> None:
    """What Python writes has the contract's columns, in its order."""
    contract = contract_tables()
    if not contract:
        pytest.skip("the public contract (../shared/spec/marts.sql) is absent")
    text = re.sub(r"--[^\n]*", "", (ROOT / "orchestration" / "state_tables.sql").read_text(encoding="utf-8"))
    wrong = []
    for name, body in re.findall(r"create table if not exists (\w+\.\w+) \((.*?)\n\);", text, re.DOTALL):
        found = re.findall(r"(\w+) ([a-z]+(?:\([\d,]+\))?)", body.replace("primary key", ""))
        expected = [(column, plain_type(kind)) for column, kind in contract.get(name, [])]
        if [(column, plain_type(kind)) for column, kind in found][: len(expected)] != expected:
            wrong.append(name)
    assert wrong == []


@pytest.mark.parametrize("folder", ["/srv/sales", "/srv/sales/dbt_project"])
def test_dbt_by_hand_finds_the_demo_files(folder: str) -> None:
    """From the repository's root and from the project's folder alike."""
    profile = yaml.safe_load((PROJECT / "profiles.yml").read_text(encoding="utf-8"))
    output = profile["sales_warehouse"]["outputs"]["warehouse"]
    files = [output["path"], *(attached["path"] for attached in output["attach"])]
    rendered = [SandboxedEnvironment().from_string(file).render(env_var={"PWD": folder}.get) for file in files]
    assert rendered == ["/srv/sales/var/demo/build.duckdb", "/srv/sales/var/demo/state.duckdb"]
