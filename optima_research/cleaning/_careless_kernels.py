"""Indices of careless responding on a matrix respondents × items (NaN: no answer), as R careless defines them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]

FEWEST_PAIRS = 3


def longest_run(answers: Floats) -> tuple[Ints, Floats]:
    """Longest run of identical answers, and mean length of the runs; a missing answer is a run of its own.

    Parameters
    ----------
    answers : (n, k)

    Returns
    -------
    longest : (n,) ints, mean : (n,) floats
    """
    n, k = answers.shape
    run = np.ones(n, dtype=np.int64)
    longest = np.ones(n, dtype=np.int64)
    runs = np.ones(n, dtype=np.int64)
    for item in range(1, k):
        same = answers[:, item] == answers[:, item - 1]
        run = np.where(same, run + 1, 1)
        runs += ~same
        np.maximum(longest, run, out=longest)
    return longest, k / runs


def response_variability(answers: Floats) -> Floats:
    """Standard deviation (n - 1) of each respondent's answers; NaN under two answers."""
    present = np.isfinite(answers)
    count = present.sum(axis=1)
    filled = np.where(present, answers, 0.0)
    mean = filled.sum(axis=1) / np.maximum(count, 1)
    squares = np.where(present, (answers - mean[:, None]) ** 2, 0.0).sum(axis=1)
    return np.where(count > 1, np.sqrt(squares / np.maximum(count - 1, 1)), np.nan)


def even_odd(answers: Floats, blocks: Sequence[Sequence[int]]) -> Floats:
    """Even-odd inconsistency: minus the Spearman-Brown corrected correlation of the two halves over the scales.

    Parameters
    ----------
    answers : (n, k), reversed items already turned
    blocks : for each scale, the positions of its items

    Returns
    -------
    (n,) floats between -1 (consistent) and 1; NaN where a half does not vary.
    """
    odd = np.column_stack([_row_means(answers[:, list(block)[0::2]]) for block in blocks])
    even = np.column_stack([_row_means(answers[:, list(block)[1::2]]) for block in blocks])
    r = row_correlation(even, odd)
    with np.errstate(divide="ignore", invalid="ignore"):
        corrected = 2 * r / (1 + r)
    return -np.maximum(corrected, -1.0)


def mahalanobis(answers: Floats) -> Floats:
    """Squared Mahalanobis distance, covariances on available pairs, a missing answer counting as the item's mean.

    NaN for respondents without any answer; raises ``LinAlgError`` when the covariance matrix is singular.
    """
    present = np.isfinite(answers)
    covariance, _correlation = pairwise_moments(answers)
    centred = np.where(present, answers - _column_means(answers), 0.0)
    distance = np.einsum("ij,ij->i", centred @ np.linalg.inv(covariance), centred)
    return np.where(present.any(axis=1), distance, np.nan)


def paired_consistency(answers: Floats, later: Ints, earlier: Ints) -> Floats:
    """Correlation, within each respondent, of the answers to pairs of items; NaN under three answered pairs.

    Parameters
    ----------
    answers : (n, k)
    later, earlier : (p,) positions of the two items of each pair
    """
    left, right = answers[:, later], answers[:, earlier]
    pairs = (np.isfinite(left) & np.isfinite(right)).sum(axis=1)
    return np.where(pairs >= FEWEST_PAIRS, row_correlation(left, right), np.nan)


def alike_pairs(answers: Floats, threshold: float) -> tuple[Ints, Ints]:
    """Pairs of items correlated above ``threshold`` (below it where it is negative): later item, earlier item."""
    _covariance, correlation = pairwise_moments(answers)
    later, earlier = np.tril_indices(answers.shape[1], -1)
    r = correlation[later, earlier]
    chosen = (r > threshold) if threshold >= 0 else (r < threshold)
    return later[chosen], earlier[chosen]


def pairwise_moments(answers: Floats) -> tuple[Floats, Floats]:
    """Covariances and correlations of the items over the respondents who answered both."""
    present = np.isfinite(answers).astype(float)
    centred = np.where(present > 0, answers - _column_means(answers), 0.0)
    n = present.T @ present
    sums = centred.T @ present
    squares = (centred**2).T @ present
    with np.errstate(divide="ignore", invalid="ignore"):
        products = centred.T @ centred - sums * sums.T / n
        covariance = products / (n - 1)
        spread = squares - sums**2 / n
        correlation = products / np.sqrt(spread * spread.T)
    return covariance, correlation


def row_correlation(left: Floats, right: Floats) -> Floats:
    """Pearson correlation of two matrices, row by row, over the columns present in both; NaN without variance."""
    both = np.isfinite(left) & np.isfinite(right)
    count = np.maximum(both.sum(axis=1), 1)[:, None]
    a = np.where(both, left, 0.0)
    b = np.where(both, right, 0.0)
    a = np.where(both, a - a.sum(axis=1, keepdims=True) / count, 0.0)
    b = np.where(both, b - b.sum(axis=1, keepdims=True) / count, 0.0)
    scale = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        r = (a * b).sum(axis=1) / scale
    # Rounding noise of identical answers must not pass for variance.
    return np.where(scale > 1e-12, np.clip(r, -1.0, 1.0), np.nan)


def _row_means(answers: Floats) -> Floats:
    present = np.isfinite(answers)
    count = present.sum(axis=1)
    total = np.where(present, answers, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _column_means(answers: Floats) -> Floats:
    present = np.isfinite(answers)
    return np.asarray(np.where(present, answers, 0.0).sum(axis=0) / np.maximum(present.sum(axis=0), 1))
