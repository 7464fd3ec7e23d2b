"""The repository's shape: folders, packages, documents, and nothing in it that belongs to one machine."""

from __future__ import annotations

import re
import subprocess
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
from click import Group

from exports.publish.database import PRIVATE_TABLES

ROOT = Path(__file__).parents[2]
PACKAGES = ("orchestration", "ingestion", "models", "forecasting", "expectations", "exports", "demo", "benchmarks")
FOLDERS = (*PACKAGES, "dbt_project", "docs", "tests")
FILES = (
    "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "pyproject.toml", "requirements.lock",
    "workspace.yaml", ".env.example", ".gitignore", ".ci/run",
)  # fmt: skip
TEXT_SUFFIXES = {".py", ".sql", ".yml", ".yaml", ".md", ".toml", ".csv", ".txt", ".lock", ".example", ".cfg", ""}
HOME_FOLDERS = re.compile(r"(?<![\w.])/(?:home|Users|root)/[a-z]")
INDEX_ADDRESS = re.compile(r"--(?:extra-)?index-url|--find-links|https?://[^\s\"']*(?:pypi|simple/)", re.IGNORECASE)
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
COMMAND = re.compile(r"^\s*(?:\$ )?(make|saleswh) ([a-z][a-z-]*)", re.MULTILINE)


def project_files() -> list[Path]:
    """Files that are tracked or would be: everything that .gitignore lets through."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is not a git working tree, so there is no list of its files")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def text_files() -> list[Path]:
    """Project files that hold text."""
    return [path for path in project_files() if path.suffix in TEXT_SUFFIXES]


def documents() -> list[Path]:
    """Markdown files of the project."""
    return [path for path in project_files() if path.suffix == ".md"]


@pytest.mark.parametrize("name", FOLDERS)
def test_every_room_exists_and_holds_something(name: str) -> None:
    assert any(path for path in (ROOT / name).rglob("*") if path.is_file() and "__pycache__" not in path.parts)


@pytest.mark.parametrize("name", FILES)
def test_every_expected_file_exists(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_is_a_package_and_is_shipped(name: str) -> None:
    assert (ROOT / name / "__init__.py").is_file()
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert f"{name}*" in settings["tool"]["setuptools"]["packages"]["find"]["include"]


def test_no_other_distribution_owns_our_names() -> None:
    owners = {
        f"{distribution.metadata['Name']}: {top}"
        for distribution in distributions()
        for top in {str(file).split("/")[0].removesuffix(".py") for file in distribution.files or []}
        if top in PACKAGES and distribution.metadata["Name"] != "sales-warehouse"
    }
    assert owners == set()


@pytest.mark.parametrize("name", [*PACKAGES, "dbt_project/models", "docs", "tests"])
def test_gitignore_drops_no_room(name: str) -> None:
    probe = f"{name}/some_new_file.py"
    ignored = subprocess.run(["git", "check-ignore", "--quiet", "--no-index", probe], cwd=ROOT, check=False).returncode
    if ignored == 128:
        pytest.skip("this is not a git working tree")
    assert ignored == 1, f".gitignore would drop {probe}"


def test_produced_files_are_ignored() -> None:
    for name in ("var/demo/state.duckdb", ".env", ".venv/bin/python", "dbt_project/target/manifest.json"):
        done = subprocess.run(["git", "check-ignore", "--quiet", "--no-index", name], cwd=ROOT, check=False)
        if done.returncode == 128:
            pytest.skip("this is not a git working tree")
        assert done.returncode == 0, name


def test_no_file_names_this_machine_or_a_package_index() -> None:
    here = re.compile(re.escape(str(ROOT)) + r"(?![\w-])")
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in text_files()
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1)
        if here.search(line) or HOME_FOLDERS.search(line)
        or (INDEX_ADDRESS.search(line) and path.name != "Makefile")
    ]  # fmt: skip
    assert found == []


def test_the_lock_has_hashes_and_no_addresses() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==[^\s;]+", text, re.MULTILINE)
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(pins) > 50
    assert len(blocks) == len(pins)
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert "://" not in text
    assert " @ " not in text


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in documents()
        for target in LINK.findall(path.read_text(encoding="utf-8"))
        if "://" not in target and not target.startswith("mailto:") and not (path.parent / target).exists()
    ]
    assert broken == []


def test_commands_in_the_documents_exist() -> None:
    from orchestration.cli import main

    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = {
        "make": set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE)),
        "saleswh": set(main.commands) if isinstance(main, Group) else set(),
    }
    unknown = [
        f"{path.relative_to(ROOT)}: {program} {name}"
        for path in documents()
        for block in re.findall(r"```(?:sh|bash|console)?\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
        for program, name in COMMAND.findall(block)
        if name not in known[program]
    ]
    assert unknown == []
    assert {"run", "refresh", "status", "query", "releases", "rollback", "demo", "ui"} <= known["saleswh"]
    assert {"setup", "demo", "test", "dev", "lint", "bench"} <= known["make"]


def test_the_documents_name_no_table_that_a_release_lacks() -> None:
    """CHANGELOG tells of the state file's tables too."""
    private = {f"{schema}.{table}" for schema, table in PRIVATE_TABLES}
    named = [
        f"{path.relative_to(ROOT)}: {table}"
        for path in documents()
        if path.name != "CHANGELOG.md"
        for table in re.findall(r"`((?:quality|ops)\.\w+)`", path.read_text(encoding="utf-8"))
        if table in private
    ]
    assert named == []
