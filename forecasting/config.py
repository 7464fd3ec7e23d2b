"""Everything a forecast run can be told, in one frozen object.

Belongs here: settings that change what a vintage contains, and their hash. Does not belong here: data, the clock.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date

LEVELS: dict[str, tuple[str, ...]] = {
    "total": (),
    "region": ("region",),
    "product_line": ("product_line",),
    "region_product_line": ("region", "product_line"),
}

# Settings of the scoring, which happens after the forecast, do not make another vintage; holidays only move the data
# as-of, which a vintage carries itself.
_NOT_IN_HASH = frozenset({"lags", "windows", "holidays"})


@dataclass(frozen=True, slots=True)
class ForecastConfig:
    """Settings of one forecasting cadence.

    Periods are fiscal periods of the calendar handed in; counts ending in `_periods` are numbers of them. `holidays`
    are the days, beside Saturdays and Sundays, on which no business is done.
    """

    cadence: str = "monthly"
    grain: str = "month"
    measure: str = "net_revenue"
    season_length: int = 12
    horizon_periods: int = 18
    levels: tuple[str, ...] = tuple(LEVELS)
    methods: tuple[str, ...] = ("seasonal_naive", "auto_ets", "dynamic_optimized_theta", "median_ensemble")
    baseline_method: str = "seasonal_naive"
    backtest_windows: int = 12
    interval_levels: tuple[float, float] = (0.80, 0.95)
    first_vintage_periods: int = 24
    close_business_day: int = 3
    close_hour_utc: int = 6
    holidays: tuple[date, ...] = ()
    short_history_periods: int = 24
    one_off_z: float = 4.5
    one_off_share: float = 0.5
    lags: tuple[int, ...] = (1, 2, 3, 6, 12)
    windows: tuple[int, ...] = (3, 6, 12)

    def __post_init__(self) -> None:
        unknown = [level for level in self.levels if level not in LEVELS]
        if unknown:
            raise ValueError(f"Expected forecast levels among {', '.join(LEVELS)}; came {', '.join(unknown)}.")
        if self.baseline_method not in self.methods:
            raise ValueError(
                f"Expected the baseline method {self.baseline_method!r} among the methods {', '.join(self.methods)}: "
                "a champion is measured against it. Add it to methods."
            )
        if min(self.season_length, self.horizon_periods, self.backtest_windows, self.close_business_day) < 1:
            raise ValueError(
                "Expected season_length, horizon_periods, backtest_windows and close_business_day of at least 1; came "
                f"{self.season_length}, {self.horizon_periods}, {self.backtest_windows}, {self.close_business_day}."
            )

    @property
    def min_training_periods(self) -> int:
        """Fewest observations on which a method is backtested: one season and the step after it."""
        return self.season_length + 1

    @property
    def config_hash(self) -> str:
        """Sixteen hex digits over every setting that changes a vintage."""
        settings = {name: value for name, value in asdict(self).items() if name not in _NOT_IN_HASH}
        return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]
