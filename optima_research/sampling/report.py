"""What a calibration did to the weights: margins before and after, their range, the design effect, trimming."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.language import _
from optima_research.language.numbers import format_count, format_number, format_percent
from optima_research.results import Column, Estimate, PublicationTable, Result
from optima_research.results.table import Kind
from optima_research.sampling._rows_figure import legend_above, row_label, rows_axes
from optima_research.sampling._variance_kernels import Floats, sums_by
from optima_research.sampling.margins import Margin

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.sampling.design import SurveyDesign


@dataclass(frozen=True, eq=False, repr=False)
class CalibrationReport(Result):
    """Margins and weights before and after a calibration.

    Parameters
    ----------
    margins : DataFrame
        One row a category (index ``margin``, ``category``): respondents ``n``, weighted totals ``before`` and
        ``after``, the known total ``target``.
    ratio_low, ratio_median, ratio_high : float
        Smallest, median and largest ratio of the new weight to the old.
    kish_n_before, kish_n : float
        Effective sample sizes.
    n, n_trimmed : int
        Respondents, and those whose weight was cut.
    method : str
    bounds : (low, high) or None
        Bounds asked for, if any.
    numbers : DataFrame
        One row a calibrated number: weighted mean ``before`` and ``after``, known mean ``target``.
    """

    margins: pd.DataFrame
    ratio_low: float
    ratio_median: float
    ratio_high: float
    kish_n_before: float
    kish_n: float
    n: int
    method: str
    n_trimmed: int = 0
    bounds: tuple[float, float] | None = None
    numbers: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def deff(self) -> float:
        """Kish's design effect of the new weights."""
        return self.n / self.kish_n

    def table(self) -> PublicationTable:
        """Each category with its share before, after and in the population; numbers alone show their means."""
        if self.margins.empty:
            return self._table_of_numbers()
        body = self.margins.copy()
        body.index = pd.Index([row_label(category, before=margin) for margin, category in body.index])
        worst = body["before"].sub(body["after"]).abs().idxmax()
        return PublicationTable(
            title=_("Margins before and after calibration"),
            body=body,
            columns=(Column("n", _("Respondents"), kind="count"), *_before_after("percent", None)),
            stub=_("Category"),
            bases=pd.DataFrame({"n": body["n"]}, index=body.index),
            reading=_(
                "« {category} » weighs {before} before calibration and {after} after.",
                category=worst,
                before=format_percent(body.loc[worst, "before"]),
                after=format_percent(body.loc[worst, "after"]),
            ),
            note=self.sentence(),
        )

    def _table_of_numbers(self) -> PublicationTable:
        return PublicationTable(
            title=_("Means before and after calibration"),
            body=self.numbers,
            columns=_before_after("number", 2),
            stub=_("Variable"),
            note=self.sentence(),
        )

    def sentence(self) -> str:
        """Range of the adjustment and what it costs in precision."""
        text = _(
            "Calibration by {method}: weights multiplied by {low} to {high}; {n} respondents are worth {kish} of equal "
            "weight (design effect {deff}).",
            method=_method(self.method),
            low=format_number(self.ratio_low, 2),
            high=format_number(self.ratio_high, 2),
            n=format_count(self.n),
            kish=format_count(round(self.kish_n)),
            deff=format_number(self.deff, 2),
        )
        if self.bounds is None:
            return text
        cut = _("{n} weights were cut, then the margins reached again.", n=format_count(self.n_trimmed))
        return f"{text} {cut}"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Each category's share before calibration, joined to its share in the population."""
        from optima_research.results.style import MARKERS, palette

        if self.margins.empty:
            return super().plot(ax)
        shares = self.margins[["before", "target"]].to_numpy() * 100
        labels = [row_label(category, before=margin) for margin, category in self.margins.index]
        ax, places = rows_axes(ax, labels, _("Weighted share (%)"))
        dark, light = palette(2)
        ax.hlines(places, shares.min(axis=1), shares.max(axis=1), color="0.6", linewidth=1)
        ax.plot(shares[:, 0], places, MARKERS[0], color=light, label=_("Before"))
        ax.plot(shares[:, 1], places, MARKERS[1], color=dark, label=_("Population"))
        legend_above(ax)
        return ax

    def statistics(self) -> dict[str, Estimate | float]:
        """Effective sample size, design effect and range of the adjustment."""
        return {
            "kish_n": self.kish_n,
            "deff": self.deff,
            "ratio_low": self.ratio_low,
            "ratio_high": self.ratio_high,
            "n_trimmed": float(self.n_trimmed),
        }


def calibration_report(
    design: SurveyDesign,
    weights: Floats,
    margins: Sequence[Margin],
    *,
    method: str,
    trimmed: int = 0,
    bounds: tuple[float, float] | None = None,
    numbers: pd.DataFrame | None = None,
) -> CalibrationReport:
    """Compare a design's weights with the calibrated ones, margin by margin."""
    before = design.weight_array
    tables = {margin.name: _margin_table(margin, before, weights) for margin in margins}
    ratio = weights[before > 0] / before[before > 0]
    low, median, high = np.quantile(ratio, [0, 0.5, 1])
    return CalibrationReport(
        margins=pd.concat(tables, names=["margin", "category"]) if tables else pd.DataFrame(),
        ratio_low=float(low),
        ratio_median=float(median),
        ratio_high=float(high),
        kish_n_before=design.kish_n,
        kish_n=float(weights.sum() ** 2 / (weights**2).sum()),
        n=design.n,
        method=method,
        n_trimmed=trimmed,
        bounds=bounds,
        numbers=pd.DataFrame() if numbers is None else numbers,
    )


def _margin_table(margin: Margin, before: Floats, after: Floats) -> pd.DataFrame:
    labels = [row_label(label) for label in margin.labels]
    size = len(labels)
    shares = [sums_by(margin.codes, weights, size) / weights.sum() for weights in (before, after)]
    counts = np.bincount(margin.codes, minlength=size)
    columns = {
        "n": counts,
        "before": shares[0],
        "after": shares[1],
        "target": margin.totals / margin.totals.sum(),
    }
    return pd.DataFrame(columns, index=labels)


def _before_after(kind: Kind, decimals: int | None) -> tuple[Column, ...]:
    headings = {"before": _("Before"), "after": _("After"), "target": _("Population")}
    return tuple(Column(source, label, kind=kind, decimals=decimals) for source, label in headings.items())


def _method(method: str) -> str:
    return {
        "raking": _("raking"),
        "post-stratification": _("post-stratification"),
        "linear": _("linear calibration"),
        "logit": _("logit calibration"),
    }[method]
