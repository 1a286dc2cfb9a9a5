"""Equivalence shown, not inferred from a lack of significance: two one-sided tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.comparison._mean_kernels import Floats, welch_differences
from optima_research.comparison.grouped import group_outcome
from optima_research.comparison.multiplicity import Adjustment, adjust_p_values, require_adjustment
from optima_research.comparison.pairs import every_pair
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import (
    format_count,
    format_estimate,
    format_level,
    format_number,
    format_p,
)
from optima_research.results import Column, Estimate, PublicationTable, Result, Verdict
from optima_research.results.frames import Data, label_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class Equivalence(Result):
    """Two one-sided tests on a difference of means.

    Parameters
    ----------
    outcome_label, by_label : str
    bound : (float, float)
        Limits of equivalence, in points of the scale, fixed in advance.
    difference : Estimate
        First group less second, with the 1 − 2α interval that decides (90 % at 5 %); the widest of the pairs where
        there are several.
    p_value : float
        The larger of the two one-sided p-values; over several pairs, the largest adjusted one.
    verdict : Verdict
    pairs : DataFrame
        ``group1 group2 estimate low high low_wide high_wide df p_lower p_upper p_value p_adjusted verdict``;
        ``low high`` is the deciding interval, ``low_wide high_wide`` the 1 − α one.
    n, n_missing : int
    """

    outcome_label: str
    by_label: str
    bound: tuple[float, float]
    difference: Estimate
    p_value: float
    verdict: Verdict
    pairs: pd.DataFrame
    n: int
    n_missing: int
    level: float = 0.95

    def sentence(self) -> str:
        """What can be said, in each of the three cases."""
        widest = self.pairs.loc[self.pairs["estimate"].abs().idxmax()]
        values = {
            "outcome": self.outcome_label, "first": widest["group1"], "second": widest["group2"],
            "estimate": format_estimate(self.difference, 2), "p": format_p(self.p_value),
            "level": format_level(self.difference.level),
            "low": format_number(self.bound[0], 2), "high": format_number(self.bound[1], 2),
        }  # fmt: skip
        if self.verdict is Verdict.EQUIVALENT:
            return _(
                "« {outcome} »: « {first} » and « {second} » are equivalent within {low} and {high} ({level}: "
                "{estimate}; two one-sided tests, p {p}).",
                **values,
            )
        if self.verdict is Verdict.DIFFERENT:
            return _(
                "« {outcome} »: « {first} » and « {second} » differ, and equivalence within {low} and "
                "{high} is not shown ({level}: {estimate}; p {p}).",
                **values,
            )
        return _(
            "« {outcome} »: the data are too few to say that « {first} » and « {second} » are equivalent "
            "within {low} and {high}, or that they differ ({level}: {estimate}; p {p}).",
            **values,
        )

    def table(self) -> PublicationTable:
        """One row a pair."""
        names = self.pairs["group1"].astype(str) + " – " + self.pairs["group2"].astype(str)
        body = self.pairs.assign(verdict=[Verdict(verdict).label for verdict in self.pairs["verdict"]])
        body = body.set_index(pd.Index(names)).drop(columns=["group1", "group2"])
        bases = pd.DataFrame(
            {name: body["base"].to_numpy() for name in ("estimate", "low", "high")}, index=body.index
        )
        columns = (
            Column("estimate", _("Difference of means"), decimals=2),
            Column(("low", "high"), format_level(self.difference.level), kind="interval"),
            Column("p_adjusted", _("p (equivalence)"), kind="p_value"),
            Column("verdict", _("Verdict"), kind="text"),
        )
        note = _(
            "Two one-sided tests with Welch's variances; limits of equivalence {low} and {high}, fixed "
            "in advance.",
            low=format_number(self.bound[0], 2),
            high=format_number(self.bound[1], 2),
        )
        return PublicationTable(
            title=_("Equivalence: {outcome} by {by}", outcome=self.outcome_label, by=self.by_label),
            body=body,
            columns=columns,
            stub=_("Pair (first less second)"),
            bases=bases,
            scope=_(
                "{n} respondents, {missing} left out (missing).",
                n=format_count(self.n),
                missing=self.n_missing,
            ),
            note=note,
            name="equivalence",
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Deciding intervals against the limits of equivalence."""
        from optima_research.comparison.figures import equivalence_plot

        return equivalence_plot(self, ax)

    def statistics(self) -> dict[str, Estimate | float]:
        """Difference and p-value."""
        return {"difference": self.difference, "p_value": self.p_value}


def equivalence(
    data: Data,
    outcome: str,
    by: str,
    bound: float | tuple[float, float],
    *,
    adjust: Adjustment = "holm",
    level: float = 0.95,
) -> Equivalence:
    """Test that groups do not differ by more than a bound: two one-sided tests (TOST) with Welch's variances.

    "Not significant" never shows the absence of an effect; this does, when the data suffice.

    Parameters
    ----------
    data : Survey or DataFrame, one row a respondent
    outcome, by : str
    bound : float or (float, float)
        Largest difference that does not matter, in points of the scale, fixed before seeing the data.
    adjust : {"holm", "bh", "bonferroni", "none"}
        Over all pairs, when there are more than two groups.
    level : float
        1 − α; each one-sided test is at α and the deciding interval at 1 − 2α.

    Returns
    -------
    Equivalence
        ``verdict difference p_value pairs``

    Notes
    -----
    Same p-values as statsmodels ``ttost_ind(usevar="unequal")``.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"site": ["A", "B"] * 20, "delay": [8.0, 8.1, 7.9, 8.0] * 10})
    >>> equivalence(data, "delay", "site", 0.5).verdict
    <Verdict.EQUIVALENT: 'equivalent'>
    """
    require_adjustment(adjust)
    low, high = (-bound, bound) if isinstance(bound, (int, float)) else bound
    if not low < high or (isinstance(bound, (int, float)) and bound <= 0):
        raise AnalysisError(_("A bound of equivalence is a positive number."), parameter="bound", got=bound)
    grouped = group_outcome(data, outcome, by)
    if not np.all(grouped.n > 1) or not np.all(grouped.variance >= 0):
        raise AnalysisError(_("A group with a single answer has no known precision."), where=by)
    first, second = every_pair(len(grouped.labels))
    difference, se, df = welch_differences(grouped.n, grouped.centred_mean, grouped.variance, first, second)
    if not np.all(se > 0):
        raise AnalysisError(_("The answers do not vary within groups: there is nothing to compare with."))
    table = one_sided_table(difference, se, df, (low, high), level)
    table.insert(0, "group1", np.asarray(grouped.labels, dtype=object)[first])
    table.insert(1, "group2", np.asarray(grouped.labels, dtype=object)[second])
    table["base"] = np.minimum(grouped.n[first], grouped.n[second]).astype(int)
    table["p_adjusted"] = adjust_p_values(table["p_value"], method=adjust)
    alpha = 1 - level
    table["verdict"] = [
        Verdict.EQUIVALENT if row.p_adjusted < alpha
        else Verdict.DIFFERENT if row.low_wide > 0 or row.high_wide < 0 else Verdict.INCONCLUSIVE
        for row in table.itertuples()
    ]  # fmt: skip
    widest = table.loc[table["estimate"].abs().idxmax()]
    estimate = Estimate(
        float(widest["estimate"]), float(widest["low"]), float(widest["high"]), level=2 * level - 1,
        se=float(widest["se"]), df=float(widest["df"]), n=grouped.total,
    )  # fmt: skip
    return Equivalence(
        label_of(data, outcome), label_of(data, by), (float(low), float(high)), estimate,
        float(table["p_adjusted"].max()), _together(table), table, grouped.total, grouped.n_missing, level,
    )  # fmt: skip


def one_sided_table(
    difference: Floats, se: Floats, df: Floats, bound: tuple[float, float], level: float
) -> pd.DataFrame:
    """Both one-sided tests of each difference, with the deciding and the wide interval."""
    from scipy import special

    p_lower = special.stdtr(df, -(difference - bound[0]) / se)
    p_upper = special.stdtr(df, (difference - bound[1]) / se)
    narrow, wide = special.stdtrit(df, level) * se, special.stdtrit(df, (1 + level) / 2) * se
    return pd.DataFrame(
        {
            "estimate": difference, "low": difference - narrow, "high": difference + narrow,
            "low_wide": difference - wide, "high_wide": difference + wide, "se": se, "df": df,
            "p_lower": p_lower, "p_upper": p_upper, "p_value": np.maximum(p_lower, p_upper),
        }
    )  # fmt: skip


def _together(table: pd.DataFrame) -> Verdict:
    verdicts = table["verdict"]
    if bool((verdicts == Verdict.EQUIVALENT).all()):
        return Verdict.EQUIVALENT
    return Verdict.DIFFERENT if bool((verdicts == Verdict.DIFFERENT).any()) else Verdict.INCONCLUSIVE
