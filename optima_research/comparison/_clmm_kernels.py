"""Cumulative-logit model with a random intercept: Laplace and adaptive Gauss–Hermite quadrature, all groups at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from optima_research.comparison._ordinal_kernels import Floats, Ints, fit_cumulative, logistic

MODE_STEPS = 50
SMALLEST_LOG_TAU = -8.0


@dataclass(frozen=True, eq=False)
class MixedOrdinal:
    """Rows (weighted) of an ordinal outcome with groups.

    Parameters are (θ1…θK−1, β, log τ); the random intercept is τu with u standard normal.
    """

    y: Ints
    x: Floats
    group: Ints
    weight: Floats
    categories: int
    groups: int
    nodes: int

    @cached_property
    def _rule(self) -> tuple[Floats, Floats]:
        points, weights = np.polynomial.hermite.hermgauss(self.nodes)
        return points, np.log(weights) + points**2

    def _predictors(self, parameters: Floats) -> tuple[Floats, Floats, float]:
        cut = self.categories - 1
        thresholds, beta = parameters[:cut], parameters[cut:-1]
        shift = self.x @ beta
        above = np.append(thresholds, np.inf)[self.y] - shift
        below = np.insert(thresholds, 0, -np.inf)[self.y] - shift
        return above, below, float(np.exp(parameters[-1]))

    def modes(self, parameters: Floats, start: Floats | None = None) -> tuple[Floats, Floats]:
        """Most likely u of each group, and minus the curvature of its log posterior there."""
        above, below, tau = self._predictors(parameters)
        u: Floats = np.zeros(self.groups) if start is None else start
        curvature: Floats = np.ones(self.groups)
        for _step in range(MODE_STEPS):
            shift = tau * u[self.group]
            upper, density_u, slope_u = logistic(above - shift)
            lower, density_l, slope_l = logistic(below - shift)
            p = np.maximum(upper - lower, 1e-300)
            first = (density_u - density_l) / p
            # Minus the curvature of a log-concave likelihood: never positive, whatever rounding says.
            second = np.minimum((slope_u - slope_l) / p - np.clip(first, -1e6, 1e6) ** 2, 0.0)
            gradient = -tau * np.bincount(self.group, self.weight * first, self.groups) - u
            curvature = 1 - tau**2 * np.bincount(self.group, self.weight * second, self.groups).astype(float)
            move = gradient / curvature
            u = u + np.clip(move, -2, 2)
            if float(np.abs(move).max()) < 1e-10:
                break
        return u, curvature

    def log_likelihood(self, parameters: Floats) -> float:
        """Marginal log-likelihood; one node is Laplace's approximation."""
        cut = self.categories - 1
        if np.any(np.diff(parameters[:cut]) <= 0) or not SMALLEST_LOG_TAU <= parameters[-1] <= 4:
            return -np.inf
        u, curvature = self.modes(parameters)
        points, log_weights = self._rule
        spread = 1 / np.sqrt(curvature)
        at = u[:, None] + np.sqrt(2) * spread[:, None] * points
        joint = self._joint(parameters, at)
        terms = joint + log_weights
        top = terms.max(axis=1)
        inside = top + np.log(np.exp(terms - top[:, None]).sum(axis=1))
        return float(
            (inside + 0.5 * np.log(2) + np.log(spread)).sum() - self.groups * 0.5 * np.log(2 * np.pi)
        )

    def _joint(self, parameters: Floats, at: Floats) -> Floats:
        """Log of likelihood times exp(−u²/2) at values of u (groups, nodes)."""
        from scipy.special import expit

        above, below, tau = self._predictors(parameters)
        total = np.empty_like(at)
        for node in range(at.shape[1]):
            shift = tau * at[self.group, node]
            p = np.maximum(expit(above - shift) - expit(below - shift), 1e-300)
            total[:, node] = np.bincount(self.group, self.weight * np.log(p), self.groups)
        return total - at**2 / 2


@dataclass(frozen=True, eq=False)
class MixedFit:
    """Estimates in (θ, β, log τ), covariance by numerical Hessian, log-likelihood."""

    parameters: Floats
    covariance: Floats
    log_likelihood: float
    hessian: Floats


def fit_mixed(model: MixedOrdinal) -> MixedFit:
    """Maximum likelihood by quasi-Newton steps, then Newton's on numerical derivatives."""
    from scipy.optimize import minimize

    fixed = fit_cumulative(model.y, model.x, model.weight, model.categories)
    start = np.concatenate([fixed.thresholds, fixed.slopes, [np.log(0.4)]])

    def objective(parameters: Floats) -> float:
        value = model.log_likelihood(parameters)
        return -value if np.isfinite(value) else 1e12

    # The fixed model's covariance tells the search how each parameter is scaled.
    inverse = np.zeros((len(start), len(start)))
    inverse[:-1, :-1], inverse[-1, -1] = (fixed.covariance + fixed.covariance.T) / 2, 0.1
    found = minimize(
        objective, start, jac=lambda p: _gradient(objective, p), method="BFGS",
        options={"gtol": 1e-5, "maxiter": 200, "hess_inv0": inverse},
    )  # fmt: skip
    parameters = np.asarray(found.x, dtype=float)
    hessian = _numerical_hessian(objective, parameters)
    covariance = np.linalg.pinv(hessian).astype(float)
    return MixedFit(parameters, covariance, -float(objective(parameters)), hessian)


def profile_tau(model: MixedOrdinal, fit: MixedFit, level: float) -> tuple[float, float]:
    """Profile-likelihood interval of τ: the other parameters follow by Newton steps with the Hessian of the fit."""
    from scipy import special

    cut = float(special.chdtri(1, 1 - level)) / 2
    inverse = np.linalg.pinv(fit.hessian[:-1, :-1])

    def excess(log_tau: float) -> float:
        p = fit.parameters.copy()
        p[-1] = log_tau

        def inner(rest: Floats) -> float:
            return -model.log_likelihood(np.append(rest, log_tau))

        for _step in range(6):
            gradient = _gradient(inner, p[:-1])
            move = inverse @ gradient
            p[:-1] -= move
            if float(gradient @ move) < 1e-6:
                break
        return fit.log_likelihood - cut - model.log_likelihood(p)

    return _cross(excess, fit.parameters[-1], -1), _cross(excess, fit.parameters[-1], 1)


def _cross(excess: Callable[[float], float], best: float, direction: int) -> float:
    from scipy.optimize import brentq

    far = best + 0.4 * direction
    while excess(far) < 0:
        far += 0.6 * direction
        if far < SMALLEST_LOG_TAU + 3:
            return 0.0
        if far > 4:
            return float("inf")
    return float(np.exp(brentq(excess, *sorted((best, far)), xtol=1e-4)))


def _gradient(function: Callable[[Floats], float], at: Floats) -> Floats:
    step = 1e-5 * np.maximum(1.0, np.abs(at))
    return np.array([(function(at + s) - function(at - s)) / (2 * s.sum()) for s in np.diag(step)])


def _numerical_hessian(function: Callable[[Floats], float], at: Floats) -> Floats:
    step = 1e-4 * np.maximum(1.0, np.abs(at))
    rows = [
        (_gradient(function, at + s) - _gradient(function, at - s)) / (2 * s.sum()) for s in np.diag(step)
    ]
    hessian = np.array(rows)
    symmetric: Floats = (hessian + hessian.T) / 2
    return symmetric


def collapse(y: Ints, x: Floats, group: Ints) -> tuple[Ints, Floats, Ints, npt.NDArray[np.float64]]:
    """Identical rows counted once, with how many respondents each stands for."""
    table = np.column_stack([y, group, x])
    distinct, counts = np.unique(table, axis=0, return_counts=True)
    return (
        distinct[:, 0].astype(np.int64),
        distinct[:, 2:],
        distinct[:, 1].astype(np.int64),
        counts.astype(float),
    )
