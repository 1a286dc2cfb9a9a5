"""Indices of similarity of two forms, all from four counts: segments with both, with each, and in all."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from optima_research.language import _

Index = Literal["cooccurrence", "percent", "jaccard", "dice", "ochiai", "simpson", "phi", "binomial"]


def weights(index: Index, both: Any, one: Any, two: Any, n: int) -> Any:
    """The index of many pairs that share at least a segment."""
    if index == "binomial":
        from scipy.stats import binom

        return binom.cdf(both - 1, n, (one / n) * (two / n))
    if index == "phi":
        spread = np.sqrt(one * 1.0 * two * (n - one) * (n - two))
        # A form of every segment goes with all others and tells nothing of any.
        return np.divide(both * n - one * two, spread, out=np.zeros(len(both)), where=spread > 0)
    over = {
        "cooccurrence": 1.0,
        "percent": n,
        "jaccard": one + two - both,
        "dice": (one + two) / 2,
        "ochiai": np.sqrt(one * 1.0 * two),
        "simpson": np.minimum(one, two),
    }
    return both / over[index]


def index_label(index: str) -> str:
    """The index in the reader's language."""
    return {
        "cooccurrence": _("segments with both forms"),
        "percent": _("share of all segments"),
        "jaccard": _("Jaccard"),
        "dice": "Dice",
        "ochiai": "Ochiai",
        "simpson": "Simpson",
        "phi": "phi",
        "binomial": _("binomial probability of fewer shared segments"),
    }[index]
