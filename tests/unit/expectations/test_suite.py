"""What a suite knows about itself without Great Expectations, and that importing suites does not import it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from expectations.suite import Expect, Suite, at_least, between, not_null, raw_suite, unique

ROOT = Path(__file__).parents[3]


def test_importing_suites_and_runner_does_not_import_great_expectations() -> None:
    code = "import sys, expectations, expectations.runner; print('great_expectations' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"


def test_columns_are_the_key_and_what_expectations_read_once() -> None:
    suite = Suite("s", "t", ("k",), (*not_null("b", "k"), *at_least("c", "b"), *unique("k", "d")))
    assert suite.columns == ("k", "b", "c", "d")
    assert [suite.check_id(e) for e in suite.expectations] == [
        "s/t.b.not_null",
        "s/t.k.not_null",
        "s/t.c+b.at_least",
        "s/t.k+d.unique",
    ]


def test_a_raw_suite_guards_the_key_and_leaves_tombstones_out() -> None:
    suite = raw_suite("erp", "bin", ("no", "line"), between("n", low=0, severity="warn"))
    assert suite.name == "raw_erp/bin"
    assert suite.row_filter == "_deleted_at is null"
    assert [(e.name, e.severity) for e in suite.expectations] == [
        ("no.not_null", "error"),
        ("line.not_null", "error"),
        ("no+line+_row_hash.unique", "warn"),
        ("n.between", "warn"),
    ]


def test_an_expectation_stated_twice_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Suite s/t: a\.not_null stated twice"):
        Suite("s", "t", (), (*not_null("a"), *not_null("a")))


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(ValueError, match="ExpectTheBest is not one of ExpectColumnValuesToNotBeNull"):
        Expect("ExpectTheBest", {})
