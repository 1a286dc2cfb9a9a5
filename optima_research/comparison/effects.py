"""Effect sizes, each with a two-sided interval.

Conventions are those of R effectsize, except that every interval is two-sided (its default is one-sided for η², ω²,
ε² and V). An interval always holds its estimate.
"""

from __future__ import annotations

import math

import numpy as np

from optima_research.comparison import _table_kernels as tables
from optima_research.comparison._mean_kernels import Floats, sums_of_squares
from optima_research.comparison._noncentral_kernels import (
    noncentral_chi2_bounds,
    noncentral_f_bounds,
    noncentral_t_bounds,
)
from optima_research.comparison._rank_kernels import RankSums, rank_biserial_bounds
from optima_research.comparison.grouped import Grouped
from optima_research.language import _
from optima_research.results import Estimate


def variance_shares(grouped: Grouped, level: float) -> dict[str, Estimate]:
    """η², ω² and ε² of a one-way comparison of means, by inverting the noncentral F.

    η² = SSb/SSt; ε² = (SSb − df·MSw)/SSt; ω² = (SSb − df·MSw)/(SSt + MSw), the last two floored at zero. As in R
    effectsize, each value is turned into the F that would give it as η², and that F is inverted. The intervals assume
    equal variances; the 90 % interval of η² excludes zero exactly when the classical F is significant at 5 %.
    """
    between, residual = sums_of_squares(grouped.n, grouped.centred_mean, grouped.variance)
    df1, df2 = len(grouped.labels) - 1.0, float(grouped.total - len(grouped.labels))
    if residual <= 0:
        return {}
    mean_square = residual / df2
    total, excess = between + residual, max(0.0, between - df1 * mean_square)
    shares = {
        "eta_squared": (_("η²"), between / total),
        "omega_squared": (_("ω²"), excess / (total + mean_square)),
        "epsilon_squared": (_("ε²"), excess / total),
    }

    def bounds(share: float) -> list[float]:
        # An estimate floored at zero keeps the interval of the F observed: zero is not known for certain.
        f = share * df2 / ((1 - share) * df1) if share > 0 else between / df1 / mean_square
        return [ncp / (ncp + df2) for ncp in noncentral_f_bounds(f, df1, df2, level)]

    return {
        key: within(share, bounds(share), level, grouped.total, name) for key, (name, share) in shares.items()
    }


def standardised_differences(grouped: Grouped, level: float) -> dict[str, Estimate]:
    """Cohen's d and Hedges' g of two groups (first less second), pooled standard deviation, noncentral t."""
    n, df = grouped.n, float(grouped.total - 2)
    pooled = math.sqrt(float((n - 1) @ grouped.variance) / df)
    if pooled == 0:
        return {}
    d = float(grouped.centred_mean[0] - grouped.centred_mean[1]) / pooled
    unit = math.sqrt(float((1 / n).sum()))
    bounds = [ncp * unit for ncp in noncentral_t_bounds(d / unit, df, level)]
    j = hedges_correction(df)
    return {
        "hedges_g": within(j * d, [j * bound for bound in bounds], level, grouped.total, _("Hedges' g")),
        "cohens_d": within(d, bounds, level, grouped.total, _("Cohen's d")),
    }


def hedges_correction(df: float) -> float:
    """The factor that frees Cohen's d from its bias in small samples."""
    return math.exp(math.lgamma(df / 2) - math.log(math.sqrt(df / 2)) - math.lgamma((df - 1) / 2))


def rank_epsilon(h: float, ranks: RankSums, level: float) -> dict[str, Estimate]:
    """ε² of ranks, H/(n − 1) (Tomczak), by inverting the noncentral χ² of H."""
    n = ranks.total
    bounds = [ncp / (n - 1) for ncp in noncentral_chi2_bounds(h, len(ranks.n) - 1.0, level)]
    return {"rank_epsilon_squared": within(h / (n - 1), bounds, level, int(n), _("ε² of ranks"))}


def rank_biserial(u: float, ranks: RankSums, level: float) -> dict[str, Estimate]:
    """Rank-biserial correlation (Cliff's δ), from −1 to 1: chances that the first group answers higher, less lower."""
    n1, n2 = (float(size) for size in ranks.n)
    r = 2 * u / (n1 * n2) - 1
    bounds = rank_biserial_bounds(r, n1, n2, level)
    return {"rank_biserial": within(r, list(bounds), level, int(n1 + n2), _("rank-biserial r"))}


def association(counts: Floats, level: float) -> dict[str, Estimate]:
    """Cramér's V raw and corrected for its bias (Bergsma), and the odds ratio of a 2 × 2 table.

    V never uses Yates's correction. The raw V's interval inverts the noncentral χ²; the corrected one's is a
    bootstrap of 2 000 tables with a fixed seed.
    """
    shape, n = (counts.shape[0], counts.shape[1]), float(counts.sum())
    chi2 = tables.chi2_statistic(counts)
    df = (shape[0] - 1.0) * (shape[1] - 1.0)
    scale = n * (min(shape) - 1)
    bounds = [min(1.0, math.sqrt(ncp / scale)) for ncp in noncentral_chi2_bounds(chi2, df, level)]
    v = tables.cramers_v(chi2, n, shape)
    corrected = float(tables.corrected_v(tables.corrected_phi2(chi2 / n, n, shape), n, shape))
    corrected_bounds = list(tables.corrected_v_bounds(counts, level))
    effects = {
        "cramers_v": within(v, bounds, level, int(n), _("Cramér's V")),
        "cramers_v_corrected": within(corrected, corrected_bounds, level, int(n), _("corrected Cramér's V")),
    }
    return effects | (odds_ratio(counts, level) if shape == (2, 2) else {})


def odds_ratio(counts: Floats, level: float) -> dict[str, Estimate]:
    """Odds ratio of a 2 × 2 table, Woolf's interval; a half is added everywhere when a cell is empty."""
    from scipy import special

    (a, b), (c, d) = counts if counts.min() > 0 else counts + 0.5
    log_ratio = math.log(a * d / (b * c))
    se = math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    half = float(special.ndtri((1 + level) / 2)) * se
    bounds = [math.exp(log_ratio - half), math.exp(log_ratio + half)]
    return {"odds_ratio": within(math.exp(log_ratio), bounds, level, int(counts.sum()), _("odds ratio"))}


def conditional_odds_ratio(counts: Floats, level: float) -> dict[str, Estimate]:
    """Conditional maximum-likelihood odds ratio and its exact interval (R ``fisher.test``)."""
    from scipy.stats import contingency

    found = contingency.odds_ratio(counts.astype(int))
    interval = found.confidence_interval(confidence_level=level)
    bounds = [float(interval.low), float(interval.high)]
    return {"odds_ratio": within(float(found.statistic), bounds, level, int(counts.sum()), _("odds ratio"))}


def scaled_share(
    share: float, f: float, df1: float, df2: float, level: float, n: int, name: str, *, root: bool = False
) -> Estimate:
    """A share of variance under a sampling design (or its root), by inverting the noncentral F of the design's test.

    The odds of the share and df1·F estimate the same thing up to the design effect, so bounds on the noncentrality
    carry over in proportion.
    """
    if not math.isfinite(f) or f <= 0 or share >= 1:
        return Estimate(math.sqrt(share) if root else share, level=level, n=n, name=name)
    unit = share / (1 - share) / (f * df1)
    odds = [ncp * unit for ncp in noncentral_f_bounds(f, df1, df2, level)]
    bounds = [value / (1 + value) for value in odds]
    if root:
        return within(math.sqrt(share), [math.sqrt(bound) for bound in bounds], level, n, name)
    return within(share, bounds, level, n, name)


def within(value: float, bounds: list[float], level: float, n: int, name: str) -> Estimate:
    """An estimate whose interval is widened, if need be, to hold it."""
    low, high = bounds
    if np.isfinite(value):
        low, high = min(low, value), max(high, value)
    return Estimate(value, low, high, level=level, n=n, name=name)


def model_odds_ratio(slopes: Floats, covariance: Floats, level: float, n: int) -> dict[str, Estimate]:
    """Odds ratio of a higher answer, first of two groups against second, with Wald's interval."""
    from scipy import special

    log_ratio = float(slopes[0] - slopes[1])
    half = float(special.ndtri((1 + level) / 2)) * math.sqrt(float(covariance[1, 1]))
    bounds = [math.exp(log_ratio - half), math.exp(log_ratio + half)]
    return {"odds_ratio": within(math.exp(log_ratio), bounds, level, n, _("odds ratio"))}
