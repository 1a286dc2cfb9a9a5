"""Volunteers compared with their likes: propensity matching, balance, and what a hidden cause would have to do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.comparison._mean_kernels import Floats
from optima_research.comparison.binary import binary_outcome, fit_logit
from optima_research.comparison.covariates import covariate_frame, require_independent
from optima_research.comparison.estimates import EstimateList
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_estimate, format_number
from optima_research.results import Column, Estimate, PublicationTable, Verdict
from optima_research.results.frames import Data, label_of, numeric

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GOOD_BALANCE = 0.1


@dataclass(frozen=True, eq=False, repr=False)
class Matching(EstimateList):
    """Matched comparison of treated and others; estimates ``effect naive``.

    Parameters
    ----------
    balance : DataFrame
        Index covariate; standardised differences ``before after`` matching.
    n_treated, n_matched : int
        Treated, and treated who found a match within the caliper.
    e_value : float
        For a yes/no outcome: strength (risk ratio) a hidden cause would need with both treatment and outcome to explain
        the effect away (VanderWeele and Ding 2017); NaN otherwise.
    """

    outcome_label: str
    balance: pd.DataFrame
    n_treated: int
    n_matched: int
    e_value: float

    def sentence(self) -> str:
        """Naive and matched difference."""
        values = {
            "outcome": self.outcome_label, "effect": format_estimate(self["effect"], 2),
            "naive": format_number(self["naive"].value, 2),
        }  # fmt: skip
        if self.verdict is Verdict.DIFFERENT:
            return _(
                "« {outcome} »: {effect} between the treated and their likes (naive difference {naive}).",
                **values,
            )
        return _(
            "« {outcome} »: no difference can be told between the treated and their likes, {effect} "
            "(naive difference {naive}).",
            **values,
        )

    def balance_table(self) -> PublicationTable:
        """Standardised differences before and after matching."""
        columns = (Column("before", _("Before"), decimals=2), Column("after", _("After"), decimals=2))
        return PublicationTable(
            title=_("Balance of the covariates (standardised differences)"), body=self.balance, columns=columns,
            stub=_("Covariate"), note=_("Under 0.1 in absolute value, balance is good."), name="balance",
        )  # fmt: skip

    def plot(self, ax: Axes | None = None) -> Axes:
        """Love plot: absolute standardised differences before (hollow) and after (full)."""
        from optima_research.comparison.figures_change import love_plot

        return love_plot(self, ax)


def propensity_matching(
    data: Data,
    outcome: str,
    treated: str,
    covariates: Sequence[str],
    *,
    caliper: float = 0.2,
    level: float = 0.95,
) -> Matching:
    """Effect on the treated, each compared with the most similar untreated unit.

    Parameters
    ----------
    data : Survey or DataFrame, one row a unit
    outcome : str
        A number or 0/1.
    treated : str
        0/1 or two labels (the second is the treatment).
    covariates : list of str
        What was known *before* the treatment.
    caliper : float
        Largest distance, in standard deviations of the logit of the propensity.
    level : float

    Returns
    -------
    Matching
        ``["effect"]``, ``["naive"]``, ``balance``, ``e_value``

    Notes
    -----
    Logistic propensity, one neighbour without replacement, hardest to match first (highest propensity), ties in the
    order of rows. Interval from the differences within pairs. Matching cannot balance what was not measured: read
    ``e_value``.

    Examples
    --------
    >>> x = [1.0, 2, 3, 4, 1.1, 2.1, 3.1, 3.9]
    >>> data = pd.DataFrame({"y": [1.0, 2, 3, 4, 2, 3, 4, 5], "t": [0] * 4 + [1] * 4, "x": x})
    >>> propensity_matching(data, "y", "t", ["x"], caliper=1)["effect"].value
    1.0
    """
    y, side = numeric(data, outcome).to_numpy(), binary_outcome(data, treated)[0]
    extra = covariate_frame(data, covariates)
    held = np.isfinite(y) & np.isfinite(side) & extra.notna().all(axis=1).to_numpy()
    y, side, z = y[held], side[held] == 1, extra[held].to_numpy()
    if side.all() or not side.any():
        raise AnalysisError(_("There must be treated and untreated units."), parameter="treated")
    x = np.column_stack([np.ones(len(y)), z])
    require_independent(x, list(extra.columns))
    score = x @ fit_logit(x, side.astype(float))[0]
    pairs = match(score, side, caliper * float(score.std(ddof=1)))
    if len(pairs) < 3:
        raise AnalysisError(
            _("Fewer than three treated units find a match: the groups do not overlap."), parameter="caliper"
        )
    gaps = y[pairs[:, 0]] - y[pairs[:, 1]]
    effect = _mean_estimate(gaps, level, _("effect on the treated"))
    naive = float(y[side].mean() - y[~side].mean())
    binary = set(np.unique(y)) <= {0.0, 1.0}
    e_value = _e_value(y[pairs[:, 0]].mean(), y[pairs[:, 1]].mean()) if binary else float("nan")
    balance = pd.DataFrame(
        {
            "before": _smd(z, np.flatnonzero(side), np.flatnonzero(~side), z),
            "after": _smd(z, pairs[:, 0], pairs[:, 1], z),
        },
        index=pd.Index(extra.columns, name="covariate"),
    )
    worst = float(balance["after"].abs().max())
    return Matching(
        _("Matched comparison: {outcome}", outcome=label_of(data, outcome)),
        {"effect": effect, "naive": Estimate(naive, level=level, n=len(y), name=_("naive difference"))},
        _("{n} units, {matched} of {treated} treated matched; {missing} left out.", n=format_count(len(y)),
          matched=len(pairs), treated=int(side.sum()), missing=int((~held).sum())),
        _("Largest standardised difference after matching: {worst}. What was not measured is not balanced.",
          worst=format_number(worst, 2)),
        label_of(data, outcome), balance, int(side.sum()), len(pairs), e_value,
    )  # fmt: skip


def match(score: Floats, treated: np.ndarray, caliper: float) -> np.ndarray:
    """Pairs (treated, control) of row numbers, nearest neighbour without replacement."""
    free = list(np.flatnonzero(~treated)[np.argsort(score[~treated], kind="stable")])
    order = np.flatnonzero(treated)[np.argsort(-score[treated], kind="stable")]
    pairs = []
    for unit in order:
        if not free:
            break
        values = score[free]
        nearest = int(np.abs(values - score[unit]).argmin())
        if abs(float(values[nearest] - score[unit])) <= caliper:
            pairs.append((unit, free.pop(nearest)))
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _smd(z: Floats, first: np.ndarray, second: np.ndarray, whole: Floats) -> Floats:
    spread = whole.std(axis=0, ddof=1)
    result: Floats = (z[first].mean(axis=0) - z[second].mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return result


def _mean_estimate(values: Floats, level: float, name: str) -> Estimate:
    from scipy import special

    n = len(values)
    mean, se = float(values.mean()), float(values.std(ddof=1)) / math.sqrt(n)
    half = float(special.stdtrit(n - 1, (1 + level) / 2)) * se
    return Estimate(mean, mean - half, mean + half, level=level, se=se, df=n - 1.0, n=n, name=name)


def _e_value(with_it: float, without: float) -> float:
    if min(with_it, without) <= 0:
        return float("nan")
    ratio = max(with_it / without, without / with_it)
    return ratio + math.sqrt(ratio * (ratio - 1))
