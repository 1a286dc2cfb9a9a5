"""Before and after without a simple comparison: interrupted series, and the change that selection alone would bring."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from optima_research.comparison.estimates import EstimateList
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_estimate, format_number
from optima_research.results import Estimate, Verdict
from optima_research.results.frames import Data, label_of, numeric


@dataclass(frozen=True, eq=False, repr=False)
class InterruptedSeries(EstimateList):
    """A series whose level and slope may change when a device starts; estimates ``level_change slope_change``."""

    outcome_label: str

    def sentence(self) -> str:
        """What happened to the level at the start."""
        values = {"outcome": self.outcome_label, "estimate": format_estimate(self["level_change"], 2)}
        if self.verdict is Verdict.DIFFERENT:
            return _("At the start, the level of « {outcome} » changes by {estimate}.", **values)
        return _("At the start, no break of the level of « {outcome} » can be told: {estimate}.", **values)


def interrupted_series(
    data: Data, outcome: str, time: str, start: float, *, season: int | None = None, level: float = 0.95
) -> InterruptedSeries:
    """Segmented regression of one series: change of level and of slope at a known date.

    Parameters
    ----------
    data : Survey or DataFrame, one row a period
    outcome : str
    time : str
        Whole numbers in order.
    start : number
        First period with the device.
    season : int, optional
        Length of the season (12 for months): one pair of harmonics is then fitted.
    level : float

    Returns
    -------
    InterruptedSeries
        ``["level_change"]``, ``["slope_change"]``

    Notes
    -----
    Least squares with Newey–West standard errors (statsmodels, lag ⌊4(n/100)^{2/9}⌋, small-sample correction). One
    series has no comparison: whatever else happened then is in the estimate.

    Examples
    --------
    >>> import pandas as pd
    >>> t = np.arange(40.0)
    >>> data = pd.DataFrame({"month": t, "y": 0.1 * t + 2.0 * (t >= 20) + np.tile([0.1, -0.1], 20)})
    >>> round(interrupted_series(data, "y", "month", 20)["level_change"].value, 1)
    2.0
    """
    import statsmodels.api as sm

    t, y = numeric(data, time).to_numpy(), numeric(data, outcome).to_numpy()
    held = np.isfinite(t) & np.isfinite(y)
    t, y = t[held], y[held]
    order = np.argsort(t, kind="stable")
    t, y = t[order], y[order]
    after = (t >= start).astype(float)
    if min(after.sum(), len(t) - after.sum()) < 4:
        raise AnalysisError(
            _("A break needs four periods at least on each side."), parameter="start", got=start
        )
    columns = [np.ones(len(t)), t - start, after, after * (t - start)]
    if season is not None:
        columns += [np.sin(2 * np.pi * t / season), np.cos(2 * np.pi * t / season)]
    lags = int(4 * (len(t) / 100) ** (2 / 9))
    fit = sm.OLS(y, np.column_stack(columns)).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True
    )
    bounds = fit.conf_int(1 - level)
    names = {"level_change": (2, _("change of level")), "slope_change": (3, _("change of slope per period"))}
    estimates = {
        key: Estimate(float(fit.params[i]), float(bounds[i, 0]), float(bounds[i, 1]), level=level, se=float(fit.bse[i]),
                      df=float(fit.df_resid), n=len(t), name=name)
        for key, (i, name) in names.items()
    }  # fmt: skip
    return InterruptedSeries(
        _("Interrupted series: {outcome}", outcome=label_of(data, outcome)), estimates,
        _("{n} periods, {after} with the device.", n=format_count(len(t)), after=int(after.sum())),
        _("Newey–West standard errors ({lags} lags). A single series has no comparison.", lags=lags),
        label_of(data, outcome),
    )  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class RegressionToTheMean(EstimateList):
    """Change of the units chosen for being the worst (or best): ``effect observed expected``."""

    def sentence(self) -> str:
        """How much of the observed change selection alone explains."""
        values = {
            "observed": format_number(self["observed"].value, 2), "expected": format_number(self["expected"].value, 2),
            "effect": format_estimate(self["effect"], 2),
        }  # fmt: skip
        if self.verdict is Verdict.DIFFERENT:
            return _(
                "The chosen units changed by {observed}, of which {expected} by regression to the mean; "
                "the rest, {effect}, is not explained by it.",
                **values,
            )
        return _(
            "The chosen units changed by {observed}, but {expected} was to be expected by regression to "
            "the mean alone; the rest, {effect}, cannot be told from zero.",
            **values,
        )


def regression_to_the_mean(
    data: Data, before: str, after: str, chosen: str, *, reliability: float | None = None, level: float = 0.95
) -> RegressionToTheMean:
    """Change of units chosen for their bad (or good) first measure, beside what selection alone would bring.

    Parameters
    ----------
    data : Survey or DataFrame, one row a unit
    before, after : str
        The same quantity, measured twice.
    chosen : str
        1 (or True) for the units that entered the programme because of ``before``.
    reliability : float, optional
        Share of the variance of ``before`` that is lasting, from an earlier year (0–1). By default the slope of
        ``after`` on ``before`` estimated together with the effect, which selection on ``before`` does not bias.
    level : float

    Returns
    -------
    RegressionToTheMean
        ``["effect"]``, ``["observed"]``, ``["expected"]``

    Notes
    -----
    Analysis of covariance: after = a + ρ·before + effect·chosen, HC3 standard errors. The expected change of the chosen
    is the common change plus (1 − ρ)(mean − their mean before).

    Examples
    --------
    >>> import pandas as pd
    >>> rng = np.random.default_rng(5)
    >>> true = rng.normal(8, 1.2, 60)
    >>> data = pd.DataFrame({"y0": true + rng.normal(0, 1, 60), "y1": true + rng.normal(0, 1, 60)})
    >>> data["worst"] = data["y0"].rank(ascending=False) <= 20
    >>> regression_to_the_mean(data, "y0", "y1", "worst").verdict
    <Verdict.INCONCLUSIVE: 'inconclusive'>
    """
    import statsmodels.api as sm

    x, y, side = (numeric(data, name).to_numpy() for name in (before, after, chosen))
    held = np.isfinite(x) & np.isfinite(y) & np.isfinite(side)
    x, y, side = x[held], y[held], side[held]
    if not set(np.unique(side)) == {0.0, 1.0}:
        raise AnalysisError(_("« {name} » must hold 0 and 1.", name=chosen), parameter="chosen")
    if reliability is not None and not 0 <= reliability <= 1:
        raise AnalysisError(
            _("A reliability lies between 0 and 1."), parameter="reliability", got=reliability
        )
    ones = np.ones(len(x))
    if reliability is None:
        fit = sm.OLS(y, np.column_stack([ones, x, side])).fit(cov_type="HC3", use_t=True)
        slope = float(fit.params[1])
    else:
        fit = sm.OLS(y - reliability * x, np.column_stack([ones, side])).fit(cov_type="HC3", use_t=True)
        slope = reliability
    effect, se = float(fit.params[-1]), float(fit.bse[-1])
    low, high = fit.conf_int(1 - level)[-1]
    worst = side == 1
    observed = float((y - x)[worst].mean())
    n = int(worst.sum())
    spread = float((y - x)[worst].std(ddof=1)) / math.sqrt(n) if n > 1 else float("nan")
    estimates = {
        "effect": Estimate(
            effect, float(low), float(high), level=level, se=se, n=len(x), name=_("not explained")
        ),
        "observed": Estimate(
            observed, se=spread, level=level, n=n, name=_("observed change of the chosen units")
        ),
        "expected": Estimate(observed - effect, level=level, n=n, name=_("expected without any effect")),
    }
    return RegressionToTheMean(
        _("Regression to the mean: {outcome}", outcome=label_of(data, after)), estimates,
        _("{n} units, {chosen} chosen for their first measure.", n=format_count(len(x)), chosen=format_count(n)),
        _("Slope of the second measure on the first: {slope}. HC3 standard errors.", slope=format_number(slope, 2)),
    )  # fmt: skip
