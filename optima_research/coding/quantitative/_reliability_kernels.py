"""Alpha, its intervals and the item table, from a covariance matrix (arrays in, arrays out)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from optima_research.coding.quantitative._item_moments import FloatArray, correlation


def cronbach_alpha(covariance: FloatArray) -> float:
    """Raw alpha of one covariance matrix."""
    return float(alpha_batch(covariance[None])[0])


def alpha_batch(covariances: FloatArray) -> FloatArray:
    """Raw alpha of each matrix of a (batch, k, k) stack."""
    k = covariances.shape[-1]
    trace = np.trace(covariances, axis1=-2, axis2=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        value: FloatArray = k / (k - 1) * (1 - trace / covariances.sum(axis=(-2, -1)))
    return value


def standardised_alpha(covariance: FloatArray) -> float:
    return cronbach_alpha(correlation(covariance))


def feldt_interval(alpha: float, n: int, k: int, level: float) -> tuple[float, float]:
    """Feldt (1965): exact under normal answers and compound symmetry."""
    from scipy.special import fdtri

    tail = (1 - level) / 2
    df1, df2 = n - 1, (n - 1) * (k - 1)
    return 1 - (1 - alpha) * float(fdtri(df1, df2, 1 - tail)), 1 - (1 - alpha) * float(fdtri(df1, df2, tail))


def duhachek_se(covariance: FloatArray, n: int) -> float:
    """Large-sample standard error of alpha for normal answers (van Zyl, Neudecker and Nel; Duhachek and Iacobucci)."""
    k = len(covariance)
    total, trace = covariance.sum(), np.trace(covariance)
    square = covariance @ covariance
    spread = total * (np.trace(square) + trace**2) - 2 * trace * square.sum()
    return float(np.sqrt(2 * k**2 / ((k - 1) ** 2 * total**3) * spread / n))


def item_rest(covariance: FloatArray) -> FloatArray:
    """Correlation of each item with the sum of the others."""
    variance = np.diag(covariance)
    with_rest = covariance.sum(axis=1) - variance
    rest_variance = covariance.sum() - 2 * covariance.sum(axis=1) + variance
    with np.errstate(invalid="ignore", divide="ignore"):
        value: FloatArray = with_rest / np.sqrt(variance * rest_variance)
    return value


def item_total(covariance: FloatArray) -> FloatArray:
    """Correlation of each item with the sum that contains it (inflated by construction)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        value: FloatArray = covariance.sum(axis=1) / np.sqrt(np.diag(covariance) * covariance.sum())
    return value


def alpha_if_dropped(covariance: FloatArray) -> FloatArray:
    """Alpha of the scale without each item; NaN for two items."""
    k = len(covariance)
    if k < 3:
        return np.full(k, np.nan)
    variance = np.diag(covariance)
    total = covariance.sum() - 2 * covariance.sum(axis=1) + variance
    value: FloatArray = (k - 1) / (k - 2) * (1 - (variance.sum() - variance) / total)
    return value


def miskeyed(covariance: FloatArray) -> NDArray[np.bool_]:
    """Whether each item seems to run against the majority: sign on the first principal component."""
    _values, vectors = np.linalg.eigh(correlation(covariance))
    against: NDArray[np.bool_] = vectors[:, -1] < 0
    turned = 2 * against.sum() > len(against) or (2 * against.sum() == len(against) and against[0])
    return ~against if turned else against


def spearman_brown(r: float) -> float:
    """Reliability of the sum of two items from their correlation."""
    return 2 * r / (1 + r)


def resampled(
    rows: FloatArray, statistic: Callable[[FloatArray], FloatArray], n_boot: int, seed: int
) -> FloatArray:
    """Bootstrap of a statistic of the covariance matrix: response patterns are counted once, then re-weighted.

    Parameters
    ----------
    rows : (n, k)
        Complete rows.
    statistic : callable
        (batch, k, k) covariances -> (batch,) values.
    """
    patterns, counts = np.unique(rows - rows.mean(axis=0), axis=0, return_counts=True)
    n, k = rows.shape
    upper = np.triu_indices(k)
    products = patterns[:, upper[0]] * patterns[:, upper[1]]
    rng = np.random.default_rng(seed)
    step = max(1, int(4e6 // max(len(patterns), k * k)))
    values = []
    for start in range(0, n_boot, step):
        weights = rng.multinomial(n, counts / n, size=min(step, n_boot - start)).astype(np.float64)
        mean = weights @ patterns / n
        stack = np.empty((len(weights), k, k))
        stack[:, upper[0], upper[1]] = weights @ products
        stack[:, upper[1], upper[0]] = stack[:, upper[0], upper[1]]
        values.append(statistic((stack - n * mean[:, :, None] * mean[:, None, :]) / (n - 1)))
    return np.concatenate(values)
