"""Seasonal adjustment for short histories: indices shrunk towards no season.

Belongs here: estimating a season and taking it out. Does not belong here: forecast methods.
Two to four seasons are too few for models that estimate their season freely (information criteria drop it, at twice the
error); classical indices, shrunk by James and Stein's rule as Miller and Williams (2003) propose, use them well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

# Growth seen over k pairs of equal months is trusted k / (k + this).
_PRIOR_PAIRS = 6


@dataclass(frozen=True)
class Season:
    """Indices by position in the season, counted from the first value of the series; factors, or summands."""

    indices: FloatArray
    is_multiplicative: bool

    def remove(self, values: FloatArray) -> FloatArray:
        """The series without its season."""
        season = np.resize(self.indices, len(values))
        return values / season if self.is_multiplicative else values - season

    def restore(self, path: FloatArray, offset: int) -> FloatArray:
        """The season put back on values that begin `offset` positions after the start of the series."""
        season = np.resize(np.roll(self.indices, -offset), len(path))
        return path * season if self.is_multiplicative else path + season


def moving_average(values: FloatArray, season_length: int) -> FloatArray:
    """Centred moving average over one season; NaN at both ends."""
    weights = np.full(season_length, 1 / season_length)
    if season_length % 2 == 0:
        weights = np.convolve(weights, [0.5, 0.5])
    half = len(weights) // 2
    result = np.full(len(values), np.nan)
    result[half : len(values) - half] = np.convolve(values, weights, mode="valid")
    return result


def estimate_season(values: FloatArray, season_length: int) -> Season | None:
    """The season of a series without gaps; None where it is not longer than one season or has none to speak of.

    Factors where every value is positive, summands otherwise.
    """
    if season_length < 2 or len(values) <= season_length:
        return None
    is_multiplicative = bool(values.min() > 0)
    if len(values) < 2 * season_length:
        trend = _trend_by_pairs(values, season_length, is_multiplicative)
        indices = _means(_detrended(values, trend, is_multiplicative), season_length)
    else:
        trend = _extended(moving_average(values, season_length))
        indices = _shrunk(_detrended(values, trend, is_multiplicative), season_length)
    neutral = 1.0 if is_multiplicative else 0.0
    centred = indices / indices.mean() if is_multiplicative else indices - indices.mean()
    return None if np.allclose(centred, neutral) else Season(centred, is_multiplicative)


def _trend_by_pairs(values: FloatArray, season_length: int, is_multiplicative: bool) -> FloatArray:
    """A straight trend from the values that have one a season before them."""
    later, earlier = values[season_length:], values[:-season_length]
    weight = len(later) / (len(later) + _PRIOR_PAIRS) / season_length
    steps = np.arange(len(values))
    if is_multiplicative:
        return np.asarray(np.exp(np.log(later.sum() / earlier.sum()) * weight * steps) * values.mean())
    return np.asarray((later - earlier).mean() * weight * steps + values.mean())


def _extended(trend: FloatArray) -> FloatArray:
    known = np.flatnonzero(np.isfinite(trend))
    return np.interp(np.arange(len(trend)), known, trend[known])


def _detrended(values: FloatArray, trend: FloatArray, is_multiplicative: bool) -> FloatArray:
    return values / trend if is_multiplicative else values - trend


def _means(detrended: FloatArray, season_length: int) -> FloatArray:
    return np.array([detrended[position::season_length].mean() for position in range(season_length)])


def _shrunk(detrended: FloatArray, season_length: int) -> FloatArray:
    """Mean per position, drawn towards their common mean by as much as noise explains their spread."""
    means = _means(detrended, season_length)
    noise = detrended - np.resize(means, len(detrended))
    degrees = max(len(detrended) - season_length, 1)
    counts = np.array([len(detrended[position::season_length]) for position in range(season_length)])
    noise_of_means = float((noise @ noise) / degrees * np.mean(1 / counts))
    spread = float(means.var(ddof=1))
    if spread <= 0 or season_length < 4:
        return means
    pull = min(1.0, (season_length - 3) / (season_length - 1) * noise_of_means / spread)
    return np.asarray(pull * means.mean() + (1 - pull) * means)
