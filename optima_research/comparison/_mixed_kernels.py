"""Linear model with a random intercept, from sums by group: every likelihood is then a few operations on G numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
LARGEST_RATIO = 1e6


@dataclass(frozen=True, eq=False)
class GroupSums:
    """What a random-intercept model needs: sizes, sums by group, total cross-products.

    θ = τ²/σ² is the ratio of the variance between groups to that within.
    """

    n: Floats
    x: Floats
    y: Floats
    xx: Floats
    xy: Floats
    yy: float

    @classmethod
    def of(cls, x: Floats, y: Floats, group: Ints, groups: int) -> GroupSums:
        sums = np.column_stack([np.bincount(group, column, groups) for column in x.T])
        n = np.bincount(group, minlength=groups).astype(float)
        return cls(
            n, sums.astype(float), np.bincount(group, y, groups).astype(float), x.T @ x, x.T @ y, float(y @ y)
        )

    @property
    def rows(self) -> float:
        return float(self.n.sum())

    @property
    def parameters(self) -> int:
        return len(self.xy)

    def solve(self, theta: float) -> tuple[Floats, Floats, float]:
        """X'WX, coefficients and weighted residual sum of squares at θ (W is V⁻¹ times σ²)."""
        c = theta / (1 + self.n * theta)
        xwx = self.xx - (self.x.T * c) @ self.x
        xwy = self.xy - self.x.T @ (c * self.y)
        beta = np.linalg.solve(xwx, xwy).astype(float)
        return xwx, beta, max(self.yy - float(c @ self.y**2) - float(beta @ xwy), 1e-300)

    def log_determinant(self, theta: float) -> float:
        return float(np.log1p(self.n * theta).sum())

    def reml(self, theta: float) -> float:
        """REML log-likelihood at θ, σ² at its best."""
        xwx, _beta, rss = self.solve(theta)
        df = self.rows - self.parameters
        return -0.5 * float(
            df * (1 + np.log(2 * np.pi * rss / df)) + self.log_determinant(theta) + np.linalg.slogdet(xwx)[1]
        )

    def ml_deviance(self, theta: float, sigma2: float | None = None) -> float:
        """−2 log-likelihood at θ, and at σ² (by default its best)."""
        rss = self.solve(theta)[2]
        s = rss / self.rows if sigma2 is None else sigma2
        return self.rows * float(np.log(2 * np.pi * s)) + self.log_determinant(theta) + rss / s

    @cached_property
    def best_reml(self) -> float:
        """θ that maximises the REML likelihood."""
        return maximise(self.reml)

    @cached_property
    def best_ml(self) -> float:
        """θ that maximises the likelihood."""
        return maximise(lambda theta: -self.ml_deviance(theta))


def maximise(function: Callable[[float], float]) -> float:
    """Maximum over θ ≥ 0 of a likelihood; searched on a wide grid first, so that no local maximum is taken."""
    from scipy.optimize import minimize_scalar

    grid = np.concatenate([[0.0], np.logspace(-8, np.log10(LARGEST_RATIO), 57)])
    values = np.array([function(theta) for theta in grid])
    best = int(values.argmax())
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = minimize_scalar(
        lambda theta: -function(theta),
        bounds=(low, high),
        method="bounded",
        options={"xatol": 1e-12 * (1 + high)},
    )
    theta = float(found.x)
    return 0.0 if values[0] >= -found.fun - 1e-10 else _polished(function, theta)


def _polished(function: Callable[[float], float], theta: float) -> float:
    """A few Newton steps on numerical derivatives: bounded search stops at the square root of the precision."""
    for _step in range(3):
        h = 1e-3 * theta
        up, here, down = function(theta + h), function(theta), function(theta - h)
        curvature = (up - 2 * here + down) / h**2
        if curvature >= 0:
            return theta
        move = -(up - down) / (2 * h) / curvature
        if abs(move) > 0.1 * theta:
            return theta
        theta += move
    return theta


def profile_bounds(
    deviance: Callable[[float], float], best: float, smallest: float, cut: float, step: float
) -> tuple[float, float]:
    """Where a profile deviance rises ``cut`` above its minimum, to the left (or ``smallest``) and to the right."""
    from scipy.optimize import brentq

    target = deviance(best) + cut
    low = smallest
    if deviance(smallest) > target:
        low = float(brentq(lambda value: deviance(value) - target, smallest, best, xtol=1e-10))
    high = best + step
    while deviance(high) < target:
        high += 2 * (high - best)
        if high > 1e8:
            return low, float("inf")
    return low, float(brentq(lambda value: deviance(value) - target, best, high, xtol=1e-10))


def profile_intervals(sums: GroupSums, level: float) -> dict[str, tuple[float, float]]:
    """Profile-likelihood intervals (maximum likelihood, as R lme4) of τ, σ and the intraclass correlation."""
    from scipy import special
    from scipy.optimize import minimize_scalar

    cut = float(special.chdtri(1, 1 - level))
    theta = sums.best_ml
    sigma2 = sums.solve(theta)[2] / sums.rows
    total = np.sqrt(sums.solve(0.0)[2] / sums.rows)

    def over_sigma(tau: float) -> float:
        def at(log_s: float) -> float:
            return sums.ml_deviance(tau**2 / np.exp(log_s), float(np.exp(log_s)))

        centre = float(np.log(sigma2))
        return float(
            minimize_scalar(
                at, bounds=(centre - 2, centre + 2), method="bounded", options={"xatol": 1e-9}
            ).fun
        )

    def over_theta(sigma: float) -> float:
        def at(log_theta: float) -> float:
            return sums.ml_deviance(float(np.exp(log_theta)), sigma**2)

        inside = minimize_scalar(at, bounds=(-25, 10), method="bounded", options={"xatol": 1e-9}).fun
        return min(float(inside), sums.ml_deviance(0.0, sigma**2))

    sigma = float(np.sqrt(sigma2))
    low_theta, high_theta = profile_bounds(sums.ml_deviance, theta, 0.0, cut, theta + 0.01)
    return {
        "tau": profile_bounds(over_sigma, float(np.sqrt(theta * sigma2)), 0.0, cut, 0.1 * float(total)),
        "sigma": profile_bounds(over_theta, sigma, sigma / 10, cut, sigma / 20),
        "icc": (
            low_theta / (1 + low_theta),
            high_theta / (1 + high_theta) if np.isfinite(high_theta) else 1.0,
        ),
    }


def satterthwaite(sums: GroupSums, contrasts: Floats) -> Floats:
    """Satterthwaite degrees of freedom of rows of ``contrasts`` at the REML estimate."""
    theta = sums.best_reml
    df = sums.rows - sums.parameters
    sigma2 = sums.solve(theta)[2] / df
    if theta == 0:
        return np.full(len(contrasts), df)

    def variances(tau2: float, s2: float) -> Floats:
        inverse = np.linalg.inv(sums.solve(tau2 / s2)[0]) * s2
        result: Floats = np.einsum("ij,jk,ik->i", contrasts, inverse, contrasts)
        return result

    def deviance(tau2: float, s2: float) -> float:
        xwx, _beta, rss = sums.solve(tau2 / s2)
        logs = df * np.log(s2) + sums.log_determinant(tau2 / s2) + np.linalg.slogdet(xwx)[1]
        return float(logs + rss / s2)

    at = np.array([theta * sigma2, sigma2])
    covariance = 2 * np.linalg.inv(_hessian(deviance, at))
    step = 1e-4 * at
    gradient = np.column_stack(
        [(variances(*(at + shift)) - variances(*(at - shift))) / (2 * shift.sum()) for shift in np.diag(step)]
    )
    spread = np.einsum("ij,jk,ik->i", gradient, covariance, gradient)
    result: Floats = 2 * variances(*at) ** 2 / spread
    return result


def _hessian(function: Callable[[float, float], float], at: Floats) -> Floats:
    a, b = np.diag(1e-3 * at)
    here = function(*at)
    second = [(function(*(at + s)) - 2 * here + function(*(at - s))) / s.sum() ** 2 for s in (a, b)]
    mixed = (
        function(*(at + a + b)) - function(*(at + a - b)) - function(*(at - a + b)) + function(*(at - a - b))
    ) / (4 * a.sum() * b.sum())
    return np.array([[second[0], mixed], [mixed, second[1]]])


def shrunken(sums: GroupSums, theta: float, at: Floats) -> tuple[Floats, Floats, Floats, Floats, float]:
    """Group means at covariates ``at``: shrunken means, their own variances, directions in β, Cov(β), σ².

    The joint covariance of the group means is diag(own) + D Cov(β) D'.
    """
    xwx, beta, rss = sums.solve(theta)
    sigma2 = rss / (sums.rows - sums.parameters)
    weight = sums.n * theta / (1 + sums.n * theta)
    gap = (sums.y - sums.x @ beta) / sums.n
    mean = at @ beta + weight * gap
    direction = at - weight[:, None] * sums.x / sums.n[:, None]
    return (
        mean,
        sigma2 * theta / (1 + sums.n * theta),
        direction,
        np.linalg.inv(xwx).astype(float) * sigma2,
        sigma2,
    )


def ratio_posterior(sums: GroupSums, nodes: int = 64) -> tuple[Floats, Floats]:
    """Values of θ and their posterior weights: σ² and β integrated out, half-Cauchy(1) on τ/σ.

    In the angle atan(τ/σ) that prior is uniform. The quadrature closes in on where the likelihood lives, which with
    many groups is a sliver.
    """
    low, high = 0.0, np.pi / 2 * (1 - 1e-6)
    for _zoom in range(3):
        angle = np.linspace(low, high, 129)
        logs = _log_marginal(sums, np.tan(angle) ** 2)
        held = np.flatnonzero(logs > logs.max() - 30)
        low, high = angle[max(held[0] - 1, 0)], angle[min(held[-1] + 1, len(angle) - 1)]
    points, weights = np.polynomial.legendre.leggauss(nodes)
    theta = np.tan(low + (points + 1) * (high - low) / 2) ** 2
    logs = _log_marginal(sums, theta)
    mass = np.exp(logs - logs.max()) * weights
    return theta, mass / mass.sum()


def _log_marginal(sums: GroupSums, theta: Floats) -> Floats:
    df = sums.rows - sums.parameters
    logs = np.empty(len(theta))
    for position, value in enumerate(theta):
        xwx, _beta, rss = sums.solve(float(value))
        logs[position] = -0.5 * (
            sums.log_determinant(float(value)) + np.linalg.slogdet(xwx)[1] + df * np.log(rss)
        )
    return logs
