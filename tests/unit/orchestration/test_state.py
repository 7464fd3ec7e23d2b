"""The state file: all-or-nothing appends, replacements, and sentences for frames that do not fit."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest

from orchestration.state import StateError, append, append_unseen, open_state, prepare_state, read_only, replace

CLOCK = datetime(2024, 2, 29, 6)
PROBABILITY = "forecast.fct_win_probability"


@pytest.fixture
def state_file(tmp_path: Path) -> Path:
    """An empty state file."""
    file = tmp_path / "state.duckdb"
    prepare_state(file, CLOCK)
    return file


def _probabilities(day: date, *ids: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "model_version": "m",
            "as_of_date": day,
            "opportunity_id": list(ids),
            "horizon_period_key": pd.array([pd.NA] * len(ids), dtype="Int64"),
            "probability": 0.5,
        }
    )


def _count(state_file: Path, table: str) -> int:
    with read_only(state_file) as connection:
        return int(connection.execute(f"select count(*) from {table}").fetchall()[0][0])


def test_clock_is_replaced_not_added(state_file: Path) -> None:
    prepare_state(state_file, datetime(2024, 3, 1))
    with read_only(state_file) as connection:
        assert connection.execute("select as_of_ts from ops.run_clock").fetchall() == [(datetime(2024, 3, 1),)]


def test_append_goes_by_name_and_casts(state_file: Path) -> None:
    with open_state(state_file) as connection:
        append(connection, PROBABILITY, _probabilities(date(2024, 2, 29), "a:1"))
    with read_only(state_file) as connection:
        assert connection.execute(f"select * from {PROBABILITY}").fetchall() == [
            (date(2024, 2, 29), "a:1", None, 0.5, "m")
        ]


def test_failure_keeps_nothing_of_the_transaction(state_file: Path) -> None:
    with pytest.raises(StateError, match="expects the columns"), open_state(state_file) as connection:
        append(connection, PROBABILITY, _probabilities(date(2024, 2, 29), "a:1"))
        append(connection, PROBABILITY, pd.DataFrame({"wrong": [1]}))
    assert _count(state_file, PROBABILITY) == 0


def test_replace_touches_only_the_named_rows(state_file: Path) -> None:
    first, second = date(2024, 2, 28), date(2024, 2, 29)
    with open_state(state_file) as connection:
        append(connection, PROBABILITY, _probabilities(first, "a", "b"))
        append(connection, PROBABILITY, _probabilities(second, "a", "b"))
        replace(connection, PROBABILITY, _probabilities(second, "c"), {"as_of_date": second})
    assert _count(state_file, PROBABILITY) == 3


def test_known_keys_are_not_appended_again(state_file: Path) -> None:
    columns = ["series_id", "level", "measure", "region", "territory_id", "product_line", "product_category"]
    columns += ["sales_rep_id", "segment", "customer_id"]
    frame = pd.DataFrame([["s1", *[None] * 9], ["s2", *[None] * 9]], columns=columns)
    with open_state(state_file) as connection:
        assert append_unseen(connection, "forecast.dim_series", frame.iloc[:1], "series_id") == 1
        assert append_unseen(connection, "forecast.dim_series", frame, "series_id") == 1
    assert _count(state_file, "forecast.dim_series") == 2


def test_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(StateError, match=r"nothing\.duckdb, but it does not exist: run `saleswh run` first"),
        read_only(tmp_path / "nothing.duckdb"),
    ):
        pass
