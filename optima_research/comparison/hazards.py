"""What makes indicators (tools, posts…) last: Cox's proportional hazards, with the check that goes with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import (
    format_count,
    format_interval,
    format_level,
    format_number,
    format_p,
)
from optima_research.results import Column, Estimate, PublicationTable, Result
from optima_research.results.frames import Data, categories, label_of, numeric

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FEWEST_ENDS = 10


def lifetimes(data: pd.DataFrame, unit: str, period: str, value: str, *, silence: int = 2) -> pd.DataFrame:
    """How long each unit was kept up, from a follow-up of one row a unit and period.

    Parameters
    ----------
    data : DataFrame
        One row a unit and period; a unit may be absent from some periods.
    unit, period, value : str
        Key of the unit; ordered periods; a value, missing where nothing was filled in.
    silence : int
        Periods without a value that a unit must show before the end of the follow-up to be held as given up; with fewer
        it is still followed (censored at its last value). A hole in the middle ends nothing.

    Returns
    -------
    DataFrame
        Index unit: ``first last`` (periods with a value), ``duration`` (periods from first to last, both counted),
        ``ended`` (1 given up, 0 still there). Units that never had a value are left out.

    Raises
    ------
    AnalysisError
        A unit twice in a period.

    Examples
    --------
    >>> rows = [("A", 1, 5.0), ("A", 2, None), ("A", 3, 6.0), ("A", 4, 7.0), ("B", 1, 2.0), ("B", 2, None)]
    >>> follow_up = pd.DataFrame(rows, columns=["indicator", "quarter", "value"])
    >>> lifetimes(follow_up, "indicator", "quarter", "value")[["duration", "ended"]].values.tolist()
    [[4, 0], [1, 1]]
    """
    if data.duplicated([unit, period]).any():
        raise AnalysisError(_("A unit stands twice in the same period."), parameter="unit", got=unit)
    periods = np.sort(data[period].unique())
    rank = pd.Series(np.arange(len(periods)), index=periods)
    filled = data.loc[data[value].notna(), [unit, period]]
    at = filled[period].map(rank).groupby(filled[unit])
    first, last = at.min(), at.max()
    gap = len(periods) - 1 - last
    return pd.DataFrame(
        {
            "first": periods[first.to_numpy(dtype=int)],
            "last": periods[last.to_numpy(dtype=int)],
            "duration": (last - first + 1).to_numpy(dtype="int64"),
            "ended": (gap >= max(silence, 1)).to_numpy(dtype="int64"),
        },
        index=first.index,
    )


def proportional_hazards(
    data: Data,
    duration: str,
    ended: str,
    covariates: Sequence[str],
    *,
    cluster: str | None = None,
    smallest_ratio: float | None = None,
    level: float = 0.95,
) -> ProportionalHazards:
    """Hazard ratios of giving up, all covariates together.

    Parameters
    ----------
    data : Survey or DataFrame, one row an indicator (tool, post…)
    duration : str
        Time followed.
    ended : str
        1 if it ended, 0 if it was still there (censored).
    covariates : sequence of str
        Numbers, or categories (each against its first one).
    cluster : str, optional
        Units that share something (one service keeps several indicators): Lin and Wei's robust variance.
    smallest_ratio : float, optional
        Hazard ratio under which (or over whose inverse) a difference matters, for the sentence.
    level : float

    Returns
    -------
    ProportionalHazards
        ``coefficients`` (index term: ``ratio low high log_ratio se z p_value proportional_p``), ``n``, ``n_events``,
        ``n_missing``, ``log_likelihood``.

    Raises
    ------
    AnalysisError
        Durations that are not positive, ends other than 0 and 1, fewer ends than ten, no covariate.

    Notes
    -----
    Partial likelihood with Efron's ties (statsmodels ``PHReg``; R ``coxph``), Wald intervals on the log scale.
    ``proportional_p`` is the score test of a ratio that moves with the rank of time, one term at a time (R survival
    ≥ 3, ``cox.zph(transform = "rank", terms = FALSE)``). A small value says that one figure hides two.
    Rows with a missing value are left out and counted.

    References
    ----------
    Cox (1972) JRSS B 34:187; Grambsch & Therneau (1994) Biometrika 81:515; Lin & Wei (1989) JASA 84:1074.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> good = np.repeat([0, 1], 60)
    >>> time = rng.exponential(np.where(good, 8, 4)).clip(0.1)
    >>> data = pd.DataFrame({"t": time.clip(max=12), "ended": (time < 12).astype(int), "good": good})
    >>> bool(proportional_hazards(data, "t", "ended", ["good"]).coefficients.loc["good", "ratio"] < 1)
    True
    """
    frame, terms, n_missing = _design(data, duration, ended, covariates, cluster)
    time, event = frame[duration].to_numpy(), frame[ended].to_numpy()
    if not set(np.unique(event)) <= {0.0, 1.0} or not len(time) or time.min() <= 0:
        raise AnalysisError(
            _("Durations are positive and « {name} » holds 0 and 1.", name=ended), parameter="ended"
        )
    n_events = int(event.sum())
    if n_events < _FEWEST_ENDS:
        raise AnalysisError(
            _("Only {n} ended: too few for hazard ratios.", n=n_events), parameter="ended",
            hint=_("Show the curves: kaplan_meier."),
        )  # fmt: skip
    fitted = _fitted(terms, time, event)
    groups = frame[cluster].to_numpy() if cluster else None
    return ProportionalHazards(
        coefficients=_coefficients(fitted, list(terms), groups, level),
        label=label_of(data, duration),
        n=len(frame),
        n_events=n_events,
        n_missing=n_missing,
        n_clusters=frame[cluster].nunique() if cluster else 0,
        log_likelihood=float(fitted.llf),
        smallest_ratio=smallest_ratio,
        level=level,
    )


@dataclass(frozen=True, eq=False, repr=False)
class ProportionalHazards(Result):
    """Hazard ratios, one a term."""

    coefficients: pd.DataFrame
    label: str
    n: int
    n_events: int
    n_missing: int
    n_clusters: int
    log_likelihood: float
    smallest_ratio: float | None = None
    level: float = 0.95

    def __getitem__(self, term: str) -> Estimate:
        row = self.coefficients.loc[term]
        return Estimate(row["ratio"], row["low"], row["high"], self.level, n=self.n, name=term)

    def table(self) -> PublicationTable:
        """One line a term: ratio, interval, p, check of proportionality."""
        columns = (
            Column("ratio", _("Hazard ratio"), decimals=2),
            Column(("low", "high"), format_level(self.level), kind="interval", decimals=2),
            Column("p_value", "p", kind="p_value"),
            Column("proportional_p", _("p of proportionality"), kind="p_value"),
        )
        bases = pd.DataFrame(
            dict.fromkeys(("ratio", "low", "high", "p_value", "proportional_p"), self.n),
            index=self.coefficients.index,
        )
        return PublicationTable(
            title=_("What makes the end come sooner or later: {label}", label=self.label), body=self.coefficients,
            columns=columns, stub=_("Term"), bases=bases, reading=self.sentence(),
            scope=_("{n} followed, {missing} left out (missing).", n=format_count(self.n), missing=self.n_missing),
            note=self.method_note(), name="hazards",
        )  # fmt: skip

    def sentence(self) -> str:
        """Each term: sooner, later, or nothing the data can tell; and whether the ratio holds over time."""
        said = [self._said(str(term), row) for term, row in self.coefficients.iterrows()]
        unstable = self.coefficients.index[self.coefficients["proportional_p"] < 1 - self.level]
        if len(unstable):
            said.append(
                _("The ratio changes with time for {terms}.", terms=", ".join(f"« {t} »" for t in unstable))
            )
        return " ".join(said)

    def _said(self, term: str, row: pd.Series) -> str:
        ratio = _(
            "hazard ratio {ratio} {interval}, p {p}",
            ratio=format_number(row["ratio"], 2), interval=format_interval(row["low"], row["high"], 2),
            p=format_p(row["p_value"]),
        )  # fmt: skip
        if row["high"] < 1:
            return _("{term}: the end comes later ({ratio}).", term=term, ratio=ratio)
        if row["low"] > 1:
            return _("{term}: the end comes sooner ({ratio}).", term=term, ratio=ratio)
        bound = self.smallest_ratio
        if bound is not None and min(bound, 1 / bound) < row["low"] and row["high"] < max(bound, 1 / bound):
            return _("{term}: no difference that matters ({ratio}).", term=term, ratio=ratio)
        return _("{term}: the data do not tell ({ratio}).", term=term, ratio=ratio)

    def method_note(self) -> str:
        """Model, ties, variance, number of ends."""
        note = _("Cox model, Efron's ties; {events} ends among {n}.", events=format_count(self.n_events),
                 n=format_count(self.n))  # fmt: skip
        if self.n_clusters:
            note += " " + _("Robust variance, {n} clusters.", n=format_count(self.n_clusters))
        return note

    def plot(self, ax: Axes | None = None) -> Axes:
        """Ratios and intervals on a log scale."""
        from optima_research.comparison.figures_survival import hazard_forest

        return hazard_forest(self, ax)

    def statistics(self) -> dict[str, Estimate | float]:
        """Every ratio."""
        return {str(term): self[str(term)] for term in self.coefficients.index} | {
            "ends": float(self.n_events)
        }


def _design(
    data: Data, duration: str, ended: str, covariates: Sequence[str], cluster: str | None
) -> tuple[pd.DataFrame, dict[str, pd.Series], int]:
    """Rows without a hole; term → column of numbers."""
    if not covariates:
        raise AnalysisError(_("Give at least one covariate."), parameter="covariates")
    columns: dict[str, Any] = {duration: numeric(data, duration), ended: numeric(data, ended)}
    terms: dict[str, str] = {}
    for name in covariates:
        series = categories(data, name) if _is_category(data, name) else numeric(data, name)
        if not isinstance(series.dtype, pd.CategoricalDtype):
            columns[name], terms[label_of(data, name)] = series.astype(float), name
            continue
        for level in list(series.cat.categories)[1:]:
            place = f"{name}\x1f{level}"
            columns[place] = (series == level).astype(float).where(series.notna())
            terms[_("{variable} ({level})", variable=label_of(data, name), level=level)] = place
    if cluster:
        columns[cluster] = categories(data, cluster).astype(str)
    frame = pd.DataFrame(columns)
    whole = frame.dropna()
    return whole, {term: whole[place] for term, place in terms.items()}, len(frame) - len(whole)


def _is_category(data: Data, name: str) -> bool:
    from optima_research.results.frames import as_frame

    return not pd.api.types.is_numeric_dtype(as_frame(data, [name], labels=True)[name])


def _fitted(terms: dict[str, pd.Series], time: Any, event: Any) -> Any:
    from statsmodels.duration.hazard_regression import PHReg

    table = np.column_stack([column.to_numpy(dtype=float) for column in terms.values()])
    if np.linalg.matrix_rank(table - table.mean(axis=0)) < table.shape[1]:
        raise AnalysisError(
            _("A covariate does not vary, or says the same as the others."), parameter="covariates",
            got=", ".join(terms),
        )  # fmt: skip
    return PHReg(time, table, status=event, ties="efron").fit(disp=0)


def _coefficients(fitted: Any, terms: list[str], groups: Any, level: float) -> pd.DataFrame:
    from scipy import special

    beta, variance = np.asarray(fitted.params, dtype=float), np.asarray(fitted.cov_params(), dtype=float)
    residuals, chi2 = _residuals_and_drift(fitted, beta)
    if groups is not None:
        moved = pd.DataFrame(residuals @ variance).groupby(groups).sum().to_numpy()
        variance = moved.T @ moved
    se = np.sqrt(np.diag(variance))
    reach = float(special.ndtri((1 + level) / 2)) * se
    z = beta / se
    return pd.DataFrame(
        {
            "ratio": np.exp(beta), "low": np.exp(beta - reach), "high": np.exp(beta + reach), "log_ratio": beta,
            "se": se, "z": z, "p_value": 2 * special.ndtr(-np.abs(z)), "proportional_p": special.chdtrc(1, chi2),
        },
        index=pd.Index(terms, name="term"),
    )  # fmt: skip


def _residuals_and_drift(fitted: Any, beta: Any) -> tuple[Any, Any]:
    """Score residuals (rows × terms), and the chi² of a log ratio that moves with the rank of time; Efron's ties."""
    from scipy import stats

    table, time, event = fitted.model.exog, fitted.model.endog, fitted.model.status == 1
    rank = stats.rankdata(time)
    rank -= rank[event].mean()
    weight, p = np.exp(table @ beta), table.shape[1]
    residuals, score = np.where(event[:, None], table, 0.0), np.zeros(p)
    plain, mixed, own = np.zeros((p, p)), np.zeros((p, p)), np.zeros(p)
    for moment in np.unique(time[event]):
        at_risk, ends = time >= moment, (time == moment) & event
        n, g = int(ends.sum()), rank[ends][0]
        for k in range(n):
            share = weight * (at_risk - k / n * ends)
            share = share / share.sum()
            middle = share @ table
            away = table - middle
            spread = (away * share[:, None]).T @ away
            residuals -= away * share[:, None]
            residuals[ends] -= middle / n
            score -= g * middle
            plain, mixed, own = plain + spread, mixed + g * spread, own + g**2 * np.diag(spread)
        score += g * table[ends].sum(axis=0)
    left = own - np.einsum("ij,ji->i", mixed, np.linalg.solve(plain, mixed.T))
    with np.errstate(divide="ignore", invalid="ignore"):
        return residuals, np.where(left > 1e-12 * own, score**2 / left, np.nan)
