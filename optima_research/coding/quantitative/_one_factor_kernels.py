"""One-factor maximum likelihood on covariances, and McDonald's omega from it (arrays in, arrays out).

Written for a stack of matrices at once: the same code serves the estimate and its bootstrap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optima_research.coding.quantitative._item_moments import FloatArray

MAX_STEPS = 200
TOLERANCE = 1e-10


@dataclass(frozen=True)
class OneFactor:
    """Loadings and residual variances of a stack of covariance matrices, and whether each fit converged."""

    loadings: FloatArray
    residuals: FloatArray
    converged: NDArray[np.bool_]

    @property
    def omega(self) -> FloatArray:
        """Share of the variance of the sum that is the factor's."""
        common = self.loadings.sum(axis=-1) ** 2
        value: FloatArray = common / (common + self.residuals.sum(axis=-1))
        return value


def one_factor(covariances: FloatArray) -> OneFactor:
    """Fit ``S = l l' + diag(t)`` by Fisher scoring with step halving, for each matrix of a (batch, k, k) stack.

    Residual variances are free: a negative one (Heywood) is an answer, to be said, not to be hidden.
    """
    sd = np.sqrt(np.diagonal(covariances, axis1=-2, axis2=-1))
    fit = _fitted(covariances / (sd[:, :, None] * sd[:, None, :]))
    # The likelihood does not depend on the units: fitting correlations keeps the search well scaled.
    return OneFactor(fit.loadings * sd, fit.residuals * sd**2, fit.converged)


def omega_batch(covariances: FloatArray) -> FloatArray:
    """Omega of each matrix of a stack; NaN where the fit did not converge."""
    fit = one_factor(covariances)
    return np.where(fit.converged, fit.omega, np.nan)


def omega_normal_se(fit: OneFactor, covariance: FloatArray, n: int) -> float:
    """Delta-method standard error from the expected information (normal answers), for the first matrix of the stack."""
    parameters = np.concatenate([fit.loadings[0], fit.residuals[0]])
    _gradient, information = _derivatives(covariance[None], parameters[None])
    slope = _omega_slope(fit)
    return float(np.sqrt(2 / n * slope @ np.linalg.solve(information[0], slope)))


def omega_influence(fit: OneFactor, covariance: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Influence of a respondent on omega, as ``squares . z² + 2 (first . z)(second . z)`` of his centred answers z.

    Its standard deviation over sqrt(n) is the sandwich standard error (observed information, casewise scores), which
    holds for answers that are not normal. ``covariance`` has divisor n.

    The influence is z' V (w l' + l w' + diag(t)) V z, with (w, t) the slope of omega times the inverse Hessian, and
    V = D - c u u' the inverse of the implied covariance (D inverse residual variances, u = D l): a diagonal form plus
    one product of two linear ones.
    """
    k = len(covariance)
    loadings, residuals = fit.loadings[0], fit.residuals[0]
    weight = np.linalg.solve(_hessian(covariance, np.concatenate([loadings, residuals])), _omega_slope(fit))
    u = loadings / residuals
    c = 1 / (1 + loadings @ u)
    turned = weight[:k] / residuals - c * u * (u @ weight[:k])
    r = weight[k:] * u / residuals
    second = c * (turned - r) + 0.5 * c**2 * (weight[k:] @ u**2) * u
    return weight[k:] / residuals**2, u, second


def _fitted(covariances: FloatArray) -> OneFactor:
    k = covariances.shape[-1]
    parameters = _start(covariances)
    value = _discrepancy(covariances, parameters)
    active = np.isfinite(value)
    converged = np.zeros(len(covariances), dtype=bool)
    for _step in range(MAX_STEPS):
        rows = np.flatnonzero(active)
        if not len(rows):
            break
        gradient, information = _derivatives(covariances[rows], parameters[rows])
        # A trace of ridge keeps the step finite where the information is singular (a factor without loadings).
        ridge = 1e-12 * np.trace(information, axis1=1, axis2=2)[:, None, None] * np.eye(2 * k)
        step = -np.linalg.solve(information + ridge, gradient[..., None])[..., 0]
        done = np.abs(np.einsum("bi,bi->b", step, gradient)) < TOLERANCE**1.5
        converged[rows[done]] = True
        active[rows[done]] = False
        parameters, value, stuck = _advance(covariances, parameters, value, rows, step, ~done)
        converged[stuck] |= np.abs(gradient[np.isin(rows, stuck)]).max(axis=1, initial=0) < 1e-6
        active[stuck] = False
    loadings = parameters[:, :k]
    loadings = np.where(loadings.sum(axis=1, keepdims=True) < 0, -loadings, loadings)
    return OneFactor(loadings, parameters[:, k:], converged)


def _start(covariances: FloatArray) -> FloatArray:
    variance = np.diagonal(covariances, axis1=-2, axis2=-1)
    shared = covariances.sum(axis=-1) - variance
    total = np.maximum(shared.sum(axis=-1, keepdims=True), 1e-6 * variance.sum(axis=-1, keepdims=True))
    k = covariances.shape[-1]
    loadings = shared / np.sqrt(total) * np.sqrt(k / (k - 1))
    bound = 0.9 * np.sqrt(variance)
    loadings = np.clip(loadings, -bound, bound)
    return np.concatenate([loadings, variance - loadings**2], axis=-1)


def _implied(parameters: FloatArray) -> FloatArray:
    k = parameters.shape[-1] // 2
    loadings, residuals = parameters[..., :k], parameters[..., k:]
    return loadings[..., :, None] * loadings[..., None, :] + residuals[..., :, None] * np.eye(k)


def _discrepancy(covariances: FloatArray, parameters: FloatArray) -> FloatArray:
    """log|Sigma| + tr(S Sigma^-1), infinite where Sigma is not positive definite."""
    implied = _implied(parameters)
    smallest = np.linalg.eigvalsh(implied)[..., 0]
    safe = np.where((smallest > 0)[..., None, None], implied, np.eye(implied.shape[-1]))
    _sign, log_determinant = np.linalg.slogdet(safe)
    trace = np.einsum("bij,bji->b", covariances, np.linalg.inv(safe))
    return np.where(smallest > 0, log_determinant + trace, np.inf)


def _derivatives(covariances: FloatArray, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gradient and expected Hessian of the discrepancy."""
    k = parameters.shape[-1] // 2
    loadings = parameters[..., :k]
    inverse = np.linalg.inv(_implied(parameters))
    residual = inverse - inverse @ covariances @ inverse
    gradient = np.concatenate(
        [2 * np.einsum("bij,bj->bi", residual, loadings), np.diagonal(residual, axis1=-2, axis2=-1)], axis=-1
    )
    v = np.einsum("bij,bj->bi", inverse, loadings)
    a = np.einsum("bi,bi->b", v, loadings)[:, None, None]
    hessian = np.empty((len(parameters), 2 * k, 2 * k))
    hessian[:, :k, :k] = 2 * (a * inverse + v[:, :, None] * v[:, None, :])
    hessian[:, :k, k:] = 2 * inverse * v[:, None, :]
    hessian[:, k:, :k] = np.swapaxes(hessian[:, :k, k:], 1, 2)
    hessian[:, k:, k:] = inverse**2
    return gradient, hessian


def _advance(
    covariances: FloatArray,
    parameters: FloatArray,
    value: FloatArray,
    rows: NDArray[np.intp],
    step: FloatArray,
    moving: NDArray[np.bool_],
) -> tuple[FloatArray, FloatArray, NDArray[np.intp]]:
    """Take each step, halved until the discrepancy no longer grows; also the rows no step improves."""
    parameters, value = parameters.copy(), value.copy()
    pending = np.flatnonzero(moving)
    length = 1.0
    for _halving in range(30):
        if not len(pending):
            break
        trial = parameters[rows[pending]] + length * step[pending]
        reached = _discrepancy(covariances[rows[pending]], trial)
        better = reached <= value[rows[pending]] + 1e-14
        taken = rows[pending[better]]
        parameters[taken], value[taken] = trial[better], reached[better]
        pending = pending[~better]
        length /= 2
    return parameters, value, rows[pending]


def _omega_slope(fit: OneFactor) -> FloatArray:
    total, noise = fit.loadings[0].sum(), fit.residuals[0].sum()
    variance = total**2 + noise
    k = fit.loadings.shape[-1]
    return np.concatenate(
        [np.full(k, 2 * total * noise / variance**2), np.full(k, -(total**2) / variance**2)]
    )


def _hessian(covariance: FloatArray, parameters: FloatArray) -> FloatArray:
    """Observed Hessian by central differences of the exact gradient."""
    size = len(parameters)
    step = 1e-5 * np.maximum(1, np.abs(parameters))
    shifts = np.diag(step)
    stack = np.repeat(covariance[None], 2 * size, axis=0)
    gradient, _information = _derivatives(stack, np.concatenate([parameters + shifts, parameters - shifts]))
    hessian = (gradient[:size] - gradient[size:]) / (2 * step[:, None])
    symmetric: FloatArray = (hessian + hessian.T) / 2
    return symmetric
