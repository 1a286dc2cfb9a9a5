"""Agreement coefficients as functions of sums over units: one pass, then every resample costs a matrix product.

A *pattern* is one combination of ratings; units that share it share their features. Every coefficient reads only
``S = sum over units of w_u * F_u``, so a bootstrap draw is a vector of weights ``w`` and 2 000 draws are one product.
Codes are integers 0..q-1, -1 where a coder gave no rating.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Parts: TypeAlias = tuple[Floats, Floats, Floats]
"""observed agreement, expected agreement, coefficient: one entry a draw."""

FEW_VALUES = 30
_KEY_LIMIT = 2**62


@dataclass(frozen=True)
class Kernel:
    """A coefficient on one table: features of its patterns, and how their sums become the coefficient."""

    features: Floats
    evaluate: Callable[[Floats], Parts]


def patterns(codes: Ints, n_values: int, *, by_coder: bool = False) -> tuple[Ints, Ints]:
    """Distinct rows of ``codes`` and, for each unit, the row it has; every row its own when they cannot be packed.

    Unless ``by_coder``, who gave which rating does not matter and rows are sorted first: far fewer patterns.
    """
    n_coders = codes.shape[1]
    if not by_coder:
        codes = np.sort(codes, axis=1)
    if (n_values + 1) ** n_coders >= _KEY_LIMIT:
        return codes, np.arange(len(codes))
    keys = (codes + 1) @ (np.int64(n_values + 1) ** np.arange(n_coders, dtype=np.int64))
    _keys, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    return codes[first], inverse


def value_counts(codes: Ints, n_values: int) -> Floats:
    """Units × values: how many coders gave each value."""
    rows, columns = np.nonzero(codes >= 0)
    flat = rows * n_values + codes[rows, columns]
    return np.bincount(flat, minlength=len(codes) * n_values).reshape(len(codes), n_values).astype(np.float64)


def ratio_distances(values: Floats, others: Floats) -> Floats:
    """((a - b) / (a + b))², 0 where both are 0."""
    total = values[:, None] + others[None, :]
    gap = np.divide(values[:, None] - others[None, :], total, out=np.zeros_like(total), where=total != 0)
    return np.square(gap)


def alpha_few(codes: Ints, values: Floats, level: str) -> Kernel:
    """Krippendorff's alpha by the coincidence matrix, for scales of a few values (nominal, ordinal, ratio)."""
    q = len(values)
    counts = value_counts(codes, q)
    size = counts.sum(axis=1)
    weight = np.divide(1.0, size - 1, out=np.zeros_like(size), where=size >= 2)
    features = (counts[:, :, None] * counts[:, None, :]) * weight[:, None, None]
    diagonal = np.arange(q)
    features[:, diagonal, diagonal] -= counts * weight[:, None]
    fixed = ratio_distances(values, values) if level == "ratio" else 1.0 - np.eye(q)

    def evaluate(sums: Floats) -> Parts:
        together = sums.reshape(-1, q, q)
        margin = together.sum(axis=2)
        distance = (
            _midrank_distances(margin) if level == "ordinal" else np.broadcast_to(fixed, together.shape)
        )
        observed = (together * distance).sum(axis=(1, 2))
        expected = np.einsum("bc,bck,bk->b", margin, distance, margin)
        return alpha_parts(margin.sum(axis=1), observed, expected)

    return Kernel(features.reshape(len(codes), q * q), evaluate)


def alpha_interval(codes: Ints, values: Floats) -> Kernel:
    """Krippendorff's alpha for interval data by sums and sums of squares: memory linear in the units."""
    x, m = _pairable(codes, values - values.mean())
    total, squares = x.sum(axis=1), (x**2).sum(axis=1)
    within = np.divide(2 * (m * squares - total**2), m - 1, out=np.zeros_like(m), where=m >= 2)

    def evaluate(sums: Floats) -> Parts:
        observed, n, first, second = sums.T
        return alpha_parts(n, observed, 2 * (n * second - first**2))

    return Kernel(np.column_stack([within, m, total, squares]), evaluate)


def alpha_many(codes: Ints, values: Floats, level: str, weights: Floats) -> Parts:
    """Krippendorff's alpha (nominal, ordinal, ratio) of each row of unit weights, never building values × values."""
    q = len(values)
    present = codes >= 0
    m = present.sum(axis=1)
    pairable = present & (m >= 2)[:, None]
    unit, coder = np.nonzero(pairable)
    value = codes[unit, coder]
    fixed = np.zeros(len(codes)) if level == "ordinal" else _within(codes, values, level, m)
    rows = []
    for w in weights:
        margin: Floats = np.bincount(value, weights=w[unit], minlength=q).astype(np.float64)
        scale = margin.cumsum() - margin / 2
        within = fixed
        if level == "ordinal":
            within = _within_interval(np.where(pairable, scale[codes], 0.0), np.where(m >= 2, m, 0))
            expected = 2 * (margin.sum() * (margin @ scale**2) - (margin @ scale) ** 2)
        elif level == "nominal":
            expected = margin.sum() ** 2 - margin @ margin
        else:
            expected = _ratio_form(margin, values)
        rows.append((margin.sum(), float(w @ within), expected))
    n, observed, expected_sums = np.array(rows, dtype=np.float64).reshape(-1, 3).T
    return alpha_parts(n, observed, expected_sums)


def pair_disagreements(codes: Ints, values: Floats, level: str) -> Floats:
    """Share of one minus alpha that each pair of ratings of a unit brings; their sum is one minus alpha."""
    q = len(values)
    m = (codes >= 0).sum(axis=1)
    used = codes[m >= 2]
    margin: Floats = np.bincount(used[used >= 0], minlength=q).astype(np.float64)
    scale = margin.cumsum() - margin / 2 if level == "ordinal" else values
    metric = "interval" if level == "ordinal" else level
    found = []
    for g in range(codes.shape[1]):
        for h in range(g + 1, codes.shape[1]):
            both = (codes[:, g] >= 0) & (codes[:, h] >= 0)
            distance = _distance(codes[both, g], codes[both, h], scale, metric)
            found.append(2 * distance / (m[both] - 1))
    n = margin.sum()
    if metric == "interval":
        expected = 2 * (n * (margin @ scale**2) - (margin @ scale) ** 2)
    else:
        expected = n**2 - margin @ margin if metric == "nominal" else _ratio_form(margin, values)
    return np.asarray(np.concatenate(found) * (n - 1) / expected)


def alpha_parts(n: Floats, observed: Floats, expected: Floats) -> Parts:
    """Alpha from the number of pairable values and the sums of distances; NaN where nothing varies."""
    with np.errstate(divide="ignore", invalid="ignore"):
        do, de = observed / n, expected / (n * (n - 1))
        value = np.where(de > 1e-15, 1 - do / de, np.nan)
    return 1 - do, 1 - de, value


def chance_corrected(codes: Ints, q: int, weights: Floats, rule: str) -> Kernel:
    """Percent, Brennan-Prediger, Fleiss, Gwet (AC1/AC2) and Conger with agreement weights ``q × q``.

    Features: weighted agreement, units with two ratings, units with one, shares of the values, and each coder's
    own counts (for Conger, and Cohen who is Conger with two coders).
    """
    n_coders = codes.shape[1]
    counts = value_counts(codes, q)
    size = counts.sum(axis=1)
    pairs = np.where(size >= 2, size * (size - 1), 1.0)
    agree = np.where(size >= 2, (counts * (counts @ weights - 1)).sum(axis=1) / pairs, 0.0)
    share = counts / np.maximum(size, 1)[:, None]
    blocks = [agree[:, None], (size >= 2)[:, None], (size >= 1)[:, None], share]
    if rule == "conger":
        blocks += [(codes[:, [g]] == np.arange(q)) for g in range(n_coders)]

    def evaluate(sums: Floats) -> Parts:
        with np.errstate(divide="ignore", invalid="ignore"):
            observed = sums[:, 0] / sums[:, 1]
            pi = sums[:, 3 : 3 + q] / sums[:, [2]]
            expected = expected_agreement(rule, pi, weights, sums[:, 3 + q :].reshape(len(sums), -1, q))
            value = np.where(1 - expected > 1e-15, (observed - expected) / (1 - expected), np.nan)
        return observed, expected, np.where(sums[:, 1] > 0, value, np.nan)

    return Kernel(np.hstack(blocks).astype(np.float64), evaluate)


def expected_agreement(rule: str, pi: Floats, weights: Floats, by_coder: Floats) -> Floats:
    """Agreement expected by chance under each author's model; draws in rows."""
    q = pi.shape[1]
    if rule == "percent":
        return np.zeros(len(pi))
    if rule == "brennan_prediger":
        return np.full(len(pi), weights.sum() / q**2)
    if rule == "fleiss":
        return np.asarray(np.einsum("bk,kl,bl->b", pi, weights, pi))
    if rule == "gwet":
        if q == 1:
            return np.ones(len(pi))
        return np.asarray(weights.sum() / (q * (q - 1)) * (pi * (1 - pi)).sum(axis=1))
    share = by_coder / by_coder.sum(axis=2, keepdims=True)
    r = share.shape[1]
    total = share.sum(axis=1)
    all_pairs = np.einsum("bk,kl,bl->b", total, weights, total)
    own_pairs = np.einsum("bgk,kl,bgl->b", share, weights, share)
    result: Floats = (all_pairs - own_pairs) / (r * (r - 1))
    return result


def specific_agreement(codes: Ints, q: int, value: int) -> Kernel:
    """Agreement on one value only: of the ratings that give it, the share another coder confirms."""
    counts = value_counts(codes, q)
    size = counts.sum(axis=1)
    given = counts[:, value]
    confirmed = np.divide(given * (given - 1), size - 1, out=np.zeros_like(given), where=size >= 2)

    def evaluate(sums: Floats) -> Parts:
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(sums[:, 1] > 0, sums[:, 0] / sums[:, 1], np.nan)
        return share, np.zeros(len(sums)), share

    return Kernel(np.column_stack([confirmed, np.where(size >= 2, given, 0.0)]), evaluate)


def agreement_weights(values: Floats, kind: str) -> Floats:
    """Gwet's weights: 1 on the diagonal, partial credit for near values."""
    q = len(values)
    if kind == "identity" or q == 1:
        return np.eye(q)
    gap = np.abs(values[:, None] - values[None, :])
    span = values.max() - values.min()
    if kind == "linear":
        return np.asarray(1 - gap / span)
    if kind == "quadratic":
        return np.asarray(1 - gap**2 / span**2)
    if kind == "ratio":
        return np.asarray(1 - ratio_distances(values, values) / (span / (values.max() + values.min())) ** 2)
    steps = np.abs(np.arange(q)[:, None] - np.arange(q)[None, :])
    return np.asarray(1 - (steps + 1) * steps / (q * (q - 1)))


def draws(features: Floats, units: Ints, n_draws: int, rng: Any, *, chunk: int = 250) -> Floats:
    """Sums of the features over resamples of blocks: ``units`` says how many blocks have each row's features."""
    total = int(units.sum())
    sums = np.empty((n_draws, features.shape[1]))
    for start in range(0, n_draws, chunk):
        stop = min(start + chunk, n_draws)
        sums[start:stop] = resample_weights(units, total, stop - start, rng) @ features
    return sums


def resample_weights(units: Ints, total: int, n_draws: int, rng: Any) -> Floats:
    """How often each row is drawn when ``total`` blocks are drawn with replacement; one draw a row."""
    small = np.uint16 if total <= 2**16 else np.uint32
    owner = np.repeat(np.arange(len(units)), units)
    picked = rng.integers(0, total, size=(n_draws, total), dtype=small)
    drawn = np.empty((n_draws, len(units)))
    # A draw at a time stays in the processor's cache: twice as fast as one large count or a multinomial.
    for draw in range(n_draws):
        drawn[draw] = np.bincount(owner.take(picked[draw]), minlength=len(units))
    return drawn


def _midrank_distances(margin: Floats) -> Floats:
    # Krippendorff's ordinal metric is the squared distance of mid-ranks: values nobody used change nothing.
    rank = margin.cumsum(axis=1) - margin / 2
    result: Floats = (rank[:, :, None] - rank[:, None, :]) ** 2
    return result


def _pairable(codes: Ints, values: Floats) -> tuple[Floats, Floats]:
    present = codes >= 0
    m = present.sum(axis=1).astype(np.float64)
    m[m < 2] = 0.0
    return np.where(present & (m >= 2)[:, None], values[codes], 0.0), m


def _within(codes: Ints, values: Floats, level: str, m: NDArray[Any]) -> Floats:
    """Sum of distances inside each unit over ordered pairs of coders, divided by m - 1."""
    total = np.zeros(len(codes))
    for g in range(codes.shape[1]):
        for h in range(g + 1, codes.shape[1]):
            both = (codes[:, g] >= 0) & (codes[:, h] >= 0)
            gap = _distance(codes[:, g], codes[:, h], values, level)
            total += np.where(both, 2 * gap, 0.0)
    return np.asarray(np.divide(total, m - 1, out=np.zeros_like(total), where=m >= 2))


def _distance(one: Ints, two: Ints, values: Floats, level: str) -> Floats:
    """Krippendorff's distance between paired codes."""
    if level == "nominal":
        return np.asarray(one != two, dtype=np.float64)
    a, b = values[one], values[two]
    if level == "interval":
        return np.asarray((a - b) ** 2)
    return np.asarray(np.divide(a - b, a + b, out=np.zeros_like(a), where=(a + b) != 0) ** 2)


def _within_interval(x: Floats, m: NDArray[Any]) -> Floats:
    spread = 2 * (m * (x**2).sum(axis=1) - x.sum(axis=1) ** 2)
    return np.asarray(np.divide(spread, m - 1, out=np.zeros_like(spread), where=m >= 2))


def _ratio_form(margin: Floats, values: Floats, chunk: int = 512) -> float:
    """Sum of n_c n_k times the ratio distance, a band of values at a time."""
    used = np.flatnonzero(margin)
    margin, values = margin[used], values[used]
    return float(
        sum(
            margin[i : i + chunk] @ (ratio_distances(values[i : i + chunk], values) @ margin)
            for i in range(0, len(values), chunk)
        )
    )
