"""Probability that an open opportunity is won by the end of each of the next fiscal periods, and ever.

Here: the estimator `WinProbability`. One boosted-tree classifier serves every horizon: the number of days ahead is a
feature along which the probability may only rise, so P(h) ≤ P(h + 1) ≤ ever holds by construction. Preprocessing is
fitted at training and only applied afterwards. Not here: reading and writing tables (`orchestration`), the features
(dbt), what the probabilities are worth (`fct_expected_revenue`).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import date
from typing import Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from models.base_rates import StageBaseRates
from models.calibration import SigmoidCalibrator
from models.features import prepare_features
from models.horizon_trees import DEFAULT_TREES, HorizonTrees, TreeSettings
from models.horizons import HORIZON_DAYS, WON_BY_HORIZON, known_outcomes, period_horizons, training_pairs

RECIPE = "win_probability-1"
PREDICTION_COLUMNS = ["as_of_date", "opportunity_id", "horizon_period_key", "probability", "model_version"]
MAX_HORIZONS_PER_SNAPSHOT = 6
CALIBRATION_DAYS = 365


class WinProbability(BaseEstimator):  # type: ignore[misc]
    """P(won by the end of fiscal period h), h = 0…max_horizon, and ever.

    "Ever" is won within `ever_days`; where the history is shorter, within the longest time that was observed. With
    fewer than `min_deals` closed or `min_won` won deals (or none lost) the shares of each stage are used instead.
    `model_version` says which: ``win_probability-1/<boosted|boosted-uncalibrated|stage-base-rates>/<as of>/<hash>``;
    the hash is over training rows, parameters and as-of date.
    """

    def __init__(
        self,
        max_horizon: int = 5,
        ever_days: int = 730,
        min_deals: int = 200,
        min_won: int = 25,
        max_pairs: int = 120_000,
        trees: TreeSettings = DEFAULT_TREES,
        seed: int = 7,
    ) -> None:
        self.max_horizon = max_horizon
        self.ever_days = ever_days
        self.min_deals = min_deals
        self.min_won = min_won
        self.max_pairs = max_pairs
        self.trees = trees
        self.seed = seed

    def fit(self, features: pd.DataFrame, periods: pd.DataFrame, as_of: date) -> Self:
        """Learn from what was known at the end of `as_of`.

        In: `features`, one row per as-of date × open opportunity with the feature and label columns of
        `models.features`, any order, later rows allowed and ignored; `periods`, the fiscal calendar
        (fiscal_period_key, period_start, period_end), reaching `max_horizon` periods past the dates to predict.
        """
        self.as_of_ = pd.Timestamp(as_of).normalize()
        known = known_outcomes(features, self.as_of_.date())
        self.periods_ = periods[["fiscal_period_key", "period_start", "period_end"]].reset_index(drop=True)
        self.base_rates_ = StageBaseRates().fit(known, self.as_of_, self.ever_days)
        self.trees_: HorizonTrees | None = None
        self.calibrator_ = SigmoidCalibrator()
        kind = self._fit_trees(known) if self._is_enough(known) else "stage-base-rates"
        self.model_version_ = f"{RECIPE}/{kind}/{self.as_of_.date()}/{self._content_hash(known)}"
        return self

    def predict(self, features_open: pd.DataFrame) -> pd.DataFrame:
        """Probabilities of the open opportunities.

        In: feature rows (labels not needed), as of the training day or later. Out: one row per as_of_date ×
        opportunity_id × horizon, sorted so, with as_of_date (date), horizon_period_key (Int64; NA = ever, last),
        probability (0–1, six decimals), model_version. Raises ValueError for rows from before the training day.
        """
        rows = prepare_features(features_open).reset_index(drop=True)
        self._refuse_hindsight(rows)
        long = rows.merge(self._horizons(rows), on="as_of_date", how="inner")
        long = long.sort_values(["as_of_date", "opportunity_id", "horizon"], kind="stable").reset_index(drop=True)
        long["probability"] = self._probability(long).round(6)
        long["as_of_date"] = long["as_of_date"].dt.date
        return long.assign(model_version=self.model_version_)[PREDICTION_COLUMNS]

    def _is_enough(self, known: pd.DataFrame) -> bool:
        closed = known[known["closed_day"].notna()].drop_duplicates("opportunity_id")
        won = int(closed["is_won"].sum())
        return len(closed) >= self.min_deals and self.min_won <= won < len(closed)

    def _fit_trees(self, known: pd.DataFrame) -> str:
        """Calibrate on the later slice with a model of the earlier one, then fit the model on all; names the kind."""
        split = self._split_date(known)
        fractions = self._fractions(len(known))
        earlier = training_pairs(known, split.date(), fractions, self.ever_days)
        is_later = (known["as_of_date"] >= split).to_numpy()
        later = training_pairs(known[is_later], self.as_of_.date(), fractions[is_later], self.ever_days)
        everything = training_pairs(known, self.as_of_.date(), fractions, self.ever_days)
        if everything[WON_BY_HORIZON].nunique() < 2:
            return "stage-base-rates"
        is_calibrated = earlier[WON_BY_HORIZON].nunique() == 2 and later[WON_BY_HORIZON].nunique() == 2
        if is_calibrated:
            base_rates = StageBaseRates().fit(known, split, self.ever_days)
            score = HorizonTrees(self.trees, base_rates, self.seed).fit(earlier).predict(later)
            self.calibrator_.fit(score, later[WON_BY_HORIZON].to_numpy(), later["opportunity_id"].nunique())
        self.trees_ = HorizonTrees(self.trees, self.base_rates_, self.seed).fit(everything)
        return "boosted" if is_calibrated else "boosted-uncalibrated"

    def _split_date(self, known: pd.DataFrame) -> pd.Timestamp:
        """The last year of a long history, the last third of a short one, serves calibration."""
        span = (self.as_of_ - known["as_of_date"].min()).days
        return self.as_of_ - pd.Timedelta(days=min(CALIBRATION_DAYS, span // 3))

    def _fractions(self, row_count: int) -> np.ndarray:
        """Horizons to train on, as shares of `ever_days`: stratified per row, denser among the near ones."""
        per_row = int(np.clip(self.max_pairs // max(row_count, 1), 1, MAX_HORIZONS_PER_SNAPSHOT))
        draws = np.random.default_rng(self.seed).random((row_count, per_row))
        return np.asarray(((np.arange(per_row) + draws) / per_row) ** 2)

    def _probability(self, rows: pd.DataFrame) -> pd.Series:
        """Calibrated probability of each row's horizon; 0 where no day is left."""
        if rows.empty:
            return pd.Series(dtype="float64", index=rows.index)
        if self.trees_ is None:
            values = self.base_rates_.predict(rows["stage_order"], rows[HORIZON_DAYS])
        else:
            values = self.calibrator_.predict(self.trees_.predict(rows))
        return pd.Series(values, index=rows.index).where(rows[HORIZON_DAYS] > 0, 0.0)

    def _horizons(self, rows: pd.DataFrame) -> pd.DataFrame:
        periods = period_horizons(rows["as_of_date"], self.periods_, self.max_horizon)
        ever = periods[periods["horizon"] == self.max_horizon].copy()
        ever["horizon"] = self.max_horizon + 1
        ever["horizon_period_key"] = pd.array([pd.NA] * len(ever), dtype="Int64")
        ever[HORIZON_DAYS] = np.maximum(ever[HORIZON_DAYS], float(self.ever_days))
        return pd.concat([periods, ever], ignore_index=True)

    def _refuse_hindsight(self, rows: pd.DataFrame) -> None:
        early = rows[rows["as_of_date"] < self.as_of_]
        if len(early):
            raise ValueError(
                f"The model knows outcomes up to {self.as_of_.date()}, but {len(early)} rows to predict are older, the "
                f"oldest of {early['as_of_date'].min().date()}. Fit a model as of that day instead."
            )

    def _content_hash(self, known: pd.DataFrame) -> str:
        settings = json.dumps([RECIPE, self.get_params(), str(self.as_of_.date())], sort_keys=True, default=asdict)
        digest = hashlib.sha256(settings.encode())
        digest.update(pd.util.hash_pandas_object(known, index=False).to_numpy().tobytes())
        return digest.hexdigest()[:12]
