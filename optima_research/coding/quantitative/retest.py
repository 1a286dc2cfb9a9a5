"""Test-retest: does the same respondent get the same score when nothing has changed?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.coding.quantitative._item_moments import FloatArray
from optima_research.coding.quantitative.items import read_items, refuse_constant
from optima_research.errors import ScaleError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_estimate, format_level, format_number
from optima_research.results import Column, Estimate, PublicationTable, Result

if TYPE_CHECKING:
    from optima_research.results.frames import Data


def retest(data: Data, occasions: Sequence[str], *, level: float = 0.95) -> Retest:
    """Intraclass correlations of a score measured on several occasions, and the change that is not noise.

    Parameters
    ----------
    data : DataFrame or Survey
        One row a respondent; rows complete on the occasions are used.
    occasions : list of str
        Columns of the same score, one an occasion, two at least.
    level : float

    Returns
    -------
    Retest
        ``agreement`` (ICC A,1: a shift of everybody counts against it), ``consistency`` (ICC C,1: it does not),
        ``shift`` (mean of the last occasion less the first, paired interval), ``standard_error`` of one score and
        ``minimal_detectable_change``, in points; ``n``, ``n_missing``.

    Raises
    ------
    ScaleError
        Fewer than two occasions, a constant score, fewer than three complete respondents.

    Notes
    -----
    Two-way model, single measurement; intervals of McGraw and Wong (1996), by F and (agreement) Satterthwaite. The
    standard error is the square root of occasion and residual variance together. Equals psych 2.2.9 ``ICC`` (ICC2 and
    ICC3) to 1e-9 (``tests/reference/reliability.R``).

    Examples
    --------
    >>> import pandas as pd
    >>> waves = pd.DataFrame({"t1": [3.0, 4.2, 2.1, 3.6, 4.8], "t2": [3.2, 4.0, 2.4, 3.5, 4.9]})
    >>> print(round(retest(waves, ["t1", "t2"]).agreement.value, 2))
    0.98
    """
    read = read_items(data, occasions)
    rows = read.rows()
    if len(rows) < 3:
        raise ScaleError(
            _("Only {n} respondents answered every item.", n=len(rows)), where=", ".join(read.names)
        )
    refuse_constant(read.names, rows.var(axis=0), rows.mean(axis=0))
    n, k = rows.shape
    between, occasion, residual = _mean_squares(rows)
    consistency = _consistency(between, residual, n, k, level)
    agreement = _agreement(between, occasion, residual, n, k, level)
    variance = residual + max((occasion - residual) / n, 0.0)
    error = float(np.sqrt(variance))
    return Retest(
        n=n,
        n_missing=len(read.index) - n,
        occasions=read.labels,
        agreement=agreement,
        consistency=consistency,
        shift=_shift(rows[:, -1] - rows[:, 0], level),
        standard_error=error,
        minimal_detectable_change=1.959963984540054 * float(np.sqrt(2)) * error,
    )


@dataclass(frozen=True, eq=False, repr=False)
class Retest(Result):
    """Stability of a score over occasions; see :func:`retest`."""

    n: int
    n_missing: int
    occasions: tuple[str, ...]
    agreement: Estimate
    consistency: Estimate
    shift: Estimate
    standard_error: float
    minimal_detectable_change: float

    def table(self) -> PublicationTable:
        """Agreement, consistency and shift with their intervals."""
        rows = {_("Agreement, ICC(A,1)"): self.agreement, _("Consistency, ICC(C,1)"): self.consistency}
        rows[_("Mean shift, in points")] = self.shift
        body = pd.DataFrame(
            {name: (e.value, e.low, e.high) for name, e in rows.items()}, index=["value", "low", "high"]
        ).T
        return PublicationTable(
            title=_("Test-retest stability"),
            body=body,
            columns=(
                Column("value", _("Estimate"), decimals=2),
                Column(("low", "high"), format_level(self.agreement.level), kind="interval", decimals=2),
            ),
            stub=_("Coefficient"),
            bases=pd.DataFrame(self.n, index=body.index, columns=body.columns),
            reading=_("agreement is {value}.", value=format_estimate(self.agreement, 2)),
            scope=_(
                "respondents measured on every occasion ({n} kept, {dropped} left out).",
                n=format_count(self.n),
                dropped=format_count(self.n_missing),
            ),
            note=self.sentence(),
            name="retest",
        )

    def sentence(self) -> str:
        """Agreement, and the change a single respondent must show."""
        return _(
            "Test-retest agreement is {icc} (n = {n}); one respondent must change by more than {change} points for it "
            "to be more than noise.",
            icc=format_estimate(self.agreement, 2),
            n=format_count(self.n),
            change=format_number(self.minimal_detectable_change, 2),
        )

    def statistics(self) -> dict[str, Estimate | float]:
        """Both coefficients, the shift and the minimal detectable change."""
        return {
            "agreement": self.agreement,
            "consistency": self.consistency,
            "shift": self.shift,
            "minimal_detectable_change": self.minimal_detectable_change,
        }


def _mean_squares(rows: FloatArray) -> tuple[float, float, float]:
    n, k = rows.shape
    grand = rows.mean()
    people, occasions = rows.mean(axis=1), rows.mean(axis=0)
    residual = rows - people[:, None] - occasions + grand
    between = k * ((people - grand) ** 2).sum() / (n - 1)
    occasion = n * ((occasions - grand) ** 2).sum() / (k - 1)
    return float(between), float(occasion), float((residual**2).sum() / ((n - 1) * (k - 1)))


def _consistency(between: float, residual: float, n: int, k: int, level: float) -> Estimate:
    from scipy.special import fdtri

    ratio, upper = between / residual, 0.5 + level / 2
    df = (n - 1) * (k - 1)
    low = ratio / float(fdtri(n - 1, df, upper))
    high = ratio * float(fdtri(df, n - 1, upper))
    value, low, high = ((f - 1) / (f + k - 1) for f in (ratio, low, high))
    return Estimate(value, low, high, level, np.nan, float(df), n, _("consistency"))


def _agreement(between: float, occasion: float, residual: float, n: int, k: int, level: float) -> Estimate:
    from scipy.special import fdtri

    value = (between - residual) / (between + (k - 1) * residual + k * (occasion - residual) / n)
    a = k * value / (n * (1 - value))
    b = 1 + k * value * (n - 1) / (n * (1 - value))
    df = (a * occasion + b * residual) ** 2 / (
        (a * occasion) ** 2 / (k - 1) + (b * residual) ** 2 / ((n - 1) * (k - 1))
    )
    upper = 0.5 + level / 2
    lower_f, upper_f = float(fdtri(n - 1, df, upper)), float(fdtri(df, n - 1, upper))
    spread = k * occasion + (k * n - k - n) * residual
    low = n * (between - lower_f * residual) / (lower_f * spread + n * between)
    high = n * (upper_f * between - residual) / (spread + n * upper_f * between)
    return Estimate(value, low, high, level, np.nan, float(df), n, _("agreement"))


def _shift(difference: FloatArray, level: float) -> Estimate:
    from scipy.special import stdtrit

    n = len(difference)
    se = float(difference.std(ddof=1) / np.sqrt(n))
    half = float(stdtrit(n - 1, 0.5 + level / 2)) * se
    value = float(difference.mean())
    return Estimate(value, value - half, value + half, level, se, float(n - 1), n, _("mean shift"))
