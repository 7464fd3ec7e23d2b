"""The page about the staging contract says what the macro says."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MACRO = ROOT / "dbt_project" / "macros" / "staging_contract.sql"
PAGE = ROOT / "docs" / "staging_contract.md"
ROW = re.compile(r"^\| `(\w+)` \| `([^`]+)` \| (yes)? ?\| (.+) \|$", re.MULTILINE)


def test_the_page_lists_every_column_and_type_of_every_entity() -> None:
    written = re.search(r"do return\((\{.*?\})\) %\}", MACRO.read_text(encoding="utf-8"), re.DOTALL)
    assert written
    contract = {name: entity["columns"] for name, entity in ast.literal_eval(written[1]).items()}
    sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    page = {text.split("\n", 1)[0]: {name: kind for name, kind, _, _ in ROW.findall(text)} for text in sections}
    assert page == contract
    assert list(page) == list(contract)
    assert [name for text in sections for name in [text.split("\n", 1)[0]] if "| yes |" not in text] == []
