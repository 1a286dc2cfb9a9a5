"""Tails of the hypergeometric law in log space, for many cells at once and however small the probability."""

from __future__ import annotations

from typing import Any

import numpy as np

_NEGLIGIBLE = 1e-18


def log_upper_tail(f: Any, total: Any, marked: Any, drawn: Any) -> Any:
    """Ln P(X ≥ f), X the number of marked among ``drawn`` out of ``total``; all arrays of one shape, f ≥ mean."""
    f, total, marked, drawn = (np.asarray(x, dtype=np.float64) for x in (f, total, marked, drawn))

    def ratio(k: Any, kept: Any) -> Any:
        rest = total[kept] - marked[kept] - drawn[kept]
        return (marked[kept] - k) * (drawn[kept] - k) / ((k + 1) * (rest + k + 1))

    return _log_pmf(f, total, marked, drawn) + np.log(_series(f, ratio, 1.0))


def log_lower_tail(f: Any, total: Any, marked: Any, drawn: Any) -> Any:
    """Ln P(X ≤ f); meant for f below the mean, where the terms fall off quickly."""
    f, total, marked, drawn = (np.asarray(x, dtype=np.float64) for x in (f, total, marked, drawn))

    def ratio(k: Any, kept: Any) -> Any:
        rest = total[kept] - marked[kept] - drawn[kept]
        return k * np.maximum(rest + k, 0.0) / ((marked[kept] - k + 1) * (drawn[kept] - k + 1))

    return _log_pmf(f, total, marked, drawn) + np.log(_series(f, ratio, -1.0))


def _log_pmf(k: Any, total: Any, marked: Any, drawn: Any) -> Any:
    from scipy.special import betaln

    unmarked = total - marked
    return (
        betaln(marked + 1, 1) + betaln(unmarked + 1, 1) + betaln(total - drawn + 1, drawn + 1)
        - betaln(k + 1, marked - k + 1) - betaln(drawn - k + 1, unmarked - drawn + k + 1) - betaln(total + 1, 1)
    )  # fmt: skip


def _series(f: Any, ratio: Any, step: float) -> Any:
    """1 + r(f) + r(f) r(f + step) + …, cell by cell until a term no longer counts."""
    summed = np.ones(f.shape)
    active = np.arange(f.size)
    k, term = f.copy(), np.ones(f.shape)
    while len(active):
        term = term * ratio(k, active)
        summed[active] += term
        k = k + step
        going = term > _NEGLIGIBLE * summed[active]
        if not going.all():
            active, k, term = active[going], k[going], term[going]
    return summed
