"""Rank tests from counts: Kruskal–Wallis, Mann–Whitney, Dunn, with ties handled exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
EXACT_BELOW = 50
"""Both groups below this size: the permutation distribution is computed, ties included."""


@dataclass(frozen=True)
class RankSums:
    """All a rank test needs: sizes and rank sums of the groups, and the correction for ties."""

    n: Floats
    rank_sum: Floats
    tie_cubes: float
    """Sum over distinct values of t³ − t."""

    @property
    def total(self) -> float:
        return float(self.n.sum())

    @property
    def mean_rank(self) -> Floats:
        return self.rank_sum / self.n


def mid_ranks(value_counts: Floats) -> Floats:
    """Average rank of each distinct value, from how many times it occurs (ascending)."""
    return np.cumsum(value_counts) - (value_counts - 1) / 2


def rank_sums(counts: Floats) -> RankSums:
    """Rank sums from joint counts (groups × ascending distinct values)."""
    totals = counts.sum(axis=0)
    return RankSums(counts.sum(axis=1), counts @ mid_ranks(totals), float((totals**3 - totals).sum()))


def kruskal(ranks: RankSums) -> tuple[float, float, float]:
    """Kruskal–Wallis H corrected for ties, df, p."""
    from scipy import special

    n = ranks.total
    spread = float((ranks.n * (ranks.mean_rank - (n + 1) / 2) ** 2).sum())
    h = 12 / (n * (n + 1)) * spread / (1 - ranks.tie_cubes / (n**3 - n))
    df = len(ranks.n) - 1.0
    return h, df, float(special.chdtrc(df, h))


def dunn(ranks: RankSums, first: Ints, second: Ints) -> tuple[Floats, Floats]:
    """Dunn's z for pairs of groups (first less second), and two-sided p."""
    from scipy import special

    n = ranks.total
    variance = (n * (n + 1) - ranks.tie_cubes / (n - 1)) / 12
    z = (ranks.mean_rank[first] - ranks.mean_rank[second]) / np.sqrt(
        variance * (1 / ranks.n[first] + 1 / ranks.n[second])
    )
    return z, 2 * special.ndtr(-np.abs(z))


def mann_whitney(ranks: RankSums, *, continuity: bool = True) -> tuple[float, float]:
    """Mann–Whitney U of the first of two groups (R's W) and its two-sided normal p, corrected for ties."""
    from scipy import special

    n1, n2 = ranks.n
    n = n1 + n2
    u = float(ranks.rank_sum[0] - n1 * (n1 + 1) / 2)
    sd = np.sqrt(n1 * n2 / 12 * (n + 1 - ranks.tie_cubes / (n * (n - 1))))
    distance = max(abs(u - n1 * n2 / 2) - (0.5 if continuity else 0.0), 0.0)
    return u, min(1.0, float(2 * special.ndtr(-distance / sd)))


def mann_whitney_exact(counts: Floats) -> float:
    """Two-sided conditional p of the rank sum of the first of two groups, over every assignment given the ties.

    The distribution is built one distinct value at a time: how many of its t answers fall in the first group adds
    that many doubled midranks, weighted by a binomial coefficient. Exact in the sense of R coin.
    """
    from scipy import special

    totals = counts.sum(axis=0)
    held = totals > 0
    totals = totals[held]
    doubled = np.rint(2 * mid_ranks(totals)).astype(int)
    n1 = int(counts[0].sum())
    ways = np.zeros((n1 + 1, int(doubled @ totals) + 1))
    ways[0, 0] = 1.0
    for t, step in zip(totals.astype(int), doubled, strict=True):
        grown = np.zeros_like(ways)
        for taken in range(min(t, n1) + 1):
            shift = taken * int(step)
            grown[taken:, shift:] += special.comb(t, taken) * ways[: n1 + 1 - taken, : ways.shape[1] - shift]
        ways = grown
    law = ways[n1] / ways[n1].sum()
    centre = n1 * (totals.sum() + 1)
    distance = np.abs(np.arange(len(law)) - centre)
    seen = abs(int(np.rint(counts[0][held] @ doubled)) - centre)
    return min(1.0, float(law[distance >= seen - 1e-9].sum()))


def rank_biserial_bounds(r: float, n1: float, n2: float, level: float) -> tuple[float, float]:
    """Interval of the rank-biserial correlation on Fisher's z scale (the one of R effectsize)."""
    from scipy import special

    half = special.ndtri((1 + level) / 2) * np.sqrt((n1 + n2 + 1) / (3 * n1 * n2))
    centre = np.arctanh(np.clip(r, -1 + 1e-15, 1 - 1e-15))
    return float(np.tanh(centre - half)), float(np.tanh(centre + half))
