"""A result that is a short list of estimates: its table, figure and statistics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.language.numbers import format_level
from optima_research.results import Column, Estimate, PublicationTable, Result, Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class EstimateList(Result):
    """Named estimates with their intervals, printed one a line.

    Parameters
    ----------
    title : str
    estimates : dict of Estimate
        Printed in this order; the name of each is its label.
    scope, note : str
    """

    title: str
    estimates: dict[str, Estimate]
    scope: str
    note: str

    def __getitem__(self, name: str) -> Estimate:
        return self.estimates[name]

    @property
    def verdict(self) -> Verdict:
        """Whether the interval of the first estimate excludes zero."""
        first = next(iter(self.estimates.values()))
        return Verdict.decide(first.low, first.high)

    def table(self) -> PublicationTable:
        """One row an estimate."""
        from optima_research.language import _

        rows = list(self.estimates.values())
        body = pd.DataFrame(
            {"value": [e.value for e in rows], "low": [e.low for e in rows], "high": [e.high for e in rows]},
            index=[e.name or key for key, e in self.estimates.items()],
        )
        bases = pd.DataFrame(
            {name: [float(e.n) if e.n else np.nan for e in rows] for name in body}, index=body.index
        )
        level = rows[0].level
        columns = (
            Column("value", _("Estimate"), decimals=2),
            Column(("low", "high"), format_level(level), kind="interval"),
        )
        return PublicationTable(
            title=self.title, body=body, columns=columns, stub=_("Quantity"), bases=bases, scope=self.scope,
            note=self.note, name=type(self).__name__.lower(),
        )  # fmt: skip

    def plot(self, ax: Axes | None = None) -> Axes:
        """Estimates with their intervals."""
        from optima_research.comparison.figures import interval_dots

        shown = list(self.estimates.items())[::-1]
        return interval_dots(
            ax, labels=[e.name or key for key, e in shown], values=np.array([e.value for _key, e in shown]),
            low=np.array([e.low for _key, e in shown]), high=np.array([e.high for _key, e in shown]),
            axis_label=self.title, reference=0.0,
        )  # fmt: skip

    def statistics(self) -> dict[str, Estimate | float]:
        """The estimates."""
        return dict(self.estimates)
