"""What the command shows: progress, tables, how a run ended.

What belongs here: printing. What does not: deciding or reading anything.
"""

from __future__ import annotations

import json
import sys
import time
from types import TracebackType
from typing import Self

import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from orchestration.runs_model import RunOutcome, RunProgress
from orchestration.serving import DemoSummary

_NEXT_STEPS = """\
  saleswh query "select fiscal_year, sum(net_amount) as net_revenue
                 from marts.fct_sales join marts.dim_date on invoice_date = date_day group by 1 order by 1"
  saleswh status
  saleswh demo evolve --days 1 && saleswh refresh
  make dev                                          (the Dagster UI)"""

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
    """Say how a run ended: warnings first, then each failure in a sentence, then which release is `served`."""
    for warning in outcome.warnings:
        _ERR.print(f"warning: {warning}", markup=False)
    for failure in outcome.failures:
        _ERR.print(f"saleswh: {failure}", markup=False)
    if outcome.success:
        _OUT.print(f"The {job} job ended well after {seconds:.0f} s (run {outcome.run_id}).")
    else:
        still = f"release {served} is still served" if served else "nothing has been published yet"
        _ERR.print(f"The {job} job failed after {seconds:.0f} s; {still}. Log: {outcome.log_file}")


def print_demo_end(summary: DemoSummary) -> None:
    """Say where things lie, what they say, and what to type next."""
    _OUT.print(f"\nRelease:  {summary.database}", markup=False)
    for report in summary.reports:
        _OUT.print(f"Report:   {report}", markup=False)
    _OUT.print("")
    for name, value in summary.headlines:
        _OUT.print(f"  {name:<46}{value:>16}", markup=False)
    _OUT.print(f"\nNext (after `source .venv/bin/activate`):\n{_NEXT_STEPS}", markup=False)


def print_rows(frame: pd.DataFrame, format_name: str) -> None:
    """Print a query's rows as a table, as CSV or as JSON."""
    if format_name == "csv":
        frame.to_csv(sys.stdout, index=False)
    elif format_name == "json":
        print(json.dumps(json.loads(frame.to_json(orient="records", date_format="iso")), indent=2, ensure_ascii=False))
    else:
        print_table("", frame)


def print_table(title: str, frame: pd.DataFrame, empty: str = "No rows.") -> None:
    """Print a frame as a table with its title."""
    if frame.empty:
        _OUT.print(f"{title}: {empty}" if title else empty)
        return
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for name in frame.columns:
        table.add_column(
            str(name), justify="right" if pd.api.types.is_numeric_dtype(frame[name]) else "left", overflow="fold"
        )
    for record in frame.itertuples(index=False, name=None):
        table.add_row(*("" if pd.isna(value) else str(value) for value in record))
    _OUT.print(table)
