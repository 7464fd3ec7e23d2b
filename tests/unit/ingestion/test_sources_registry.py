"""What every registered source must have, and one sentence for a mistaken command."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

import ingestion
from ingestion.command import main
from ingestion.naming import raw_name
from ingestion.registry import SOURCES

FOLDER = Path(ingestion.__file__).parent / "sources"


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_source_is_complete(name: str) -> None:
    definition = SOURCES[name]
    assert (definition.name, definition.dataset) == (name, f"raw_{name}")
    assert issubclass(definition.config_type, BaseModel)
    assert definition.config_type.model_config.get("frozen")
    assert all(field.description for field in definition.config_type.model_fields.values())
    for file in ("README.md", "__main__.py", "config.py"):
        assert (FOLDER / name / file).is_file(), file


def test_no_source_folder_is_forgotten() -> None:
    assert {path.parent.name for path in FOLDER.glob("*/__init__.py")} == set(SOURCES)


@pytest.mark.parametrize(
    ("source", "raw"),
    [
        ("OpportunityHistory", "opportunity_history"),
        ("Campaign_Cost__c", "campaign_cost_c"),
        ("VAT_Number__c", "vat_number_c"),
        ("SystemModstamp", "system_modstamp"),
        ("Territory2", "territory2"),
        ("FactInternetSales", "fact_internet_sales"),
    ],
)
def test_raw_names(source: str, raw: str) -> None:
    assert raw_name(source) == raw


def test_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "fx.yml").write_text("pattern: '*.csv'\n", encoding="utf-8")
    places = ["--state-file", str(tmp_path / "s.duckdb"), "--pipelines-dir", str(tmp_path / "p")]
    code = main("fx", ["--config", str(tmp_path / "fx.yml"), *places, "--clock", "2024-02-29T06:00:00"])
    assert code == 1
    assert "of source fx: folder: Field required" in capsys.readouterr().err
