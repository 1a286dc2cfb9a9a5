"""Tests on the same persons measured several times."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
EXACT_BELOW = 50


def wilcoxon_pratt(change: Floats) -> tuple[float, float, float]:
    """Wilcoxon signed ranks with Pratt's zeros: sum of positive ranks, two-sided p, matched rank-biserial r.

    Zeros are ranked with the others, then dropped. Exact up to 50 changes (conditional on ties), else normal without
    continuity correction, as R ``coin::wilcoxsign_test(zero.method = "Pratt")``.
    """
    from scipy import special
    from scipy.stats import rankdata

    ranks = rankdata(np.abs(change))
    held = change != 0
    kept, signs = ranks[held], np.sign(change[held])
    if not len(kept):
        return 0.0, 1.0, 0.0
    positive = float(kept[signs > 0].sum())
    total = float(kept.sum())
    if len(kept) < EXACT_BELOW:
        p = _exact_signs(kept, positive)
    else:
        z = (positive - total / 2) / np.sqrt(float((kept**2).sum()) / 4)
        p = float(2 * special.ndtr(-abs(z)))
    return positive, p, (2 * positive - total) / total


def _exact_signs(ranks: Floats, positive: float) -> float:
    """Two-sided p over every choice of signs, ranks doubled to be whole."""
    doubled = np.rint(2 * ranks).astype(int)
    law = np.zeros(int(doubled.sum()) + 1)
    law[0] = 1.0
    for rank in doubled:
        law[rank:] += law[: len(law) - rank].copy()
    distance = np.abs(np.arange(len(law)) - doubled.sum() / 2)
    seen = abs(2 * positive - doubled.sum() / 2)
    return float(law[distance >= seen - 1e-9].sum() / law.sum())


def mcnemar(table: Floats) -> tuple[float, float, float]:
    """McNemar on a 2 × 2 table of transitions: statistic, df, p; exact binomial under 25 changes."""
    from scipy import special
    from scipy.stats import binomtest

    b, c = float(table[0, 1]), float(table[1, 0])
    if b + c == 0:
        return 0.0, 1.0, 1.0
    statistic = max(abs(b - c) - 1, 0.0) ** 2 / (b + c)
    p = binomtest(int(min(b, c)), int(b + c)).pvalue if b + c < 25 else special.chdtrc(1, statistic)
    return statistic, 1.0, float(p)


def stuart_maxwell(table: Floats) -> tuple[float, float, float]:
    """Stuart–Maxwell test that the margins of a square table of transitions are the same: χ², df, p."""
    from scipy import special

    moved = (table.sum(axis=1) != np.diag(table)) | (table.sum(axis=0) != np.diag(table))
    square = table[np.ix_(moved, moved)]
    if len(square) < 2:
        return 0.0, 0.0, 1.0
    gap = (square.sum(axis=1) - square.sum(axis=0))[:-1]
    spread = -(square + square.T)
    np.fill_diagonal(spread, square.sum(axis=1) + square.sum(axis=0) - 2 * np.diag(square))
    statistic = float(gap @ np.linalg.pinv(spread[:-1, :-1]) @ gap)
    df = float(len(square) - 1)
    return statistic, df, float(special.chdtrc(df, statistic))


def friedman(values: Floats) -> tuple[float, float, float, float]:
    """Friedman's χ² corrected for ties on persons × occasions, df, p and Kendall's W."""
    from scipy import special
    from scipy.stats import rankdata

    n, k = values.shape
    ranks = rankdata(values, axis=1)
    spread = float(((ranks - (k + 1) / 2) ** 2).sum()) / (n * (k - 1))
    if spread == 0:
        return 0.0, k - 1.0, 1.0, 0.0
    statistic = n * float(((ranks.mean(axis=0) - (k + 1) / 2) ** 2).sum()) / spread
    df = k - 1.0
    return statistic, df, float(special.chdtrc(df, statistic)), statistic / (n * df)
