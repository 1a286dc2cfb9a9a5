"""Weighted quantiles with Woodruff intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.errors import DesignError
from optima_research.language import _
from optima_research.results.frames import label_of
from optima_research.sampling._variance_kernels import Floats
from optima_research.sampling.estimates import (
    By,
    DesignEstimate,
    Domains,
    Linearised,
    as_rows,
    linearise_mean,
    outcome_of,
    precision,
    read_domains,
    summarise,
    t_interval,
    t_quantile,
)
from optima_research.sampling.regime import Regime

if TYPE_CHECKING:
    from optima_research.sampling.design import SurveyDesign


def quantile(
    design: SurveyDesign,
    y: str,
    q: float | Sequence[float] = 0.5,
    by: By = None,
    *,
    regime: Regime | None,
    level: float,
) -> DesignEstimate | pd.DataFrame:
    """See :meth:`SurveyDesign.quantile`."""
    outcome, domains = outcome_of(design, y), read_domains(design, by)
    if isinstance(q, (int, float)):
        return _one(design, outcome, float(q), domains, regime, level, label_of(design.data, y))
    tables = {}
    for p in q:
        tables[float(p)] = as_rows(
            _one(design, outcome, float(p), domains, regime, level, label_of(design.data, y))
        )
    stacked = pd.concat(tables, names=["quantile"])
    return stacked.droplevel(-1) if domains.labels is None else stacked


def weighted_quantile(sorted_values: Floats, cumulated: Floats, p: float) -> float:
    """Smallest value whose cumulated weight reaches the share p of the total (``qrule="math"``)."""
    target = p * cumulated[-1]
    # Sums of weights that are equal on paper differ by rounding; R compares them in the same spirit.
    place = int(np.searchsorted(cumulated, target * (1 - 1e-13), side="left"))
    return float(sorted_values[min(place, len(sorted_values) - 1)])


def _one(
    design: SurveyDesign,
    outcome: Floats,
    p: float,
    domains: Domains,
    regime: Regime | None,
    level: float,
    name: str,
) -> DesignEstimate | pd.DataFrame:
    if not 0 < p < 1:
        raise DesignError(_("A quantile lies between 0 and 1."), parameter="q", got=p)
    codes = domains.within(~np.isnan(outcome) & (design.weight_array > 0))
    sorted_domains = [
        _sorted(outcome, design.weight_array, codes == domain) for domain in range(domains.count)
    ]
    values = np.array([weighted_quantile(*pair, p) if len(pair[0]) else np.nan for pair in sorted_domains])
    below = np.where(codes >= 0, (outcome <= values[codes]).astype(float), np.nan)
    share = linearise_mean(design, below, domains, name)
    found = precision(design, share, regime)
    bounds = t_interval(share.values, found.se, found.df, level)
    low, high = (
        np.array([_at(pair, bound) for pair, bound in zip(sorted_domains, side, strict=True)])
        for side in bounds
    )
    se = (high - low) / (2 * t_quantile(level, found.df))
    shown = Linearised(values, share.scores, share.codes, domains, name)
    return summarise(
        shown, replace(found, se=se), low, high, level=level, regime=str(regime), method="Woodruff"
    )


def _sorted(outcome: Floats, weights: Floats, inside: np.ndarray) -> tuple[Floats, Floats]:
    values = outcome[inside]
    order = np.argsort(values, kind="stable")
    return values[order], np.cumsum(weights[inside][order])


def _at(pair: tuple[Floats, Floats], bound: float) -> float:
    """The quantile at a bound of the share; none where the bound leaves [0, 1]."""
    if not 0 <= bound <= 1 or not len(pair[0]):
        return float("nan")
    return weighted_quantile(*pair, bound)
