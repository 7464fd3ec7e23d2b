"""Time series forecasts of sales: pure functions on long frames.

Belongs here: the registry of methods. Does not belong here: reading or writing tables, Dagster, the clock.
Flow: sales lines -> `series` -> `backtest` -> `select` and `intervals` -> `vintage` -> `accuracy`.
"""

from __future__ import annotations

from forecasting.methods import Method, auto_ets, dynamic_optimized_theta, median_ensemble, seasonal_naive

METHODS: dict[str, Method] = {
    "seasonal_naive": seasonal_naive,
    "auto_ets": auto_ets,
    "dynamic_optimized_theta": dynamic_optimized_theta,
    "median_ensemble": median_ensemble,
}

__all__ = ["METHODS", "Method"]
