"""The result of a difference in differences with few partners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from optima_research.language import _
from optima_research.language.numbers import (
    format_count,
    format_estimate,
    format_level,
    format_number,
    format_p,
)
from optima_research.results import Column, Estimate, PublicationTable, Result, Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class DifferenceInDifferences(Result):
    """Change of the partners with the device less change of the others.

    Parameters
    ----------
    outcome_label : str
    estimate : Estimate
        Respondent-weighted difference of changes (least squares), with its CR2 interval.
    partner_means : Estimate
        The same on partner means, each partner counting for one, with its t interval.
    tests : DataFrame
        Index ``partner_means CR2 CR3 permutation wild_rademacher wild_webb``; ``estimate se df statistic p_value p_high
        floor low high``. ``p_high`` is the p-value when ties count against (wild bootstrap); ``floor`` the smallest p
        the method could give with these partners.
    partners : DataFrame
        One row a partner: ``treated n_before n_after before after change``.
    minimal_effect : float
        Effect these partners would show four times out of five (partner means, two-sided 5 %).
    verdict : Verdict
        From the CR2 interval.
    n, n_missing : int
    """

    outcome_label: str
    estimate: Estimate
    partner_means: Estimate
    tests: pd.DataFrame
    partners: pd.DataFrame
    minimal_effect: float
    verdict: Verdict
    n: int
    n_missing: int
    level: float = 0.95
    smallest_effect: float | None = None

    @property
    def p_value(self) -> float:
        """P-value of CR2 with Satterthwaite degrees of freedom."""
        return float(self.tests.loc["CR2", "p_value"])

    @property
    def permutation_floor(self) -> float:
        """Smallest p-value that permuting these partners can give."""
        return float(self.tests.loc["permutation", "floor"])

    def table(self) -> PublicationTable:
        """One row a method."""
        body = self.tests.set_index(pd.Index([_method_names()[name] for name in self.tests.index]))
        columns = (
            Column("estimate", _("Effect"), decimals=2),
            Column(("low", "high"), format_level(self.level), kind="interval"),
            Column("df", _("df"), decimals=1),
            Column("p_value", "p", kind="p_value"),
            Column("p_high", _("p, ties counted"), kind="p_value"),
            Column("floor", _("smallest p possible"), kind="p_value"),
        )
        # Every method rests on all the answers: that is what disclosure control reads.
        bases = pd.DataFrame(dict.fromkeys(("estimate", "low", "high"), self.n), index=body.index)
        return PublicationTable(
            title=_("Difference in differences: {outcome}", outcome=self.outcome_label), body=body, columns=columns,
            stub=_("Method"), bases=bases, scope=self._scope(), note=self._note(), name="difference_in_differences",
        )  # fmt: skip

    def partner_table(self) -> PublicationTable:
        """One row a partner."""
        treated = self.partners["treated"].map({True: _("yes"), False: _("no")})
        bases = pd.DataFrame(
            {"before": self.partners["n_before"], "after": self.partners["n_after"],
             "change": self.partners[["n_before", "n_after"]].min(axis=1)}
        )  # fmt: skip
        columns = (
            Column("device", _("Device"), kind="text"), Column("n_before", _("n before"), kind="count"),
            Column("n_after", _("n after"), kind="count"), Column("before", _("Before"), decimals=2),
            Column("after", _("After"), decimals=2), Column("change", _("Change"), decimals=2),
        )  # fmt: skip
        return PublicationTable(
            title=_("Change by partner: {outcome}", outcome=self.outcome_label), columns=columns,
            body=self.partners.assign(device=treated), stub=_("Partner"), bases=bases, scope=self._scope(),
            name="change_by_partner",
        )  # fmt: skip

    def sentence(self) -> str:
        """What can be said of the effect, in each of the three cases."""
        permutation = self.tests.loc["permutation"]
        floor = float(permutation["floor"])
        values = {
            "outcome": self.outcome_label, "estimate": format_estimate(self.estimate, 2),
            "level": format_level(self.level), "p": format_p(self.p_value),
            "permutation": format_p(permutation["p_value"]), "floor": format_number(floor, 3 if floor >= 0.001 else 5),
            "minimal": format_number(self.minimal_effect, 2),
        }  # fmt: skip
        if self.verdict is Verdict.EQUIVALENT:
            return _(
                "« {outcome} » changed alike with and without the device: {estimate} (CR2, p {p}), less "
                "than what matters.",
                **values,
            )
        if self.verdict is Verdict.DIFFERENT:
            return _(
                "« {outcome} » changed differently with the device: {estimate} (CR2, p {p}; permutation "
                "p {permutation}, at least {floor} with these partners).",
                **values,
            )
        return _(
            "On « {outcome} », so few partners neither show nor rule out an effect: {estimate} (CR2, p "
            "{p}; permutation p {permutation}, at least {floor} with these partners); only an effect of "
            "about {minimal} would have been seen.",
            **values,
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """One line a partner, before and after, partners with the device apart."""
        from optima_research.comparison.figures_change import partner_lines

        return partner_lines(self, ax)

    def statistics(self) -> dict[str, Estimate | float]:
        """Both estimates and every p-value."""
        p = {f"p {name}": float(value) for name, value in self.tests["p_value"].items()}
        return {
            "estimate": self.estimate,
            "partner_means": self.partner_means,
            **p,
            "minimal_effect": self.minimal_effect,
        }

    def _scope(self) -> str:
        treated = int(self.partners["treated"].sum())
        return _(
            "{n} answers of {partners} partners, {treated} with the device; {missing} left out.",
            n=format_count(self.n), partners=len(self.partners), treated=treated, missing=format_count(self.n_missing),
        )  # fmt: skip

    def _note(self) -> str:
        wild = self.tests.loc["wild_rademacher"]
        return " ".join(
            [
                _("No asymptotic cluster p-value is shown: with so few partners it is wrong."),
                _(
                    "Wild bootstrap: p between {low} and {high} according to how ties with the observed "
                    "value count.",
                    low=format_number(wild["p_value"], 3), high=format_number(wild["p_high"], 3),
                ),
                _(
                    "Smallest effect these partners would show four times out of five: {minimal}.",
                    minimal=format_number(self.minimal_effect, 2),
                ),
                _("The comparison assumes that without the device both sets of partners would have changed alike."),
            ]
        )  # fmt: skip


def _method_names() -> dict[str, str]:
    return {
        "partner_means": _("t on partner means"),
        "CR2": _("CR2, Satterthwaite"),
        "CR3": _("CR3, t(G − 1)"),
        "permutation": _("permutation of partners"),
        "wild_rademacher": _("wild bootstrap, Rademacher"),
        "wild_webb": _("wild bootstrap, Webb"),
    }
