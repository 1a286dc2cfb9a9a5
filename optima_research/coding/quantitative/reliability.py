"""Internal consistency of a scale: alpha and omega with intervals, and what each item brings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from optima_research.coding.quantitative import _one_factor_kernels as factor
from optima_research.coding.quantitative import _reliability_kernels as kernels
from optima_research.coding.quantitative._item_moments import FloatArray, ItemMoments, correlation
from optima_research.coding.quantitative.items import (
    Items,
    Missing,
    read_items,
    refuse_collinear,
    require_choice,
)
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_estimate, format_level, format_number
from optima_research.results import Column, Estimate, PublicationTable, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.results.frames import Data

AlphaInterval = Literal["feldt", "duhachek", "bootstrap"]
OmegaInterval = Literal["robust", "normal", "bootstrap"]


def reliability(
    data: Data,
    items: Sequence[str],
    *,
    reverse: Sequence[str] = (),
    scale_range: tuple[float, float] | None = None,
    missing: Missing = "listwise",
    level: float = 0.95,
    alpha_interval: AlphaInterval = "feldt",
    omega_interval: OmegaInterval = "robust",
    n_boot: int = 2000,
    seed: int = 0,
) -> Reliability:
    """Internal consistency of a scale: Cronbach's alpha and McDonald's omega, with intervals.

    Parameters
    ----------
    data : DataFrame or Survey
        One row a respondent.
    items : list of str
        Three interval or ordinal items at least. With two, alpha and omega are not given: the Spearman-Brown
        coefficient takes their place.
    reverse : list of str
        Items worded the other way, counted as ``low + high - answer``. An item that looks reversed and is not
        declared is reported in ``miskeyed``, never turned round silently.
    scale_range : (low, high)
        Lowest and highest possible answer; required where items are reversed, and used for floor and ceiling.
    missing : {"listwise", "pairwise"}
        Rows complete on every item, or every pair of answers. Pairwise intervals rest on the smallest pair.
    level : float
        Level of the intervals.
    alpha_interval : {"feldt", "duhachek", "bootstrap"}
    omega_interval : {"robust", "normal", "bootstrap"}
        Sandwich standard error (holds for answers that are not normal), expected information, or percentiles.
    n_boot, seed : int
        Bootstrap only.

    Returns
    -------
    Reliability
        ``alpha``, ``omega`` (Estimate), ``items`` (one row an item: ``item_rest``, ``alpha_if_dropped``, ``mean``,
        ``sd``, ``floor``, ``ceiling``, …), ``n``, ``n_missing``, ``spearman_brown`` (two items),
        ``standard_error`` and ``minimal_detectable_change`` of one respondent's mean score, in points.

    Raises
    ------
    ScaleError
        Fewer than two items, a constant item, items reversed without a range, answers outside the range.
    AnalysisError
        A bootstrap asked for with pairwise deletion.

    Notes
    -----
    alpha = k/(k-1) (1 - tr S / 1'S1) on raw covariances (divisor n - 1). Its interval is Feldt's (1965): F with n-1
    and (n-1)(k-1) df, exact for normal answers under compound symmetry; Duhachek and Iacobucci (2004) is the
    large-sample normal one. omega = (sum l)² / ((sum l)² + sum t) from the one-factor model fitted by maximum
    likelihood to the covariances; the interval is symmetric on the logit scale. The standard error of a score is
    sd(score) sqrt(1 - alpha), the minimal detectable change 1.96 sqrt(2) times that.
    Agrees with psych 2.2.9 to 1e-10 (alpha, both intervals, item table) and lavaan 0.6-14 to 1e-6 (omega and its
    standard errors): ``tests/reference/reliability.R``.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"a": [1, 2, 3, 4, 5, 2], "b": [2, 2, 3, 5, 5, 1], "c": [1, 3, 3, 4, 4, 2]})
    >>> result = reliability(answers, ["a", "b", "c"])
    >>> round(result.alpha.value, 3)
    0.943
    >>> print(round(result.items.loc["b", "alpha_if_dropped"], 3))
    0.94
    """
    read = read_items(data, items, reverse=reverse, scale_range=scale_range)
    moments = read.moments(missing)
    require_choice("alpha_interval", alpha_interval, AlphaInterval)
    require_choice("omega_interval", omega_interval, OmegaInterval)
    if moments.n > len(read.names) > 2:
        refuse_collinear(read.names, correlation(moments.covariance))
    bootstrap = _Bootstrap(read, missing, n_boot, seed, level)
    heywood: tuple[str, ...] = ()
    if len(read.names) == 2:
        alpha, omega = Estimate(np.nan, name="alpha"), Estimate(np.nan, name="omega")
    else:
        alpha = _alpha(moments, alpha_interval, level, bootstrap)
        omega, heywood = _omega(read, moments, omega_interval, level, bootstrap)
    seem = tuple(
        name for name, flag in zip(read.names, kernels.miskeyed(moments.covariance), strict=True) if flag
    )
    consistency = alpha.value if len(read.names) > 2 else _two_items(moments, level).value
    error = _standard_error(moments, consistency)
    return Reliability(
        n=moments.n if missing == "listwise" else moments.n_rows,
        n_missing=moments.n_rows - moments.n
        if missing == "listwise"
        else int((moments.n_rows - moments.available).sum()),
        alpha=alpha,
        omega=omega,
        items=_item_table(read, moments),
        standardised_alpha=kernels.standardised_alpha(moments.covariance) if len(read.names) > 2 else np.nan,
        spearman_brown=_two_items(moments, level) if len(read.names) == 2 else None,
        standard_error=error,
        minimal_detectable_change=1.959963984540054 * np.sqrt(2) * error,
        miskeyed=seem,
        heywood=heywood,
        missing=missing,
        smallest_pair=moments.n,
        intervals=(alpha_interval, omega_interval),
    )


@dataclass(frozen=True, eq=False, repr=False)
class Reliability(Result):
    """Internal consistency of one scale; see :func:`reliability`."""

    n: int
    n_missing: int
    alpha: Estimate
    omega: Estimate
    items: pd.DataFrame
    standardised_alpha: float
    spearman_brown: Estimate | None
    standard_error: float
    minimal_detectable_change: float
    miskeyed: tuple[str, ...]
    heywood: tuple[str, ...]
    missing: Missing
    smallest_pair: int
    intervals: tuple[str, str]

    def table(self) -> PublicationTable:
        """The item table, alpha and omega in the note."""
        columns = (
            Column("mean", _("Mean"), decimals=2),
            Column("sd", _("SD"), decimals=2),
            Column("floor", _("Floor"), kind="percent", decimals=0),
            Column("ceiling", _("Ceiling"), kind="percent", decimals=0),
            Column("item_rest", _("Item-rest correlation"), decimals=2),
            Column("alpha_if_dropped", _("Alpha without the item"), decimals=2),
        )
        body = self.items.set_axis(self.items["label"])
        bases = pd.DataFrame({column.source: body["n"] for column in columns}, index=body.index)
        first = body.iloc[0]
        reading = _(
            "the item « {item} » has a mean of {mean} and correlates at {r} with the sum of the others.",
            item=body.index[0],
            mean=format_number(first["mean"], 2),
            r=format_number(first["item_rest"], 2),
        )
        return PublicationTable(
            title=_("Internal consistency of the scale"),
            body=body,
            columns=columns,
            stub=_("Scale item"),
            bases=bases,
            reading=reading,
            scope=self._scope(),
            note=self.sentence(),
            name="reliability",
        )

    def sentence(self) -> str:
        """Alpha and omega, or Spearman-Brown, with what they rest on and what looks wrong."""
        if self.spearman_brown is not None:
            main = _(
                "With two items, reliability is the Spearman-Brown coefficient: {value} (n = {n}).",
                value=format_estimate(self.spearman_brown, 2),
                n=format_count(self.n),
            )
        else:
            main = _(
                "Cronbach's alpha is {alpha} and McDonald's omega {omega} ({level}; {k} items, n = {n}).",
                alpha=format_estimate(self.alpha, 2),
                omega=format_estimate(self.omega, 2),
                level=format_level(self.alpha.level),
                k=len(self.items),
                n=format_count(self.n),
            )
        return " ".join([main, *self._warnings()])

    def summary_lines(self) -> list[str]:
        """The sentence, then the size of change one respondent's score can show."""
        return [
            self.sentence(),
            _(
                "A respondent's score has a standard error of {error} points; a change under {change} may be noise.",
                error=format_number(self.standard_error, 2),
                change=format_number(self.minimal_detectable_change, 2),
            ),
            self._scope(),
        ]

    def statistics(self) -> dict[str, Estimate | float]:
        """Alpha, omega (or Spearman-Brown) and the standard error of a score."""
        found: dict[str, Estimate | float] = {"standard_error": self.standard_error}
        if self.spearman_brown is not None:
            return {"spearman_brown": self.spearman_brown, **found}
        return {"alpha": self.alpha, "omega": self.omega, **found}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Item-rest correlations, weakest last."""
        from optima_research.results import style

        shown = self.items.sort_values("item_rest")
        ax = style.axes(ax, rows=len(shown))
        ax.axvline(0.3, color=style.GRID, linewidth=1.5)
        ax.plot(shown["item_rest"], np.arange(len(shown)), "o", color=style.palette(1)[0])
        ax.set_yticks(np.arange(len(shown)), shown["label"])
        ax.set_xlim(min(0.0, shown["item_rest"].min() - 0.05), 1)
        ax.set_xlabel(_("Correlation with the sum of the other items"))
        style.decimal_axis(ax)
        return ax

    def _scope(self) -> str:
        if self.missing == "listwise":
            return _(
                "respondents who answered every item ({n} kept, {dropped} left out).",
                n=format_count(self.n),
                dropped=format_count(self.n_missing),
            )
        return _(
            "every pair of answers ({n} respondents, {missing} missing answers, smallest pair {pair}).",
            n=format_count(self.n),
            missing=format_count(self.n_missing),
            pair=format_count(self.smallest_pair),
        )

    def _warnings(self) -> list[str]:
        said = []
        if self.miskeyed:
            said.append(
                _(
                    "These items run against the others: {names}. Reversed and not declared, or declared by mistake? "
                    "Nothing was turned round.",
                    names=", ".join(self.miskeyed),
                )
            )
        if self.heywood:
            said.append(
                _(
                    "The one-factor model gives a negative residual variance to {names}: omega is not to be trusted.",
                    names=", ".join(self.heywood),
                )
            )
        elif self.smallest_pair <= len(self.items) and self.spearman_brown is None:
            said.append(_("Omega needs more respondents than items."))
        elif self.spearman_brown is None and np.isnan(self.omega.value):
            said.append(_("The one-factor model did not converge: one factor does not describe these items."))
        return said


@dataclass(frozen=True)
class _Bootstrap:
    """Percentile intervals over resampled respondents."""

    items: Items
    missing: Missing
    n_boot: int
    seed: int
    level: float

    def interval(self, statistic: Callable[[FloatArray], FloatArray]) -> tuple[float, float, float]:
        """Low, high and standard deviation of the resampled statistic."""
        if self.missing == "pairwise":
            raise AnalysisError(
                _("The bootstrap resamples complete respondents; it does not go with pairwise deletion."),
                parameter="missing",
                hint=_('Use missing="listwise".'),
            )
        values = kernels.resampled(self.items.rows(), statistic, self.n_boot, self.seed)
        tail = (1 - self.level) / 2
        low, high = np.nanquantile(values, [tail, 1 - tail])
        return float(low), float(high), float(np.nanstd(values, ddof=1))


def _alpha(moments: ItemMoments, interval: AlphaInterval, level: float, bootstrap: _Bootstrap) -> Estimate:
    value = kernels.cronbach_alpha(moments.covariance)
    se, df = kernels.duhachek_se(moments.covariance, moments.n), np.inf
    if interval == "feldt":
        low, high = kernels.feldt_interval(value, moments.n, len(moments.mean), level)
        df = float(moments.n - 1)
    elif interval == "duhachek":
        half = _quantile(level) * se
        low, high = value - half, value + half
    else:
        low, high, se = bootstrap.interval(kernels.alpha_batch)
    return Estimate(value, low, high, level, se, df, moments.n, "alpha")


def _omega(
    items: Items, moments: ItemMoments, interval: OmegaInterval, level: float, bootstrap: _Bootstrap
) -> tuple[Estimate, tuple[str, ...]]:
    # The divisor (n or n - 1) cancels in omega; n is kept for the standard errors to equal lavaan's.
    covariance: FloatArray = moments.covariance * (moments.n - 1) / moments.n
    if moments.n <= len(items.names):
        return Estimate(np.nan, level=level, n=moments.n, name="omega"), ()
    fit = factor.one_factor(covariance[None])
    if not fit.converged[0]:
        return Estimate(np.nan, level=level, n=moments.n, name="omega"), ()
    value = float(fit.omega[0])
    heywood = tuple(name for name, t in zip(items.names, fit.residuals[0], strict=True) if t < 0)
    if interval == "bootstrap":
        low, high, se = bootstrap.interval(factor.omega_batch)
        return Estimate(value, low, high, level, se, np.inf, moments.n, "omega"), heywood
    if interval == "robust" and bootstrap.missing == "listwise":
        influence = factor.omega_influence(fit, covariance)
        se = float(np.sqrt(items.form_variance(moments.mean, *influence) / moments.n))
    else:
        se = factor.omega_normal_se(fit, covariance, moments.n)
    low, high = _logit_interval(value, se, level)
    return Estimate(value, low, high, level, se, np.inf, moments.n, "omega"), heywood


def _two_items(moments: ItemMoments, level: float) -> Estimate:
    # A correlation of exactly one, or minus one, has no interval on Fisher's scale.
    r = float(np.clip(correlation(moments.covariance)[0, 1], -1 + 1e-12, 1 - 1e-12))
    half = _quantile(level) / np.sqrt(max(moments.n - 3, 1))
    low, high = (kernels.spearman_brown(float(np.tanh(np.arctanh(r) + side * half))) for side in (-1, 1))
    return Estimate(kernels.spearman_brown(r), low, high, level, np.nan, np.inf, moments.n, "spearman_brown")


def _standard_error(moments: ItemMoments, consistency: float) -> float:
    deviation = np.sqrt(moments.covariance.sum()) / len(moments.mean)
    return float(deviation * np.sqrt(max(0.0, 1 - consistency)))


def _item_table(items: Items, moments: ItemMoments) -> pd.DataFrame:
    floor, ceiling = (count / moments.available for count in (moments.at_lowest, moments.at_highest))
    return pd.DataFrame(
        {
            "label": items.labels,
            "n": moments.available.astype(np.int64),
            "mean": moments.mean,
            "sd": np.sqrt(np.diag(moments.covariance)),
            "floor": floor,
            "ceiling": ceiling,
            "item_total": kernels.item_total(moments.covariance),
            "item_rest": kernels.item_rest(moments.covariance),
            "alpha_if_dropped": kernels.alpha_if_dropped(moments.covariance),
            "reversed": items.reverse,
        },
        index=pd.Index(items.names, name="item"),
    )


def _logit_interval(value: float, se: float, level: float) -> tuple[float, float]:
    if not 0 < value < 1:
        return value - _quantile(level) * se, value + _quantile(level) * se
    centre, half = np.log(value / (1 - value)), _quantile(level) * se / (value * (1 - value))
    low, high = (1 / (1 + np.exp(-(centre + side * half))) for side in (-1, 1))
    return float(low), float(high)


def _quantile(level: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 2))
