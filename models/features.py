"""What an estimator may know about an open opportunity, and in which types.

Here: the names of the feature columns, the check that a frame has them, and the stateless cast to the types that
the estimators work on. Not here: anything learned from data (encoders and models are fitted inside the estimators)
and the SQL that observes the features (`int_opportunity_features_observed`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

KEY_COLUMNS = ("as_of_date", "opportunity_id")
NUMERIC_FEATURES = (
    "stage_order",
    "stage_days",
    "age_days",
    "amount",
    "days_to_close_date",
    "push_count_so_far",
    "regress_count_so_far",
    "activity_count_28d",
    "days_since_last_activity",
)
CATEGORICAL_FEATURES = ("pipeline_id", "segment", "source_id", "product_line", "sales_rep_id")
FEATURE_COLUMNS = NUMERIC_FEATURES + CATEGORICAL_FEATURES
LABEL_COLUMNS = ("closed_date", "outcome")


def require_columns(frame: pd.DataFrame, columns: Sequence[str], what: str) -> None:
    """Raise a ValueError that names the columns of `columns` that `frame` (called `what`) lacks."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise ValueError(
            f"The {what} frame lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}; "
            f"it has {', '.join(map(str, frame.columns)) or 'none'}. Pass every column of the features table."
        )


def as_days(values: pd.Series) -> pd.Series:
    """Dates of any kind (date, text, timestamp, None) as naive midnights, `datetime64[ns]`."""
    return pd.to_datetime(values).astype("datetime64[ns]").dt.normalize()


def prepare_features(frame: pd.DataFrame) -> pd.DataFrame:
    """Cast one row per (as_of_date, opportunity_id) to the types of the estimators, in key order.

    In: a frame with the key and feature columns, in any row order, numbers as int, float or Decimal, missing as
    None, NaN or NA. Out: the same rows sorted by key, under their own index; keys as day and text, numeric features as
    float64 (missing NaN), categorical features as text or NaN. Raises ValueError for a missing column or a key that
    occurs twice.
    """
    require_columns(frame, KEY_COLUMNS + FEATURE_COLUMNS, "features")
    prepared = pd.DataFrame(index=frame.index)
    prepared["as_of_date"] = as_days(frame["as_of_date"])
    prepared["opportunity_id"] = frame["opportunity_id"].astype(str)
    for name in NUMERIC_FEATURES:
        prepared[name] = frame[name].to_numpy(dtype="float64", na_value=np.nan)
    for name in CATEGORICAL_FEATURES:
        prepared[name] = _text(frame[name])
    _refuse_duplicates(prepared)
    return prepared.sort_values(list(KEY_COLUMNS), kind="stable")


def _text(values: pd.Series) -> pd.Series:
    """Text of the present values; missing ones become NaN, the only missing mark that the encoders know."""
    present = values.astype(object).where(values.notna(), np.nan)
    return present.map(str, na_action="ignore").astype(object)


def _refuse_duplicates(prepared: pd.DataFrame) -> None:
    repeated = prepared[prepared.duplicated(list(KEY_COLUMNS))]
    if len(repeated):
        first = repeated.iloc[0]
        raise ValueError(
            f"The features frame has {len(repeated)} repeated keys, the first is opportunity {first.opportunity_id} "
            f"as of {first.as_of_date.date()}. Expected one row per as_of_date and opportunity."
        )
