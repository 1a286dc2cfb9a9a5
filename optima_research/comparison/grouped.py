"""A numeric outcome summarised by group: sizes, moments, rank sums. Respondents are counted once, then forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from optima_research.comparison._rank_kernels import RankSums, mid_ranks, rank_sums
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.results.frames import Data, categories, numeric

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
MOST_CELLS = 5_000_000
"""Largest table groups × distinct values; beyond it moments and ranks come from the values themselves."""
MOST_CODES = 10_000


@dataclass(frozen=True, eq=False)
class Grouped:
    """One numeric outcome in k groups.

    Parameters
    ----------
    labels : tuple of str
        Groups that have at least one answer, in their order.
    n, mean, variance, median : ndarray (k,)
        Variance with denominator n − 1 (NaN for a single answer).
    centred_mean : ndarray (k,)
        Means less one common answer: differences keep their digits where answers are as large as 10¹².
    values : ndarray (u,)
        Distinct answers, ascending.
    counts : ndarray (k, u), optional
        Answers of each group at each value; absent when the table would be too large.
    ranks : RankSums
    n_missing : int
        Rows without outcome or group.
    """

    labels: tuple[str, ...]
    n: Floats
    mean: Floats
    variance: Floats
    median: Floats
    centred_mean: Floats
    values: Floats
    counts: Floats | None
    ranks: RankSums
    n_missing: int

    @property
    def total(self) -> int:
        """Answers counted."""
        return int(self.n.sum())


def group_outcome(data: Data, outcome: str, by: str, *, values: pd.Series | None = None) -> Grouped:
    """Summarise one outcome by the groups of another column.

    Raises
    ------
    AnalysisError
        Fewer than two groups have an answer.
    """
    groups = categories(data, by)
    codes = np.asarray(groups.array.codes)
    labels = tuple(map(str, groups.cat.categories))
    if values is None and (coded := _whole_answers(data, outcome)) is not None:
        return _from_codes(codes, labels, *coded, outcome=outcome, by=by)
    answers = np.asarray(numeric(data, outcome) if values is None else values, dtype=float)
    return summarise(codes, labels, answers, outcome=outcome, by=by)


def _whole_answers(data: Data, outcome: str) -> tuple[npt.NDArray[np.integer[Any]], int, int] | None:
    """Whole-number answers without holes, with their range: they need no sorting and no conversion."""
    if not isinstance(data, pd.DataFrame) or data[outcome].dtype.kind != "i" or not len(data):
        return None
    answers = data[outcome].to_numpy()
    low, high = int(answers.min()), int(answers.max())
    return (answers, low, high) if high - low <= MOST_CODES else None


def _from_codes(
    codes: npt.NDArray[np.integer[Any]], labels: tuple[str, ...], answers: npt.NDArray[np.integer[Any]], low: int,
    high: int, *, outcome: str, by: str,
) -> Grouped:  # fmt: skip
    """One pass: the row of the table is the group (the first row those without), the column the answer."""
    width = high - low + 1
    small = (len(labels) + 1) * width < 2**31
    flat: npt.NDArray[Any] = codes.astype(np.int32 if small else np.int64)
    flat += 1
    flat *= width
    flat += answers
    flat -= low
    table = np.bincount(flat, minlength=(len(labels) + 1) * width).reshape(-1, width)
    outside, counts = int(table[0].sum()), table[1:]
    rows, columns = counts.sum(axis=1) > 0, counts.sum(axis=0) > 0
    _require_two(int(rows.sum()), outcome, by)
    held = tuple(label for label, used in zip(labels, rows, strict=True) if used)
    values = np.flatnonzero(columns).astype(float) + low
    return from_counts(held, values, counts[rows][:, columns].astype(float), n_missing=outside)


def summarise(
    codes: npt.NDArray[np.integer],
    labels: tuple[str, ...],
    answers: Floats,
    *,
    outcome: str = "",
    by: str = "",
) -> Grouped:
    """Summarise answers by integer group codes (negative: no group)."""
    valid = (codes >= 0) & np.isfinite(answers)
    n_missing = int(len(valid) - np.count_nonzero(valid))
    if n_missing:
        codes, answers = codes[valid], answers[valid]
    sizes = np.bincount(codes, minlength=len(labels))
    held = np.flatnonzero(sizes)
    _require_two(len(held), outcome, by)
    labels = tuple(labels[position] for position in held)
    if len(held) < len(sizes):
        codes = (np.cumsum(sizes > 0) - 1)[codes]
    distinct, position = _distinct(answers)
    if len(held) * len(distinct) <= MOST_CELLS:
        flat = codes.astype(np.int64) * len(distinct) + position
        counts = np.bincount(flat, minlength=len(held) * len(distinct)).reshape(len(held), -1).astype(float)
        return from_counts(labels, distinct, counts, n_missing=n_missing)
    return _from_answers(labels, codes.astype(np.int64), answers, distinct, position, n_missing)


def from_counts(labels: tuple[str, ...], values: Floats, counts: Floats, *, n_missing: int = 0) -> Grouped:
    """The same summary from joint counts (groups × ascending values)."""
    n = counts.sum(axis=1)
    centred = values - values[0]
    shifted = counts @ centred / n
    squares = (counts * (centred[None, :] - shifted[:, None]) ** 2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(n > 1, squares / (n - 1), np.nan)
    return Grouped(
        labels,
        n,
        shifted + values[0],
        variance,
        _medians(values, counts),
        shifted,
        values,
        counts,
        rank_sums(counts),
        n_missing,
    )


def _require_two(groups: int, outcome: str, by: str) -> None:
    if groups < 2:
        raise AnalysisError(
            _("« {outcome} » has answers in fewer than two groups of « {by} ».", outcome=outcome, by=by),
            hint=_("Check the coding of the groups and the missing answers."),
        )


def _distinct(answers: Floats) -> tuple[Floats, Ints]:
    """Distinct values and the position of each answer among them; fast for codes, which are small whole numbers."""
    low, high = float(answers.min()), float(answers.max())
    if high - low <= MOST_CODES:
        codes = (answers - low).astype(np.int64)
        if bool((codes + low == answers).all()):
            used = np.bincount(codes) > 0
            if used.all():
                return np.arange(float(len(used))) + low, codes
            return np.flatnonzero(used).astype(float) + low, (np.cumsum(used, dtype=np.int64) - 1)[codes]
    distinct, position = np.unique(answers, return_inverse=True)
    return distinct, position


def _from_answers(
    labels: tuple[str, ...], codes: Ints, answers: Floats, distinct: Floats, position: Ints, n_missing: int
) -> Grouped:
    k = len(labels)
    n = np.bincount(codes, minlength=k).astype(float)
    centred = answers - answers[0]
    shifted = np.bincount(codes, centred, k) / n
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(n > 1, np.bincount(codes, (centred - shifted[codes]) ** 2, k) / (n - 1), np.nan)
    totals = np.bincount(position).astype(float)
    rank_sum = np.bincount(codes, mid_ranks(totals)[position], k).astype(float)
    ranks = RankSums(n, rank_sum, float((totals**3 - totals).sum()))
    median = np.asarray(pd.Series(answers).groupby(codes).median(), dtype=float)
    return Grouped(
        labels, n, shifted + answers[0], variance, median, shifted, distinct, None, ranks, n_missing
    )


def _medians(values: Floats, counts: Floats) -> Floats:
    reached = np.cumsum(counts, axis=1)
    n = reached[:, -1]
    lower = (reached >= np.ceil(n / 2)[:, None]).argmax(axis=1)
    upper = (reached >= (np.floor(n / 2) + 1)[:, None]).argmax(axis=1)
    result: Floats = (values[lower] + values[upper]) / 2
    return result
