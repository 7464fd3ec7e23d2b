"""Raw tables as assets: one step per source, one asset per table.

What belongs here: a factory over `ingestion.registry.SOURCES`. What does not: how a source is read.
"""

from collections.abc import Iterable, Iterator, Mapping

import dagster as dg

from ingestion.context import SourceDefinition
from ingestion.contract import TableContract
from ingestion.pipeline import LoadResult, load
from orchestration.demo import is_demo
from orchestration.jobs import SOURCES_GROUP
from orchestration.keys import raw_key, table_key
from orchestration.resources import WritingRun
from orchestration.settings import Settings
from orchestration.sources import enabled_sources, source_config
from orchestration.state import read_only

RUN_CLOCK_KEY = table_key("ops.run_clock")
LOG_TABLES = ("ops.load", "ops.load_note", "quality.rejected_row", "quality.load_reconciliation")


def ingestion_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """One multi-asset per enabled source."""
    return [_source_asset(definition, settings) for definition in enabled_sources(settings)]


def _source_asset(definition: SourceDefinition, settings: Settings) -> dg.AssetsDefinition:
    tables = _tables(definition, settings)
    specs = [
        dg.AssetSpec(
            raw_key(definition.dataset, name),
            group_name=SOURCES_GROUP,
            kinds={"dlt", "duckdb"},
            description=f"Every version of {name} that was ever extracted from {definition.name}.",
            skippable=True,
        )
        for name in tables
    ]

    @dg.multi_asset(
        specs=specs,
        name=f"extract_{definition.name}",
        can_subset=True,
        required_resource_keys={"writing_run"},
    )
    def extract(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        run: WritingRun = context.resources.writing_run
        result = load(
            definition,
            source_config(definition.name, run.settings),
            state_file=run.environment.state_file,
            pipelines_dir=run.environment.pipelines,
            clock=run.clock,
            only={key.path[-1] for key in context.selected_asset_keys},
        )
        yield from _materializations(definition, result)

    return extract


def _tables(definition: SourceDefinition, settings: Settings) -> Mapping[str, TableContract]:
    if definition.tables_of is None or (definition.tables and is_demo(settings)):
        return definition.tables
    return definition.tables_of(source_config(definition.name, settings))


def _materializations(definition: SourceDefinition, result: LoadResult) -> Iterator[dg.MaterializeResult[None]]:
    warnings = load_warnings(result)
    for resource in result.resources:
        yield dg.MaterializeResult(
            asset_key=raw_key(definition.dataset, resource.resource),
            metadata={
                "load_id": result.load_id,
                "extracted": resource.extracted,
                "appended": resource.appended,
                "deleted": resource.deleted,
                "rejected": resource.rejected,
                "warnings": dg.MetadataValue.json(warnings),
                "notes": dg.MetadataValue.json(list(result.news)),
            },
        )


def load_warnings(result: LoadResult) -> list[str]:
    """What a person should look at after a load: each rejection reason with its count, then the load's warnings."""
    rejected = [f"{count} row(s) rejected: {reason}" for reason, count in sorted(result.rejections.items())]
    return [*rejected, *result.warnings]


def run_clock_asset() -> dg.AssetsDefinition:
    """The run's clock as the first asset of the graph; the writing run has set it."""

    @dg.asset(
        key=RUN_CLOCK_KEY,
        group_name=SOURCES_GROUP,
        required_resource_keys={"writing_run"},
        description="The one 'now' of the run.",
    )
    def run_clock(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        run: WritingRun = context.resources.writing_run
        return dg.MaterializeResult(metadata={"as_of": run.clock.isoformat()})

    return run_clock


def load_log_asset(raw_keys: Iterable[dg.AssetKey]) -> dg.AssetsDefinition:
    """What the loads logged: loads, rejected rows, and the counts that prove that nothing was lost."""
    deps = list(raw_keys)

    @dg.multi_asset(
        specs=[dg.AssetSpec(table_key(table), deps=deps, group_name=SOURCES_GROUP) for table in LOG_TABLES],
        name="load_log",
        required_resource_keys={"writing_run"},
    )
    def load_log(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        run: WritingRun = context.resources.writing_run
        with read_only(run.environment.state_file) as connection:
            for table in LOG_TABLES:
                rows = connection.execute(f"select count(*) from {table}").fetchall()[0][0]
                yield dg.MaterializeResult(asset_key=table_key(table), metadata={"dagster/row_count": rows})

    return load_log
