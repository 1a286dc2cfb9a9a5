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


@dataclass(frozen=True, eq=False)
class OrdinalRows:
    """Rows of an ordinal model, each standing for ``weight`` respondents.

    ``nominal`` columns shift every threshold by its own amount (partial proportional odds).
    """

    y: Ints
    x: Floats
    weight: Floats
    categories: int
    nominal: Floats | None = None

    @property
    def shifts(self) -> Floats:
        """Columns that multiply the thresholds: a constant, and the nominal effects."""
        ones = np.ones((len(self.y), 1))
        return ones if self.nominal is None else np.hstack([ones, self.nominal])

    @property
    def cut(self) -> int:
        """Number of threshold parameters."""
        return int((self.categories - 1) * self.shifts.shape[1])

    def designs(self) -> tuple[Floats, Floats]:
        """Rows of the linear predictors above and below each answer."""
        identity = np.vstack([np.eye(self.categories - 1), np.zeros((1, self.categories - 1))])
        above, below = identity[self.y], identity[np.where(self.y == 0, self.categories - 1, self.y - 1)]
        shifts = self.shifts
        first, second = (
            np.hstack([(rows[:, :, None] * shifts[:, None, :]).reshape(len(self.y), -1), -self.x])
            for rows in (above, below)
        )
        return first, second

    def start(self) -> Floats:
        """Thresholds of the margins, every slope zero."""
        shares = np.cumsum(np.bincount(self.y, self.weight, self.categories))[:-1] / self.weight.sum()
        thresholds = np.zeros((self.categories - 1, self.shifts.shape[1]))
        thresholds[:, 0] = np.log(shares / (1 - shares))
        return np.concatenate([thresholds.ravel(), np.zeros(self.x.shape[1])])


def fit_cumulative(
    y: Ints, x: Floats, weight: Floats, categories: int, nominal: Floats | None = None
) -> CumulativeFit:
    """Fit P(Y ≤ j) = logit⁻¹(θj − xβ) to rows that stand for ``weight`` respondents each."""
    rows = OrdinalRows(y, x, weight, categories, nominal)
    designs = rows.designs()
    parameters = rows.start()
    value, gradient, hessian = derivatives(parameters, rows, designs)
    converged = False
    for _step in range(STEPS):
        move = np.linalg.lstsq(-hessian, gradient, rcond=None)[0]
        if float(gradient @ move) < TOLERANCE:
            converged = True
            break
        scale = 1.0
        trial = derivatives(parameters + move, rows, designs)
        while not trial[0] >= value - 1e-12 * abs(value) and scale > 1e-8:
            scale /= 2
            trial = derivatives(parameters + scale * move, rows, designs)
        parameters = parameters + scale * move
        value, gradient, hessian = trial
    covariance = np.linalg.pinv(-hessian).astype(float)
    return CumulativeFit(parameters[: rows.cut], parameters[rows.cut :], covariance, value, converged)


def derivatives(
    parameters: Floats, rows: OrdinalRows, designs: tuple[Floats, Floats]
) -> tuple[float, Floats, Floats]:
    """Log-likelihood, gradient and Hessian in (θ, β)."""
    above, below = designs
    top, bottom = rows.y == rows.categories - 1, rows.y == 0
    upper, density_u, slope_u = logistic(np.where(top, np.inf, above @ parameters))
    lower, density_l, slope_l = logistic(np.where(bottom, -np.inf, below @ parameters))
    p = upper - lower
    if not np.all(p > 0):
        return -np.inf, np.zeros(len(parameters)), -np.eye(len(parameters))
    score = (density_u / p)[:, None] * above - (density_l / p)[:, None] * below
    weight = rows.weight
    hessian = (
        above.T @ ((weight * slope_u / p)[:, None] * above)
        - below.T @ ((weight * slope_l / p)[:, None] * below)
        - score.T @ (weight[:, None] * score)
    )
    return float(weight @ np.log(p)), weight @ score, hessian


def logistic(z: Floats) -> tuple[Floats, Floats, Floats]:
    """Distribution function, density and slope of the density of the logistic law."""
    from scipy.special import expit

    cdf = expit(z)
    density = cdf * expit(-z)
    return cdf, density, density * (1 - 2 * cdf)
