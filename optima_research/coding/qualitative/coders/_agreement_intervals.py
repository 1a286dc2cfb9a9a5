"""Intervals of an agreement coefficient: bootstrap over units or interviews, and linearised standard errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optima_research.coding.qualitative.coders import _agreement_kernels as kernels
from optima_research.coding.qualitative.coders._agreement_variance import ratio_standard_error, standard_error
from optima_research.errors import AnalysisError
from optima_research.language import _

if TYPE_CHECKING:
    from optima_research.coding.qualitative.coders._agreement_work import Work

NAN = float("nan")


@dataclass(frozen=True)
class Interval:
    """Bounds, the standard error they come from (NaN for a percentile bootstrap's own spread), undefined draws."""

    low: float = NAN
    high: float = NAN
    se: float = NAN
    undefined: int = 0


def bootstrap_interval(
    work: Work, blocks: kernels.Ints | None, n_draws: int, seed: int, confidence: float
) -> Interval:
    """Percentile interval; blocks (interviews) are drawn whole when given, else units."""
    if work.too_wide_to_resample():
        raise AnalysisError(
            _(
                "A bootstrap of a ratio scale with {n} different values would cost too much.",
                n=len(work.values),
            ),
            parameter="interval",
            hint=_('Round the values, or use interval="analytic" or "none".'),
        )
    rng = np.random.default_rng(seed)
    values = (
        _wide_draws(work, blocks, n_draws, rng) if work.is_wide else _narrow_draws(work, blocks, n_draws, rng)
    )
    kept = values[np.isfinite(values)]
    undefined = len(values) - len(kept)
    if len(kept) < 2:
        return Interval(undefined=undefined)
    tail = 50 * (1 - confidence)
    low, high = np.percentile(kept, [tail, 100 - tail])
    return Interval(float(low), float(high), float(kept.std(ddof=1)), undefined)


def pair_interval(work: Work, n_draws: int, seed: int, confidence: float) -> Interval:
    """Percentile interval of alpha when pairs of ratings are drawn and the expected disagreement stays as it is."""
    if work.coefficient != "krippendorff_alpha":
        raise AnalysisError(
            _("Resampling pairs is defined for Krippendorff's alpha only."),
            parameter="interval",
            hint=_('Use interval="bootstrap".'),
        )
    shares = kernels.pair_disagreements(work.codes, work.values, work.level)
    rng = np.random.default_rng(seed)
    values = np.array(
        [1 - shares[rng.integers(0, len(shares), len(shares))].sum() for _draw in range(n_draws)]
    )
    tail = 50 * (1 - confidence)
    low, high = np.percentile(values, [tail, 100 - tail])
    return Interval(float(low), float(min(high, 1.0)), float(values.std(ddof=1)))


def analytic_interval(work: Work, value: float, confidence: float) -> Interval:
    """Student interval from the linearised standard error; the upper bound never passes 1."""
    from scipy.stats import t

    codes, q = work.codes, len(work.values)
    if work.coefficient in {"positive_agreement", "negative_agreement"}:
        se = ratio_standard_error(work.kernel(codes).features)
    elif work.coefficient == "krippendorff_alpha":
        se = standard_error(codes, q, _alpha_weights(work), "alpha")
    else:
        se = standard_error(codes, q, work.weight_matrix(), work.rule)
    reach = se * float(t.ppf((1 + confidence) / 2, max(len(codes) - 1, 1)))
    return Interval(value - reach, min(value + reach, 1.0), se)


def _narrow_draws(
    work: Work, blocks: kernels.Ints | None, n_draws: int, rng: np.random.Generator
) -> kernels.Floats:
    rows, inverse = work.patterns()
    kernel = work.kernel(rows)
    if blocks is None:
        units = np.bincount(inverse, minlength=len(rows))
        sums = kernels.draws(kernel.features, units, n_draws, rng)
    else:
        n_blocks = int(blocks.max()) + 1
        held = np.bincount(blocks * len(rows) + inverse, minlength=n_blocks * len(rows))
        features = held.reshape(n_blocks, len(rows)) @ kernel.features
        sums = kernels.draws(features, np.ones(n_blocks, dtype=np.int64), n_draws, rng)
    return kernel.evaluate(sums)[2]


def _wide_draws(
    work: Work, blocks: kernels.Ints | None, n_draws: int, rng: np.random.Generator
) -> kernels.Floats:
    owner = np.arange(len(work.codes)) if blocks is None else blocks
    n_blocks = int(owner.max()) + 1
    values = np.empty(n_draws)
    for start in range(0, n_draws, 100):
        stop = min(start + 100, n_draws)
        drawn = kernels.resample_weights(np.ones(n_blocks, dtype=np.int64), n_blocks, stop - start, rng)
        values[start:stop] = kernels.alpha_many(work.codes, work.values, work.level, drawn[:, owner])[2]
    return values


def _alpha_weights(work: Work) -> kernels.Floats:
    """One minus alpha's own distance, over its largest value."""
    values = work.values
    if work.level == "nominal":
        return np.eye(len(values))
    if work.level == "ratio":
        distance = kernels.ratio_distances(values, values)
    else:
        x = values
        if work.level == "ordinal":
            paired = (work.codes >= 0).sum(axis=1) >= 2
            used = work.codes[paired]
            margin = np.bincount(used[used >= 0], minlength=len(values)).astype(np.float64)
            x = margin.cumsum() - margin / 2
        distance = (x[:, None] - x[None, :]) ** 2
    largest = distance.max()
    return 1 - distance / largest if largest > 0 else np.ones_like(distance)
