"""What those who kept silent could change: bounds without assumption, and the tipping point of a conclusion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.errors import DesignError
from optima_research.language import _
from optima_research.language.numbers import format_interval, format_number, format_percent
from optima_research.results import Column, Estimate, PublicationTable, Result
from optima_research.results.frames import label_of
from optima_research.sampling._rows_figure import legend_above, row_label, rows_axes
from optima_research.sampling._variance_kernels import Codes, Floats, sums_by
from optima_research.sampling.estimates import (
    Domains,
    linearise_mean,
    outcome_of,
    precision,
    read_domains,
    t_interval,
)
from optima_research.sampling.regime import Regime, regime_note

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.sampling.design import SurveyDesign


@dataclass(frozen=True, eq=False, repr=False)
class NonresponseBounds(Result):
    """A mean, what the silent could make of it, and how different they must be to overturn a conclusion.

    Parameters
    ----------
    means : DataFrame
        One row a group: respondents ``n``, ``population``, ``silent`` (share without an answer), the estimate ``value``
        with its interval ``low high``, the limits without assumption ``floor ceiling``, and ``tipping``: how much lower
        than the respondents of their stratum the silent would have to be for the mean to cross ``threshold``.
    name : str
        The outcome.
    limits : (low, high)
        Range of possible answers.
    threshold : float or None
    regime : str
    level : float
    """

    means: pd.DataFrame
    name: str
    limits: tuple[float, float]
    threshold: float | None
    regime: Regime
    level: float

    def shifted(self, delta: float) -> pd.Series:
        """The means if the silent were ``delta`` lower than the respondents of their stratum."""
        return (self.means["value"] - self.means["silent"] * delta).rename("value")

    def reversal(self, first: object, second: object) -> float:
        """How far the silent of two groups must lie, in opposite directions, for the groups to be equal.

        The silent of ``first`` that much lower, those of ``second`` that much higher than their respondents (or the
        converse when negative). Infinite where nobody was silent.
        """
        one, other = self.means.loc[first], self.means.loc[second]
        silent = one["silent"] + other["silent"]
        return float((one["value"] - other["value"]) / silent) if silent > 0 else float("inf")

    def attainable(self) -> pd.Series:
        """Whether any answers of the silent could bring the mean across the threshold."""
        self._require_threshold()
        within = (self.means["floor"] <= self.threshold) & (self.means["ceiling"] >= self.threshold)
        return within.rename("attainable")

    def table(self) -> PublicationTable:
        """Each group: respondents, silent share, estimate and interval, limits without assumption, tipping point."""
        columns = [
            Column("n", _("Respondents"), kind="count"),
            Column("silent", _("Silent"), kind="percent"),
            Column("value", _("Mean"), decimals=2),
            Column(("low", "high"), _("Interval"), kind="interval", decimals=2),
            Column(("floor", "ceiling"), _("Limits"), kind="interval", decimals=2),
        ]
        if self.threshold is not None:
            columns.append(Column("tipping", _("Tipping point"), decimals=2))
        body = self.means.copy()
        body.index = pd.Index([row_label(label) for label in body.index])
        shown = [name for name in body.columns if name not in ("n", "population", "silent")]
        return PublicationTable(
            title=_("« {name} »: what those who did not answer could change", name=self.name),
            body=body,
            columns=tuple(columns),
            bases=pd.DataFrame(dict.fromkeys(shown, body["n"]), index=body.index),
            reading=self._reading(int(self.means["n"].argmax())),
            note=" ".join(
                [
                    _(
                        "Limits: means if all the silent had answered {low}, or all {high}.",
                        low=_plain(self.limits[0]),
                        high=_plain(self.limits[1]),
                    ),
                    regime_note(self.regime),
                ]
            ),
        )

    def sentence(self) -> str:
        """Each group's limits and tipping point."""
        return " ".join(self.summary_lines())

    def summary_lines(self) -> list[str]:
        """One line a group."""
        return [self._reading(row) for row in range(len(self.means))]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Estimate with its interval (thick) within the limits without assumption (thin)."""
        from optima_research.results.style import MARKERS, palette

        means, colour = self.means, palette(1)[0]
        ax, places = rows_axes(ax, [row_label(label) for label in means.index], self.name)
        ax.hlines(places, means["floor"], means["ceiling"], color="0.6", linewidth=1, label=_("Limits"))
        ax.hlines(places, means["low"], means["high"], color=colour, linewidth=3, label=_("Interval"))
        ax.plot(means["value"], places, MARKERS[0], color=colour)
        if self.threshold is not None:
            ax.axvline(self.threshold, color="0.3", linestyle="--", linewidth=1, label=_("Threshold"))
        legend_above(ax)
        return ax

    def statistics(self) -> dict[str, Estimate | float]:
        """Limits and tipping point of each group."""
        found: dict[str, Estimate | float] = {}
        for label, row in self.means.iterrows():
            key = row_label(label)
            found[f"{key}.limits"] = Estimate(
                row["value"], row["floor"], row["ceiling"], 1.0, n=int(row["n"]), name=self.name
            )
            if self.threshold is not None:
                found[f"{key}.tipping"] = float(row["tipping"])
        return found

    def _reading(self, place: int) -> str:
        row, group = self.means.iloc[place], row_label(self.means.index[place])
        text = _(
            "{group}: {value} among respondents; with {silent} silent, anything within {limits} is possible.",
            group=group,
            value=format_number(row["value"], 2),
            silent=format_percent(row["silent"]),
            limits=format_interval(row["floor"], row["ceiling"], 2),
        )
        if self.threshold is None:
            return text
        return f"{text} {self._tipping_sentence(row)}"

    def _tipping_sentence(self, row: pd.Series) -> str:
        threshold = format_number(self.threshold, 2)
        if not row["floor"] <= float(self.threshold or 0) <= row["ceiling"]:
            return _("Whatever the silent think, the mean does not cross {threshold}.", threshold=threshold)
        distance = format_number(abs(row["tipping"]), 2)
        if row["tipping"] >= 0:
            return _(
                "The mean falls to {threshold} if the silent are {distance} below the respondents.",
                threshold=threshold,
                distance=distance,
            )
        return _(
            "The mean rises to {threshold} if the silent are {distance} above the respondents.",
            threshold=threshold,
            distance=distance,
        )

    def _require_threshold(self) -> None:
        if self.threshold is None:
            raise DesignError(_("No threshold was given."), parameter="threshold")


def nonresponse_bounds(
    design: SurveyDesign,
    y: str,
    limits: tuple[float, float],
    by: str | list[str] | None = None,
    *,
    regime: Regime | None = None,
    threshold: float | None = None,
    invited: dict[str, float] | None = None,
    level: float = 0.95,
) -> NonresponseBounds:
    """Bounds on a mean whatever the silent would have answered, and the tipping point of a conclusion.

    Parameters
    ----------
    design : SurveyDesign
        With ``population`` counting respondents (no clusters).
    y : str
        Outcome, a number.
    limits : (low, high)
        Smallest and largest answers possible (1 and 5 for a five-point item).
    by : str or list of str, optional
        Groups made of whole strata (partners): the number of silent is known for them alone.
    regime : {"descriptive", "analytic"}
        Of the sampling interval shown beside.
    threshold : float, optional
        The value that decides (the middle of the scale, last year's mean).
    invited : mapping of stratum → number of persons asked, optional
        By default the whole population was asked.
    level : float

    Returns
    -------
    NonresponseBounds

    Raises
    ------
    DesignError
        Population unknown or counted in clusters, answers outside the limits, groups that cut across strata.

    Notes
    -----
    In stratum h, N_h persons, a share u_h of those asked silent (a missing answer is silence), mean ȳ_h of those who
    answered: the mean is between Σ W_h ((1 − u_h) ȳ_h + u_h · low) and the same with high (Manski 1989), W_h = N_h / N.
    Silent persons δ lower than the respondents of their stratum move the estimate by −δ Σ W_h u_h, so it crosses a
    threshold at δ* = (estimate − threshold) / Σ W_h u_h. Sampling intervals say nothing of this: they take those who
    answered as a random draw.

    Examples
    --------
    >>> import pandas as pd
    >>> from optima_research.sampling import SurveyDesign, nonresponse_bounds
    >>> answers = pd.DataFrame({"score": [4.0] * 60})
    >>> design = SurveyDesign(answers, population=100)
    >>> found = nonresponse_bounds(design, "score", (1, 5), regime="descriptive", threshold=3)
    >>> found.means[["floor", "ceiling", "tipping"]].round(2).iloc[0].to_dict()
    {'floor': 2.8, 'ceiling': 4.4, 'tipping': 2.5}
    """
    outcome, domains = outcome_of(design, y), read_domains(design, by)
    sizes = _sizes(design)
    _refuse_outside(outcome, limits, y)
    linear = linearise_mean(design, outcome, domains, label_of(design.data, y))
    found = precision(design, linear, regime)
    low, high = t_interval(linear.values, found.se, found.df, level)
    group = _group_of_stratum(design, domains)
    answered = ~np.isnan(outcome)
    n, means = _stratum_means(design, outcome, answered)
    asked = _asked(design, sizes, n, invited)
    share = 1 - n / asked
    weight = sizes / sums_by(group, sizes, domains.count)[group]
    silent = sums_by(group, weight * share, domains.count)
    known = sums_by(group, weight * (1 - share) * np.where(n > 0, means, 0.0), domains.count)
    columns = {
        "n": found.n,
        "population": sums_by(group, sizes, domains.count),
        "silent": silent,
        "value": linear.values,
        "low": low,
        "high": high,
        "floor": known + silent * limits[0],
        "ceiling": known + silent * limits[1],
    }
    index = pd.Index([_("All")]) if domains.labels is None else domains.labels
    table = pd.DataFrame(columns, index=index)
    if threshold is not None:
        with np.errstate(divide="ignore"):
            table["tipping"] = (linear.values - threshold) / silent
    chosen: Regime = "descriptive" if regime == "descriptive" else "analytic"
    return NonresponseBounds(table, label_of(design.data, y), limits, threshold, chosen, level)


def _sizes(design: SurveyDesign) -> Floats:
    if design.stage.population is None or design.stage.unit is not None:
        raise DesignError(
            _("The number of persons in each stratum must be known to count the silent."),
            parameter="population",
            hint=_(
                "Use a design without clusters: SurveyDesign(data, strata=…, population={stratum: size})."
            ),
        )
    return design.stage.population


def _refuse_outside(outcome: Floats, limits: tuple[float, float], y: str) -> None:
    low, high = limits
    outside = (outcome < low) | (outcome > high)
    if low >= high or outside.any():
        raise DesignError(
            _("{n} answers to « {name} » lie outside the limits.", n=int(outside.sum()), name=y),
            parameter="limits",
            got=limits,
            expected=f"{np.nanmin(outcome):g} – {np.nanmax(outcome):g}",
        )


def _group_of_stratum(design: SurveyDesign, domains: Domains) -> Codes:
    """The group of each stratum; groups must be made of whole strata."""
    group = np.full(len(design.stage.drawn), -1, dtype=np.int64)
    group[design.stage.stratum] = domains.codes
    if (group[design.stage.stratum] != domains.codes).any() or (group < 0).any():
        raise DesignError(
            _("The number of silent persons is known by stratum only; these groups cut across strata."),
            parameter="by",
            hint=_("Group by the strata, or declare strata that hold these groups."),
        )
    return group


def _stratum_means(design: SurveyDesign, outcome: Floats, answered: np.ndarray) -> tuple[Floats, Floats]:
    strata = len(design.stage.drawn)
    there = design.stage.stratum[answered]
    n = np.bincount(there, minlength=strata).astype(float)
    with np.errstate(invalid="ignore"):
        return n, sums_by(there, outcome[answered], strata) / n


def _asked(design: SurveyDesign, sizes: Floats, n: Floats, invited: dict[str, float] | None) -> Floats:
    if invited is None:
        return sizes
    lacking = [label for label in design.stage.labels if label not in {str(key) for key in invited}]
    if lacking:
        raise DesignError(
            _("The number of persons asked is missing for {names}.", names=", ".join(lacking)),
            parameter="invited",
        )
    by_label = {str(key): float(count) for key, count in invited.items()}
    asked = np.array([by_label[label] for label in design.stage.labels])
    if (asked < n).any() or (asked > sizes).any():
        raise DesignError(
            _("Persons asked must be at least the respondents and at most the population."),
            parameter="invited",
        )
    return asked


def _plain(limit: float) -> str:
    """A limit of the scale, without decimals where it is whole."""
    return format_number(limit, 0 if float(limit).is_integer() else 2)
