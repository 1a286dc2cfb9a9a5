"""Proportional-odds regression by Newton's method on counted patterns (arrays in, arrays out)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optima_research.coding.quantitative._item_moments import FloatArray

MAX_STEPS = 100


@dataclass(frozen=True)
class OrdinalFit:
    """Cut points, slopes, log-likelihood, and whether the search ended."""

    cuts: FloatArray
    slopes: FloatArray
    log_likelihood: float
    converged: bool


def ordinal_logit(codes: NDArray[np.intp], design: FloatArray, weights: FloatArray) -> OrdinalFit:
    """Fit P(Y <= k) = logistic(cut_k - x'b); ``codes`` from 0, every category present."""
    categories = int(codes.max()) + 1
    counts = np.bincount(codes, weights, categories)
    share = np.cumsum(counts)[:-1] / counts.sum()
    parameters = np.concatenate([np.log(share / (1 - share)), np.zeros(design.shape[1])])
    upper, lower = _designs(codes, design, categories)
    value = _log_likelihood(parameters, upper, lower, codes, categories, weights)
    converged = False
    for _step in range(MAX_STEPS):
        gradient, hessian = _derivatives(parameters, upper, lower, codes, categories, weights)
        step = np.linalg.lstsq(-hessian, gradient, rcond=1e-12)[0]
        length, gain = 1.0, float(gradient @ step)
        for _halving in range(30):
            trial = parameters + length * step
            reached = _log_likelihood(trial, upper, lower, codes, categories, weights)
            if reached >= value - 1e-12 * abs(value):
                break
            length /= 2
        parameters, value = trial, reached
        if gain < 1e-10:
            converged = True
            break
    return OrdinalFit(parameters[: categories - 1], parameters[categories - 1 :], value, converged)


def expected_category(fit: OrdinalFit, design: FloatArray, values: FloatArray) -> FloatArray:
    """Mean of the category values that the model expects for each row of the design."""
    from scipy.special import expit

    below = expit(fit.cuts[None, :] - (design @ fit.slopes)[:, None])
    edges = np.concatenate([np.zeros((len(design), 1)), below, np.ones((len(design), 1))], axis=1)
    expected: FloatArray = np.diff(edges, axis=1) @ values
    return expected


def _designs(codes: NDArray[np.intp], design: FloatArray, categories: int) -> tuple[FloatArray, FloatArray]:
    """Rows of the linear predictors at the upper and lower end of each answer's category."""
    cuts = np.eye(categories + 1)[:, 1:-1]
    return np.hstack([cuts[codes + 1], -design]), np.hstack([cuts[codes], -design])


def _ends(
    parameters: FloatArray, upper: FloatArray, lower: FloatArray, codes: NDArray[np.intp], categories: int
) -> tuple[FloatArray, FloatArray]:
    from scipy.special import expit

    high = np.where(codes == categories - 1, 1.0, expit(upper @ parameters))
    low = np.where(codes == 0, 0.0, expit(lower @ parameters))
    return high, low


def _log_likelihood(
    parameters: FloatArray,
    upper: FloatArray,
    lower: FloatArray,
    codes: NDArray[np.intp],
    categories: int,
    weights: FloatArray,
) -> float:
    high, low = _ends(parameters, upper, lower, codes, categories)
    probability = high - low
    if (probability <= 0).any():
        return -np.inf
    return float(weights @ np.log(probability))


def _derivatives(
    parameters: FloatArray,
    upper: FloatArray,
    lower: FloatArray,
    codes: NDArray[np.intp],
    categories: int,
    weights: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    high, low = _ends(parameters, upper, lower, codes, categories)
    probability = high - low
    slope_high, slope_low = high * (1 - high), low * (1 - low)
    first, second = slope_high / probability, -slope_low / probability
    gradient = upper.T @ (weights * first) + lower.T @ (weights * second)
    bend_high = slope_high * (1 - 2 * high) / probability - first**2
    bend_low = -slope_low * (1 - 2 * low) / probability - second**2
    crossed = upper.T @ ((weights * -first * second)[:, None] * lower)
    hessian = (
        upper.T @ ((weights * bend_high)[:, None] * upper)
        + lower.T @ ((weights * bend_low)[:, None] * lower)
        + crossed
        + crossed.T
    )
    return gradient, hessian
