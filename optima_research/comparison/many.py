"""Many outcomes compared between the same groups: one table, one declared family."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from optima_research.comparison.choice import Method, is_table_method, require_method
from optima_research.comparison.grouped import summarise
from optima_research.comparison.groups import compare, compare_counts, compare_scores
from optima_research.comparison.multiplicity import Adjustment, adjust_p_values, require_adjustment
from optima_research.comparison.result import Comparison
from optima_research.comparison.shown import whole_rows
from optima_research.comparison.wording import HEADLINE_EFFECTS, method_name
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_level
from optima_research.results import Column, Estimate, Protect, PublicationTable, Result, Verdict
from optima_research.results.frames import Data, categories, label_of, measure_of, numeric, require
from optima_research.tally import Tally

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.sampling import SurveyDesign
    from optima_research.sampling.regime import Regime


@dataclass(frozen=True, eq=False, repr=False)
class ComparisonSet(Result):
    """Several outcomes compared between the same groups.

    Parameters
    ----------
    comparisons : dict
        Outcome → :class:`Comparison`.
    summary : DataFrame
        One row an outcome: ``label method n n_missing statistic p_value p_adjusted effect_name effect low high
        verdict``; the verdict follows the adjusted p-value, or the equivalence of every pair.
    by_label : str
    adjust : str
    """

    comparisons: dict[str, Comparison]
    summary: pd.DataFrame
    by_label: str
    adjust: str
    level: float = 0.95
    shown: PublicationTable | None = None

    def __getitem__(self, outcome: str) -> Comparison:
        return self.comparisons[outcome]

    def protected(self, protect: Protect) -> Self:
        """The comparisons a policy lets be shown; outcomes whose line is hidden are in no figure or statistic."""
        table = protect(self.table())
        kept = self.summary["label"].isin(whole_rows(table))
        found = {name: c.protected(protect) for name, c in self.comparisons.items() if kept[name]}
        return replace(self, comparisons=found, summary=self.summary[kept], shown=table)

    def table(self) -> PublicationTable:
        """One row an outcome."""
        if self.shown is not None:
            return self.shown
        body = self.summary.assign(
            method=[method_name(method) for method in self.summary["method"]],
            verdict=[Verdict(verdict).label for verdict in self.summary["verdict"]],
        ).set_index("label")
        smallest = [int(c.groups["n"].min()) for c in self.comparisons.values()]
        bases = pd.DataFrame(
            dict.fromkeys(("effect", "low", "high", "statistic"), smallest), index=body.index
        )
        columns = (
            Column("n", "n", kind="count"),
            Column("method", _("Method"), kind="text"),
            Column("effect_name", _("Effect size"), kind="text"),
            Column("effect", _("Value"), decimals=2),
            Column(("low", "high"), format_level(self.level), kind="interval"),
            Column("p_adjusted", _("Adjusted p"), kind="p_value"),
            Column("verdict", _("Verdict"), kind="text"),
        )
        return PublicationTable(
            title=_("{n} outcomes by {by}", n=len(body), by=self.by_label), body=body, columns=columns,
            stub=_("Outcome"), bases=bases, scope=_("Respondents with an answer to each outcome and a known group."),
            note=self._note(), name="compare_many",
        )  # fmt: skip

    def sentence(self) -> str:
        """How many outcomes differ, are equivalent, stay open."""
        count = self.summary["verdict"].value_counts()
        return _(
            "Of {n} outcomes compared by « {by} », {different} differ, {equivalent} are equivalent and "
            "{open} remain inconclusive.",
            n=format_count(len(self.summary)), by=self.by_label, different=int(count.get(Verdict.DIFFERENT, 0)),
            equivalent=int(count.get(Verdict.EQUIVALENT, 0)), open=int(count.get(Verdict.INCONCLUSIVE, 0)),
        )  # fmt: skip

    def plot(self, ax: Axes | None = None) -> Axes:
        """Effect sizes with their intervals."""
        from optima_research.comparison.figures import interval_dots

        shown = self.summary.iloc[::-1]
        return interval_dots(
            ax,
            labels=[str(label) for label in shown["label"]],
            values=shown["effect"].to_numpy(float),
            low=shown["low"].to_numpy(float),
            high=shown["high"].to_numpy(float),
            axis_label=" / ".join(dict.fromkeys(name for name in shown["effect_name"] if name)),
            reference=0.0,
        )

    def statistics(self) -> dict[str, Estimate | float]:
        """Effect size and adjusted p of each outcome."""
        numbers: dict[str, Estimate | float] = {}
        for row in self.summary.itertuples():
            numbers[str(row.Index)] = Estimate(
                row.effect, row.low, row.high, level=self.level, n=row.n, name=row.effect_name
            )
            numbers[f"{row.Index} p_adjusted"] = float(row.p_adjusted)
        return numbers

    def _note(self) -> str:
        names = {
            "holm": _("Holm's adjustment"),
            "bonferroni": _("Bonferroni's adjustment"),
            "bh": _("Benjamini–Hochberg's adjustment (share of false discoveries)"),
            "none": _("no adjustment"),
        }
        family = _(
            "Family: the {n} outcomes of this table; {adjustment}.",
            n=len(self.summary),
            adjustment=names[self.adjust],
        )
        reasons = dict.fromkeys(comparison.reason for comparison in self.comparisons.values())
        notes = dict.fromkeys(note for c in self.comparisons.values() for note in c.notes)
        return " ".join([family, *reasons, *notes])


def compare_many(
    data: Data,
    outcomes: Sequence[str],
    by: str,
    *,
    method: Method = "auto",
    design: SurveyDesign | None = None,
    regime: Regime | None = None,
    smallest_effect: float | None = None,
    adjust: Adjustment = "holm",
    level: float = 0.95,
) -> ComparisonSet:
    """Compare several outcomes between the same groups, as one declared family.

    Parameters
    ----------
    data : Survey or DataFrame, one row a respondent
    outcomes : list of str
    by : str
    method, design, regime, smallest_effect, level : as in :func:`compare`
    adjust : {"holm", "bh", "bonferroni", "none"}
        Of the overall p-values, over all outcomes ("bh" for screening); within each outcome, pairs use "holm".

    Returns
    -------
    ComparisonSet
        ``summary`` (one row an outcome) and each comparison by name.

    Examples
    --------
    >>> import pandas as pd
    >>> x, y = [1.0, 2, 1, 2, 1, 4, 5, 4, 5, 4], [1.0, 2, 3, 4, 5] * 2
    >>> data = pd.DataFrame({"g": ["a"] * 5 + ["b"] * 5, "x": x, "y": y})
    >>> compare_many(data, ["x", "y"], "g").summary["verdict"].tolist()
    ['different', 'inconclusive']
    """
    outcomes = [outcomes] if isinstance(outcomes, str) else list(dict.fromkeys(outcomes))
    require_method(method)
    require_adjustment(adjust)
    if not outcomes:
        raise AnalysisError(_("Name at least one outcome."), parameter="outcomes")
    require(data, [*outcomes, by])
    options: dict[str, Any] = {"smallest_effect": smallest_effect, "adjust": "holm", "level": level}
    if design is not None:
        found = {
            name: compare(data, name, by, method=method, design=design, regime=regime, **options)
            for name in outcomes
        }
    else:
        found = _each(data, outcomes, by, method, options)
    return ComparisonSet(found, _summary(found, adjust, level), label_of(data, by), adjust, level)


def _each(
    data: Data, outcomes: Sequence[str], by: str, method: str, options: dict[str, Any]
) -> dict[str, Comparison]:
    """Groups are coded once for all outcomes."""
    groups = categories(data, by)
    codes, labels = np.asarray(groups.cat.codes).astype(np.int64), tuple(map(str, groups.cat.categories))
    found = {}
    for name in outcomes:
        measure = measure_of(data, name)
        if is_table_method(method, measure):
            found[name] = compare_counts(data, Tally.of(data, [by, name]), method, options)
        else:
            grouped = summarise(codes, labels, numeric(data, name).to_numpy(), outcome=name, by=by)
            found[name] = compare_scores(data, grouped, name, by, measure, method, options)
    return found


def _summary(found: dict[str, Comparison], adjust: Adjustment, level: float) -> pd.DataFrame:
    rows = []
    for comparison in found.values():
        headline = next((name for name in HEADLINE_EFFECTS if name in comparison.effects), "")
        effect = comparison.effects.get(headline, Estimate(float("nan")))
        rows.append(
            {
                "label": comparison.outcome_label, "method": comparison.method, "n": comparison.n,
                "n_missing": comparison.n_missing, "statistic": comparison.statistic, "p_value": comparison.p_value,
                "effect_name": effect.name, "effect": effect.value, "low": effect.low, "high": effect.high,
            }
        )  # fmt: skip
    summary = pd.DataFrame(rows, index=pd.Index(found, name="outcome"))
    summary.insert(6, "p_adjusted", adjust_p_values(summary["p_value"], method=adjust))
    summary["verdict"] = [
        Verdict.EQUIVALENT if comparison.verdict is Verdict.EQUIVALENT
        else Verdict.DIFFERENT if p < 1 - level else Verdict.INCONCLUSIVE
        for comparison, p in zip(found.values(), summary["p_adjusted"], strict=True)
    ]  # fmt: skip
    return summary
