"""Rules about the Python code that no linter here knows: docstrings that say something, and modest sizes."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("orchestration", "ingestion", "models", "forecasting", "expectations", "exports", "demo", "benchmarks")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
LONGEST_MODULE = 300
LONGEST_FUNCTION = 60
READERS_OF_THE_ENVIRONMENT = {"orchestration/settings.py"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def parsed(path: Path) -> ast.Module:
    """The module's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def shown(path: Path) -> str:
    """The path as people write it."""
    return path.relative_to(ROOT).as_posix()


def public_members(module: ast.Module) -> list[Function | ast.ClassDef]:
    """Public functions, classes and methods, those inside functions left out."""
    found: list[Function | ast.ClassDef] = []
    for node in module.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            found.append(node)
            if isinstance(node, ast.ClassDef):
                found += [n for n in node.body if isinstance(n, Function) and not n.name.startswith("_")]
    return found


def test_there_are_modules() -> None:
    assert len(MODULES) > 100


def test_every_module_says_what_it_holds() -> None:
    assert [shown(path) for path in MODULES if not ast.get_docstring(parsed(path))] == []


def test_every_public_member_has_a_docstring() -> None:
    missing = [
        f"{shown(path)}: {member.name}"
        for path in MODULES
        for member in public_members(parsed(path))
        if not ast.get_docstring(member) and not _is_dunder_or_validator(member)
    ]
    assert missing == []


def _is_dunder_or_validator(member: Function | ast.ClassDef) -> bool:
    return member.name.startswith("__")


def test_every_function_states_its_types() -> None:
    missing = [
        f"{shown(path)}:{node.lineno} {node.name}"
        for path in MODULES
        for node in ast.walk(parsed(path))
        if isinstance(node, Function) and node.returns is None
    ]
    assert missing == []


def test_modules_and_functions_stay_small() -> None:
    long_modules = [shown(p) for p in MODULES if len(p.read_text(encoding="utf-8").splitlines()) > LONGEST_MODULE]
    long_functions = [
        f"{shown(path)}: {node.name}"
        for path in MODULES
        for node in ast.walk(parsed(path))
        if isinstance(node, Function) and (node.end_lineno or node.lineno) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert (long_modules, long_functions) == ([], [])


def test_only_the_orchestration_reads_the_environment() -> None:
    readers = {
        shown(path)
        for path in MODULES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("os.getenv", "os.environ.get")
    }
    # The benchmark of databases asks for the same servers as the tests do.
    assert {reader for reader in readers if not reader.startswith("orchestration/")} == {"benchmarks/databases.py"}


@pytest.mark.parametrize("marker", ["TO" + "DO", "FIX" + "ME", "X" + "XX", "# type: ignore\n", "# noqa\n"])
def test_no_unfinished_business(marker: str) -> None:
    assert [shown(path) for path in MODULES if marker in path.read_text(encoding="utf-8")] == []
