"""Tests on means, from the size, mean and sum of squares of each group."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from optima_research.comparison._studentized_kernels import studentized_range_ppf, studentized_range_sf

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def welch_t(n: Floats, mean: Floats, variance: Floats) -> tuple[float, float, float]:
    """Welch's t of the first group less the second: statistic, Satterthwaite df, two-sided p."""
    from scipy import special

    difference, se, df = welch_differences(n, mean, variance, np.array([0]), np.array([1]))
    t = float(difference[0] / se[0])
    return t, float(df[0]), float(2 * special.stdtr(df[0], -abs(t)))


def welch_differences(
    n: Floats, mean: Floats, variance: Floats, first: Ints, second: Ints
) -> tuple[Floats, Floats, Floats]:
    """Differences of means (first less second) with their standard errors and Welch–Satterthwaite df."""
    per_mean = variance / n
    a, b = per_mean[first], per_mean[second]
    with np.errstate(divide="ignore", invalid="ignore"):
        df = (a + b) ** 2 / (a**2 / (n[first] - 1) + b**2 / (n[second] - 1))
    return mean[first] - mean[second], np.sqrt(a + b), df


def welch_anova(n: Floats, mean: Floats, variance: Floats) -> tuple[float, float, float, float]:
    """Welch's (1951) F: statistic, both df, p."""
    from scipy import special

    k = len(n)
    w = n / variance
    share = w / w.sum()
    centre = float(share @ mean)
    lack = float(((1 - share) ** 2 / (n - 1)).sum())
    between = float(w @ (mean - centre) ** 2) / (k - 1)
    f = between / (1 + 2 * (k - 2) / (k**2 - 1) * lack)
    df2 = (k**2 - 1) / (3 * lack)
    return f, k - 1.0, df2, float(special.fdtrc(k - 1, df2, f))


def anova(n: Floats, mean: Floats, variance: Floats) -> tuple[float, float, float, float]:
    """One-way analysis of variance: F, both df, p."""
    from scipy import special

    between, within = sums_of_squares(n, mean, variance)
    df1, df2 = len(n) - 1.0, float(n.sum() - len(n))
    f = (between / df1) / (within / df2)
    return f, df1, df2, float(special.fdtrc(df1, df2, f))


def sums_of_squares(n: Floats, mean: Floats, variance: Floats) -> tuple[float, float]:
    """Sums of squares between and within groups."""
    centre = float(n @ mean) / float(n.sum())
    return float(n @ (mean - centre) ** 2), float((n - 1) @ variance)


def games_howell(statistic: Floats, df: Floats, groups: int, level: float) -> tuple[Floats, Floats]:
    """Simultaneous p-values and critical values of t for all pairs, by the studentised range.

    The absolute value makes the p-value independent of the order of the two groups (rstatix#37).
    """
    p = studentized_range_sf(np.abs(statistic) * np.sqrt(2), groups, df)
    return p, studentized_range_ppf(level, groups, df) / np.sqrt(2)
