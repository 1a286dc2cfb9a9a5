"""Fit measures of a factor model, as lavaan defines them."""

from __future__ import annotations

import numpy as np

from optima_research.coding.quantitative._cfa_kernels import Fitted, implied
from optima_research.coding.quantitative._item_moments import FloatArray


def fit_measures(
    fitted: Fitted, *, means: bool, scaling: tuple[float, float] = (1.0, 1.0)
) -> dict[str, float]:
    """chi2, df, p, cfi, tli, rmsea with its 90 % interval, srmr, aic, bic.

    ``means``: whether means belong to the model (several groups) or are saturated and left out of srmr, aic and bic.
    ``scaling``: Yuan-Bentler factors of the model and of the baseline (1 for plain maximum likelihood); chi2 is then
    divided by the first, and cfi, tli and rmsea are the robust ones of Brosseau-Liard and Savalei.
    """
    from scipy.special import chdtrc

    df, base_df = fitted.spec.degrees_of_freedom, baseline_df(fitted)
    factor, base_factor = scaling
    misfit = fitted.chi2 - factor * df
    base_misfit = _baseline_chi2(fitted) - base_factor * base_df
    worst = max(base_misfit, misfit, 0.0)
    cfi = 1 - max(misfit, 0.0) / worst if worst > 0 else 1.0
    tli = 1 - (misfit / df) / (base_misfit / base_df) if df and base_misfit else 1.0
    chi2 = fitted.chi2 / factor
    rmsea, low, high = _rmsea(fitted, factor)
    return {
        "chi2": chi2,
        "df": df,
        "p": float(chdtrc(df, max(chi2, 0.0))) if df else np.nan,
        "cfi": cfi,
        "tli": tli,
        "rmsea": rmsea,
        "rmsea_low": low,
        "rmsea_high": high,
        "srmr": _srmr(fitted, means),
        **_criteria(fitted, means),
    }


def baseline_df(fitted: Fitted) -> int:
    """Degrees of freedom of the model of independence, variances and means free in every group."""
    p = fitted.spec.n_items
    return fitted.spec.n_groups * p * (p - 1) // 2


def _baseline_chi2(fitted: Fitted) -> float:
    covariance = fitted.moments.covariance
    variance = np.diagonal(covariance, axis1=1, axis2=2)
    return float(fitted.moments.n @ (np.log(variance).sum(axis=1) - np.linalg.slogdet(covariance)[1]))


def _rmsea(fitted: Fitted, factor: float) -> tuple[float, float, float]:
    """Point and 90 % interval, with the square root of the number of groups (Steiger)."""
    df, groups, n = fitted.spec.degrees_of_freedom, fitted.spec.n_groups, fitted.moments.n.sum()
    if not df:
        return 0.0, 0.0, 0.0
    chi2 = fitted.chi2 / factor

    def of(noncentrality: float) -> float:
        return float(np.sqrt(max(noncentrality, 0.0) * factor / (df * n) * groups))

    return of(chi2 - df), of(_noncentrality(chi2, df, 0.95)), of(_noncentrality(chi2, df, 0.05))


def _noncentrality(chi2: float, df: int, probability: float) -> float:
    """The noncentrality under which ``chi2`` sits at that quantile."""
    from scipy.optimize import brentq
    from scipy.special import chndtr

    def gap(noncentrality: float) -> float:
        return float(chndtr(chi2, df, noncentrality)) - probability

    if gap(0.0) <= 0:
        return 0.0
    upper = max(chi2, 1.0)
    while gap(upper) > 0:
        upper *= 2
    return float(brentq(gap, 0.0, upper, xtol=1e-10))


def _srmr(fitted: Fitted, means: bool) -> float:
    """Root mean square of standardised residuals (Bentler), groups weighted by their size."""
    model, moments = implied(fitted.spec, fitted.parameters), fitted.moments
    sd = np.sqrt(np.diagonal(moments.covariance, axis1=1, axis2=2))
    p = fitted.spec.n_items
    lower = np.tril_indices(p)
    gaps = ((moments.covariance - model.covariance) / (sd[:, :, None] * sd[:, None, :]))[
        :, lower[0], lower[1]
    ]
    squares, count = (gaps**2).sum(axis=1), len(lower[0])
    if means:
        squares = squares + (((moments.mean - model.mean) / sd) ** 2).sum(axis=1)
        count += p
    return float(np.average(np.sqrt(squares / count), weights=moments.n))


def _criteria(fitted: Fitted, means: bool) -> dict[str, float]:
    moments, p = fitted.moments, fitted.spec.n_items
    saturated: FloatArray = p * np.log(2 * np.pi) + np.linalg.slogdet(moments.covariance)[1] + p
    log_likelihood = -0.5 * float(moments.n @ saturated) - 0.5 * fitted.chi2
    parameters = fitted.spec.n_parameters - (0 if means else p * fitted.spec.n_groups)
    return {
        "aic": 2 * parameters - 2 * log_likelihood,
        "bic": parameters * float(np.log(moments.n.sum())) - 2 * log_likelihood,
        "log_likelihood": log_likelihood,
    }
