"""What kind of series this is: gaps, intermittency, trend and season, and the scales of its scaled errors.

Belongs here: descriptive numbers per run and series. Does not belong here: forecasts.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from forecasting import metrics
from forecasting.config import ForecastConfig
from forecasting.season import FloatArray, moving_average

# Syntetos, Boylan and Croston: where simple smoothing stops being the better method.
_ADI_LIMIT = 1.32
_CV_SQUARED_LIMIT = 0.49


def profile_series(observations: pd.DataFrame, config: ForecastConfig) -> pd.DataFrame:
    """One row per series of `series.SeriesSet.observations`.

    Returns: series_id, observation_count, missing_count (periods without a line), outlier_count (one-off lines), adi,
    cv_squared, trend_strength, seasonal_strength (0..1, NaN below two seasons), demand_class, mase_scale, rmsse_scale
    and size (mean absolute training value of the last season).
    """
    ordered = observations.sort_values(["series_id", "period_start"])
    return pd.DataFrame([_profile(str(name), group, config) for name, group in ordered.groupby("series_id", sort=True)])


def demand_class(adi: float, cv_squared: float) -> str:
    """smooth, erratic, intermittent or lumpy; `none` where nothing was ever sold."""
    if not np.isfinite(adi):
        return "none"
    if adi < _ADI_LIMIT:
        return "smooth" if cv_squared < _CV_SQUARED_LIMIT else "erratic"
    return "intermittent" if cv_squared < _CV_SQUARED_LIMIT else "lumpy"


def strengths(values: FloatArray, season_length: int) -> tuple[float, float]:
    """Strength of trend and of season, 0 to 1, by classical decomposition; NaN below two seasons."""
    if len(values) < 2 * season_length:
        return np.nan, np.nan
    trend = moving_average(values, season_length)
    detrended = values - trend
    position = np.arange(len(values)) % season_length
    inner = np.isfinite(trend)
    means = np.array([detrended[inner & (position == p)].mean() for p in range(season_length)])
    season = (means - means.mean())[position]
    remainder = (detrended - season)[inner]
    return _strength(remainder, remainder + trend[inner]), _strength(remainder, remainder + season[inner])


def _profile(name: str, group: pd.DataFrame, config: ForecastConfig) -> dict[str, object]:
    values = group["training_value"].to_numpy(dtype=np.float64)
    sold = values[values != 0]
    adi = len(values) / len(sold) if len(sold) else np.nan
    mean = sold.mean() if len(sold) else 0.0
    cv_squared = float((sold.std() / mean) ** 2) if mean else np.nan
    trend, season = strengths(values, config.season_length)
    return {
        "series_id": name,
        "observation_count": len(values),
        "missing_count": int((group["line_count"] == 0).sum()),
        "outlier_count": int(group["outlier_count"].sum()),
        "adi": adi,
        "cv_squared": cv_squared,
        "trend_strength": trend,
        "seasonal_strength": season,
        "demand_class": demand_class(adi, cv_squared),
        "mase_scale": metrics.mase_scale(values, config.season_length),
        "rmsse_scale": metrics.rmsse_scale(values, config.season_length),
        "size": float(np.abs(values[-config.season_length :]).mean()),
    }


def _strength(remainder: FloatArray, with_component: FloatArray) -> float:
    total = with_component.var()
    return float(max(0.0, 1 - remainder.var() / total)) if total > 0 else 0.0
