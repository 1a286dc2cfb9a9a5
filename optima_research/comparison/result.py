"""The result of a comparison of groups: its numbers, table, sentence and figure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

import pandas as pd

from optima_research.comparison import wording
from optima_research.language import _
from optima_research.language.numbers import format_level
from optima_research.results import Column, Estimate, Protect, PublicationTable, Result, Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.coding.quantitative import Invariance


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Result):
    """One outcome compared between groups.

    Parameters
    ----------
    method, reason : str
        What was done and why.
    outcome, by, outcome_label, by_label : str
    n, n_missing : int
        Respondents compared, and left out because the outcome or the group is missing.
    statistic : float
    df : float or (float, float)
        Degrees of freedom; two for an F; NaN where the test has none.
    p_value : float
    effects : dict of Estimate
        Effect sizes with two-sided intervals.
    groups : DataFrame
        One row a group: ``n``, then ``mean sd low high median`` (numeric) or the share of each answer.
    pairs : DataFrame
        ``group1 group2 estimate low high statistic p_value p_adjusted verdict``; differences are first less second.
    verdict : Verdict
    residuals : DataFrame, optional
        Adjusted residuals of a table of counts.
    checks : dict
        Side checks: ``proportional_odds`` (χ², df, p) of the ordinal logit.
    notes : tuple of str
        Sentences for the note of the table.
    comparability : Invariance, optional
        For a scale compared between partners: what its items allow to be compared.
    withheld : int
        Groups hidden by disclosure control: absent from the sentence, the pairs, the figure and the statistics.
    shown : PublicationTable, optional
        The table after disclosure control.
    """

    method: str
    reason: str
    outcome: str
    by: str
    outcome_label: str
    by_label: str
    n: int
    n_missing: int
    statistic: float
    df: float | tuple[float, float]
    p_value: float
    effects: dict[str, Estimate]
    groups: pd.DataFrame
    pairs: pd.DataFrame
    verdict: Verdict
    smallest_effect: float | None = None
    level: float = 0.95
    adjust: str = "holm"
    residuals: pd.DataFrame | None = None
    counts: pd.DataFrame | None = None
    checks: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    withheld: int = 0
    comparability: Invariance | None = None
    shown: PublicationTable | None = None

    @property
    def on_categories(self) -> bool:
        """Whether shares of answers are compared, rather than scores."""
        return self.counts is not None

    def sentence(self) -> str:
        """The finding in words, according to the verdict."""
        return wording.sentence(self)

    def table(self) -> PublicationTable:
        """One row a group; the test, its reason and the family stand in the note."""
        if self.shown is not None:
            return self.shown
        return self._share_table() if self.on_categories else self._score_table()

    def protected(self, protect: Protect) -> Self:
        """The comparison without what a policy hides: a group with a hidden cell is in no sentence, pair or figure."""
        table = protect(self._with_small_groups_merged(protect).table())
        hidden = [] if table.suppressed is None else table.body.index[table.suppressed.any(axis=1)]
        keep = [group for group in self.groups.index if group in table.body.index.difference(hidden)]
        both = self.pairs["group1"].isin(keep) & self.pairs["group2"].isin(keep)
        rest = replace(
            self,
            groups=self.groups.loc[keep],
            pairs=self.pairs[both].reset_index(drop=True),
            counts=None if self.counts is None else self.counts.loc[keep],
            residuals=None if self.residuals is None else self.residuals.loc[keep],
            withheld=len(self.groups) - len(keep),
        )
        return replace(rest, shown=table.with_notes(reading=wording.reading(rest) if keep else ""))

    def _with_small_groups_merged(self, protect: Protect) -> Self:
        """For shares: the groups whose size may not be told, in one line. Half a line of shares tells the other half,
        so such groups are hidden whole, and their sum is what the reader could compute anyway.
        """
        if self.counts is None:
            return self
        sizes = self.counts.sum(axis=1).to_frame("n")
        sizes.loc[_("Together")] = sizes["n"].sum()
        column = Column("n", "n", kind="count")
        shown = protect(
            PublicationTable(self.by_label, sizes, (column,), bases=sizes, totals=(_("Together"),))
        )
        if shown.suppressed is None or not shown.suppressed.to_numpy().any():
            return self
        hidden = [group for group in self.groups.index if shown.suppressed.loc[group, "n"]]
        counts = self.counts.drop(index=hidden)
        counts.loc[_("Hidden groups, together")] = self.counts.loc[hidden].sum()
        groups = counts.div(counts.sum(axis=1), axis=0).assign(n=counts.sum(axis=1))[self.groups.columns]
        return replace(self, counts=counts, groups=groups)

    def pair_table(self) -> PublicationTable:
        """One row a pair of groups."""
        body = self.pairs.assign(verdict=[wording.verdict_word(verdict) for verdict in self.pairs["verdict"]])
        names = body["group1"].astype(str) + " – " + body["group2"].astype(str)
        body = body.set_index(pd.Index(names, name=_("Pair"))).drop(columns=["group1", "group2"])
        sizes = self.groups["n"]
        base = [
            min(sizes[a], sizes[b]) for a, b in zip(self.pairs["group1"], self.pairs["group2"], strict=True)
        ]
        bases = pd.DataFrame(dict.fromkeys(("estimate", "low", "high"), base), index=body.index)
        columns = (
            Column("estimate", wording.pair_heading(self), decimals=2),
            Column(("low", "high"), format_level(self.level), kind="interval"),
            Column("p_adjusted", _("Adjusted p"), kind="p_value"),
            Column("verdict", _("Verdict"), kind="text"),
        )
        return PublicationTable(
            title=_("Pairs of groups: {outcome}", outcome=self.outcome_label),
            body=body,
            columns=columns,
            stub=_("Pair (first less second)"),
            bases=bases,
            scope=wording.scope(self),
            note=wording.pair_note(self),
            name=f"pairs_{self.outcome}_{self.by}",
        )

    def residual_table(self) -> PublicationTable:
        """Adjusted residuals: where the table of counts departs from independence."""
        from optima_research.errors import AnalysisError

        if self.residuals is None or self.counts is None:
            raise AnalysisError(_("Residuals exist for tables of counts only."), hint=_('method="chi2"'))
        return PublicationTable(
            title=_("Adjusted residuals: {outcome} by {by}", outcome=self.outcome_label, by=self.by_label),
            body=self.residuals,
            columns=tuple(Column(name, str(name), decimals=1) for name in self.residuals.columns),
            stub=self.by_label,
            bases=wording.repeated(self.counts.sum(axis=1), self.residuals),
            counts=self.counts,
            scope=wording.scope(self),
            note=_("Beyond ±2, the cell is over- or under-represented; read many cells with caution."),
            name=f"residuals_{self.outcome}_{self.by}",
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Means with their intervals, or adjusted residuals for a table of counts."""
        from optima_research.comparison import figures

        if self.on_categories:
            return figures.residual_mosaic(self, ax)
        return figures.dots(self, ax)

    def statistics(self) -> dict[str, Estimate | float]:
        """The test, the effect sizes and every pair."""
        numbers: dict[str, Estimate | float] = {
            "statistic": self.statistic,
            "p_value": self.p_value,
            **self.effects,
        }
        for row in self.pairs.itertuples():
            name = f"{row.group1} - {row.group2}"
            numbers[name] = Estimate(row.estimate, row.low, row.high, level=self.level, name=name)
        return numbers

    def summary_lines(self) -> list[str]:
        """Sentence, test, reason."""
        missing = _("{n} respondents, {missing} left out (missing).", n=self.n, missing=self.n_missing)
        return [self.sentence(), wording.test_words(self), self.reason, missing]

    def _score_table(self) -> PublicationTable:
        columns = (
            Column("n", "n", kind="count"),
            Column("mean", _("Mean"), decimals=2),
            Column(("low", "high"), format_level(self.level), kind="interval"),
            Column("sd", _("Standard deviation"), decimals=2),
            Column("median", _("Median"), decimals=1),
        )
        return PublicationTable(
            title=_("{outcome} by {by}", outcome=self.outcome_label, by=self.by_label),
            body=self.groups,
            columns=columns,
            stub=self.by_label,
            bases=wording.repeated(self.groups["n"], self.groups),
            reading=wording.reading(self),
            scope=wording.scope(self),
            note=wording.note(self),
            name=f"compare_{self.outcome}_{self.by}",
        )

    def _share_table(self) -> PublicationTable:
        answers = [name for name in self.groups.columns if name != "n"]
        bases = wording.repeated(self.groups["n"], self.groups)
        counts = None if self.counts is None else self.counts.assign(n=self.groups["n"])[self.groups.columns]
        columns = (
            Column("n", "n", kind="count"),
            *(Column(name, str(name), kind="percent", group=self.outcome_label) for name in answers),
        )
        return PublicationTable(
            title=_("{outcome} by {by}", outcome=self.outcome_label, by=self.by_label),
            body=self.groups,
            columns=columns,
            stub=self.by_label,
            bases=bases,
            counts=counts,
            total_columns=("n",),
            reading=wording.reading(self),
            scope=wording.scope(self),
            note=wording.note(self),
            name=f"compare_{self.outcome}_{self.by}",
        )
