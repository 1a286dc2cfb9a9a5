"""Linearised standard errors of agreement coefficients over units (Gwet 2008, 2014, 2021), without resampling.

Each function returns the influence of every unit, centred on the coefficient; the variance is that of their mean.
"""

from __future__ import annotations

import numpy as np

from optima_research.coding.qualitative.coders._agreement_kernels import (
    Floats,
    Ints,
    expected_agreement,
    value_counts,
)


def standard_error(codes: Ints, q: int, weights: Floats, rule: str) -> float:
    """Standard error of one coefficient for units drawn from many; coders are fixed.

    ``rule`` is ``percent``, ``brennan_prediger``, ``fleiss``, ``gwet``, ``conger`` or ``alpha`` (for alpha the
    weights are one minus the distance over its largest value).
    """
    if rule == "alpha":
        codes = codes[(codes >= 0).sum(axis=1) >= 2]
    n = len(codes)
    if n < 2:
        return float("nan")
    with np.errstate(divide="ignore", invalid="ignore"):
        influence = _alpha(codes, q, weights) if rule == "alpha" else _kappa_like(codes, q, weights, rule)
        spread = float(np.sum((influence - influence.mean()) ** 2))
    return float(np.sqrt(spread / (n * (n - 1))))


def ratio_standard_error(parts: Floats) -> float:
    """Standard error of a ratio of two sums over units (columns: numerator, denominator)."""
    top, bottom = parts[:, 0], parts[:, 1]
    n = len(parts)
    if n < 2 or bottom.sum() == 0:
        return float("nan")
    influence = (top - top.sum() / bottom.sum() * bottom) / bottom.mean()
    return float(np.sqrt(np.sum(influence**2) / (n * (n - 1))))


def _kappa_like(codes: Ints, q: int, weights: Floats, rule: str) -> Floats:
    counts = value_counts(codes, q)
    size = counts.sum(axis=1)
    paired = size >= 2
    n = len(codes)
    pairs = np.where(paired, size * (size - 1), 1.0)
    agree = np.where(paired, (counts * (counts @ weights - 1)).sum(axis=1) / pairs, 0.0)
    lift = n / paired.sum()
    share = counts / np.maximum(size, 1)[:, None]
    pi = share.sum(axis=0) / (size >= 1).sum()
    by_coder = np.stack([(codes[:, [g]] == np.arange(q)) for g in range(codes.shape[1])]).astype(np.float64)
    margins = by_coder.sum(axis=1)
    pe = expected_agreement(rule, pi[None], weights, margins[None])[0]
    pa = agree.sum() / paired.sum()
    value = (pa - pe) / (1 - pe)
    own = lift * (agree - pe * paired) / (1 - pe)
    chance = _chance_influence(rule, share, size, pi, weights, by_coder)
    return np.asarray(own if chance is None else own - 2 * (1 - value) * (chance - pe) / (1 - pe))


def _chance_influence(
    rule: str, share: Floats, size: Floats, pi: Floats, weights: Floats, by_coder: Floats
) -> Floats | None:
    """Half the influence of each unit on the chance agreement, plus the chance agreement; None where it is fixed."""
    q = len(pi)
    if rule in {"percent", "brennan_prediger"}:
        return None
    if rule == "fleiss":
        return share @ (weights @ pi)
    if rule == "gwet":
        return np.asarray(weights.sum() / (q * (q - 1)) * (share @ (1 - pi)))
    n_coders, n, _q = by_coder.shape
    given = by_coder.sum(axis=(1, 2))
    margin = by_coder.sum(axis=1) / given[:, None]
    others = (margin.sum(axis=0) - margin) @ weights
    rated = by_coder.sum(axis=2)
    reach = np.einsum("gnk,gk->gn", by_coder, others) - rated * np.einsum("gk,gk->g", margin, others)[:, None]
    pe = np.einsum("gk,gk->", margin, others) / (n_coders * (n_coders - 1))
    pulled = (n / given[:, None] * reach).sum(axis=0) / (n_coders * (n_coders - 1))
    result: Floats = pe + pulled
    return result


def _alpha(codes: Ints, q: int, weights: Floats) -> Floats:
    counts = value_counts(codes, q)
    size = counts.sum(axis=1)
    n, mean_size = len(codes), size.mean()
    agree = (counts * (counts @ weights - 1)).sum(axis=1) / (mean_size * (size - 1))
    pa = agree.mean()
    pi = counts.sum(axis=0) / (n * mean_size)
    pe = pi @ weights @ pi
    value = (pa - pe) / (1 - pe)
    off = (size - mean_size) / mean_size
    # Krippendorff's small-sample term enters here only: so does R irrCAC, whose standard errors these equal.
    adjusted = (1 - 1 / size.sum()) * pa + 1 / size.sum()
    own = (agree - adjusted * off - pe) / (1 - pe)
    chance = (counts @ (weights @ pi)) / mean_size - pe * off
    return np.asarray(own - 2 * (1 - value) * (chance - pe) / (1 - pe))
