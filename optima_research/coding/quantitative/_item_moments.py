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
Columns: TypeAlias = Sequence[NDArray[Any]] | NDArray[np.int8]
"""One array an item: of any numbers, or the lines of one table of bytes."""
# Multiplications and additions of one block: below the size from which linear algebra libraries use threads.
BLOCK_WORK = 200_000
# A block of products of numbers up to 64 stays below 2^24, where single precision is exact.
MOST_ROWS = 4096
NARROWED_AT_ONCE = 32_768


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


def narrowed(columns: Sequence[NDArray[Any]]) -> Columns:
    """Small whole numbers (0 to 127) as one byte each, in one table: later passes read an eighth of the memory.

    Columns that hold anything else, missing answers included, are left as they are.
    """
    packed = np.empty((len(columns), len(columns[0])), dtype=np.int8)
    with np.errstate(invalid="ignore"):
        for line, column in zip(packed, columns, strict=True):
            for start in range(0, len(column), NARROWED_AT_ONCE):
                part = column[start : start + NARROWED_AT_ONCE]
                small = part.astype(np.int8)
                if (small != part).any() or small.min() < 0:
                    return columns
                line[start : start + NARROWED_AT_ONCE] = small
    return packed


# Infinite answers are named by the caller, not warned about here.
@np.errstate(invalid="ignore", divide="ignore")
def listwise_moments(columns: Columns, ends: tuple[float, float] | None = None) -> ItemMoments:
    """Moments over the rows where every item is answered (divisor ``n - 1``)."""
    k, rows = len(columns), len(columns[0])
    lowest, highest = extremes(columns)
    low = lowest if ends is None else np.full(k, float(ends[0]))
    high = highest if ends is None else np.full(k, float(ends[1]))
    # Sums are taken about a typical value: sums of squares of large answers would lose digits.
    shift: FloatArray = np.round(np.nan_to_num((lowest + highest) / 2)).astype(np.float64)
    if isinstance(columns, np.ndarray):
        used, sums, cross = _whole_sums(columns, shift)
        at_low, at_high = _counts(columns, low), _counts(columns, high)
    else:
        used, sums, cross, at_low, at_high = _listwise_sums(columns, shift, low, high)
    mean = sums / used
    covariance = (cross - used * np.outer(mean, mean)) / (used - 1)
    everyone, pairs = np.full(k, float(used)), np.full((k, k), float(used))
    return ItemMoments(
        used, rows, everyone, pairs, mean + shift, covariance, lowest, highest, at_low, at_high
    )


@np.errstate(invalid="ignore", divide="ignore")
def pairwise_moments(columns: Columns, ends: tuple[float, float] | None = None) -> ItemMoments:
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


def form_variance(
    columns: Columns,
    centre: FloatArray,
    squares: FloatArray,
    first: FloatArray,
    second: FloatArray,
) -> float:
    """Variance (divisor n) over the complete rows of ``squares . z² + 2 (first . z)(second . z)``, z = x - centre."""
    used, total, total_squares = 0, 0.0, 0.0
    whole = isinstance(columns, np.ndarray)
    dtype: type[np.floating[Any]] = np.float32 if whole else np.float64
    typical, weights, pair = (
        centre.astype(dtype)[:, None],
        squares.astype(dtype),
        np.stack([first, second]).astype(dtype),
    )
    # About its size at the start, so that the sum of squares keeps its digits.
    level: float | None = None
    for block in _blocks(columns, dtype):
        block -= typical
        projected = pair @ block
        block *= block
        value = (weights @ block + 2 * projected[0] * projected[1]).astype(np.float64)
        if np.isnan(value.sum()):
            value = value[~np.isnan(value)]
        if level is None and len(value):
            level = float(value.mean())
        value = value - (level or 0.0)
        used += len(value)
        total += float(value.sum())
        total_squares += float(value @ value)
    return total_squares / used - (total / used) ** 2


def complete_rows(columns: Columns) -> FloatArray:
    """Rows x items matrix of the complete rows."""
    matrix = np.column_stack([np.asarray(column, dtype=np.float64) for column in columns])
    return matrix[~np.isnan(matrix).any(axis=1)]


def correlation(covariance: FloatArray) -> FloatArray:
    """Correlations from covariances."""
    sd = np.sqrt(np.diag(covariance))
    matrix: FloatArray = covariance / np.outer(sd, sd)
    np.fill_diagonal(matrix, 1.0)
    return matrix


def extremes(columns: Columns) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest answer of each item, missing answers aside."""
    if not len(columns[0]):
        return np.full(len(columns), np.nan), np.full(len(columns), np.nan)
    low = np.array([float(np.fmin.reduce(column)) for column in columns])
    high = np.array([float(np.fmax.reduce(column)) for column in columns])
    return low, high


def _whole_sums(columns: Columns, shift: FloatArray) -> tuple[int, FloatArray, FloatArray]:
    """Sums and sums of products of complete small whole numbers; exact in single precision within a block."""
    k = len(columns)
    products, typical = np.zeros((k + 1, k)), shift.astype(np.float32)[:, None]
    for block in _blocks(columns, np.float32):
        products += _products(block, typical)
    return len(columns[0]), products[k], products[:k]


def _listwise_sums(
    columns: Columns, shift: FloatArray, low: FloatArray, high: FloatArray
) -> tuple[int, FloatArray, FloatArray, FloatArray, FloatArray]:
    k, used = len(columns), 0
    at_low, at_high = np.zeros(k), np.zeros(k)
    products, typical = np.zeros((k + 1, k)), shift[:, None]
    for kept in _blocks(columns):
        added = _products(kept, typical)
        # A missing answer shows in the sums: only then are its rows looked for.
        if np.isnan(added[k]).any():
            kept = kept[:, ~np.isnan(kept.sum(axis=0))]
            added = _products(kept, typical)
        at_low += np.count_nonzero(kept == low[:, None], axis=1)
        at_high += np.count_nonzero(kept == high[:, None], axis=1)
        products += added
        used += kept.shape[1]
    return used, products[k], products[:k], at_low, at_high


def _products(block: NDArray[Any], typical: NDArray[Any]) -> NDArray[Any]:
    """Products of the items, and under them their sums.

    The line of ones makes both in one general multiplication; the symmetric one is several times slower on such shapes.
    """
    k = len(block)
    lined = np.ones((k + 1, block.shape[1]), dtype=block.dtype)
    np.subtract(block, typical, out=lined[:k])
    products: NDArray[Any] = lined @ lined[:k].T
    return products


def _counts(columns: Columns, values: FloatArray) -> FloatArray:
    found = [
        np.count_nonzero(column == int(value)) if float(value).is_integer() else 0
        for column, value in zip(columns, values, strict=True)
    ]
    return np.array(found, dtype=np.float64)


def _blocks(columns: Columns, dtype: type[np.floating[Any]] = np.float64) -> Iterator[NDArray[Any]]:
    rows, k = len(columns[0]), len(columns)
    size = min(max(256, BLOCK_WORK // k**2), MOST_ROWS)
    buffer = np.empty((k, min(size, max(rows, 1))), dtype=dtype)
    for start in range(0, rows, size):
        stop = min(start + size, rows)
        block = buffer[:, : stop - start]
        if isinstance(columns, np.ndarray):
            block[:] = columns[:, start:stop]
        else:
            for line, column in zip(block, columns, strict=True):
                line[:] = column[start:stop]
        yield block
