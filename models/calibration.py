"""Turn scores into probabilities that hold on later data.

Here: the one-dimensional, strictly rising map of a score to a probability. Not here: the choice of the slice it is
fitted on; that is each estimator's, and must lie after the rows its model was fitted on.
"""

from __future__ import annotations

from typing import Self

import numpy as np

LOWEST = 1e-6
PRIOR_PRECISION = 10.0
"""Inverse variance of intercept and slope around the identity: what about 50 deals say outweighs it."""
MAX_STEPS = 50


def logit(probability: np.ndarray) -> np.ndarray:
    """Log odds, with probabilities kept a millionth away from 0 and 1."""
    clipped = np.clip(probability, LOWEST, 1.0 - LOWEST)
    return np.asarray(np.log(clipped / (1.0 - clipped)))


class SigmoidCalibrator:
    """p → sigmoid(intercept + slope · logit(p)), the identity until fitted.

    Two parameters drawn towards the identity rather than isotonic steps: the later slice holds few independent deals,
    and a strictly rising map keeps the order of horizons without ties.
    """

    intercept_: float = 0.0
    slope_: float = 1.0

    def fit(self, probability: np.ndarray, outcome: np.ndarray, independent_count: int) -> Self:
        """Fit by penalised likelihood; a map that would not rise is refused.

        In: predictions and outcomes (0/1), both shape (n,); `independent_count`, the number of deals behind them: the
        n rows weigh as much as that many, since the snapshots of one deal repeat its outcome.
        """
        design = np.column_stack([np.ones(len(probability)), logit(probability)])
        identity = np.array([0.0, 1.0])
        weight = independent_count / max(len(probability), 1)
        theta = identity
        for _ in range(MAX_STEPS):
            fitted = _sigmoid(design @ theta)
            gradient = weight * design.T @ (outcome - fitted) - PRIOR_PRECISION * (theta - identity)
            curvature = weight * (design.T * (fitted * (1.0 - fitted))) @ design + PRIOR_PRECISION * np.eye(2)
            step = np.linalg.solve(curvature, gradient)
            theta = theta + step
            if np.abs(step).max() < 1e-10:
                break
        if np.isfinite(theta).all() and theta[1] > 0:
            self.intercept_, self.slope_ = float(theta[0]), float(theta[1])
        return self

    def predict(self, probability: np.ndarray) -> np.ndarray:
        """Calibrated probabilities, shape (n,)."""
        return _sigmoid(self.intercept_ + self.slope_ * logit(probability))


def _sigmoid(log_odds: np.ndarray) -> np.ndarray:
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))
