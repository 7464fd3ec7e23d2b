"""What must be so before anything is extracted or built: else one sentence."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from ingestion import load_log
from orchestration.definitions import build_defs
from orchestration.demo import demo_systems
from orchestration.environment import Environment
from orchestration.settings import Settings
from orchestration.sources import SourceNotLoadedError, SourceSettingsError, refuse_own_systems, require_loaded
from orchestration.state import open_state, prepare_state

CLOCK = datetime(2024, 2, 29, 23, 30)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An environment with an empty state and two enabled sources."""
    made = Settings(var_dir=tmp_path, environment="odd_env", sources=("fx", "erp"))
    prepare_state(Environment.of(made).state_file, CLOCK)
    return made


def logged(settings: Settings, source: str, status: str) -> None:
    """Log one load."""
    with open_state(Environment.of(settings).state_file) as connection:
        connection.execute(load_log.DDL)
        connection.execute(
            "insert into ops.load values ('1', ?, 't', ?, ?, 0, 0, null, ?, 0)", [source, CLOCK, CLOCK, status]
        )


def test_a_build_before_the_first_load_is_one_sentence(settings: Settings) -> None:
    with pytest.raises(SourceNotLoadedError, match=r"fx, erp of SALESWH_SOURCES never loaded .*saleswh run`"):
        require_loaded(settings, Environment.of(settings).state_file)


def test_a_source_whose_loads_all_failed_was_never_loaded(settings: Settings) -> None:
    """A load that brought no rows counts; one that failed does not; a source that is not enabled is not asked for."""
    logged(settings, "erp", "succeeded")
    logged(settings, "fx", "failed")
    with pytest.raises(SourceNotLoadedError, match="Nothing was built: fx of"):
        require_loaded(settings, Environment.of(settings).state_file)
    logged(settings, "fx", "succeeded")
    require_loaded(settings, Environment.of(settings).state_file)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("salesforce_base_url", "https://acme.my.salesforce.com"),
        ("salesforce_base_url", "http://127.0.0.1.acme.example"),
        ("erp_url", "postgresql://reader:canary-7f3@erp/db"),
        ("erp_url", "sqlite:///elsewhere/erp.sqlite"),
        ("drop_folder", "/srv/drop"),
        ("files_config", "files.yml"),
    ],
)
def test_the_demo_environment_reads_no_system_of_ones_own(tmp_path: Path, name: str, value: str) -> None:
    """Real rows would land in the demo's state for good, under the demo's clock."""
    own = Settings.model_validate({"var_dir": tmp_path, name: value})
    with pytest.raises(
        SourceSettingsError, match=f"SALESWH_{name.upper()} names .*SALESWH_ENVIRONMENT is demo"
    ) as told:
        refuse_own_systems(own)
    assert "canary-7f3" not in str(told.value)
    with pytest.raises(SourceSettingsError, match="SALESWH_ENVIRONMENT is demo"), demo_systems(own):
        pass
    with pytest.raises(SourceSettingsError, match="SALESWH_ENVIRONMENT is demo"):
        build_defs(own)
    refuse_own_systems(own.model_copy(update={"environment": "prod"}))
    assert list(tmp_path.iterdir()) == []


def test_the_demo_companys_own_systems_are_its_own(tmp_path: Path) -> None:
    """As `demo_systems` hands them out, and the UI passes them on to the process that it starts."""
    demo = Environment.of(Settings(var_dir=tmp_path)).demo
    refuse_own_systems(Settings(var_dir=tmp_path))
    refuse_own_systems(
        Settings(
            var_dir=tmp_path,
            salesforce_base_url="http://127.0.0.1:43125",
            erp_url=SecretStr(f"sqlite:///{demo / 'erp.sqlite'}"),
            drop_folder=demo / "drop",
        )
    )
    server = SecretStr("mysql://root@127.0.0.1:3306/demo")
    refuse_own_systems(Settings(var_dir=tmp_path, erp_url=server, demo_erp_url=server))
