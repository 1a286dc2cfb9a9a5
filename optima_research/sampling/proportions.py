"""Shares of answers with intervals that stay between 0 and 1: logit, and Korn–Graubard for rare answers."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import pandas as pd

from optima_research.errors import DesignError, SurveyError
from optima_research.language import _
from optima_research.results.frames import label_of
from optima_research.sampling._structure import domain_codes
from optima_research.sampling._variance_kernels import Floats
from optima_research.sampling.estimates import (
    By,
    DeffReference,
    DesignEstimate,
    Domains,
    Precision,
    as_rows,
    indicator_of,
    linearise_mean,
    outcome_of,
    precision,
    read_domains,
    summarise,
    t_quantile,
)
from optima_research.sampling.regime import Regime

if TYPE_CHECKING:
    from optima_research.sampling.design import SurveyDesign

ProportionInterval: TypeAlias = Literal["logit", "beta", "t"]


def proportion(
    design: SurveyDesign,
    y: str,
    category: Hashable | None = None,
    by: By = None,
    *,
    regime: Regime | None,
    method: ProportionInterval,
    level: float,
    deff: DeffReference,
) -> DesignEstimate | pd.DataFrame:
    """See :meth:`SurveyDesign.proportion`."""
    if method not in ("logit", "beta", "t"):
        raise DesignError(_("Unknown interval."), parameter="method", expected="logit | beta | t", got=method)
    domains = read_domains(design, by)
    if category is not None:
        return _share(design, y, category, domains, regime, method, level, deff)
    if _is_yes_no(design, y):
        return _share(design, y, None, domains, regime, method, level, deff)
    _codes, categories = domain_codes(design.data, [y])
    tables = {}
    for label in categories:
        tables[label] = as_rows(_share(design, y, label, domains, regime, method, level, deff))
    stacked = pd.concat(tables, names=[y])
    return (
        stacked.droplevel(-1)
        if domains.labels is None
        else stacked.reorder_levels([*range(1, stacked.index.nlevels), 0])
    )


def _share(
    design: SurveyDesign,
    y: str,
    category: Hashable | None,
    domains: Domains,
    regime: Regime | None,
    method: ProportionInterval,
    level: float,
    deff: DeffReference,
) -> DesignEstimate | pd.DataFrame:
    outcome = outcome_of(design, y) if category is None else indicator_of(design, y, category)
    name = label_of(design.data, y) if category is None else f"{label_of(design.data, y)} = {category}"
    linear = linearise_mean(design, outcome, domains, name)
    found = precision(design, linear, regime, deff)
    low, high = share_interval(linear.values, found, level=level, method=method)
    return summarise(linear, found, low, high, level=level, regime=str(regime), method=method)


def share_interval(
    share: Floats, found: Precision, *, level: float, method: ProportionInterval
) -> tuple[Floats, Floats]:
    """Interval of shares.

    The logit interval is symmetric on the log-odds; where everybody or nobody gave the answer it has no meaning and the
    Korn–Graubard one (Clopper–Pearson on the effective sample size) is used instead.
    """
    quantile = t_quantile(level, found.df)
    if method == "t":
        return share - quantile * found.se, share + quantile * found.se
    low, high = _korn_graubard(share, found, level)
    if method == "beta":
        return low, high
    inside = (share > 0) & (share < 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.log(share / (1 - share))
        margin = quantile * found.se / (share * (1 - share))
        logit_low, logit_high = 1 / (1 + np.exp(margin - centre)), 1 / (1 + np.exp(-margin - centre))
    return np.where(inside, logit_low, low), np.where(inside, logit_high, high)


def _korn_graubard(share: Floats, found: Precision, level: float) -> tuple[Floats, Floats]:
    """Korn and Graubard (1998): exact binomial limits on n·(1/deff), scaled for the degrees of freedom."""
    from scipy.special import betaincinv

    n, tail = found.n.astype(float), (1 - level) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = np.where(found.se > 0, share * (1 - share) / found.se**2, n)
        effective *= (t_quantile(level, n - 1) / t_quantile(level, found.df)) ** 2
        yes, no = effective * share, effective * (1 - share)
        low = np.where(share > 0, betaincinv(yes, no + 1, tail), 0.0)
        high = np.where(share < 1, betaincinv(yes + 1, no, 1 - tail), 1.0)
    known = (found.se == 0) & (share > 0) & (share < 1)
    low, high = np.where(known, share, low), np.where(known, share, high)
    return np.where(np.isnan(share), np.nan, low), np.where(np.isnan(share), np.nan, high)


def _is_yes_no(design: SurveyDesign, y: str) -> bool:
    try:
        outcome = outcome_of(design, y)
    except SurveyError:
        return False
    return bool(np.isin(outcome[~np.isnan(outcome)], (0.0, 1.0)).all())
