"""Standard errors, robust corrections and score tests of a fitted factor model (arrays in, arrays out)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optima_research.coding.quantitative._arrow_solver import arrow
from optima_research.coding.quantitative._cfa_kernels import (
    Fitted,
    derivatives,
    directions,
    gathered_matrix,
    implied,
    local_hessian,
)
from optima_research.coding.quantitative._cfa_measures import baseline_df
from optima_research.coding.quantitative._cfa_spec import Spec
from optima_research.coding.quantitative._item_moments import FloatArray


@dataclass(frozen=True)
class ScoreTest:
    """What freeing some equalities would bring: chi2, its df and p, and the expected value of every element."""

    chi2: float
    df: int
    p: float
    expected: FloatArray


def standard_errors(
    fitted: Fitted, places: NDArray[np.intp], rows: Sequence[FloatArray] | None = None
) -> FloatArray:
    """Standard errors of some free parameters.

    From the expected information, or, where the groups' answers ``rows`` are given, from the sandwich of the observed
    information and the casewise scores (Huber-White).
    """
    structure = arrow(fitted.spec)
    if rows is None:
        _gradient, bread = derivatives(fitted.spec, fitted.moments, fitted.parameters)
        meat = None
    else:
        bread, local_meat = _sandwich(fitted, rows)
        meat = gathered_matrix(fitted.spec, local_meat)
    variances = []
    for place in places.tolist():
        unit = np.zeros(fitted.spec.n_parameters)
        unit[place] = 1.0
        column = structure.solve(bread, unit)
        variances.append(column[place] if meat is None else column @ meat @ column)
    return np.sqrt(np.array(variances, dtype=np.float64))


def scaling_factors(fitted: Fitted, rows: Sequence[FloatArray]) -> tuple[float, float]:
    """Yuan-Bentler scaling factors (Mplus variant) of the model and of the baseline of independence."""
    bread, meat = (gathered_matrix(fitted.spec, local) for local in _sandwich(fitted, rows))
    saturated = independent = 0.0
    for x, mean, covariance in zip(rows, fitted.moments.mean, fitted.moments.covariance, strict=True):
        centred = x - mean
        p = x.shape[1]
        distance = np.einsum("ij,ij->i", centred @ np.linalg.inv(covariance), centred)
        saturated += p + 0.5 * (np.mean(distance**2) - p)
        kurtosis = np.mean((centred**2 / np.diag(covariance)) ** 2, axis=0)
        independent += p + 0.5 * float((kurtosis - 1).sum())
    df, base_df = fitted.spec.degrees_of_freedom, baseline_df(fitted)
    model = float(np.trace(np.linalg.solve(bread, meat)))
    return (saturated - model) / df if df else 1.0, (saturated - independent) / base_df


def score_test(fitted: Fitted, wider: Spec) -> ScoreTest:
    """Test the equalities that ``wider`` releases, at the constrained estimates (Lagrange multipliers)."""
    from scipy.special import chdtrc

    values = fitted.spec.elements(fitted.parameters)
    parameters = np.zeros(wider.n_parameters)
    free = wider.index >= 0
    parameters[wider.index[free]] = values[free]
    gradient, information = derivatives(wider, fitted.moments, parameters)
    score = -0.5 * gradient
    step = arrow(wider).solve(information, score)
    df = wider.n_parameters - fitted.spec.n_parameters
    chi2 = float(score @ step)
    return ScoreTest(chi2, df, float(chdtrc(df, max(chi2, 0.0))), wider.elements(parameters + step))


def _sandwich(fitted: Fitted, rows: Sequence[FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Observed information and sum of squared casewise scores of each group, over its elements."""
    spec, moments = fitted.spec, fitted.moments
    model = implied(spec, fitted.parameters)
    u, v, slope = directions(spec, model)
    inverse = np.linalg.inv(model.covariance)
    meat = np.empty((spec.n_groups, u.shape[2], u.shape[2]))
    for g, x in enumerate(rows):
        weighted = (x - model.mean[g]) @ inverse[g]
        # d log-likelihood / d element of one respondent: (u'Wz)(v'Wz) - u'Wv for covariances, slope'Wz for means.
        expected = np.einsum("pe,pe->e", u[g], inverse[g] @ v[g])
        scores = (weighted @ u[g]) * (weighted @ v[g]) - expected + weighted @ slope[g]
        meat[g] = scores.T @ scores
    hessian = 0.5 * moments.n[:, None, None] * local_hessian(spec, moments, spec.elements(fitted.parameters))
    return hessian, meat
