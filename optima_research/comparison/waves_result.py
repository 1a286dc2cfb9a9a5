"""The result of a change between two waves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.language import _
from optima_research.language.numbers import format_count, format_estimate, format_level, format_number
from optima_research.results import Column, Estimate, PublicationTable, Result, Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class Change(Result):
    """Change of a mean between two waves.

    Parameters
    ----------
    outcome_label : str
    waves : (str, str)
    estimate : Estimate
        Second wave less first, all respondents, overlap and finite population allowed for.
    stayers : Estimate
        Change of the persons seen twice (paired t).
    effects : dict of Estimate
        ``d_z d_av d_rm glass_delta`` of the persons seen twice.
    decomposition : DataFrame
        ``contribution n``; rows ``stayers arrivals departures`` add up to the change.
    composition : DataFrame, optional
        Rows ``within_categories composition`` add up to the change.
    independent_se : float
        Standard error if the waves were two independent samples of an infinite population.
    sizes : (int, int, int)
        Answers at each wave, persons seen twice.
    verdict : Verdict
    """

    outcome_label: str
    waves: tuple[str, str]
    estimate: Estimate
    stayers: Estimate
    effects: dict[str, Estimate]
    decomposition: pd.DataFrame
    composition: pd.DataFrame | None
    independent_se: float
    sizes: tuple[int, int, int]
    verdict: Verdict
    n_missing: int
    finite: bool
    level: float = 0.95
    smallest_effect: float | None = None

    @property
    def n(self) -> int:
        """Persons seen at one wave at least."""
        return self.sizes[0] + self.sizes[1] - self.sizes[2]

    def table(self) -> PublicationTable:
        """The change and its parts."""
        rows = [self.estimate, self.stayers]
        body = pd.DataFrame(
            {"n": [self.n, self.sizes[2]], "change": [row.value for row in rows], "low": [row.low for row in rows],
             "high": [row.high for row in rows]},
            index=[_("All respondents"), _("Persons seen twice")],
        )  # fmt: skip
        names = {
            "arrivals": _("Seen at the second wave only"),
            "departures": _("Seen at the first wave only"),
        }
        extra = self.decomposition.loc[list(names)]
        parts = pd.DataFrame(
            {"n": extra["n"].to_numpy(), "change": extra["contribution"].to_numpy()},
            index=list(names.values()),
        )
        body = pd.concat([body, parts])
        columns = (
            Column("n", _("Persons"), kind="count"),
            Column("change", _("Contribution"), decimals=2),
            Column(("low", "high"), format_level(self.level), kind="interval"),
        )
        bases = pd.DataFrame(dict.fromkeys(("change", "low", "high"), body["n"]))
        return PublicationTable(
            title=_("Change from {first} to {second}: {outcome}", first=self.waves[0], second=self.waves[1],
                    outcome=self.outcome_label),
            body=body, columns=columns, stub=_("Part"), bases=bases, scope=self._scope(), note=self._note(),
            name="change",
        )  # fmt: skip

    def sentence(self) -> str:
        """What can be said of the change, in each of the three cases."""
        values = {
            "outcome": self.outcome_label, "first": self.waves[0], "second": self.waves[1],
            "estimate": format_estimate(self.estimate, 2), "stayers": format_estimate(self.stayers, 2),
        }  # fmt: skip
        if self.verdict is Verdict.EQUIVALENT:
            return _(
                "« {outcome} » did not change from {first} to {second} by as much as what matters: {estimate}.",
                **values,
            )
        if self.verdict is Verdict.DIFFERENT and self.estimate.value > 0:
            return _(
                "« {outcome} » rose from {first} to {second}: {estimate}; among persons seen twice {stayers}.",
                **values,
            )
        if self.verdict is Verdict.DIFFERENT:
            return _(
                "« {outcome} » fell from {first} to {second}: {estimate}; among persons seen twice {stayers}.",
                **values,
            )
        return _(
            "On « {outcome} », these data neither show nor rule out a change from {first} to {second}: "
            "{estimate}; among persons seen twice {stayers}.",
            **values,
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Contributions to the change, stayers first."""
        from optima_research.comparison.figures_change import contributions

        return contributions(self, ax)

    def statistics(self) -> dict[str, Estimate | float]:
        """Change, change of stayers, effect sizes, contributions."""
        parts = {
            f"contribution {name}": float(value) for name, value in self.decomposition["contribution"].items()
        }
        return {"change": self.estimate, "stayers": self.stayers, **self.effects, **parts}

    def _scope(self) -> str:
        return _(
            "{first} and {second} answers, {both} persons seen twice; {missing} answers left out.",
            first=format_count(self.sizes[0]), second=format_count(self.sizes[1]), both=format_count(self.sizes[2]),
            missing=format_count(self.n_missing),
        )  # fmt: skip

    def _note(self) -> str:
        regime = (
            _(
                "Descriptive regime: the interval bears on this very population, overlap of the waves "
                "allowed for."
            )
            if self.finite
            else _("Analytic regime: no finite-population correction; overlap of the waves allowed for.")
        )
        parts = [
            regime,
            _("Persons seen once left, arrived or did not answer the other wave: the data do not say which."),
        ]
        if np.isfinite(self.independent_se) and self.estimate.se > 0:
            parts.append(
                _("Taking the waves as independent samples would give a standard error of {naive} instead of {se}.",
                  naive=format_number(self.independent_se, 3), se=format_number(self.estimate.se, 3))
            )  # fmt: skip
        if self.composition is not None:
            parts.append(
                _("Of the change, {value} comes from who answered (categories), the rest from within categories.",
                  value=format_number(self.composition.loc["composition", "contribution"], 2))
            )  # fmt: skip
        return " ".join(parts)
