"""Statistics of many pairs of codes at once: Jaccard, its bootstrap over cases, Fisher's exact test."""

from __future__ import annotations

from typing import Any

import numpy as np

_PAIRS_AT_ONCE = 4096
# Tables as probable as the one observed count as extreme, whatever the last digits of a logarithm (as R does).
_AS_PROBABLE = 1 + 1e-7


def jaccard(shared: Any, one: Any, two: Any) -> Any:
    """What two codes share over what either covers; NaN where neither covers anything."""
    either = one + two - shared
    return np.divide(shared, either, out=np.full(np.shape(shared), np.nan), where=either > 0)


def jaccard_intervals(
    shared: Any, covered: Any, pairs: tuple[Any, Any], draws: int, seed: int, confidence: float
) -> tuple[Any, Any]:
    """Percentile bounds for each pair when whole cases are drawn again; ``shared`` is cases × pairs."""
    cases, n_pairs = shared.shape
    low, high = np.full((2, n_pairs), np.nan)
    if draws < 2 or cases < 2:
        return low, high
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(cases, np.full(cases, 1 / cases), size=draws).astype(float)
    sizes = weights @ covered
    tail = [50 * (1 - confidence), 50 * (1 + confidence)]
    for first in range(0, n_pairs, _PAIRS_AT_ONCE):
        block = slice(first, first + _PAIRS_AT_ONCE)
        i, j = pairs[0][block], pairs[1][block]
        values = jaccard(weights @ shared[:, block], sizes[:, i], sizes[:, j])
        missing = np.isnan(values)
        places = np.arange(n_pairs)[block]
        complete, some = ~missing.any(axis=0), missing.any(axis=0) & ~missing.all(axis=0)
        # Draws without a case that bears either code have no Jaccard; the slow way is kept for such pairs.
        for kept, percentile in ((complete, np.percentile), (some, np.nanpercentile)):
            if kept.any():
                low[places[kept]], high[places[kept]] = percentile(values[:, kept], tail, axis=0)
    return low, high


def fisher_two_sided(both: Any, one: Any, two: Any, n: int) -> Any:
    """Fisher's exact p for many 2 × 2 tables of ``n`` cases: those with both codes, with one, with the other."""
    from scipy.stats import hypergeom

    tables, where = np.unique(np.column_stack([both, one, two]), axis=0, return_inverse=True)
    p = np.empty(len(tables))
    step = max(1, 1_000_000 // (n + 1))
    for first in range(0, len(tables), step):
        a, r, c = tables[first : first + step].T[:, :, None]
        law = hypergeom.pmf(np.arange(n + 1), n, r, c)
        observed = np.take_along_axis(law, a, axis=1)
        p[first : first + step] = np.where(law <= observed * _AS_PROBABLE, law, 0.0).sum(axis=1)
    return np.minimum(p, 1.0)[where.ravel()]
