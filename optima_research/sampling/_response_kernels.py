"""Spread of response rates over cells of a population, with and without what chance adds to it."""

from __future__ import annotations

import numpy as np

from optima_research.sampling._variance_kernels import Codes, Floats, sums_by


def propensity_spread(counts: Floats, sizes: Floats) -> float:
    """Standard deviation over persons of the response rate of their cell."""
    return float(np.sqrt(_squares(counts, sizes) / (sizes.sum() - 1)))


def adjusted_spread(counts: Floats, sizes: Floats) -> float:
    """The same, less what binomial chance adds: E Σ N(r − r̄)² = Σ N(ρ − ρ̄)² + Σ (1 − N/ΣN) ρ(1 − ρ)."""
    rate, total = counts / sizes, sizes.sum()
    # Unbiased for ρ(1 − ρ); a cell of one person says nothing of it, and is taken at its own plug-in, zero.
    chance = rate * (1 - rate) * np.where(sizes > 1, sizes / np.maximum(sizes - 1, 1), 1.0)
    squares = _squares(counts, sizes) - ((1 - sizes / total) * chance).sum()
    return float(np.sqrt(max(squares, 0.0) / (total - 1)))


def partial_spread(codes: Codes, counts: Floats, sizes: Floats) -> float:
    """Standard deviation over persons of the response rate of their category of one variable."""
    categories = int(codes.max()) + 1
    merged = sums_by(codes, sizes, categories)
    squares = _squares(sums_by(codes, counts, categories), merged)
    return float(np.sqrt(squares / merged.sum()))


def spread_interval(
    counts: Floats, sizes: Floats, *, level: float, replicates: int, seed: int
) -> tuple[float, float]:
    """Percentile interval of the adjusted spread, answers redrawn from rates that have the adjusted spread."""
    raw, adjusted = propensity_spread(counts, sizes), adjusted_spread(counts, sizes)
    overall = counts.sum() / sizes.sum()
    shrunken = overall + (counts / sizes - overall) * (adjusted / raw if raw > 0 else 0.0)
    rng = np.random.default_rng(seed)
    drawn = rng.binomial(
        np.round(sizes).astype(np.int64), np.clip(shrunken, 0, 1), size=(replicates, len(sizes))
    )
    spreads = [adjusted_spread(row, sizes) for row in drawn.astype(float)]
    low, high = np.quantile(spreads, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _squares(counts: Floats, sizes: Floats) -> float:
    rate = counts / sizes
    return float((sizes * (rate - counts.sum() / sizes.sum()) ** 2).sum())
