"""The `saleswh` command: the same jobs as the UI, in this process, with progress.

What belongs here: arguments, and what is printed. What does not: running (`runs.py`), reading releases
(`serving.py`) and the demo's systems (`demo.py`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from orchestration import serving
from orchestration.console import ProgressDisplay, print_checks, print_demo_end, print_outcome, print_rows, print_table
from orchestration.environment import Environment
from orchestration.errors import known_errors, sentence
from orchestration.settings import PROJECT_ROOT, Settings

_NO_ADVICE = "ignore:Function `dev_command` is superseded"
"""Dagster's advice to its own users, which nobody who starts the UI can follow."""

Command = TypeVar("Command", bound=Callable[..., Any])


def one_sentence(command: Command) -> Command:
    """End with one sentence and a non-zero exit where the user can mend the cause; let defects show themselves."""

    @wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except known_errors() as error:
            click.echo(f"saleswh: {sentence(error)}", err=True)
            sys.exit(1)

    return guarded  # type: ignore[return-value]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Sales Warehouse: run it, read it, go back a release."""
    os.environ.update({"DO_NOT_TRACK": "1", "RUNTIME__DLTHUB_TELEMETRY": "false", "GX_ANALYTICS_ENABLED": "false"})


@main.command()
@click.argument("job", type=click.Choice(["full", "refresh", "forecast", "rebuild", "reports"]), default="full")
@one_sentence
def run(job: str) -> None:
    """Run a job to its end (default: full, everything from extraction to reports)."""
    _run_job(Settings(), job)


@main.command()
@one_sentence
def refresh() -> None:
    """Extract, build, check and publish, without forecasts and reports."""
    _run_job(Settings(), "refresh")


@main.command()
@one_sentence
def status() -> None:
    """Show the served release, freshness of each source, the last runs and failing checks."""
    overview = serving.status(Settings())
    print_table("Release", overview.release, empty="Nothing has been published yet.")
    print_table("Freshness by source", overview.log.freshness, empty="Nothing has been loaded yet.")
    print_table("Last runs", overview.runs, empty="Nothing has been run yet.")
    print_checks(overview.log.checked, overview.log.not_passed)
    if overview.log.note:
        click.echo(overview.log.note)


@main.command()
@click.argument("sql")
@click.option(
    "--format", "format_name", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True
)
@one_sentence
def query(sql: str, format_name: str) -> None:
    """Ask the served release in SQL.

    Example: `saleswh query "select count(*) from marts.fct_sales"`.
    """
    print_rows(serving.query(Settings(), sql), format_name)


@main.command()
@one_sentence
def releases() -> None:
    """List the releases that are kept; the served one is marked."""
    print_table("Releases", serving.releases(Settings()), empty="Nothing has been published yet.")


@main.command()
@click.argument("publish_id", required=False)
@one_sentence
def rollback(publish_id: str | None) -> None:
    """Serve an earlier release: PUBLISH_ID, or the one before the served one."""
    release = serving.rollback(Settings(), publish_id)
    click.echo(f"Serving release {release.publish_id} (data as of {release.data_as_of:%Y-%m-%d %H:%M} UTC).")


@main.group()
def sources() -> None:
    """The systems that are read."""


@sources.command("check")
@click.argument("names", nargs=-1)
@click.option("--format", "format_name", type=click.Choice(["table", "json"]), default="table", show_default=True)
@one_sentence
def check_sources_command(names: tuple[str, ...], format_name: str) -> None:
    """Test each connection (default: of every enabled source) and show what it can and cannot see; loads nothing."""
    from orchestration.demo import demo_systems
    from orchestration.source_checks import check_sources, findings_json, sources_frame, tables_frame

    with demo_systems(Settings()) as settings:
        findings = check_sources(settings, names)
    if format_name == "json":
        click.echo(json.dumps(findings_json(findings), indent=2, ensure_ascii=False))
    else:
        print_table("Sources", sources_frame(findings), empty="No source is enabled.")
        for source in findings:
            print_table(source.source, tables_frame(source), empty="nothing to be seen.")
            click.echo("".join(f"{source.source} cannot know {fact}\n" for fact in source.cannot_know), nl=False)
    if not all(source.is_usable for source in findings):
        sys.exit(1)


@main.group(invoke_without_command=True)
@click.pass_context
@one_sentence
def demo(context: click.Context) -> None:
    """Start the demo company and run the whole job on it."""
    if context.invoked_subcommand:
        return
    settings = Settings()
    _run_job(settings, "full")
    print_demo_end(serving.demo_summary(settings))


@demo.command()
@click.option("--days", type=click.IntRange(min=1), default=1, show_default=True, help="Days to move forward.")
@one_sentence
def evolve(days: int) -> None:
    """Move every system of the demo company forward, so that a refresh has something to find."""
    from demo.systems.store import evolve as move_forward

    settings = Settings()
    now = move_forward(Environment.of(settings).demo, days, settings.demo_erp_url.get_secret_value())
    click.echo(f"The demo company is now at {now:%Y-%m-%d %H:%M} UTC. Next: saleswh refresh")


@main.group()
def workbook() -> None:
    """Check a planning workbook before it is loaded, or write one to fill in."""


@workbook.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--kind", help="Read FILE by the standard layout of this kind instead of the folder's templates.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Long rows; default: checked/ in the environment's var folder.",
)
@one_sentence
def check_workbook_command(file: Path, kind: str | None, output: Path | None) -> None:
    """Show what would be loaded from FILE, proven and refused, and write its long rows as CSV."""
    from orchestration.workbooks import check_workbook

    outcome = check_workbook(Settings(), file, kind, output)
    print_table(f"{file.name} by template {outcome.template}", outcome.sheets, empty="No sheet was read.")
    print_table("Refused", outcome.refused, empty="Nothing.")
    for note in outcome.notes:
        click.echo(f"note: {note}")
    click.echo(f"{outcome.loaded} rows would be loaded into {outcome.table}; all rows: {outcome.output}")
    if not outcome.loaded:
        sys.exit(1)


@workbook.command()
@click.argument("kind")
@click.option("--fiscal-year", type=int, required=True, help="Fiscal year of the file's name.")
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Folder to write to.")
@one_sentence
def template(kind: str, fiscal_year: int, output: Path) -> None:
    """Write an empty workbook of KIND (budget, quota, headcount_hours, goal, market_indicator, training)."""
    from orchestration.workbooks import write_template

    written, entry = write_template(Settings(), kind, fiscal_year, output)
    click.echo(
        f"Wrote {written}. Fill it in, put it into the budget folder, and let templates.yml there say:\n\n{entry}"
    )


@main.command()
@click.option("--port", default=3000, show_default=True, help="Port of the UI on this machine.")
@one_sentence
def ui(port: int) -> None:
    """Open the Dagster UI (and serve the demo company's systems meanwhile, in the demo environment)."""
    from orchestration.demo import demo_systems, settings_variables
    from orchestration.instance import prepare_dagster_home

    with demo_systems(Settings()) as settings:
        home = prepare_dagster_home(Environment.of(settings))
        command = [sys.executable, "-m", "dagster", "dev", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)]
        variables = {"DAGSTER_HOME": str(home), **settings_variables(settings)}
        click.echo(f"Dagster UI: http://127.0.0.1:{port} (stop with Ctrl-C)")
        code = _until_interrupted(command, {**os.environ, **variables, "PYTHONWARNINGS": _NO_ADVICE})
    sys.exit(code)


def _until_interrupted(command: list[str], variables: dict[str, str]) -> int:
    """Run a command to its end and give its exit code; that Ctrl-C, which it receives too, has ended it is no error."""
    with subprocess.Popen(command, cwd=PROJECT_ROOT, env=variables) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.wait()
            return 0


def _run_job(settings: Settings, job: str) -> None:
    from orchestration.demo import demo_systems
    from orchestration.lock import check_free
    from orchestration.runs import run_job

    environment = Environment.of(settings)
    check_free(environment.lock_file, settings.lock_wait_seconds)
    with ProgressDisplay(job) as display:
        display.say("starting")
        with demo_systems(settings) as reachable:
            outcome = run_job(reachable, job, display)
    print_outcome(job, outcome, display.seconds, serving.served(settings))
    if not outcome.success:
        sys.exit(1)


if __name__ == "__main__":
    main()
