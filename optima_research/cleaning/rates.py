"""Response, participation and completion rates by their published definitions, every denominator named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from optima_research.cleaning.steps import expand, item_columns
from optima_research.codebook import MissingKind
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_percent
from optima_research.results import Column, Estimate, PublicationTable, Result
from optima_research.survey import Survey

# Shares of the questions asked: AAPOR leaves them to the study but asks that they be stated; these are its usual ones.
COMPLETE, PARTIAL = 0.8, 0.5
_NOT_PUT = [str(kind) for kind in (MissingKind.NOT_ASKED, MissingKind.NOT_APPLICABLE)]


@dataclass(frozen=True, eq=False, repr=False)
class ResponseRates(Result):
    """The six AAPOR response rates and the CHERRIES rates that the counts allow.

    Attributes
    ----------
    rates : DataFrame
        ``numerator denominator rate definition`` indexed by name (``RR1`` … ``RR6``, ``participation``,
        ``completion``).
    """

    rates: pd.DataFrame

    def table(self) -> PublicationTable:
        """One row a rate, with what is divided by what."""
        return PublicationTable(
            title=_("Response, participation and completion rates"),
            body=self.rates,
            columns=(
                Column("rate", _("Rate"), kind="percent"),
                Column("numerator", _("Numerator"), kind="count"),
                Column("denominator", _("Denominator"), kind="count"),
                Column("definition", _("Definition"), kind="text"),
            ),
            stub=_("Indicator"),
            reading=self.sentence(),
            source="AAPOR, Standard Definitions (10e éd., 2023) ; Eysenbach (2004), CHERRIES",
            name="response_rates",
        )

    def sentence(self) -> str:
        """Response rate 2 in words, with its denominator; then completion."""
        row = self.rates.loc["RR2"]
        text = _(
            "Response rate (AAPOR RR2): {rate}, {n} complete or partial answers for {base} people invited.",
            rate=format_percent(row["rate"]),
            n=format_count(row["numerator"]),
            base=format_count(row["denominator"]),
        )
        if "completion" in self.rates.index:
            done = self.rates.loc["completion"]
            text += " " + _(
                "Completion rate: {rate} of the {base} people who started.",
                rate=format_percent(done["rate"]),
                base=format_count(done["denominator"]),
            )
        return text

    def statistics(self) -> dict[str, Estimate | float]:
        """Each rate by name."""
        return {str(name): float(rate) for name, rate in self.rates["rate"].items()}


def response_rates(
    invited: int,
    *,
    complete: int,
    partial: int = 0,
    refused: int = 0,
    non_contact: int = 0,
    other: int = 0,
    unknown: int | None = None,
    eligible_share: float = 1.0,
    opened: int | None = None,
    started: int | None = None,
) -> ResponseRates:
    """Rates from the final disposition of everybody invited.

    Parameters
    ----------
    invited : int
        Everybody in the frame.
    complete, partial : int
        Interviews (I, P).
    refused, non_contact, other : int
        Eligible non-respondents: refusals and break-offs (R), non-contacts (NC), other (O).
    unknown : int, optional
        Cases of unknown eligibility (UH + UO); by default all those invited who are in no other class.
    eligible_share : float
        ``e``, the share of the unknown cases thought eligible (RR3, RR4); its choice must be justified in the text.
    opened, started : int, optional
        People who opened and who started the questionnaire, for the CHERRIES rates.

    Raises
    ------
    AnalysisError
        The classes add up to more than the number invited.

    Notes
    -----
    RR1 = I/(I+P+R+NC+O+U), RR3 the same with eU, RR5 without U; RR2, RR4, RR6 the same with I+P on top (AAPOR,
    Standard Definitions). CHERRIES (Eysenbach 2004): participation = started / opened, completion = complete / started.

    Examples
    --------
    >>> response_rates(860, complete=440, partial=7, started=470).rates.loc["RR2", "rate"].round(3)
    np.float64(0.52)
    """
    known = complete + partial + refused + non_contact + other
    rest = invited - known if unknown is None else unknown
    if rest < 0 or known + rest > invited:
        raise AnalysisError(
            _(
                "The classes add up to {total}, more than the {invited} people invited.",
                total=known + max(rest, 0),
                invited=invited,
            ),
            parameter="invited",
        )
    if not 0 <= eligible_share <= 1:
        raise AnalysisError(
            _("The eligible share lies between 0 and 1."), parameter="eligible_share", got=eligible_share
        )
    rows = _aapor(complete, partial, known, rest, eligible_share)
    if opened is not None and started is not None:
        rows.append(("participation", started, opened, _("started / opened")))
    if started is not None:
        rows.append(("completion", complete, started, _("complete / started")))
    frame = pd.DataFrame(rows, columns=["indicator", "numerator", "denominator", "definition"])
    frame = frame.set_index("indicator")
    frame.insert(0, "rate", frame["numerator"] / frame["denominator"].where(frame["denominator"] > 0))
    return ResponseRates(frame)


def dispositions(
    survey: Survey, *, columns: Sequence[str] = (), complete: float = COMPLETE, partial: float = PARTIAL
) -> pd.Series:
    """Class of each response by the share of the questions put to it that it answered.

    Parameters
    ----------
    survey : Survey
    columns : sequence of str
        Questions that count; every item by default.
    complete, partial : float
        Smallest shares for a complete and for a partial questionnaire; below, a break-off.

    Returns
    -------
    Series
        Ordered categorical ``complete partial break_off``; questions not asked are in no denominator.
    """
    names = expand(survey, columns) if columns else item_columns(survey)
    answered = survey.answers[names].notna().sum(axis=1)
    put = len(names) - survey.missing[names].isin(_NOT_PUT).sum(axis=1)
    share = (answered / put.where(put > 0)).fillna(0.0)
    kinds = (
        pd.Series("break_off", index=share.index)
        .mask(share >= partial, "partial")
        .mask(share >= complete, "complete")
    )
    return kinds.astype(pd.CategoricalDtype(["complete", "partial", "break_off"], ordered=True))


def _aapor(
    complete: int, partial: int, known: int, rest: int, eligible_share: float
) -> list[tuple[str, int, float, str]]:
    share = format_percent(eligible_share, 0)
    denominators = (
        (known + rest, _("everybody invited")),
        (known + eligible_share * rest, _("eligible people, with {share} of the unknown cases", share=share)),
        (known, _("people known to be eligible")),
    )
    rows: list[tuple[str, int, float, str]] = []
    for position, (denominator, base) in enumerate(denominators):
        odd, even = f"RR{2 * position + 1}", f"RR{2 * position + 2}"
        rows.append((odd, complete, denominator, _("complete / {base}", base=base)))
        rows.append((even, complete + partial, denominator, _("complete or partial / {base}", base=base)))
    return rows
