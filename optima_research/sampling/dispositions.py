"""Response, cooperation, refusal and contact rates from what became of each person asked."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from optima_research.errors import DesignError
from optima_research.language import _


def outcome_rates(
    *,
    complete: int,
    partial: int = 0,
    refusal: int = 0,
    non_contact: int = 0,
    other: int = 0,
    unknown: int = 0,
    ineligible: int = 0,
    eligible_share: float | None = None,
) -> pd.Series:
    """Response, cooperation, refusal and contact rates from final dispositions (AAPOR Standard Definitions).

    Parameters
    ----------
    complete, partial : int
        Questionnaires finished, and broken off but usable.
    refusal, non_contact, other : int
        Eligible persons who refused, were never reached, or could not answer.
    unknown : int
        Persons whose eligibility is not known (returned mail, no reply on the list).
    ineligible : int
        Persons who should not have been on the list (gone, on long leave where the study excludes it).
    eligible_share : float, optional
        Share of the unknown taken as eligible; by default that of the known.

    Returns
    -------
    Series
        ``RR1 RR2 RR3 RR4 RR5 RR6 COOP1 COOP2 REF1 CON1`` and the eligible share ``e``.

    Examples
    --------
    >>> rates = outcome_rates(complete=52, partial=3, refusal=10, non_contact=25, ineligible=5, unknown=5)
    >>> round(float(rates["RR2"]), 3)
    0.579
    """
    names = ("complete", "partial", "refusal", "non_contact", "other", "unknown", "ineligible")
    counts = (complete, partial, refusal, non_contact, other, unknown, ineligible)
    _refuse_negative(dict(zip(names, counts, strict=True)))
    answered, reached = complete + partial, complete + partial + refusal + other
    eligible = reached + non_contact
    if not eligible:
        raise DesignError(_("There is nobody eligible."), parameter="complete")
    share = eligible / (eligible + ineligible) if eligible_share is None else eligible_share
    everybody, expected = eligible + unknown, eligible + share * unknown
    met = max(reached, 1)
    rates = {
        "RR1": complete / everybody, "RR2": answered / everybody,
        "RR3": complete / expected, "RR4": answered / expected,
        "RR5": complete / eligible, "RR6": answered / eligible,
        "COOP1": complete / met, "COOP2": answered / met,
        "REF1": refusal / everybody, "CON1": reached / everybody, "e": share,
    }  # fmt: skip
    return pd.Series(rates, name="rate")


def _refuse_negative(counts: Mapping[str, int]) -> None:
    wrong = [name for name, count in counts.items() if count < 0]
    if wrong:
        raise DesignError(_("Numbers of persons cannot be negative."), parameter=", ".join(wrong))
