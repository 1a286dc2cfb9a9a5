"""Two-sided intervals of effect sizes, by inverting the noncentral t, F and χ² distributions."""

from __future__ import annotations

import math
from collections.abc import Callable

Bounds = tuple[float, float]


def noncentral_t_bounds(t: float, df: float, level: float) -> Bounds:
    """Noncentrality parameters that make ``t`` the upper and the lower tail."""
    spread = math.sqrt(1 + t**2 / (2 * df))
    return _both(lambda ncp: _noncentral_t_cdf(t, df, ncp, spread), t - 8 * spread, t + 4 * spread, level)


def noncentral_f_bounds(f: float, df1: float, df2: float, level: float) -> Bounds:
    """Noncentrality parameters that make ``f`` the upper and the lower tail, zero where there is none."""
    top = 20 + 4 * df1 * f + 10 * math.sqrt(df1 * max(f, 1))
    return _both(lambda ncp: _noncentral_f_cdf(f, df1, df2, ncp), 0.0, top, level)


def noncentral_chi2_bounds(chi2: float, df: float, level: float) -> Bounds:
    """Noncentrality parameters that make ``chi2`` the upper and the lower tail, zero where there is none."""
    top = 20 + 2 * chi2 + 10 * math.sqrt(max(chi2, 1))
    return _both(lambda ncp: _noncentral_chi2_cdf(chi2, df, ncp), 0.0, top, level)


def _both(cdf: Callable[[float], float], low: float, high: float, level: float) -> Bounds:
    alpha = (1 - level) / 2
    return _crossing(lambda ncp: cdf(ncp) - (1 - alpha), low, high), _crossing(
        lambda ncp: cdf(ncp) - alpha, low, high
    )


def _noncentral_f_cdf(f: float, df1: float, df2: float, ncp: float) -> float:
    from scipy import special, stats

    if ncp == 0:
        return float(special.fdtr(df1, df2, f))
    exact = float(stats.ncf.cdf(f, df1, df2, ncp))
    if math.isfinite(exact):
        return exact
    # Where scipy gives up (huge samples) Patnaik's two-moment approximation is good to the digits anyone prints.
    freedom = (df1 + ncp) ** 2 / (df1 + 2 * ncp)
    return float(special.fdtr(freedom, df2, f * df1 / (df1 + ncp)))


def _noncentral_chi2_cdf(chi2: float, df: float, ncp: float) -> float:
    from scipy import special, stats

    if ncp == 0:
        return float(special.chdtr(df, chi2))
    if max(chi2, ncp) < 5000:
        # The fast routine, exact in this range.
        return float(special.chndtr(chi2, df, ncp))
    exact = float(stats.ncx2.cdf(chi2, df, ncp))
    if math.isfinite(exact):
        return exact
    freedom = (df + ncp) ** 2 / (df + 2 * ncp)
    return float(special.chdtr(freedom, chi2 * (df + ncp) / (df + 2 * ncp)))


def _noncentral_t_cdf(t: float, df: float, ncp: float, spread: float) -> float:
    from scipy import special, stats

    exact = float(stats.nct.cdf(t, df, ncp))
    if math.isfinite(exact):
        return exact
    # Far in a tail scipy gives up; the normal approximation (Johnson and Welch) is then at its best.
    return float(special.ndtr((t * (1 - 1 / (4 * df)) - ncp) / spread))


def _crossing(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a decreasing function crosses zero; its lower end where it starts below."""
    from scipy.optimize import brentq

    if function(low) <= 0:
        return low
    while function(high) > 0:
        high += high - low
    return float(brentq(function, low, high, xtol=1e-12, rtol=1e-13))
