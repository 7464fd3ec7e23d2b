"""Bring the outside in, unchanged: dlt sources that run without Dagster.

What belongs here: clients, sources, the raw contract, the load itself. What does not: renaming, business
rules, joins (dbt's staging does those) and anything that knows the orchestrator.

`ingestion.registry.SOURCES` lists the sources, `ingestion.pipeline.load` loads one of them. Nothing is imported here:
who needs only the raw contract should not wait for dlt.
"""
