"""Extraction of common factors from a correlation matrix: maximum likelihood and minimum residuals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from optima_research.coding.quantitative._item_moments import FloatArray

Method = Literal["minres", "ml"]
SMALLEST_UNIQUENESS = 0.005


@dataclass(frozen=True)
class Extraction:
    """Unrotated loadings (items x factors), uniquenesses, and whether the search ended."""

    loadings: FloatArray
    uniquenesses: FloatArray
    converged: bool


def extract(correlations: FloatArray, n_factors: int, method: Method) -> Extraction:
    """Uniquenesses by bounded quasi-Newton from squared multiple correlations, loadings from eigenvectors.

    Maximum likelihood is Jöreskog's (1967) concentrated likelihood; minimum residuals are found through the equivalent
    unweighted least squares over uniquenesses (Harman and Jones 1966: the diagonal is then reproduced exactly).
    """
    from scipy.optimize import minimize

    objective = _likelihood if method == "ml" else _least_squares
    inverse_diagonal = 1 / np.diag(np.linalg.inv(correlations))
    start = np.clip((1 - 0.5 * n_factors / len(correlations)) * inverse_diagonal, 0.05, 0.95)
    found = minimize(
        objective,
        start,
        args=(correlations, n_factors),
        jac=True,
        method="L-BFGS-B",
        bounds=[(SMALLEST_UNIQUENESS, 1.0)] * len(start),
        options={"maxiter": 5000, "maxfun": 20000, "ftol": 1e-15, "gtol": 1e-9, "maxcor": 30},
    )
    loadings = _loadings(found.x, correlations, n_factors, method)
    signs = np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
    projected = np.where(found.x <= SMALLEST_UNIQUENESS + 1e-12, np.minimum(found.jac, 0), found.jac)
    return Extraction(loadings * signs, np.asarray(found.x), bool(np.abs(projected).max() < 1e-4))


def likelihood_discrepancy(correlations: FloatArray, loadings: FloatArray, uniquenesses: FloatArray) -> float:
    """log|Sigma| - log|R| + tr(R Sigma^-1) - p, for unrotated (orthogonal) loadings."""
    implied = loadings @ loadings.T + np.diag(uniquenesses)
    log_ratio = np.linalg.slogdet(implied)[1] - np.linalg.slogdet(correlations)[1]
    return float(log_ratio + np.trace(np.linalg.solve(implied, correlations)) - len(correlations))


def _likelihood(psi: FloatArray, correlations: FloatArray, m: int) -> tuple[float, FloatArray]:
    values, loadings = _scaled(psi, correlations, m)
    rest = values[:-m]
    gradient = (np.einsum("ij,ij->i", loadings, loadings) + psi - np.diag(correlations)) / psi**2
    return float((rest - np.log(rest)).sum() - len(rest)), gradient


def _least_squares(psi: FloatArray, correlations: FloatArray, m: int) -> tuple[float, FloatArray]:
    values, vectors = np.linalg.eigh(correlations - np.diag(psi))
    # Negative leading roots cannot be loadings: they stay in the residual.
    rest = values.copy()
    rest[-m:] = np.minimum(rest[-m:], 0.0)
    return float(0.5 * (rest**2).sum()), -(vectors**2) @ rest


def _scaled(psi: FloatArray, correlations: FloatArray, m: int) -> tuple[FloatArray, FloatArray]:
    root = np.sqrt(psi)
    values, vectors = np.linalg.eigh(correlations / np.outer(root, root))
    leading = vectors[:, -m:] * np.sqrt(np.maximum(values[-m:] - 1, 0.0))
    return values, root[:, None] * leading


def _loadings(psi: FloatArray, correlations: FloatArray, m: int, method: Method) -> FloatArray:
    if method == "ml":
        return _scaled(psi, correlations, m)[1][:, ::-1]
    values, vectors = np.linalg.eigh(correlations - np.diag(psi))
    leading: FloatArray = (vectors[:, -m:] * np.sqrt(np.maximum(values[-m:], 0.0)))[:, ::-1]
    return leading
