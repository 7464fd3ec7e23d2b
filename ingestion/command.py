"""Run one source alone: `python -m ingestion.sources.<name> --config settings.yml …`.

What belongs here: arguments and the printed summary. What does not: reading the environment (the orchestration does).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from ingestion.context import SourceDefinition
from ingestion.errors import IngestionError, settings_problem
from ingestion.pipeline import LoadResult, load
from ingestion.registry import SOURCES


def main(source: str, arguments: Sequence[str] | None = None) -> int:
    """Load `source` as the command line says; return 0, or 1 after printing one sentence to standard error."""
    definition = SOURCES[source]
    given = _parser(definition).parse_args(arguments)
    try:
        result = load(
            definition,
            _config(definition, given.config),
            state_file=given.state_file,
            pipelines_dir=given.pipelines_dir,
            clock=given.clock,
            only=set(given.only) or None,
        )
    except IngestionError as error:
        print(error, file=sys.stderr)
        return 1
    _report(result)
    return 0


def _parser(definition: SourceDefinition) -> argparse.ArgumentParser:
    fields = definition.config_type.model_fields.items()
    settings = "\n".join(f"  {name}: {field.description}" for name, field in fields)
    parser = argparse.ArgumentParser(
        prog=f"python -m ingestion.sources.{definition.name}",
        description=f"Load the source {definition.name}. Settings in the YAML file:\n{settings}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--config", type=Path, required=True, help="YAML file with the source's settings")
    parser.add_argument("--state-file", type=Path, required=True, help="DuckDB file that keeps the raw tables")
    parser.add_argument("--pipelines-dir", type=Path, required=True, help="working folder of dlt")
    parser.add_argument("--clock", type=datetime.fromisoformat, required=True, help="the run's now, UTC, ISO 8601")
    parser.add_argument("--only", nargs="*", default=[], metavar="TABLE", help="raw tables to load; all by default")
    return parser


def _config(definition: SourceDefinition, path: Path) -> Any:
    try:
        return definition.config_type.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise IngestionError(f"Settings {path} cannot be read: {error.strerror}; mend the file.") from None
    except (yaml.YAMLError, ValidationError) as error:
        problem = settings_problem(error)
        raise IngestionError(f"Settings {path} of source {definition.name}: {problem}; mend the file.") from None


def _report(result: LoadResult) -> None:
    print(f"{result.load_id}: {result.seconds:.1f} s")
    for row in result.resources:
        print(
            f"  {row.resource:<32} {row.extracted:>9} read {row.appended:>9} new {row.unchanged:>9} unchanged"
            f" {row.rejected:>6} rejected {row.deleted:>6} deleted"
        )
    for sentence, count in result.rejections.items():
        print(f"  rejected {count}: {sentence}")
    for sentence in (*result.warnings, *result.notes):
        print(f"  {sentence}")
