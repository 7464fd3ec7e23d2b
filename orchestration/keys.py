"""Asset keys: `schema/table` everywhere, so dlt tables, dbt models and Python assets join into one graph.

What belongs here: turning a table's name into its key and group. What does not: the assets themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings
from dlt.common.normalizers.naming.snake_case import NamingConvention

RELEASE_KEY = dg.AssetKey(["release", "warehouse"])
WIN_PROBABILITY_KEY = dg.AssetKey(["forecast", "fct_win_probability"])
DOWNSTREAM_TAG = "downstream"

_NAMING = NamingConvention()


def table_key(table: str) -> dg.AssetKey:
    """`schema.table` as an asset key."""
    return dg.AssetKey(table.split("."))


def raw_table_name(source_table: str) -> str:
    """The raw table's name for a source's own table name, as dlt normalises it."""
    return _NAMING.normalize_table_identifier(source_table)


def raw_key(dataset: str, source_table: str) -> dg.AssetKey:
    """Key of a raw table, e.g. `raw_salesforce/opportunity_history`."""
    return dg.AssetKey([dataset, raw_table_name(source_table)])


def report_key(report_id: str) -> dg.AssetKey:
    """Key of a report's files."""
    return dg.AssetKey(["reports", report_id])


class WarehouseDbtTranslator(DagsterDbtTranslator):
    """dbt models, seeds and sources under `schema/table`, grouped by layer and domain."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """`schema/table` of the relation that dbt builds or reads."""
        table = dbt_resource_props.get("identifier") or dbt_resource_props.get("alias") or dbt_resource_props["name"]
        return dg.AssetKey([dbt_resource_props["schema"], table])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The layer: few groups, so that the whole graph can be seen at once."""
        if dbt_resource_props["resource_type"] == "seed":
            return "seeds"
        return str(dbt_resource_props["fqn"][1])
