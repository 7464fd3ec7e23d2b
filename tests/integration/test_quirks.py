"""Every planted quirk is found, and nothing else is taken for one; the session ends with the table.

The answer key lies outside everything that is loaded. O2 and O4 need days to pass: see `test_late_and_changed_rows.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

import pytest

from tests.integration.demo_warehouse import DemoWarehouse
from tests.integration.quirks import budget, deals, parties, sales
from tests.integration.quirks.finding import Case, Finding

ALL = [
    pytest.param(quirk, finder, id=f"{quirk}-{finder.__name__}")
    for group in (deals, parties, sales, budget)
    for quirk, finders in group.FINDERS.items()
    for finder in finders
]
LATER = {"O2", "O4"}
"""Quirks that show only when days pass."""
EVERYWHERE = {"B9", "F1"}
"""Quirks of all files or series: the answer key has no entry for them."""


@pytest.fixture(scope="module")
def answers(warehouse: DemoWarehouse) -> dict[str, list[dict[str, object]]]:
    """Entries of the answer key by quirk."""
    found: dict[str, list[dict[str, object]]] = defaultdict(list)
    for quirk in warehouse.quirks():
        found[quirk["id"]].append(quirk)
    return found


@pytest.mark.parametrize(("quirk", "finder"), ALL)
def test_planted_is_found(
    warehouse: DemoWarehouse,
    answers: dict[str, list[dict[str, object]]],
    record_property: Callable[[str, object], None],
    quirk: str,
    finder: Callable[[Case], Finding],
) -> None:
    finding = finder(Case(warehouse, answers.get(quirk, [])))
    record_property("quirk", finding.line())
    assert finding.planted, f"{quirk}: nothing of '{finding.what}' is planted"
    assert not finding.missed, f"{quirk}, {finding.what}: missed {sorted(map(str, finding.missed))[:5]}"
    assert not finding.false_positives, (
        f"{quirk}, {finding.what}: false {sorted(map(str, finding.false_positives))[:5]}"
    )


def test_no_quirk_of_the_key_is_forgotten(answers: dict[str, list[dict[str, object]]]) -> None:
    tested = {quirk for group in (deals, parties, sales, budget) for quirk in group.FINDERS}
    assert (set(answers) - {"REVENUE"}) | EVERYWHERE == tested | LATER


def test_revenue_is_right_to_the_cent_and_the_usual_mistakes_are_not(
    warehouse: DemoWarehouse,
    answers: dict[str, list[dict[str, object]]],
    record_property: Callable[[str, object], None],
) -> None:
    (entry,) = answers["REVENUE"]
    expected: dict[str, dict[str, float]] = entry["expected"]  # type: ignore[assignment]
    rows = warehouse.query("""
        select fiscal_year::varchar, sum(net_amount)::double, count(*)
        from marts.fct_sales inner join marts.dim_date on invoice_date = date_day group by 1 order by 1""")
    found = {year: total for year, total, _ in rows}
    for line in _table(found, expected):
        record_property("revenue", line)
    # The key rounds nothing; the mart rounds each line to the fourth decimal.
    assert found == pytest.approx(expected["right"], abs=0.01)
    assert {year: lines for year, _, lines in rows} == expected["lines"]
    for mistake in _mistakes(expected):
        assert sum(expected[mistake].values()) > sum(found.values()) + 1000, mistake


def _mistakes(expected: dict[str, dict[str, float]]) -> list[str]:
    return [name for name in expected if name not in ("right", "lines")]


def _table(found: dict[str, float], expected: dict[str, dict[str, float]]) -> Iterator[str]:
    years = sorted(found)
    yield f"{'':<34}" + "".join(f"{'FY' + year:>16}" for year in years)
    rows = {"fct_sales": found} | {name: expected[name] for name in ("right", *_mistakes(expected))}
    for name, by_year in rows.items():
        yield f"{name.replace('_', ' '):<34}" + "".join(f"{by_year.get(year, 0.0):>16,.2f}" for year in years)
