"""Measurement invariance between groups: may they be compared, on what, and what would change if not?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.coding.quantitative import _invariance_words as words
from optima_research.coding.quantitative._cfa_spec import Part
from optima_research.coding.quantitative._ladder import climb
from optima_research.coding.quantitative._ladder_tables import (
    FitTable,
    freed_table,
    impact,
    item_test_table,
    latent_means,
    step_table,
)
from optima_research.coding.quantitative.cfa import Estimator
from optima_research.coding.quantitative.comparable import (
    CFI_DROP,
    Comparable,
    decide,
    worst_bias,
)
from optima_research.coding.quantitative.items import require_choice
from optima_research.coding.quantitative.measurement_model import Model, ModelData, read_model
from optima_research.errors import ScaleError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_number
from optima_research.results import Column, Estimate, PublicationTable, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.results.frames import Data

MEASURES = ["chi2", "df", "p", "cfi", "tli", "rmsea", "srmr"]


def invariance(
    data: Data,
    model: Model,
    by: str,
    *,
    free: Mapping[Part, Sequence[str]] | None = None,
    search: bool = False,
    estimator: Estimator = "ml",
    smallest_effect: float | None = None,
    level: float = 0.95,
) -> Invariance:
    """Does the scale measure the same thing, in the same unit and from the same zero, in every group?

    Parameters
    ----------
    data : DataFrame or Survey
        One row a respondent; rows with a missing item or group are left out and counted.
    model : mapping
        Factor -> items.
    by : str
        Column of the groups (partners, waves); the first one is the reference of the latent means.
    free : mapping, optional
        ``{"loadings": [...], "intercepts": [...], "residuals": [...]}``: items not held equal (partial invariance).
    search : bool
        Free the items that do not hold, one by one, by score tests (Holm, 5 %), keeping at least two invariant items
        and half of them a factor; the rows ``metric_partial`` and ``scalar_partial`` are then added where needed.
    estimator : {"ml", "mlr"}
    smallest_effect : float, optional
        Smallest difference of interest, in points of the scale: means are then comparable only if the items that are
        not invariant move no comparison of two groups by that much.
    level : float
        Of the intervals of the latent means.

    Returns
    -------
    Invariance
        ``table`` (index ``configural metric scalar strict``; columns ``chi2 df p cfi tli rmsea srmr``; called,
        ``table()`` is the publication table), ``comparable``, ``steps`` (differences and decisions), ``tests`` (score
        test of each item), ``freed``, ``latent_means``, ``impact`` (bias of each group's mean score, in points, and
        ranks), ``groups``, ``n``, ``n_missing``, ``heywood``.

    Raises
    ------
    ScaleError
        A group with fewer respondents than parameters, a constant item in a group, a model that does not converge.

    Notes
    -----
    Unit factor variances (first group), latent means 0 in the first group once intercepts are equal. A step fails
    when cfi loses more than 0.010 or rmsea gains more than 0.015 (Chen 2007) *and* the chi2 of the difference is
    significant at 5 %: with small groups the indices alone cry wolf one time in three. Metric invariance allows
    relations to be compared, scalar invariance means; a configural model under cfi 0.90, or above rmsea 0.10 or srmr
    0.08, that chi2 rejects as well, allows nothing. Under 100 respondents a group the sentence says that power is low.
    Agrees with lavaan 0.6-14 (ML and MLR, partial models, score tests) to 1e-5: ``tests/reference/invariance.R``.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> answers = pd.DataFrame(rng.standard_normal((400, 1)) + rng.standard_normal((400, 4)), columns=list("abcd"))
    >>> answers["partenaire"] = np.repeat(["Pau", "Lescar"], 200)
    >>> result = invariance(answers, {"climat": list("abcd")}, "partenaire")
    >>> int(result.table.loc["scalar", "df"]), str(result.comparable)
    (10, 'means')
    """
    read = read_model(data, model, by).checked()
    return judged(read, by, free, search, estimator, smallest_effect, level)


@dataclass(frozen=True, eq=False, repr=False)
class Invariance(Result):
    """The ladder of measurement invariance and what it allows; see :func:`invariance`."""

    by: str
    n: int
    n_missing: int
    groups: pd.Series
    left_out: tuple[tuple[str, int], ...]
    steps: pd.DataFrame
    tests: pd.DataFrame
    freed: pd.DataFrame
    latent_means: pd.DataFrame
    impact: pd.DataFrame
    comparable: Comparable
    heywood: tuple[tuple[str, str], ...]
    estimator: Estimator
    smallest_effect: float | None

    @property
    def table(self) -> FitTable:
        """Fit measures, one row a step; called, the publication table."""
        frame = FitTable(self.steps[MEASURES].copy())
        frame["df"] = frame["df"].astype(int)
        frame.publication = self._publication
        return frame

    @property
    def worst_bias(self) -> float:
        """Largest shift of a comparison between two groups by the items that are not invariant, in points."""
        return worst_bias(self.impact)

    def sentence(self) -> str:
        """What may be compared, why, and what it costs to ignore the items that do not hold."""
        parts = [words.verdict(self), words.freed_items(self), words.cautions(self)]
        return " ".join(part for part in parts if part)

    def summary_lines(self) -> list[str]:
        """The sentence, then one line a step."""
        lines = [self.sentence()]
        for name, row in self.steps.iterrows():
            lines.append(
                f"{words.STEP_LABELS[str(name)]()} : "
                + _(
                    "chi2({df}) = {chi2}, CFI {cfi}, RMSEA {rmsea}, SRMR {srmr}",
                    df=format_count(row["df"]),
                    chi2=format_number(row["chi2"], 1),
                    cfi=format_number(row["cfi"], 3),
                    rmsea=format_number(row["rmsea"], 3),
                    srmr=format_number(row["srmr"], 3),
                )
            )
        return lines

    def statistics(self) -> dict[str, Estimate | float]:
        """Fit of each step and the worst bias."""
        found: dict[str, Estimate | float] = {"worst_bias": self.worst_bias}
        for name, row in self.steps.iterrows():
            found.update({f"{name}_{measure}": float(row[measure]) for measure in MEASURES})
        return found

    def plot(self, ax: Axes | None = None) -> Axes:
        """Mean score of each group as observed, and once the items that do not hold are allowed for."""
        from optima_research.results import style

        shown = self.impact[::-1]
        ax = style.axes(ax, rows=len(shown))
        place = np.arange(len(shown))
        colours = style.palette(2)
        ax.hlines(place, shown["mean"], shown["adjusted"], color=style.GRID, linewidth=2)
        ax.plot(shown["mean"], place, "o", color=colours[0], label=_("observed"))
        ax.plot(
            shown["adjusted"], place, "s", color=colours[1], label=_("items that do not hold allowed for")
        )
        several = len(self.impact.index.unique("factor")) > 1
        ax.set_yticks(
            place, [f"{group} ({factor})" if several else str(group) for factor, group in shown.index]
        )
        ax.set_xlabel(_("Mean score, in points"))
        ax.legend(frameon=False, fontsize=8)
        style.decimal_axis(ax)
        return ax

    def _publication(self) -> PublicationTable:
        body = self.steps.set_axis([words.STEP_LABELS[str(name)]() for name in self.steps.index])
        metric = self.steps.loc["metric"]
        return PublicationTable(
            title=_("Measurement invariance by {by}", by=self.by),
            body=body,
            columns=(
                Column("chi2", _("chi2"), decimals=1),
                Column("df", _("df"), kind="count"),
                Column("p", _("p-value"), kind="p_value"),
                Column("cfi", "CFI", decimals=3),
                Column("tli", "TLI", decimals=3),
                Column("rmsea", "RMSEA", decimals=3),
                Column("srmr", "SRMR", decimals=3),
                Column("delta_cfi", _("Change of CFI"), decimals=3),
                Column("delta_rmsea", _("Change of RMSEA"), decimals=3),
            ),
            stub=_("Model"),
            bases=pd.DataFrame(self.n, index=body.index, columns=[*MEASURES, "delta_cfi", "delta_rmsea"]),
            reading=_(
                "equal loadings change the CFI by {change}; a loss of more than {limit} would count against them.",
                change=format_number(metric["delta_cfi"], 3),
                limit=format_number(CFI_DROP, 3),
            ),
            scope=_(
                "{n} respondents of {groups} groups who answered every item ({dropped} left out).",
                n=format_count(self.n),
                groups=len(self.groups),
                dropped=format_count(self.n_missing),
            ),
            note=self.sentence(),
            name="invariance",
        )


def judged(
    read: ModelData,
    by: str,
    free: Mapping[Part, Sequence[str]] | None,
    search: bool,
    estimator: Estimator,
    smallest_effect: float | None,
    level: float,
) -> Invariance:
    """The result for data already read, with items freed by the author or by the search."""
    require_choice("estimator", estimator, Estimator)
    ladder = climb(read, freed=_freed(read, free), search=search, robust=estimator == "mlr")
    steps = step_table(ladder)
    shifts = impact(ladder)
    return Invariance(
        by=by,
        n=read.n,
        n_missing=read.n_missing,
        groups=pd.Series([len(rows) for rows in read.rows], index=pd.Index(read.groups, name=by), name="n"),
        left_out=read.left_out,
        steps=steps,
        tests=item_test_table(ladder, ladder.tests),
        freed=freed_table(ladder),
        latent_means=latent_means(ladder, level),
        impact=shifts,
        comparable=decide(steps, shifts, smallest_effect),
        heywood=read.heywood(ladder.steps["configural"].fitted),
        estimator=estimator,
        smallest_effect=smallest_effect,
    )


def _freed(read: ModelData, free: Mapping[Part, Sequence[str]] | None) -> frozenset[tuple[Part, int]]:
    found: set[tuple[Part, int]] = set()
    for part, items in (free or {}).items():
        strangers = [item for item in items if item not in read.items]
        if part not in ("loadings", "intercepts", "residuals") or strangers:
            raise ScaleError(
                _("Nothing of that name can be freed: {names}.", names=", ".join(strangers) or str(part)),
                parameter="free",
                expected="loadings, intercepts, residuals",
            )
        found |= {(part, read.items.index(item)) for item in items}
    for factor, members in zip(read.factors, read.members, strict=True):
        for part in ("loadings", "intercepts"):
            if all((part, item) in found for item in members):
                raise ScaleError(
                    _("Every item of « {factor} » is freed: nothing is left to compare.", factor=factor),
                    parameter="free",
                    hint=_("Keep at least two items equal over groups."),
                )
    return frozenset(found)
