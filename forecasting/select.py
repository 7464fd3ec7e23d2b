"""The champion of each series: the method that its backtest trusts most.

Belongs here: the choice and its reason. Does not belong here: fitting, intervals, accuracy of kept vintages.
"""

from __future__ import annotations

import pandas as pd

from forecasting import metrics
from forecasting.backtest import SHARE_OF_PARENT
from forecasting.config import ForecastConfig

BEATS_BASELINE = "beats_baseline"
BASELINE_NOT_BEATEN = "baseline_not_beaten"
SHORT_HISTORY = "short_history"
NO_BACKTEST = "no_backtest"

CHAMPION_COLUMNS = ["series_id", "chosen_method", "champion_reason", "chosen_wape", "baseline_wape"]

_Scores = dict[str, float]


def choose_champions(
    levels: dict[str, str], short: set[str], backtested: pd.DataFrame, config: ForecastConfig
) -> pd.DataFrame:
    """One champion per series.

    A method is a candidate if its backtest WAPE on the series is lower than the baseline's. Among candidates the lowest
    sum of two ratios to the baseline wins: on the series itself and on its whole level, because one series alone says
    little about close competitors. Without a candidate the baseline is champion and `champion_reason` says so. A short
    history borrows from its parent until the baseline can be backtested on it.

    Args:
        levels: level by series_id, for every series.
        short: see `backtest.short_series`.
    Returns:
        CHAMPION_COLUMNS; the WAPEs are None where there was no backtest.
    """
    rows = _comparable(backtested, config).rename(columns={"yhat": "forecast"})
    rows = rows.assign(level=rows["series_id"].map(levels))
    own = _nested(metrics.wape(rows, ["series_id", "method"]))
    pooled = _nested(metrics.wape(rows, ["level", "method"]))
    chosen = [
        _choose(name, name in short, own.get(name, {}), pooled.get(level, {}), config) for name, level in levels.items()
    ]
    return pd.DataFrame(chosen, columns=CHAMPION_COLUMNS)


def _comparable(backtested: pd.DataFrame, config: ForecastConfig) -> pd.DataFrame:
    """Rows of cutoffs that the baseline has too; all rows of a series on which the baseline has none."""
    keys = pd.MultiIndex.from_frame(backtested[["series_id", "cutoff"]])
    baseline = backtested["method"] == config.baseline_method
    with_baseline = backtested["series_id"].isin(backtested.loc[baseline, "series_id"])
    return backtested[keys.isin(keys[baseline]) | ~with_baseline]


def _choose(
    name: str, is_short: bool, own: _Scores, pooled: _Scores, config: ForecastConfig
) -> tuple[str, str, str, float | None, float | None]:
    baseline = own.get(config.baseline_method)
    if baseline is None and is_short:
        return name, SHARE_OF_PARENT, SHORT_HISTORY, own.get(SHARE_OF_PARENT), None
    if baseline is None:
        return name, config.baseline_method, NO_BACKTEST, None, None
    candidates = [method for method in (*config.methods, SHARE_OF_PARENT) if own.get(method, baseline) < baseline]
    if not candidates:
        return name, config.baseline_method, BASELINE_NOT_BEATEN, baseline, baseline
    level_baseline = pooled[config.baseline_method]
    best = min(candidates, key=lambda method: own[method] / baseline + pooled[method] / level_baseline)
    return name, best, BEATS_BASELINE, own[best], baseline


def _nested(scores: pd.Series) -> dict[str, _Scores]:
    """{series or level: {method: WAPE}}, undefined scores left out."""
    nested: dict[str, _Scores] = {}
    defined = scores.dropna()
    for name, method, value in zip(*(defined.index.get_level_values(i) for i in (0, 1)), defined, strict=True):
        nested.setdefault(str(name), {})[str(method)] = float(value)
    return nested
