"""Who answered: response rates by cell, and how alike the respondents are to the population."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.errors import DesignError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_number, format_percent
from optima_research.results import Column, Estimate, PublicationTable, Result
from optima_research.results.frames import Data
from optima_research.sampling._response_kernels import (
    adjusted_spread,
    partial_spread,
    propensity_spread,
    spread_interval,
)
from optima_research.sampling._rows_figure import legend_above, row_label, rows_axes
from optima_research.sampling._structure import joint_codes
from optima_research.sampling._variance_kernels import Floats
from optima_research.sampling.margins import Totals, match_totals

if TYPE_CHECKING:
    from matplotlib.axes import Axes

REPLICATES = 2000


@dataclass(frozen=True, eq=False, repr=False)
class ResponseByCell(Result):
    """Response rates of the cells of a known population, and the R-indicator.

    Parameters
    ----------
    cells : DataFrame
        One row a cell: ``population respondents rate`` and the shares ``share_population share_respondents``.
    by : tuple of str
    r_indicator : Estimate
        1 − 2 S(ρ): 1 when all cells answer alike; adjusted for the chance spread of rates.
    r_unadjusted : float
    partial : Series
        For each variable, the spread of response rates between its categories (0 to 0.5).
    """

    cells: pd.DataFrame
    by: tuple[str, ...]
    r_indicator: Estimate
    r_unadjusted: float
    partial: pd.Series

    @property
    def n(self) -> int:
        """Respondents."""
        return int(self.cells["respondents"].sum())

    @property
    def population(self) -> float:
        """Size of the population."""
        return float(self.cells["population"].sum())

    @property
    def rate(self) -> float:
        """Overall response rate."""
        return self.n / self.population

    @property
    def largest_bias(self) -> float:
        """Largest bias of an unweighted mean, in standard deviations of the outcome: (1 − R) / 2 / rate."""
        return (1 - self.r_indicator.value) / 2 / self.rate

    def table(self) -> PublicationTable:
        """Each cell: how many, how many answered, the rate, and the shares it makes on both sides."""
        body = self.cells.copy()
        body.index = pd.Index([row_label(label) for label in body.index])
        most = body["respondents"].idxmax()
        return PublicationTable(
            title=_("Response rates"),
            body=body,
            columns=(
                Column("population", _("Population"), kind="count"),
                Column("respondents", _("Respondents"), kind="count"),
                Column("rate", _("Response rate"), kind="percent"),
                Column("share_population", _("Share of the population"), kind="percent"),
                Column("share_respondents", _("Share of the respondents"), kind="percent"),
            ),
            stub=" × ".join(self.by),
            bases=pd.DataFrame(
                {"respondents": body["respondents"], "rate": body["respondents"]}, index=body.index
            ),
            counts=pd.DataFrame({"respondents": body["respondents"]}, index=body.index),
            reading=_(
                "{rate} of « {cell} » answered.", rate=format_percent(body.loc[most, "rate"]), cell=most
            ),
            note=self.sentence(),
        )

    def sentence(self) -> str:
        """Overall rate, R-indicator, and what the respondents' make-up could do to a mean."""
        return _(
            "{n} answers for {population} persons: a response rate of {rate}. R-indicator {indicator} (1: all cells "
            "answer alike); at worst an unweighted mean is off by {bias} standard deviation because of these cells.",
            n=format_count(self.n),
            population=format_count(round(self.population)),
            rate=format_percent(self.rate),
            indicator=str(self.r_indicator),
            bias=format_number(self.largest_bias, 2),
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Response rate of each cell, with the overall rate."""
        from optima_research.results.style import MARKERS, palette

        ax, places = rows_axes(ax, [row_label(label) for label in self.cells.index], _("Response rate (%)"))
        ax.axvline(100 * self.rate, color="0.5", linewidth=1, label=_("Overall rate"))
        ax.plot(100 * self.cells["rate"], places, MARKERS[0], color=palette(1)[0])
        ax.set_xlim(0, 102)
        legend_above(ax)
        return ax

    def statistics(self) -> dict[str, Estimate | float]:
        """Response rate, R-indicator and partial indicators."""
        partial = {f"partial_{name}": float(value) for name, value in self.partial.items()}
        return {"response_rate": self.rate, "r_indicator": self.r_indicator, **partial}


def response_by_cell(
    data: Data, by: str | Sequence[str], population: Totals, *, level: float = 0.95, seed: int = 0
) -> ResponseByCell:
    """Response rates by cell of a population whose sizes are known (sex × category from the social report, say).

    Parameters
    ----------
    data : Survey or DataFrame, one row a respondent
    by : str or list of str
    population : mapping of category → size; tuples for several columns. Cells without a respondent may be given.
    level : float
    seed : int
        Of the parametric bootstrap behind the interval of the R-indicator.

    Returns
    -------
    ResponseByCell

    Raises
    ------
    DesignError
        Missing answers, a cell without a size, a cell with more respondents than members.

    Notes
    -----
    R = 1 − 2 S(ρ), S² the variance of response propensities over the population (Schouten, Cobben and Bethlehem 2009,
    Survey Methodology 35, 101-113), here cell rates. Rates differ by chance alone, so S² is reduced by its exact
    expectation under equal-propensity Bernoulli response within cells; the unadjusted R is kept beside it. Partial
    indicators: standard deviation of the rates between the categories of one variable.

    Examples
    --------
    >>> import pandas as pd
    >>> from optima_research.sampling import response_by_cell
    >>> answers = pd.DataFrame({"sex": ["F"] * 60 + ["M"] * 20})
    >>> found = response_by_cell(answers, "sex", {"F": 100, "M": 60})
    >>> found.rate, found.cells["rate"].round(3).to_dict(), round(found.r_unadjusted, 3)
    (0.5, {'F': 0.6, 'M': 0.333}, 0.741)
    """
    names = [by] if isinstance(by, str) else list(by)
    codes, labels = joint_codes(data, names, role="by")
    index, sizes, place = match_totals(data, names, labels, population)
    counts = np.bincount(place[codes], minlength=len(sizes)).astype(float)
    _refuse_overfull(index, counts, sizes)
    rate, raw = counts / sizes, propensity_spread(counts, sizes)
    spread = adjusted_spread(counts, sizes)
    low, high = spread_interval(counts, sizes, level=level, replicates=REPLICATES, seed=seed)
    cells = pd.DataFrame(
        {
            "population": sizes,
            "respondents": counts.astype(np.int64),
            "rate": rate,
            "share_population": sizes / sizes.sum(),
            "share_respondents": counts / counts.sum(),
        },
        index=index,
    )
    indicator = Estimate(
        1 - 2 * spread, 1 - 2 * high, 1 - 2 * low, level, n=len(codes), name=_("R-indicator")
    )
    return ResponseByCell(cells, tuple(names), indicator, 1 - 2 * raw, _partial(index, counts, sizes, names))


def _partial(index: pd.Index, counts: Floats, sizes: Floats, names: Sequence[str]) -> pd.Series:
    spreads = {}
    for name in names:
        codes, _categories = pd.factorize(index.get_level_values(name))
        spreads[name] = partial_spread(codes, counts, sizes)
    return pd.Series(spreads, name="partial")


def _refuse_overfull(index: pd.Index, counts: Floats, sizes: Floats) -> None:
    over = np.flatnonzero(counts > sizes)
    if not len(over):
        return
    raise DesignError(
        _(
            "« {cell} » has {n} respondents but {size} members.",
            cell=row_label(index[over[0]]),
            n=int(counts[over[0]]),
            size=f"{sizes[over[0]]:g}",
        ),
        parameter="population",
        where=", ".join(row_label(index[place]) for place in over),
        hint=_("Look for duplicated respondents, or bring the frame up to date."),
    )
