"""Cumulative-logit model by Newton's method on weighted rows; its log-likelihood is concave, so Newton suffices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
STEPS = 100
TOLERANCE = 1e-10


@dataclass(frozen=True)
class CumulativeFit:
    """Thresholds, slopes and their covariance (observed information), with P(Y ≤ j) = logit⁻¹(θj − xβ)."""

    thresholds: Floats
    slopes: Floats
    covariance: Floats
    log_likelihood: float
    converged: bool


def fit_cumulative(
    y: Ints, x: Floats, weight: Floats, categories: int, offset: Floats | None = None
) -> CumulativeFit:
    """Fit P(Y ≤ j) = logit⁻¹(θj − xβ − offset) to rows that stand for ``weight`` respondents each."""
    parameters = starting_values(y, weight, categories, x.shape[1])
    value, gradient, hessian = derivatives(parameters, y, x, weight, categories, offset)
    converged = False
    for _step in range(STEPS):
        move = np.linalg.lstsq(-hessian, gradient, rcond=None)[0]
        if float(gradient @ move) < TOLERANCE:
            converged = True
            break
        scale = 1.0
        while True:
            candidate = parameters + scale * move
            trial = derivatives(candidate, y, x, weight, categories, offset)
            if trial[0] >= value - 1e-12 * abs(value) or scale < 1e-8:
                break
            scale /= 2
        parameters = candidate
        value, gradient, hessian = trial
    cut = categories - 1
    covariance = np.linalg.pinv(-hessian).astype(float)
    return CumulativeFit(parameters[:cut], parameters[cut:], covariance, value, converged)


def starting_values(y: Ints, weight: Floats, categories: int, slopes: int) -> Floats:
    """Thresholds of the margins, slopes zero."""
    shares = np.cumsum(np.bincount(y, weight, categories))[:-1] / weight.sum()
    return np.concatenate([np.log(shares / (1 - shares)), np.zeros(slopes)])


def derivatives(
    parameters: Floats, y: Ints, x: Floats, weight: Floats, categories: int, offset: Floats | None = None
) -> tuple[float, Floats, Floats]:
    """Log-likelihood, gradient and Hessian in (θ, β)."""
    cut = categories - 1
    thresholds = parameters[:cut]
    if np.any(np.diff(thresholds) <= 0):
        size = len(parameters)
        return -np.inf, np.zeros(size), -np.eye(size)
    shift = x @ parameters[cut:] + (0.0 if offset is None else offset)
    upper, density_u, slope_u = _logistic(np.append(thresholds, np.inf)[y] - shift)
    lower, density_l, slope_l = _logistic(np.insert(thresholds, 0, -np.inf)[y] - shift)
    p = np.maximum(upper - lower, 1e-300)
    rows_u, rows_l = _threshold_rows(y, cut)
    design_u, design_l = np.hstack([rows_u, -x]), np.hstack([rows_l, -x])
    score = (density_u / p)[:, None] * design_u - (density_l / p)[:, None] * design_l
    hessian = (
        design_u.T @ ((weight * slope_u / p)[:, None] * design_u)
        - design_l.T @ ((weight * slope_l / p)[:, None] * design_l)
        - score.T @ (weight[:, None] * score)
    )
    return float(weight @ np.log(p)), weight @ score, hessian


def _logistic(z: Floats) -> tuple[Floats, Floats, Floats]:
    from scipy.special import expit

    cdf = expit(z)
    density = cdf * expit(-z)
    return cdf, density, density * (1 - 2 * cdf)


def _threshold_rows(y: Ints, cut: int) -> tuple[Floats, Floats]:
    identity = np.vstack([np.eye(cut), np.zeros((1, cut))])
    return identity[y], identity[np.where(y == 0, cut, y - 1)]
