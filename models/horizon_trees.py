"""Boosted trees over (snapshot, horizon) pairs, rising along the horizon.

Here: the pipeline of encoder and trees, with the stage's base rate at the horizon as a feature, so that the trees
only learn how a deal differs from its stage. Not here: which pairs to learn from, calibration, predictions as a table
(`models.win_probability`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Self

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder
from threadpoolctl import threadpool_limits

from models.base_rates import StageBaseRates
from models.calibration import logit
from models.features import CATEGORICAL_FEATURES, NUMERIC_FEATURES
from models.horizons import HORIZON_DAYS, WON_BY_HORIZON

PAST_CLOSE_DATE = "horizon_past_close_date"
BASE_RATE = "stage_base_rate_logit"
RISING_FEATURES = (HORIZON_DAYS, PAST_CLOSE_DATE, BASE_RATE)


@dataclass(frozen=True)
class TreeSettings:
    """Size of the trees. The leaves are large because each deal appears in several snapshots and horizons."""

    max_iter: int = 120
    learning_rate: float = 0.05
    max_leaf_nodes: int = 6
    min_samples_leaf: int = 500
    l2_regularization: float = 50.0
    max_features: float = 0.4


DEFAULT_TREES = TreeSettings()


class HorizonTrees:
    """P(won within the horizon | features), never falling in the horizon."""

    def __init__(self, settings: TreeSettings, base_rates: StageBaseRates, seed: int) -> None:
        self.settings = settings
        self.base_rates = base_rates
        self.seed = seed

    def fit(self, pairs: pd.DataFrame) -> Self:
        """Fit encoder and trees on `training_pairs` that hold both outcomes.

        One thread, so that sums are added in the same order on every machine. Columns without a single value at
        training, which the trees cannot bin, are held constant then and later.
        """
        matrix = self._matrix(pairs)
        self.absent_ = [name for name in matrix.columns if matrix[name].isna().all()]
        numbers = [*NUMERIC_FEATURES, *RISING_FEATURES]
        encode = ColumnTransformer(
            [("number", "passthrough", numbers), ("category", _encoder(), list(CATEGORICAL_FEATURES))]
        )
        rising = [int(name in RISING_FEATURES) for name in [*numbers, *CATEGORICAL_FEATURES]]
        categorical = list(range(len(numbers), len(rising)))
        self.pipeline_ = Pipeline([("encode", encode), ("trees", self._trees(rising, categorical))])
        with threadpool_limits(limits=1, user_api="openmp"):
            self.pipeline_.fit(self._without_absent(matrix), pairs[WON_BY_HORIZON])
        return self

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """Scores in (0, 1), shape (n,), for prepared features with `horizon_days`; not calibrated."""
        with threadpool_limits(limits=1, user_api="openmp"):
            return np.asarray(self.pipeline_.predict_proba(self._without_absent(self._matrix(rows)))[:, 1])

    def _matrix(self, rows: pd.DataFrame) -> pd.DataFrame:
        base = self.base_rates.predict(rows["stage_order"], rows[HORIZON_DAYS])
        matrix = rows[[*NUMERIC_FEATURES, *CATEGORICAL_FEATURES, HORIZON_DAYS]].copy()
        matrix[PAST_CLOSE_DATE] = rows[HORIZON_DAYS] - rows["days_to_close_date"]
        matrix[BASE_RATE] = logit(base)
        return matrix

    def _without_absent(self, matrix: pd.DataFrame) -> pd.DataFrame:
        constants = {name: "" if name in CATEGORICAL_FEATURES else 0.0 for name in self.absent_}
        for name, constant in constants.items():
            matrix[name] = constant
        return matrix

    def _trees(self, rising: list[int], categorical: list[int]) -> HistGradientBoostingClassifier:
        return HistGradientBoostingClassifier(
            **asdict(self.settings),
            categorical_features=categorical,
            monotonic_cst=rising,
            early_stopping=False,
            random_state=self.seed,
        )


def _encoder() -> OrdinalEncoder:
    """Categories as codes; a category not seen at training is treated as missing."""
    return OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        encoded_missing_value=np.nan,
        max_categories=100,
    )
