"""Two questions crossed: shares by row or column, with the counts disclosure control needs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Self, TypeAlias

import numpy as np
import pandas as pd

from optima_research.comparison.groups import compare, compare_counts
from optima_research.comparison.result import Comparison
from optima_research.comparison.shown import whole_rows
from optima_research.comparison.wording import answer_names, test_words
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_estimate, format_percent
from optima_research.results import Column, Estimate, Protect, PublicationTable, Result
from optima_research.results.frames import Data, label_of
from optima_research.tally import Tally

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.sampling import SurveyDesign
    from optima_research.sampling.regime import Regime

Percent: TypeAlias = Literal["row", "column", "total"]


@dataclass(frozen=True, eq=False, repr=False)
class Crosstab(Result):
    """Two questions crossed.

    Parameters
    ----------
    row, column, row_label, column_label : str
    counts : DataFrame
        Respondents (unweighted), rows × columns.
    weighted : DataFrame
        Sums of weights; equal to ``counts`` without weights.
    percent : {"row", "column", "total"}
        What 100 % is.
    n, n_missing : int
    comparison : Comparison, optional
        The test and effect sizes; absent when one of the questions does not vary, or with weights and no design.
    """

    row: str
    column: str
    row_label: str
    column_label: str
    counts: pd.DataFrame
    weighted: pd.DataFrame
    percent: Percent
    n: int
    n_missing: int
    comparison: Comparison | None = None
    weighting: str = ""
    shown: PublicationTable | None = None

    @property
    def shares(self) -> pd.DataFrame:
        """Shares (weighted where there are weights), between 0 and 1, in the direction of ``percent``."""
        return _shares(self.weighted, self.percent)

    @property
    def statistic(self) -> float:
        """Test statistic, NaN without a test."""
        return float("nan") if self.comparison is None else self.comparison.statistic

    @property
    def p_value(self) -> float:
        """P-value, NaN without a test."""
        return float("nan") if self.comparison is None else self.comparison.p_value

    @property
    def effects(self) -> dict[str, Estimate]:
        """Effect sizes of the test."""
        return {} if self.comparison is None else self.comparison.effects

    @property
    def residuals(self) -> pd.DataFrame | None:
        """Adjusted residuals, where there is a test on counts."""
        return None if self.comparison is None else self.comparison.residuals

    def table(self) -> PublicationTable:
        """Shares with their total, bases and counts."""
        if self.shown is not None:
            return self.shown
        total = _("Total")
        counts, weighted = (
            _with_total(self.counts, total, self.percent),
            _with_total(self.weighted, total, self.percent),
        )
        body = _shares(weighted, self.percent, total)
        columns = [Column(name, str(name), kind="percent", group=self.column_label) for name in body.columns]
        bases = pd.DataFrame(
            _denominators(counts, self.percent, total), index=body.index, columns=body.columns
        )
        if self.percent != "column":
            body = body.assign(n=counts[total] if total in counts else counts.sum(axis=1))
            counts, bases = counts.assign(n=body["n"]), bases.assign(n=body["n"])
            columns.append(Column("n", "n", kind="count"))
        return PublicationTable(
            title=_("{outcome} by {by}", outcome=self.column_label, by=self.row_label),
            body=body,
            columns=tuple(columns),
            stub=self.row_label,
            bases=bases,
            counts=counts.reindex(columns=body.columns),
            totals=(total,),
            total_columns=(total,) if total in body else (),
            reading=self._reading(),
            scope=_(
                "{n} respondents who answered both questions; {missing} left out.",
                n=format_count(self.n),
                missing=format_count(self.n_missing),
            ),
            note=self._note(),
            name=f"crosstab_{self.row}_{self.column}",
        )

    def protected(self, protect: Protect) -> Self:
        """The cross-table a policy lets be shown: a row with a hidden cell is in no figure or statistic."""
        table = protect(self.table())
        kept = [row for row in self.counts.index if row in whole_rows(table)]
        comparison = None if self.comparison is None else self.comparison.protected(protect)
        rest = replace(
            self, counts=self.counts.loc[kept], weighted=self.weighted.loc[kept], comparison=comparison
        )
        return replace(rest, shown=table.with_notes(reading=rest._reading() if kept else ""))

    def sentence(self) -> str:
        """Whether the two questions go together, by the test."""
        values = {"row": self.row_label, "column": self.column_label}
        if self.comparison is None:
            return _("« {column} » crossed with « {row} », without a test.", **values)
        v = self.effects.get("cramers_v_corrected")
        strength = "" if v is None else f" ; {v.name} = {format_estimate(v, 2)}"
        evidence = f"({test_words(self.comparison)}{strength})."
        if self.comparison.p_value < 1 - self.comparison.level:
            return _("« {column} » and « {row} » are linked", **values) + f" {evidence}"
        return (
            _("These data show no link between « {column} » and « {row} », nor rule one out", **values)
            + f" {evidence}"
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Mosaic of the adjusted residuals; the shares alone where no test was made."""
        if self.comparison is None or self.residuals is None:
            from optima_research.comparison.figures import marked_dots

            return marked_dots(100 * self.shares, ax, axis_label=_("Share, in %"))
        return self.comparison.plot(ax)

    def statistics(self) -> dict[str, Estimate | float]:
        """The test, the effect sizes, every share."""
        shares = {
            f"{r} × {c}": float(self.shares.loc[r, c]) for r in self.shares.index for c in self.shares.columns
        }
        return {"statistic": self.statistic, "p_value": self.p_value, **self.effects, **shares}

    def _reading(self) -> str:
        row, column = self.shares.index[0], self.shares.columns[0]
        values = {"share": format_percent(self.shares.iloc[0, 0]), "row": row, "column": column}
        if self.percent == "row":
            return _("Of respondents in « {row} », {share} are in « {column} ».", **values)
        if self.percent == "column":
            return _("Of respondents in « {column} », {share} are in « {row} ».", **values)
        return _("{share} of all respondents are in both « {row} » and « {column} ».", **values)

    def _note(self) -> str:
        parts = [self.weighting] if self.weighting else []
        if self.comparison is not None:
            words = test_words(self.comparison)
            effects = " ; ".join(f"{e.name} = {format_estimate(e, 2)}" for e in self.effects.values())
            parts += [
                f"{words[:1].upper()}{words[1:]}.",
                self.comparison.reason,
                f"{effects}." if effects else "",
            ]
            parts += list(self.comparison.notes)
        return " ".join(part for part in parts if part)


def crosstab(
    data: Data,
    row: str,
    column: str,
    *,
    percent: Percent = "row",
    weights: str | None = None,
    design: SurveyDesign | None = None,
    regime: Regime | None = None,
    level: float = 0.95,
) -> Crosstab:
    """Cross two questions: shares, unweighted bases, test and effect sizes.

    Parameters
    ----------
    data : Survey or DataFrame, one row a respondent
    row, column : str
    percent : {"row", "column", "total"}
    weights : str, optional
        Column of weights for the shares; no test is then made (weights alone do not tell how precise they are).
    design, regime : optional
        Sampling design: weighted shares and Rao–Scott's test.
    level : float

    Returns
    -------
    Crosstab

    Notes
    -----
    The test is that of :func:`compare` on categories: χ², or Fisher's exact test when expected counts are small.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"sexe": ["F", "F", "H", "H"], "avis": ["oui", "oui", "oui", "non"]})
    >>> crosstab(data, "sexe", "avis").shares.loc["H", "oui"]
    np.float64(0.5)
    """
    if row == column:
        raise AnalysisError(_("A question cannot be crossed with itself."), parameter="column", got=column)
    weighting: str | pd.Series | None = weights
    note = "" if weights is None else _("Shares weighted by « {name} »; counts are not.", name=weights)
    if design is not None:
        weighting, note = design.weights, design.note(regime)
    tally = Tally.of(data, [row, column], weights=weighting)
    if tally.n == 0:
        raise AnalysisError(_("Nobody answered both questions."), where=f"{row} × {column}")
    counts, weighted = (_named(tally.frame(weighted=weighted)) for weighted in (False, True))
    comparison = None
    if design is not None:
        comparison = compare(data, column, row, method="chi2", design=design, regime=regime, level=level)
    elif weights is None and (counts.sum(axis=0) > 0).sum() > 1 and (counts.sum(axis=1) > 0).sum() > 1:
        comparison = compare_counts(
            data, tally, "auto", {"smallest_effect": None, "adjust": "holm", "level": level}
        )
    return Crosstab(
        row, column, label_of(data, row), label_of(data, column), counts.astype(int),
        weighted, percent, tally.n, tally.n_missing, comparison, note,
    )  # fmt: skip


def _named(table: pd.DataFrame) -> pd.DataFrame:
    return table.rename(index=str).set_axis(answer_names(tuple(map(str, table.columns))), axis=1)


def _with_total(table: pd.DataFrame, total: str, percent: Percent) -> pd.DataFrame:
    wide = pd.concat([table, table.sum().to_frame(total).T])
    return wide.assign(**{total: wide.sum(axis=1)}) if percent != "row" else wide


def _shares(table: pd.DataFrame, percent: Percent, total: str | None = None) -> pd.DataFrame:
    with np.errstate(invalid="ignore", divide="ignore"):
        return pd.DataFrame(
            table.to_numpy(float) / _denominators(table, percent, total),
            index=table.index,
            columns=table.columns,
        )


def _denominators(table: pd.DataFrame, percent: Percent, total: str | None) -> np.ndarray:
    rows = [label for label in table.index if label != total]
    columns = [label for label in table.columns if label != total]
    if percent == "row":
        return np.repeat(table[columns].sum(axis=1).to_numpy(float)[:, None], table.shape[1], axis=1)
    if percent == "column":
        return np.repeat(table.loc[rows].sum(axis=0).to_numpy(float)[None, :], table.shape[0], axis=0)
    return np.full(table.shape, float(table.loc[rows, columns].to_numpy().sum()))
