"""Linearised group means, weighted ranks, Wald and Rao–Scott tests: arrays in, arrays out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def held_groups(codes: Ints, labels: tuple[str, ...]) -> tuple[Ints, tuple[str, ...]]:
    """Codes and labels without the empty groups (negative codes: outside)."""
    used = np.bincount(codes[codes >= 0], minlength=len(labels)) > 0
    position = np.append(np.where(used, np.cumsum(used, dtype=np.int64) - 1, -1), -1)
    return position[codes], tuple(label for label, held in zip(labels, used, strict=True) if held)


def joint(rows: Ints, columns: Ints, shape: tuple[int, int], weights: Floats | None = None) -> Floats:
    inside = (rows >= 0) & (columns >= 0)
    flat = rows[inside] * shape[1] + columns[inside]
    table = np.bincount(flat, None if weights is None else weights[inside], shape[0] * shape[1])
    return table.astype(float).reshape(shape)


def domain_means(values: Floats, codes: Ints, weights: Floats, k: int) -> Floats:
    inside = codes >= 0
    w, g = weights[inside], codes[inside]
    result: Floats = np.bincount(g, w * values[inside], k) / np.bincount(g, w, k)
    return result


def mean_scores(values: Floats, codes: Ints, weights: Floats, means: Floats) -> Floats:
    """Scores (n, k) whose weighted totals have the covariance of the group means."""
    inside = np.flatnonzero(codes >= 0)
    g = codes[inside]
    size = np.bincount(g, weights[inside], len(means))
    scores = np.zeros((len(codes), len(means)))
    scores[inside, g] = (values[inside] - means[g]) / size[g]
    return scores


def share_scores(cells: Ints, weights: Floats, k: int) -> Floats:
    """Scores (n, k) whose weighted totals have the covariance of the cell shares."""
    inside = np.flatnonzero(cells >= 0)
    total = weights[inside].sum()
    share = np.bincount(cells[inside], weights[inside], k) / total
    scores = np.zeros((len(cells), k))
    scores[inside] = -share / total
    scores[inside, cells[inside]] += 1 / total
    return scores


def weighted_mid_ranks(values: Floats, weights: Floats, valid: npt.NDArray[np.bool_]) -> Floats:
    """Rank of each answer in the population, between 0 and 1: weight below it plus half the weight of its ties."""
    distinct, position = np.unique(values[valid], return_inverse=True)
    at = np.bincount(position, weights[valid], len(distinct))
    ranks = np.zeros(len(values))
    ranks[valid] = ((np.cumsum(at) - at / 2) / at.sum())[position]
    return ranks


def contrasts(means: Floats, covariance: Floats, first: Ints, second: Ints) -> tuple[Floats, Floats]:
    variance = covariance[first, first] + covariance[second, second] - 2 * covariance[first, second]
    return means[first] - means[second], np.sqrt(np.maximum(variance, 0.0))


def t_test(difference: Floats, se: Floats, df: float) -> tuple[Floats, Floats]:
    """Student's t and two-sided p; without sampling error (a census) any difference is certain."""
    from scipy import special

    with np.errstate(divide="ignore", invalid="ignore"):
        t = difference / se
    return t, np.where(np.isfinite(t), 2 * special.stdtr(df, -np.abs(t)), np.where(difference == 0, 1.0, 0.0))


def wald(means: Floats, covariance: Floats, df2: float) -> tuple[float, float]:
    """Wald's F that all means are equal, and p."""
    from scipy import special

    k = len(means)
    contrast = np.hstack([np.ones((k - 1, 1)), -np.eye(k - 1)])
    gap = contrast @ means
    inner = contrast @ covariance @ contrast.T
    if np.linalg.matrix_rank(inner) < k - 1:
        certain = bool(np.any(gap != 0))
        return (float("inf"), 0.0) if certain else (0.0, 1.0)
    f = float(gap @ np.linalg.solve(inner, gap)) / (k - 1)
    return f, float(special.fdtrc(k - 1, df2, f))


def variance_share(values: Floats, codes: Ints, weights: Floats, means: Floats) -> tuple[float, float]:
    """Weighted share of the variance between groups, and pooled standard deviation within them."""
    inside = codes >= 0
    w, g, y = weights[inside], codes[inside], values[inside]
    size = np.bincount(g, w, len(means))
    centre = float(size @ means / size.sum())
    between = float(size @ (means - centre) ** 2)
    within = float(w @ (y - means[g]) ** 2)
    return between / (between + within), float(np.sqrt(within / size.sum()))


def rao_scott(
    shares: Floats, covariance: Floats, n: int, df: float
) -> tuple[float, float, float, float, float]:
    """Second-order Rao–Scott: F, both df, p, and Pearson's χ² on the weighted shares.

    Empty cells keep no information; the interaction contrasts are those of R ``svychisq``.
    """
    from scipy import special

    r, c = shares.shape
    wanted = shares.sum(axis=1, keepdims=True) * shares.sum(axis=0, keepdims=True)
    pearson = n * float(((shares - wanted) ** 2 / wanted).sum())
    flat = shares.ravel()
    rows, columns = np.repeat(np.arange(r), c), np.tile(np.arange(c), r)
    main = np.hstack([np.ones((r * c, 1)), np.eye(r)[rows][:, 1:], np.eye(c)[columns][:, 1:]])
    crossed = (np.eye(r)[rows][:, 1:, None] * np.eye(c)[columns][:, None, 1:]).reshape(r * c, -1)
    contrast = crossed - main @ np.linalg.lstsq(main, crossed, rcond=None)[0]
    inverse = np.diag(np.divide(1.0, flat, out=np.zeros_like(flat), where=flat > 0))
    simple = contrast.T @ (inverse / n) @ contrast
    actual = contrast.T @ inverse @ covariance @ inverse @ contrast
    delta = np.linalg.lstsq(simple, actual, rcond=None)[0]
    trace = float(np.trace(delta))
    if trace <= 0:
        return float("inf"), 1.0, df, 0.0, pearson
    d0 = trace**2 / float(np.trace(delta @ delta))
    f = pearson / trace
    return f, d0, d0 * df, float(special.fdtrc(d0, d0 * df, f)), pearson


def design_residuals(weighted: Floats, covariance: Floats) -> Floats:
    """Departure of each weighted cell share from independence, over its design standard error."""
    shares = weighted / weighted.sum()
    r, c = shares.shape
    row, column = shares.sum(axis=1), shares.sum(axis=0)
    rows, columns = np.repeat(np.arange(r), c), np.tile(np.arange(c), r)
    gradient = np.eye(r * c) - (rows[:, None] == rows[None, :]) * column[columns][:, None]
    gradient = gradient - (columns[:, None] == columns[None, :]) * row[rows][:, None]
    variance = np.einsum("ij,jk,ik->i", gradient, covariance, gradient).reshape(r, c)
    with np.errstate(divide="ignore", invalid="ignore"):
        residuals: Floats = (shares - np.outer(row, column)) / np.sqrt(variance)
    return residuals


def group_frame(
    labels: tuple[str, ...], n: Ints, means: Floats, covariance: Floats, values: Floats, codes: Ints, weights: Floats,
    df: float, level: float,
) -> pd.DataFrame:  # fmt: skip
    """One row a group, as in a comparison without design."""
    from scipy import special

    k = len(labels)
    inside = codes >= 0
    w, g, y = weights[inside], codes[inside], values[inside]
    size = np.bincount(g, w, k)
    sd = np.sqrt(np.bincount(g, w * (y - means[g]) ** 2, k) / size)
    se = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    half = special.stdtrit(df, (1 + level) / 2) * se
    median = [_weighted_median(y[g == code], w[g == code]) for code in range(k)]
    columns = {
        "n": n,
        "mean": means,
        "sd": sd,
        "se": se,
        "low": means - half,
        "high": means + half,
        "median": median,
    }
    return pd.DataFrame(columns, index=pd.Index(labels, name="group"))


def _weighted_median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][np.searchsorted(reached, 0.5 - 1e-12)])
