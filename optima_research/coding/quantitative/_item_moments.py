"""Means, covariances and extremes of a few items in one pass over the answers (arrays in, arrays out).

The pass goes block by block so that each block stays in the processor's cache: a million answers cost about what
reading them costs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
BLOCK = 8192


@dataclass(frozen=True)
class ItemMoments:
    """What reliability needs to know of ``k`` items.

    ``n`` rows used (for pairwise moments the smallest pair), ``n_rows`` rows seen, ``available`` answers an item,
    ``pair_n`` answers a pair; ``lowest`` and ``highest`` over every answer seen, ``at_lowest`` and ``at_highest`` the
    number of answers there, among the rows used (listwise) or the answers available (pairwise).
    """

    n: int
    n_rows: int
    available: FloatArray
    pair_n: FloatArray
    mean: FloatArray
    covariance: FloatArray
    lowest: FloatArray
    highest: FloatArray
    at_lowest: FloatArray
    at_highest: FloatArray

    def reflected(self, reverse: NDArray[np.bool_], total: float) -> ItemMoments:
        """The moments of ``total - answer`` for the reversed items."""
        if not reverse.any():
            return self
        sign = np.where(reverse, -1.0, 1.0)
        return ItemMoments(
            n=self.n,
            n_rows=self.n_rows,
            available=self.available,
            pair_n=self.pair_n,
            mean=np.where(reverse, total - self.mean, self.mean),
            covariance=self.covariance * np.outer(sign, sign),
            lowest=np.where(reverse, total - self.highest, self.lowest),
            highest=np.where(reverse, total - self.lowest, self.highest),
            at_lowest=np.where(reverse, self.at_highest, self.at_lowest),
            at_highest=np.where(reverse, self.at_lowest, self.at_highest),
        )


def listwise_moments(columns: Sequence[NDArray[Any]], ends: tuple[float, float] | None = None) -> ItemMoments:
    """Moments over the rows where every item is answered (divisor ``n - 1``)."""
    k, rows = len(columns), len(columns[0])
    lowest, highest = extremes(columns)
    low = lowest if ends is None else np.full(k, float(ends[0]))
    high = highest if ends is None else np.full(k, float(ends[1]))
    # Sums are taken about a typical value: sums of squares of large answers would lose digits.
    shift = np.nan_to_num((lowest + highest) / 2)[:, None]
    sums, cross = np.zeros(k), np.zeros((k, k))
    at_low, at_high = np.zeros(k), np.zeros(k)
    used = 0
    for block in _blocks(columns):
        complete = ~np.isnan(block.sum(axis=0))
        kept = block if complete.all() else block[:, complete]
        at_low += np.count_nonzero(kept == low[:, None], axis=1)
        at_high += np.count_nonzero(kept == high[:, None], axis=1)
        centred = kept - shift
        sums += centred.sum(axis=1)
        cross += centred @ centred.T
        used += kept.shape[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums / used
        covariance = (cross - used * np.outer(mean, mean)) / (used - 1)
    everyone = np.full(k, float(used))
    return ItemMoments(
        used,
        rows,
        everyone,
        np.full((k, k), float(used)),
        mean + shift[:, 0],
        covariance,
        lowest,
        highest,
        at_low,
        at_high,
    )


def pairwise_moments(columns: Sequence[NDArray[Any]], ends: tuple[float, float] | None = None) -> ItemMoments:
    """Moments over the answers each pair of items shares (R's ``pairwise.complete.obs``)."""
    k, rows = len(columns), len(columns[0])
    lowest, highest = extremes(columns)
    low = lowest if ends is None else np.full(k, float(ends[0]))
    high = highest if ends is None else np.full(k, float(ends[1]))
    shift = np.nan_to_num((lowest + highest) / 2)[:, None]
    pair_n, sums, cross = (np.zeros((k, k)) for _ in range(3))
    at_low, at_high = np.zeros(k), np.zeros(k)
    for block in _blocks(columns):
        at_low += np.count_nonzero(block == low[:, None], axis=1)
        at_high += np.count_nonzero(block == high[:, None], axis=1)
        present = (~np.isnan(block)).astype(np.float64)
        centred = np.nan_to_num(block - shift)
        pair_n += present @ present.T
        sums += centred @ present.T
        cross += centred @ centred.T
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = (cross - sums * sums.T / pair_n) / (pair_n - 1)
        mean = np.diag(sums) / np.diag(pair_n) + shift[:, 0]
    return ItemMoments(
        int(pair_n.min()),
        rows,
        np.diag(pair_n).copy(),
        pair_n,
        mean,
        covariance,
        lowest,
        highest,
        at_low,
        at_high,
    )


def complete_rows(columns: Sequence[NDArray[Any]]) -> FloatArray:
    """Rows x items matrix of the complete rows."""
    matrix = np.column_stack([np.asarray(column, dtype=np.float64) for column in columns])
    return matrix[~np.isnan(matrix).any(axis=1)]


def correlation(covariance: FloatArray) -> FloatArray:
    """Correlations from covariances."""
    sd = np.sqrt(np.diag(covariance))
    matrix: FloatArray = covariance / np.outer(sd, sd)
    np.fill_diagonal(matrix, 1.0)
    return matrix


def extremes(columns: Sequence[NDArray[Any]]) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest answer of each item, missing answers aside."""
    if not len(columns[0]):
        return np.full(len(columns), np.nan), np.full(len(columns), np.nan)
    low = np.array([float(np.fmin.reduce(column)) for column in columns])
    high = np.array([float(np.fmax.reduce(column)) for column in columns])
    return low, high


def _blocks(columns: Sequence[NDArray[Any]]) -> Iterator[FloatArray]:
    rows = len(columns[0])
    buffer = np.empty((len(columns), min(BLOCK, max(rows, 1))))
    for start in range(0, rows, BLOCK):
        stop = min(start + BLOCK, rows)
        block = buffer[:, : stop - start]
        for line, column in zip(block, columns, strict=True):
            line[:] = column[start:stop]
        yield block
