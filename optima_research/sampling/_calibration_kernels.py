"""Weights as near as possible to the old ones that reach known totals: Newton's method on the dual, on arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from optima_research.sampling._variance_kernels import Floats

Method: TypeAlias = Literal["linear", "raking", "logit"]
Bounds: TypeAlias = tuple[float, float]
HALVINGS = 40


@dataclass(frozen=True)
class Distance:
    """Ratio of the new weight to the old as a function of the linear predictor, and its derivative."""

    ratio: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]


def distance(method: Method, bounds: Bounds | None) -> Distance:
    """The distance of Deville and Särndal (1992): linear, raking (multiplicative) or logit; ratios within bounds."""
    if method == "logit" and bounds is not None:
        return _logit(*bounds)
    base = Distance(_one_plus, np.ones_like) if method == "linear" else Distance(_exponential, _exponential)
    if bounds is None:
        return base
    low, high = bounds

    def inside(u: Floats) -> Floats:
        ratio = base.ratio(u)
        return np.where((ratio >= low) & (ratio <= high), base.slope(u), 0.0)

    return Distance(lambda u: np.clip(base.ratio(u), low, high), inside)


def calibration_ratios(
    weights: Floats,
    auxiliary: Floats,
    totals: Floats,
    how: Distance,
    *,
    tolerance: float,
    max_iterations: int,
) -> tuple[Floats, float]:
    """Ratios (K,) that bring the (K, p) auxiliaries of weighted cells to their totals; and the distance that is left.

    The distance is the largest gap to a total, relative to the absolute total of that auxiliary.
    """
    scale = np.maximum(np.abs(totals), weights @ np.abs(auxiliary))
    scale = np.where(scale > 0, scale, 1.0)
    coefficients = np.zeros(auxiliary.shape[1])
    ratio = how.ratio(auxiliary @ coefficients)
    gap = totals - (weights * ratio) @ auxiliary
    for _iteration in range(max_iterations):
        if np.max(np.abs(gap) / scale) <= tolerance:
            break
        slope = weights * how.slope(auxiliary @ coefficients)
        # Scaled to unit diagonal: an age and an indicator differ by three orders of magnitude.
        hessian = (auxiliary * slope[:, None]).T @ auxiliary
        unit = np.sqrt(np.where(np.diag(hessian) > 0, np.diag(hessian), 1.0))
        step = np.linalg.lstsq(hessian / np.outer(unit, unit), gap / unit, rcond=1e-12)[0] / unit
        coefficients, ratio, gap = _search(weights, auxiliary, totals, how, coefficients, step, scale, gap)
    return ratio, float(np.max(np.abs(gap) / scale))


def _search(
    weights: Floats,
    auxiliary: Floats,
    totals: Floats,
    how: Distance,
    start: Floats,
    step: Floats,
    scale: Floats,
    before: Floats,
) -> tuple[Floats, Floats, Floats]:
    """The longest halved Newton step that brings the totals nearer; the smallest one tried when none does."""
    worst = np.linalg.norm(before / scale)
    trial, ratio, gap = start, before, before
    for halving in range(HALVINGS):
        trial = start + step / 2**halving
        ratio = how.ratio(auxiliary @ trial)
        gap = totals - (weights * ratio) @ auxiliary
        if np.all(np.isfinite(gap)) and np.linalg.norm(gap / scale) < worst:
            break
    return trial, ratio, gap


def _one_plus(u: Floats) -> Floats:
    return 1.0 + u


def _exponential(u: Floats) -> Floats:
    # Far beyond any weight ratio; a first Newton step must not overflow.
    return np.asarray(np.exp(np.minimum(u, 300.0)))


def _logit(low: float, high: float) -> Distance:
    steepness = (high - low) / ((1 - low) * (high - 1))

    def parts(u: Floats) -> tuple[Floats, Floats]:
        odds = np.exp(np.clip(steepness * u, -300.0, 300.0))
        return odds, (high - 1) + (1 - low) * odds

    def ratio(u: Floats) -> Floats:
        odds, below = parts(u)
        return np.asarray((low * (high - 1) + high * (1 - low) * odds) / below)

    def slope(u: Floats) -> Floats:
        odds, below = parts(u)
        return np.asarray((high - low) ** 2 * odds / below**2)

    return Distance(ratio, slope)
