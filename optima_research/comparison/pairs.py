"""Comparisons of every pair of groups, with simultaneous intervals and a verdict each."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from optima_research.comparison import _mean_kernels as means
from optima_research.comparison import _rank_kernels as ranks
from optima_research.comparison import _table_kernels as tables
from optima_research.comparison._mean_kernels import Floats, Ints
from optima_research.comparison._noncentral_kernels import noncentral_chi2_bounds
from optima_research.comparison.grouped import Grouped
from optima_research.comparison.multiplicity import Adjustment, adjust_p_values
from optima_research.results import Verdict

COLUMNS = ["group1", "group2", "estimate", "low", "high", "statistic", "p_value", "p_adjusted", "verdict"]
MOST_GROUPS = 50
"""Above that many groups there is no table of pairs: nobody reads 1 275 lines, and the family is hopeless."""


def no_pairs() -> pd.DataFrame:
    """An empty table of pairs."""
    return pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})


def mean_pairs(
    grouped: Grouped, method: str, adjust: Adjustment, level: float, smallest_effect: float | None
) -> pd.DataFrame:
    """Differences of means (first less second).

    After Welch's analysis of variance the family is held by Games–Howell, whose p-values and intervals are
    simultaneous; any other adjustment asked for works on Welch's t of each pair. After the classical analysis of
    variance each t uses the pooled variance (R ``pairwise.t.test``).
    """
    first, second = every_pair(len(grouped.labels))
    difference, se, df = _pair_precision(grouped, method, first, second)
    statistic = difference / se
    p = _t_p(statistic, df)
    wide, narrow = (
        critical_values(method, adjust, df, len(grouped.labels), confidence)
        for confidence in (level, 2 * level - 1)
    )
    adjusted = (
        means.games_howell(statistic, df, len(grouped.labels), level)[0]
        if holds_family_itself(method, adjust)
        else adjust_p_values(p, method=adjust)
    )
    low, high = difference - wide * se, difference + wide * se
    verdicts = [
        Verdict.decide(a, b, smallest_effect=smallest_effect, low_equivalence=c, high_equivalence=d)
        for a, b, c, d in zip(low, high, difference - narrow * se, difference + narrow * se, strict=True)
    ]
    return pair_frame(grouped.labels, first, second, difference, low, high, statistic, p, adjusted, verdicts)


def rank_pairs(
    grouped: Grouped,
    method: str,
    adjust: Adjustment,
    level: float,
    smallest_effect: float | None,
    p_two: float = np.nan,
) -> pd.DataFrame:
    """Dunn's comparisons; the size of each difference is read in points of the scale.

    The statistic and p-values compare ranks; ``estimate`` is the difference of mean scores with Welch's interval,
    because a mean rank means nothing to a reader. A pair is different by its adjusted p-value, equivalent by its
    interval.
    """
    first, second = every_pair(len(grouped.labels))
    if method == "mann_whitney":
        statistic, p = np.array([np.nan]), np.array([p_two])
    else:
        statistic, p = ranks.dunn(grouped.ranks, first, second)
    adjusted = adjust_p_values(p, method=adjust)
    difference, se, df = means.welch_differences(
        grouped.n, grouped.centred_mean, grouped.variance, first, second
    )
    wide, narrow = (
        critical_values("ranks", adjust, df, len(grouped.labels), confidence)
        for confidence in (level, 2 * level - 1)
    )
    verdicts = [
        verdict_of(q, 1 - level, a, b, smallest_effect)
        for q, a, b in zip(adjusted, difference - narrow * se, difference + narrow * se, strict=True)
    ]
    low, high = difference - wide * se, difference + wide * se
    return pair_frame(grouped.labels, first, second, difference, low, high, statistic, p, adjusted, verdicts)


def odds_pairs(
    grouped: Grouped,
    slopes: Floats,
    covariance: Floats,
    adjust: Adjustment,
    level: float,
    smallest_effect: float | None,
) -> pd.DataFrame:
    """Odds ratios of a higher answer, first group against second, from a proportional-odds model."""
    first, second = every_pair(len(grouped.labels))
    log_ratio = slopes[first] - slopes[second]
    variance = covariance[first, first] + covariance[second, second] - 2 * covariance[first, second]
    se = np.sqrt(variance)
    statistic = log_ratio / se
    p = _t_p(statistic, np.full(len(se), np.inf))
    adjusted = adjust_p_values(p, method=adjust)
    wide = critical_values("odds", adjust, np.full(len(se), np.inf), len(grouped.labels), level)
    difference, difference_se, df = means.welch_differences(
        grouped.n, grouped.centred_mean, grouped.variance, first, second
    )
    half = critical_values("odds", adjust, df, len(grouped.labels), 2 * level - 1) * difference_se
    verdicts = [
        verdict_of(q, 1 - level, a, b, smallest_effect)
        for q, a, b in zip(adjusted, difference - half, difference + half, strict=True)
    ]
    low, high = np.exp(log_ratio - wide * se), np.exp(log_ratio + wide * se)
    return pair_frame(
        grouped.labels, first, second, np.exp(log_ratio), low, high, statistic, p, adjusted, verdicts
    )


def table_pairs(
    labels: tuple[str, ...],
    counts: Floats,
    method: str,
    adjust: Adjustment,
    level: float,
    smallest_effect: float | None,
) -> pd.DataFrame:
    """Pairs of groups in a table of counts (rows: groups).

    With two answers ``estimate`` is the difference of the shares of the second answer, in points of share; with more
    it is Cramér's V of the pair, which has no sign.
    """
    first, second = every_pair(len(labels))
    confidence = 1 - (1 - level) / _family(adjust, len(first))
    shown = [_table_pair(counts[[a, b]], method, confidence) for a, b in zip(first, second, strict=True)]
    estimate, low, high, statistic, p = (np.array(column) for column in zip(*shown, strict=True))
    adjusted = adjust_p_values(p, method=adjust)
    inner = 1 - 2 * (1 - level) / _family(adjust, len(first))
    binary = counts.shape[1] == 2
    verdicts = []
    for q, a, b in zip(adjusted, first, second, strict=True):
        lower, upper = _share_bounds(counts[[a, b]], inner) if binary else (np.nan, np.nan)
        verdicts.append(verdict_of(q, 1 - level, lower, upper, smallest_effect))
    return pair_frame(labels, first, second, estimate, low, high, statistic, p, adjusted, verdicts)


def every_pair(groups: int) -> tuple[Ints, Ints]:
    """Positions of the two members of every pair, in reading order."""
    first, second = np.triu_indices(groups, 1)
    return first, second


def holds_family_itself(method: str, adjust: str) -> bool:
    """Whether the pairs are Games–Howell's, simultaneous by construction."""
    return method == "welch_anova" and adjust == "holm"


def critical_values(method: str, adjust: str, df: Floats, groups: int, level: float) -> Floats:
    """Critical t of each pair for intervals at that simultaneous level."""
    from scipy import special

    if holds_family_itself(method, adjust) and groups > 2:
        return means.games_howell(np.zeros_like(df), df, groups, level)[1]
    tail = (1 - level) / 2 / _family(adjust, groups * (groups - 1) // 2)
    finite = np.where(np.isinf(df), 1.0, df)
    result: Floats = np.where(np.isinf(df), special.ndtri(1 - tail), special.stdtrit(finite, 1 - tail))
    return result


def _family(adjust: str, size: int) -> int:
    # Holm's intervals: Bonferroni's, the simplest that hold simultaneously. BH controls no family of intervals.
    return size if adjust in ("holm", "bonferroni") else 1


def _pair_precision(
    grouped: Grouped, method: str, first: Ints, second: Ints
) -> tuple[Floats, Floats, Floats]:
    if method != "anova":
        return means.welch_differences(grouped.n, grouped.centred_mean, grouped.variance, first, second)
    df = float(grouped.total - len(grouped.labels))
    pooled = means.sums_of_squares(grouped.n, grouped.centred_mean, np.nan_to_num(grouped.variance))[1] / df
    se = np.sqrt(pooled * (1 / grouped.n[first] + 1 / grouped.n[second]))
    return grouped.centred_mean[first] - grouped.centred_mean[second], se, np.full(len(first), df)


def _t_p(statistic: Floats, df: Floats) -> Floats:
    from scipy import special

    finite = np.where(np.isinf(df), 1.0, df)
    t = -np.abs(statistic)
    result: Floats = 2 * np.where(np.isinf(df), special.ndtr(t), special.stdtr(finite, t))
    return result


def verdict_of(p: float, alpha: float, low: float, high: float, smallest_effect: float | None) -> Verdict:
    """Equivalent by the interval, different by the p-value."""
    inside = smallest_effect is not None and low > -smallest_effect and high < smallest_effect
    if inside:
        return Verdict.EQUIVALENT
    return Verdict.DIFFERENT if p < alpha else Verdict.INCONCLUSIVE


def _table_pair(pair: Floats, method: str, level: float) -> tuple[float, float, float, float, float]:
    kept = pair[:, pair.sum(axis=0) > 0]
    if kept.shape[1] < 2:
        return 0.0, np.nan, np.nan, np.nan, 1.0
    chi2, df, p = tables.chi2_test(kept)
    if method == "fisher":
        chi2, p = np.nan, tables.fisher_test(kept)[0]
    if pair.shape[1] == 2:
        shares = pair[:, 1] / pair.sum(axis=1)
        return (float(shares[0] - shares[1]), *_share_bounds(pair, level), chi2, p)
    raw = tables.chi2_statistic(kept)
    bounds = [min(1.0, float(np.sqrt(ncp / kept.sum()))) for ncp in noncentral_chi2_bounds(raw, df, level)]
    v = float(np.sqrt(raw / kept.sum()))
    return v, min(bounds[0], v), max(bounds[1], v), chi2, p


def _share_bounds(pair: Floats, level: float) -> tuple[float, float]:
    """Newcombe's (1998) interval of the difference of the shares of the second answer, first group less second."""
    from scipy import special

    z = float(special.ndtri((1 + level) / 2))
    n, x = pair.sum(axis=1), pair[:, 1]
    p = x / n
    centre = (x + z**2 / 2) / (n + z**2)
    half = z / (n + z**2) * np.sqrt(x * (n - x) / n + z**2 / 4)
    low, high = centre - half, centre + half
    d = float(p[0] - p[1])
    return (
        d - float(np.hypot(p[0] - low[0], high[1] - p[1])),
        d + float(np.hypot(high[0] - p[0], p[1] - low[1])),
    )


def pair_frame(
    labels: tuple[str, ...], first: Ints, second: Ints, *columns: Iterable[object]
) -> pd.DataFrame:
    """The table of pairs from its columns, in the order of COLUMNS."""
    names = np.asarray(labels, dtype=object)
    return pd.DataFrame(dict(zip(COLUMNS, (names[first], names[second], *columns), strict=True)))
