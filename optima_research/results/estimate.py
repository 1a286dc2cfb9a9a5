"""An estimate with its uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass

NAN = float("nan")


@dataclass(frozen=True)
class Estimate:
    """A number computed from data, with its interval and what it rests on.

    Parameters
    ----------
    value : float
        The estimate, in the unit of the variable.
    low, high : float
        Bounds of the two-sided interval; NaN where no interval is defined.
    level : float
        Level of the interval, 0.95 by default.
    se : float
        Standard error; NaN where the interval was not built from one.
    df : float
        Degrees of freedom behind the interval (``inf`` for a normal one).
    n : int
        Number of respondents (unweighted) behind the value.
    name : str
        What is estimated, in words.

    Examples
    --------
    >>> Estimate(3.214, 3.02, 3.40, n=52).value
    3.214
    """

    value: float
    low: float = NAN
    high: float = NAN
    level: float = 0.95
    se: float = NAN
    df: float = NAN
    n: int = 0
    name: str = ""

    @property
    def half_width(self) -> float:
        """Half the width of the interval: the margin of error."""
        return (self.high - self.low) / 2

    @property
    def spread(self) -> float:
        """A standard-error-like scale for rounding: the standard error, or a quarter of the interval."""
        return self.se if math.isfinite(self.se) else self.half_width / 2

    def __float__(self) -> float:
        return float(self.value)

    def __str__(self) -> str:
        from optima_research.language.numbers import format_estimate

        return format_estimate(self)
