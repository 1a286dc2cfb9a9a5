"""The three-way verdict on a difference: different, equivalent, or inconclusive."""

from __future__ import annotations

import math
from enum import StrEnum

from optima_research.language import _


class Verdict(StrEnum):
    """What an interval allows one to say, against a smallest effect that matters fixed in advance.

    Examples
    --------
    >>> Verdict.decide(0.12, 0.60, smallest_effect=0.3) is Verdict.DIFFERENT
    True
    >>> Verdict.decide(-0.05, 0.60)
    <Verdict.INCONCLUSIVE: 'inconclusive'>
    """

    DIFFERENT = "different"
    EQUIVALENT = "equivalent"
    INCONCLUSIVE = "inconclusive"

    @classmethod
    def decide(
        cls,
        low: float,
        high: float,
        *,
        smallest_effect: float | None = None,
        low_equivalence: float | None = None,
        high_equivalence: float | None = None,
        null: float = 0.0,
    ) -> Verdict:
        """Decide from the interval of a difference.

        Parameters
        ----------
        low, high : float
            The interval of the difference (95 %, after any adjustment for multiplicity).
        smallest_effect : float, optional
            Smallest difference that matters, in the unit of the outcome; without it nothing is ever equivalent.
        low_equivalence, high_equivalence : float, optional
            The interval used for equivalence (90 % for two one-sided tests at 5 %); default ``low, high``.
        null : float
            The value of no difference (1 for a ratio).

        Returns
        -------
        Verdict
            Equivalent when the equivalence interval lies within ``null ± smallest_effect``, even if zero is
            excluded (a difference that exists but is too small to matter); else different when the interval
            excludes ``null``; else inconclusive. An undefined interval is inconclusive.
        """
        if not (math.isfinite(low) or math.isfinite(high)):
            return cls.INCONCLUSIVE
        inner_low = low if low_equivalence is None else low_equivalence
        inner_high = high if high_equivalence is None else high_equivalence
        if (
            smallest_effect is not None
            and null - smallest_effect < inner_low
            and inner_high < null + smallest_effect
        ):
            return cls.EQUIVALENT
        if low > null or high < null:
            return cls.DIFFERENT
        return cls.INCONCLUSIVE

    @property
    def label(self) -> str:
        """The verdict in the reader's language."""
        return {
            Verdict.DIFFERENT: _("different"),
            Verdict.EQUIVALENT: _("equivalent"),
            Verdict.INCONCLUSIVE: _("inconclusive"),
        }[self]
