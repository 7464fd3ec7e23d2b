"""Assets, one factory per registry: sources, dbt models, estimators, forecasts, exports."""
