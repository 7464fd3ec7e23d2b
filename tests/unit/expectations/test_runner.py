"""Results and sentences of the runner on small odd frames."""

from __future__ import annotations

import pandas as pd

from expectations.runner import run_suite
from expectations.suite import Suite, at_least, between, in_set, max_between, not_null, unique

SUITE = Suite(
    "odd",
    "table",
    ("no", "line"),
    (
        *not_null("no"),
        *between("amount", low=0, high=10, severity="warn"),
        *between("rate", low=0, mostly=0.5),
        *at_least("due", "issued"),
        *in_set("kind", ["a", "b"], severity="warn"),
        *unique("no", "line"),
        *max_between("line", low=2),
    ),
)


def _frame() -> pd.DataFrame:
    """Four sound rows under a repeated, unsorted index."""
    return pd.DataFrame(
        {
            "no": ["I-9", "I-1", "I-1", "Ş"],
            "line": [1, 3, 2, 1],
            "amount": [0.0, 10.0, None, 5.0],
            "rate": [-1.0, 2.0, 3.0, None],
            "due": pd.to_datetime(["2024-02-29", None, "2024-03-31", "2024-03-01"]),
            "issued": pd.to_datetime(["2024-02-29", "2024-01-01", "2024-03-30", None]),
            "kind": ["a", "b", None, "a"],
        },
        index=[5, 5, 0, 2],
    )


def _messages(frame: pd.DataFrame) -> dict[str, str]:
    return {e.check_id: e.message for e in run_suite(SUITE, frame).expectations if not e.passed}


def test_sound_rows_pass_in_the_order_of_the_suite() -> None:
    result = run_suite(SUITE, _frame())
    assert result.passed
    assert result.table == "odd/table"
    assert [e.check_id for e in result.expectations] == [SUITE.check_id(e) for e in SUITE.expectations]
    assert {e.failing_rows for e in result.expectations} == {0}
    assert result.expectations[0].message == "Table odd/table: column no must not be empty: holds for 4 rows."


def test_a_warning_does_not_block_and_names_row_and_value() -> None:
    frame = _frame().assign(amount=[0.0, 10.5, None, -1.0], kind=["a", "=cmd()\n" + "z" * 300, None, "a"])
    result = run_suite(SUITE, frame)
    assert result.passed
    said = _messages(frame)
    assert said["odd/table.amount.between"] == (
        "Table odd/table: column amount must be between 0 and 10: 2 of 4 rows fail, "
        "for example no I-1, line 3 with amount = 10.5; no Ş, line 1 with amount = -1.0."
    )
    assert said["odd/table.kind.in_set"].startswith(
        "Table odd/table: column kind must be one of a, b: 1 of 4 rows fail, "
        "for example no I-1, line 3 with kind = =cmd() zz"
    )
    assert said["odd/table.kind.in_set"].endswith("z….")


def test_errors_block() -> None:
    frame = _frame().assign(no=["I-9", "I-1", "I-1", None], line=[1, 1, 1, 1], rate=-1.0)
    result = run_suite(SUITE, frame)
    assert not result.passed
    said = _messages(frame)
    assert said["odd/table.no.not_null"].endswith("1 of 4 rows fail, for example no empty, line 1.")
    assert said["odd/table.no+line.unique"].endswith(
        "columns no, line must be unique together: 2 of 4 rows fail, for example no I-1, line 1; no I-1, line 1."
    )
    assert "must be at least 0 in at least 50% of its rows: 4 of 4 rows fail" in said["odd/table.rate.between"]
    assert said["odd/table.line.max"].endswith("column line must have a greatest value of at least 2: it is 1.")


def test_a_pair_names_both_values() -> None:
    frame = _frame().assign(due=pd.Timestamp("2024-03-30"))
    frame["issued"] = pd.to_datetime([None, "2024-03-31", "2024-03-30", None])
    assert _messages(frame) == {
        "odd/table.due+issued.at_least": "Table odd/table: column due must not be less than issued: 1 of 4 rows fail, "
        "for example no I-1, line 3 with due = 2024-03-30 00:00:00, issued = 2024-03-31 00:00:00."
    }


def test_a_missing_column_fails_and_the_others_are_still_checked() -> None:
    result = run_suite(SUITE, _frame().drop(columns="issued").assign(amount=99))
    failed = {e.check_id: e for e in result.expectations if not e.passed}
    assert set(failed) == {"odd/table.amount.between", "odd/table.due+issued.at_least"}
    assert "but the table has no issued" in failed["odd/table.due+issued.at_least"].message
    assert failed["odd/table.due+issued.at_least"].failing_rows == 4
    assert not result.passed


def test_what_cannot_be_evaluated_fails_with_its_reason() -> None:
    result = run_suite(SUITE, _frame().assign(amount=["text", "7", None, "8"]))
    (found,) = (e for e in result.expectations if not e.passed)
    assert found.check_id == "odd/table.amount.between"
    assert "could not be checked" in found.message


def test_an_empty_frame_passes_all_rules_about_rows() -> None:
    result = run_suite(SUITE, _frame().head(0))
    assert [e.check_id for e in result.expectations if not e.passed] == ["odd/table.line.max"]
    assert "it is empty" in _messages(_frame().head(0))["odd/table.line.max"]


def test_the_frame_is_left_as_it_was() -> None:
    frame = _frame()
    run_suite(SUITE, frame)
    pd.testing.assert_frame_equal(frame, _frame())
