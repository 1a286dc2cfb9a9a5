"""Crude beside weighted: what the weights changed, outcome by outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.language import _
from optima_research.language.numbers import format_estimate, format_number, format_percent
from optima_research.results import Column, Estimate, PublicationTable, Result
from optima_research.results.frames import label_of
from optima_research.sampling._rows_figure import legend_above, row_label, rows_axes
from optima_research.sampling._structure import domain_codes
from optima_research.sampling._variance_kernels import Floats
from optima_research.sampling.estimates import (
    Domains,
    indicator_of,
    linearise_mean,
    outcome_of,
    precision,
    single_estimate,
    t_interval,
)
from optima_research.sampling.proportions import share_interval
from optima_research.sampling.regime import Regime, regime_note

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.sampling.design import SurveyDesign


@dataclass(frozen=True, eq=False, repr=False)
class CrudeAndWeighted(Result):
    """Unweighted and weighted values of several outcomes.

    Parameters
    ----------
    estimates : DataFrame
        One row an outcome (or a category of it): ``crude``, the weighted ``value low high``, ``se``, ``n``, ``deff``
        and ``change``, the weighted value less the crude one.
    shares : bool
        Whether the values are shares of answers (else means).
    regime : str
    level : float
    """

    estimates: pd.DataFrame
    shares: bool
    regime: Regime
    level: float

    def table(self) -> PublicationTable:
        """Each outcome: respondents, crude, weighted with its interval, change, design effect."""
        kind, decimals = ("percent", 1) if self.shares else ("number", 2)
        body = self.estimates.copy()
        limits = ("low", "high")
        if self.shares:
            body["low"], body["high"] = 100 * body["low"], 100 * body["high"]
        interval = _("Interval (%)") if self.shares else _("Interval")
        return PublicationTable(
            title=_("Crude and weighted results"),
            body=body,
            columns=(
                Column("n", _("Respondents"), kind="count"),
                Column("crude", _("Crude"), kind=kind, decimals=decimals),  # type: ignore[arg-type]
                Column("value", _("Weighted"), kind=kind, decimals=decimals),  # type: ignore[arg-type]
                Column(limits, interval, kind="interval", decimals=decimals),
                Column("deff", _("Design effect"), decimals=2),
            ),
            bases=pd.DataFrame(dict.fromkeys(("crude", "value", "low", "high"), body["n"]), index=body.index),
            reading=self._reading(self._most_changed()),
            note=regime_note(self.regime),
        )

    def sentence(self) -> str:
        """The outcome that weighting changed most, against its interval."""
        name = self._most_changed()
        row = self.estimates.loc[name]
        if row["low"] <= row["crude"] <= row["high"]:
            verdict = _("The crude value stays within the weighted interval.")
        else:
            verdict = _("The crude value lies outside the weighted interval: weighting matters here.")
        return f"{self._reading(name)} {verdict}"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Weighted values with their intervals, crude values beside them."""
        from optima_research.results.style import MARKERS, palette

        shown = self.estimates[["crude", "value", "low", "high"]] * (100 if self.shares else 1)
        ax, places = rows_axes(ax, list(shown.index), _("Share (%)") if self.shares else _("Mean"))
        dark, light = palette(2)
        ax.hlines(places, shown["low"], shown["high"], color=dark, linewidth=2)
        ax.plot(shown["value"], places, MARKERS[0], color=dark, label=_("Weighted"))
        ax.plot(shown["crude"], places, MARKERS[1], color=light, label=_("Crude"))
        legend_above(ax)
        return ax

    def statistics(self) -> dict[str, Estimate | float]:
        """Weighted estimate and crude value of each outcome."""
        found: dict[str, Estimate | float] = {}
        for name, row in self.estimates.iterrows():
            found[f"{name}.weighted"] = _estimate(row, self.level, str(name))
            found[f"{name}.crude"] = float(row["crude"])
        return found

    def _most_changed(self) -> str:
        return str((self.estimates["change"].abs() / self.estimates["se"]).fillna(0).idxmax())

    def _reading(self, name: str) -> str:
        row = self.estimates.loc[name]
        if self.shares:
            return _(
                "« {name} »: {crude} crude, {weighted} weighted.",
                name=name,
                crude=format_percent(row["crude"]),
                weighted=format_percent(row["value"]),
            )
        return _(
            "« {name} »: {crude} crude, {weighted} weighted.",
            name=name,
            crude=format_number(row["crude"], 2),
            weighted=format_estimate(_estimate(row, self.level, name), 2),
        )


def crude_and_weighted(
    design: SurveyDesign,
    outcomes: str | Sequence[str],
    *,
    regime: Regime | None = None,
    shares: bool = False,
    level: float = 0.95,
) -> CrudeAndWeighted:
    """Unweighted and weighted means (or shares of each answer) side by side.

    Parameters
    ----------
    design : SurveyDesign
    outcomes : str or list of str
        Numbers, or with ``shares=True`` categories.
    regime : {"descriptive", "analytic"}
    shares : bool
        Shares of each category instead of means.
    level : float

    Returns
    -------
    CrudeAndWeighted

    Examples
    --------
    >>> import pandas as pd
    >>> from optima_research.sampling import SurveyDesign, crude_and_weighted
    >>> answers = pd.DataFrame({"score": [2.0, 3, 4, 5], "w": [3, 1, 1, 1]})
    >>> found = crude_and_weighted(SurveyDesign(answers, weights="w"), "score", regime="analytic")
    >>> found.estimates[["crude", "value", "change"]].round(2).loc["score"].to_dict()
    {'crude': 3.5, 'value': 3.0, 'change': -0.5}
    """
    names = [outcomes] if isinstance(outcomes, str) else list(outcomes)
    rows: dict[str, dict[str, float]] = {}
    for name in names:
        label = label_of(design.data, name)
        if not shares:
            rows[label] = _row(design, outcome_of(design, name), label, regime, level, shares=False)
            continue
        for category in domain_codes(design.data, [name])[1]:
            outcome = indicator_of(design, name, category)
            rows[row_label(category, before=label)] = _row(design, outcome, label, regime, level, shares=True)
    chosen: Regime = "descriptive" if regime == "descriptive" else "analytic"
    table = pd.DataFrame.from_dict(rows, orient="index")
    return CrudeAndWeighted(table.astype({"n": "int64"}), shares, chosen, level)


def _row(
    design: SurveyDesign, outcome: Floats, name: str, regime: Regime | None, level: float, *, shares: bool
) -> dict[str, float]:
    linear = linearise_mean(design, outcome, Domains(np.zeros(design.n, dtype=np.int64), None), name)
    found = precision(design, linear, regime)
    if shares:
        low, high = share_interval(linear.values, found, level=level, method="logit")
    else:
        low, high = t_interval(linear.values, found.se, found.df, level)
    estimate = single_estimate(linear, found, low, high, level=level, regime=str(regime))
    crude = float(np.nanmean(outcome)) if found.n[0] else float("nan")
    numbers = {key: getattr(estimate, key) for key in ("value", "low", "high", "se", "n", "deff")}
    return {"crude": crude, **numbers, "change": estimate.value - crude}


def _estimate(row: pd.Series, level: float, name: str) -> Estimate:
    return Estimate(
        float(row["value"]),
        float(row["low"]),
        float(row["high"]),
        level,
        float(row["se"]),
        n=int(row["n"]),
        name=name,
    )
