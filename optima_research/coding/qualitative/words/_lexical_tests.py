"""Tests of one form in a part against the rest: 2 × 2 tables, many at once."""

from __future__ import annotations

from typing import Any

import numpy as np


def signed_chi2(target: Any, reference: Any, n_target: Any, n_reference: Any, correction: str) -> Any:
    """Pearson's chi² of each 2 × 2 table, negative where the form is rarer in the target than in the reference."""
    a, b, c, d, n = _cells(target, reference, n_target, n_reference)
    product = a * d - b * c
    size = np.abs(product)
    if correction == "yates":
        size = np.maximum(size - n / 2, 0.0)
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    return np.sign(product) * np.divide(n * size**2, margins, out=np.zeros_like(margins), where=margins > 0)


def signed_g2(target: Any, reference: Any, n_target: Any, n_reference: Any, correction: str) -> Any:
    """Likelihood ratio of each 2 × 2 table, signed in the same way."""
    a, b, c, d, n = _cells(target, reference, n_target, n_reference)
    observed = np.stack([a, b, c, d])
    expected = np.stack([(a + b) * (a + c), (a + b) * (b + d), (c + d) * (a + c), (c + d) * (b + d)]) / n
    sign = np.sign(a * d - b * c)
    if correction == "yates":
        gap = expected - observed
        observed = observed + np.sign(gap) * np.minimum(0.5, np.abs(gap))
    positive = (observed > 0) & (expected > 0)
    log = np.log(np.divide(observed, expected, out=np.ones_like(observed), where=positive))
    g2 = np.maximum(2 * np.where(positive, observed * log, 0.0).sum(axis=0), 0.0)
    if correction == "williams":
        with np.errstate(divide="ignore", invalid="ignore"):
            rows = n / (a + b) + n / (c + d) - 1
            columns = n / (a + c) + n / (b + d) - 1
            g2 = np.nan_to_num(g2 / (1 + rows * columns / (6 * n)))
    return sign * g2


def adjusted(p: Any) -> Any:
    """Benjamini-Hochberg, over all the cells given."""
    from scipy.stats import false_discovery_control

    flat = np.asarray(p, dtype=np.float64)
    return false_discovery_control(flat.ravel()).reshape(flat.shape) if flat.size else flat


def _cells(target: Any, reference: Any, n_target: Any, n_reference: Any) -> tuple[Any, ...]:
    """Form in the target, in the reference; other words (or segments) of the target, of the reference; all."""
    a, b = np.asarray(target, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    c, d = n_target - a, n_reference - b
    return a, b, c, d, a + b + c + d
