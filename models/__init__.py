"""Scikit-learn estimators: one model, one file, one public name, registered here.

Here: what learns from labelled rows and predicts for open ones; pure, on frames, no database, no environment. Not
here: time series (`forecasting`), dbt models (`dbt_project/models`), anything a run produces (`var`).
"""

from __future__ import annotations

from sklearn.base import BaseEstimator

from models.win_probability import WinProbability

MODELS: dict[str, type[BaseEstimator]] = {
    "win_probability": WinProbability,
}
"""Estimator class by name; the name is the file's and, after `fct_`, the table's in schema `forecast`."""

__all__ = ["MODELS", "WinProbability"]
