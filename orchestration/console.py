"""What the command shows: progress, tables, how a run ended.

What belongs here: printing. What does not: drawing tables (`grid.py`), deciding or reading anything.
"""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Self

import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from orchestration.grid import draw
from orchestration.rows import Rows, csv_text, json_text
from orchestration.runs_model import RunOutcome, RunProgress
from orchestration.serving import DemoSummary

_NEXT_STEPS = """\
  saleswh query "select fiscal_year, sum(net_amount) as net_revenue
                 from marts.fct_sales join marts.dim_date on invoice_date = date_day group by 1 order by 1"
  saleswh status
  saleswh demo evolve --days 1 && saleswh refresh
  make dev                                          (the Dagster UI)"""

_WARNED_SHOWN = 8

_OUT = Console(highlight=False, soft_wrap=True)
_ERR = Console(stderr=True, highlight=False, soft_wrap=True)


class ProgressDisplay:
    """A progress bar on a terminal, one line per finished step elsewhere; a listener for `runs.run_job`."""

    def __init__(self, job: str) -> None:
        self._bar = Progress(
            SpinnerColumn(), TextColumn(f"[bold]{job}[/bold]"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            TextColumn("{task.description}"), console=_ERR, transient=True,
        )  # fmt: skip
        self._task = self._bar.add_task("", total=None)
        self._started = time.monotonic()
        self._last_done = 0

    def __enter__(self) -> Self:
        if _ERR.is_terminal:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    @property
    def seconds(self) -> float:
        """Seconds since the display was made."""
        return time.monotonic() - self._started

    def say(self, text: str) -> None:
        """Show what happens now."""
        self._bar.update(self._task, description=text)

    def __call__(self, progress: RunProgress) -> None:
        """Show how far the run is."""
        text = f"{progress.step}  {progress.detail}"
        self._bar.update(self._task, total=progress.total, completed=progress.done, description=text)
        if not _ERR.is_terminal and progress.done > self._last_done:
            self._last_done = progress.done
            _ERR.print(f"{self.seconds:7.1f} s  {progress.done:>3}/{progress.total}  {progress.step}")


def print_outcome(job: str, outcome: RunOutcome, seconds: float, served: str | None) -> None:
    """Say how a run ended: notes, warnings, then each failure in a sentence, then which release is `served`."""
    for note in outcome.notes:
        _ERR.print(f"note: {note}", markup=False)
    for warning in [*outcome.warnings, *outcome.warned[:_WARNED_SHOWN]]:
        _ERR.print(f"warning: {warning}", markup=False)
    if (more := len(outcome.warned) - _WARNED_SHOWN) > 0:
        _ERR.print(f"warning: and {more} more: saleswh status")
    for failure in outcome.failures:
        _ERR.print(f"saleswh: {failure}", markup=False)
    if outcome.success:
        _OUT.print(f"The {job} job ended well{_but(outcome)} after {seconds:.0f} s (run {outcome.run_id}).")
    else:
        still = f"release {served} is still served" if served else "nothing has been published yet"
        _ERR.print(f"The {job} job failed after {seconds:.0f} s; {still}. Log: {outcome.log_file}")


def _but(outcome: RunOutcome) -> str:
    count = len(outcome.warned)
    return f", with {count} check{' that warns' if count == 1 else 's that warn'}," if count else ""


def print_demo_end(summary: DemoSummary) -> None:
    """Say where things lie, what they say, and what to type next."""
    _OUT.print(f"\nRelease:  {summary.database}", markup=False)
    for report in summary.reports:
        _OUT.print(f"Report:   {report}", markup=False)
    _OUT.print("")
    for name, value in summary.headlines:
        _OUT.print(f"  {name:<46}{value:>16}", markup=False)
    _OUT.print(f"\nNext (after `source .venv/bin/activate`):\n{_NEXT_STEPS}", markup=False)


def print_rows(rows: Rows, format_name: str) -> None:
    """Print a query's rows as a table, as CSV or as JSON."""
    if format_name == "csv":
        sys.stdout.write(csv_text(rows))
    elif format_name == "json":
        sys.stdout.write(json_text(rows))
    elif rows.records:
        draw(_OUT, "", rows)
    else:
        _OUT.print("No rows.")


def print_table(title: str, frame: pd.DataFrame, empty: str = "No rows.") -> None:
    """Print a frame as a table with its title."""
    if frame.empty:
        _OUT.print(f"{title}: {empty}" if title else empty, markup=False)
        return
    names = tuple(str(name) for name in frame.columns)
    records = (tuple(None if _is_missing(v) else v for v in row) for row in frame.itertuples(index=False, name=None))
    draw(_OUT, title, Rows(names, tuple(records)))


def print_checks(title: str, not_passed: pd.DataFrame) -> None:
    """Print what the checks that did not pass have found: two lines for each, since a table would fold the words."""
    _OUT.print(f"{title}: {'none failed, none warned.' if not_passed.empty else ''}".rstrip(), markup=False)
    for check in not_passed.to_dict("records"):
        told = check.get("finding")
        found = f"failing rows: {check['failing_rows']}" if _is_missing(told) or not told else told
        _OUT.print(f"{check['status']:<7} {check['check_id']} on {check['entity']}\n        {found}", markup=False)


def _is_missing(value: Any) -> bool:
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))
