"""How good probabilities are: pure functions on predictions and outcomes.

Here: the Brier score and the reliability table. Not here: forecast accuracy (`forecasting/accuracy.py`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike


def brier_score(probability: ArrayLike, outcome: ArrayLike) -> float:
    """Mean squared distance of probability and outcome (0/1); NaN where there is nothing to score."""
    difference = np.asarray(probability, dtype=float) - np.asarray(outcome, dtype=float)
    return float(np.mean(difference**2)) if difference.size else float("nan")


def reliability_table(probability: ArrayLike, outcome: ArrayLike, bin_count: int = 10) -> pd.DataFrame:
    """Predicted against observed share in equal-width bins of the prediction.

    Out: one row per non-empty bin: bin_from, bin_to, row_count, predicted_mean, observed_share.
    """
    rows = pd.DataFrame({"p": np.asarray(probability, dtype=float), "y": np.asarray(outcome, dtype=float)}, dtype=float)
    rows["bin"] = np.minimum((rows["p"] * bin_count).astype(int), bin_count - 1)
    table = rows.groupby("bin").agg(row_count=("y", "size"), predicted_mean=("p", "mean"), observed_share=("y", "mean"))
    edges = table.index.to_numpy()
    table.insert(0, "bin_from", edges / bin_count)
    table.insert(1, "bin_to", (edges + 1) / bin_count)
    return table.reset_index(drop=True)
