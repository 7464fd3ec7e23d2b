"""How an estimator of win probability would have done: fitted in the past, scored on what came after.

Here: the out-of-time evaluation against the stage base rates and, where given, the CRM's own probability. Not here:
the scores themselves (`models.scoring`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from sklearn.base import clone

from models.base_rates import StageBaseRates
from models.features import as_days
from models.horizons import HORIZON_DAYS, known_outcomes, period_horizons, won_within
from models.scoring import brier_score, reliability_table
from models.win_probability import WinProbability

CRM_PROBABILITY = "crm_probability"


@dataclass(frozen=True)
class Evaluation:
    """Scores of one fit.

    `scores`: one row per horizon (0…max): horizon, row_count, observed_share, brier_model, brier_base_rate, brier_crm
    (NaN where no CRM probability was given). `reliability`: as `reliability_table`, over all horizons.
    """

    model_version: str
    scores: pd.DataFrame
    reliability: pd.DataFrame


def evaluate(
    estimator: WinProbability,
    features: pd.DataFrame,
    periods: pd.DataFrame,
    as_of: date,
    holdout_from: date,
) -> Evaluation:
    """Fit a clone as of `holdout_from` and score it on the snapshots from then on.

    In: as `WinProbability.fit`; an optional column `crm_probability` (0–1) is scored beside the model. A prediction
    counts only if its horizon had ended by `as_of` and had at least a day to run.
    """
    model = clone(estimator).fit(features, periods, holdout_from)
    known = known_outcomes(features, as_of)
    known = known[known["as_of_date"] >= pd.Timestamp(holdout_from)].reset_index(drop=True)
    rows = _predicted(model, known, periods).merge(_crm_probability(features), on=["as_of_date", "opportunity_id"])
    ends = rows["as_of_date"] + pd.to_timedelta(rows[HORIZON_DAYS], unit="D")
    rows = rows[(ends <= pd.Timestamp(as_of)) & (rows[HORIZON_DAYS] > 0)].reset_index(drop=True)
    rows["observed"] = won_within(rows, rows[HORIZON_DAYS])
    past = known_outcomes(features, holdout_from)
    base = StageBaseRates().fit(past, pd.Timestamp(holdout_from), model.ever_days)
    rows["base_rate"] = base.predict(rows["stage_order"], rows[HORIZON_DAYS])
    return Evaluation(model.model_version_, _scores(rows), reliability_table(rows["probability"], rows["observed"]))


def _predicted(model: WinProbability, known: pd.DataFrame, periods: pd.DataFrame) -> pd.DataFrame:
    """Snapshots × horizons with the model's probability, the outcome and the horizon's length."""
    predicted = model.predict(known)
    predicted["as_of_date"] = as_days(predicted["as_of_date"])
    predicted = predicted[predicted["horizon_period_key"].notna()]
    ahead = period_horizons(known["as_of_date"], periods, model.max_horizon)
    rows = predicted.merge(ahead, on=["as_of_date", "horizon_period_key"])
    return rows.merge(known, on=["as_of_date", "opportunity_id"])


def _crm_probability(features: pd.DataFrame) -> pd.DataFrame:
    crm = pd.DataFrame({"as_of_date": as_days(features["as_of_date"])})
    crm["opportunity_id"] = features["opportunity_id"].astype(str)
    crm[CRM_PROBABILITY] = np.nan
    if CRM_PROBABILITY in features.columns:
        crm[CRM_PROBABILITY] = features[CRM_PROBABILITY].to_numpy(dtype="float64", na_value=np.nan)
    return crm


def _scores(rows: pd.DataFrame) -> pd.DataFrame:
    scored = [
        {
            "horizon": horizon,
            "row_count": len(group),
            "observed_share": float(group["observed"].mean()),
            "brier_model": brier_score(group["probability"], group["observed"]),
            "brier_base_rate": brier_score(group["base_rate"], group["observed"]),
            "brier_crm": brier_score(group[CRM_PROBABILITY], group["observed"]),
        }
        for horizon, group in rows.groupby("horizon")
    ]
    names = ["horizon", "row_count", "observed_share", "brier_model", "brier_base_rate", "brier_crm"]
    return pd.DataFrame(scored, columns=names)
