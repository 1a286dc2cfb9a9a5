"""Effects of mentioning a code, with bootstrap over people or whole partners and permutation within partners."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_ENOUGH_PARTNERS = 5


def mean_differences(
    mention: Floats, values: Floats, *, strata: Any, draws: int, seed: int, confidence: float
) -> pd.DataFrame:
    """Mean value of those who mention each code (column) minus that of the others.

    Parameters
    ----------
    mention : array, people × codes, 0 or 1
    values : array of the people
    strata : array of partner labels, or None
    draws, seed, confidence : resampling
    """

    def effect(weights: Floats, outcome: Floats) -> Floats:
        w = weights[..., None] * mention
        v = weights[..., None] * (1 - mention)
        return _ratio(np.einsum("...pk,p->...k", w, outcome), w.sum(axis=-2)) - _ratio(
            np.einsum("...pk,p->...k", v, outcome), v.sum(axis=-2)
        )

    n = mention.sum(axis=0)
    smaller = np.minimum(n, len(mention) - n)
    return _frame(mention, effect, values, smaller, strata, draws, seed, confidence)


def share_differences(
    mention: Floats, classes: Any, aimed: list[str], *, strata: Any, draws: int, seed: int, confidence: float
) -> pd.DataFrame:
    """Share of people who mention each code in one class (the one aimed at, else the largest) minus elsewhere."""
    names, counts = np.unique(classes, return_counts=True)
    largest = names[counts.argmax()] if len(names) else ""
    target = [name if name in set(names) else largest for name in aimed]
    inside = np.array([[float(c == t) for t in target] for c in classes]).reshape(len(classes), len(target))

    def effect(weights: Floats, order: Floats) -> Floats:
        belongs = inside[order.astype(np.int64)]
        w, v = weights[..., None] * belongs, weights[..., None] * (1 - belongs)
        return _ratio((w * mention).sum(axis=-2), w.sum(axis=-2)) - _ratio(
            (v * mention).sum(axis=-2), v.sum(axis=-2)
        )

    n = inside.sum(axis=0)
    smaller = np.minimum(n, len(classes) - n)
    order = np.arange(len(classes), dtype=np.float64)
    return _frame(mention, effect, order, smaller, strata, draws, seed, confidence)


def _frame(
    mention: Floats,
    effect: Callable[[Floats, Floats], Floats],
    outcome: Floats,
    smaller: Floats,
    strata: Any,
    draws: int,
    seed: int,
    confidence: float,
) -> pd.DataFrame:
    from scipy.stats import false_discovery_control

    people = len(mention)
    point = effect(np.ones(people), outcome)
    rng = np.random.default_rng(seed)
    weights = _resamples(people, strata, draws, rng)
    replicates = np.array([effect(w, outcome) for w in weights]).reshape(len(weights), mention.shape[1])
    tail = 50 * (1 - confidence)
    low, high = np.full(len(point), np.nan), np.full(len(point), np.nan)
    known = np.isfinite(replicates).sum(axis=0) >= 0.5 * max(len(weights), 1)
    # Drawing one person again and again says nothing of how others like them would answer.
    known &= np.isfinite(point) & (len(weights) > 1) & (smaller > 1)
    if known.any():
        low[known], high[known] = np.nanpercentile(replicates[:, known], [tail, 100 - tail], axis=0)
    reached = np.zeros(len(point))
    for _draw in range(draws):
        shuffled = effect(np.ones(people), outcome[_within(strata, people, rng)])
        reached += np.abs(shuffled) >= np.abs(point) - 1e-12
    p = np.where(np.isfinite(point), (reached + 1) / (draws + 1), np.nan)
    adjusted = p.copy()
    if np.isfinite(p).any():
        adjusted[np.isfinite(p)] = false_discovery_control(p[np.isfinite(p)])
    n = mention.sum(axis=0).astype(int)
    parts = {
        "n_mention": n,
        "n_silent": people - n,
        "n_smaller": smaller.astype(int),
        "effect": point,
        "low": low,
        "high": high,
    }
    return pd.DataFrame(parts | {"p_value": p, "p_adjusted": adjusted})


def _resamples(people: int, strata: Any, draws: int, rng: np.random.Generator) -> Floats:
    """How often each person is drawn: people alone, people within few partners, or whole partners when many."""
    if strata is None:
        return rng.multinomial(people, np.full(people, 1 / people), size=draws).astype(np.float64)
    codes, names = pd.factorize(strata)
    if len(names) >= _ENOUGH_PARTNERS:
        drawn = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws)
        return drawn[:, codes].astype(np.float64)
    weights = np.zeros((draws, people))
    for partner in range(len(names)):
        own = np.flatnonzero(codes == partner)
        weights[:, own] = rng.multinomial(len(own), np.full(len(own), 1 / len(own)), size=draws)
    return weights


def _within(strata: Any, people: int, rng: np.random.Generator) -> Any:
    """A permutation of people that keeps each in the same partner."""
    if strata is None:
        return rng.permutation(people)
    codes = pd.factorize(strata)[0]
    order = np.arange(people)
    for partner in range(codes.max(initial=-1) + 1):
        own = np.flatnonzero(codes == partner)
        order[own] = rng.permutation(own)
    return order


def _ratio(top: Floats, bottom: Floats) -> Floats:
    return np.asarray(np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0))
