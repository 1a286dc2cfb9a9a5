"""How many units two coders should both code for the precision that is wanted."""

from __future__ import annotations

import math

from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_number


def units_to_double_code(
    agreement: float,
    margin: float,
    *,
    prevalence: float = 0.5,
    units_per_interview: float = 1.0,
    intraclass: float = 0.0,
    confidence: float = 0.95,
) -> int:
    """Units to double-code so that the interval of kappa or alpha is no wider than ``± margin``.

    Parameters
    ----------
    agreement : float
        The value expected (from a pilot, or the minimum wanted), below 1.
    margin : float
        Half-width wanted.
    prevalence : float
        Share of units that bear the code: rare codes need many more.
    units_per_interview, intraclass : float
        Units of one interview resemble each other: the number is multiplied by ``1 + (units - 1) × intraclass``.
    confidence : float

    Returns
    -------
    int

    Raises
    ------
    AnalysisError
        An impossible value.

    Notes
    -----
    Two coders, two categories, common prevalence: variance of Donner and Eliasziw (1992),
    ``(1-k)[(1-k)(1-2k) + k(2-k)/(2p(1-p))]/n``. Krippendorff's alpha has the same limit.

    Examples
    --------
    >>> units_to_double_code(0.75, 0.10, prevalence=0.3)
    203
    >>> units_to_double_code(0.75, 0.10, prevalence=0.05)
    936
    """
    from scipy.stats import norm

    for name, value, low, high in (
        ("agreement", agreement, -1.0, 1.0),
        ("margin", margin, 0.0, 2.0),
        ("prevalence", prevalence, 0.0, 1.0),
        ("confidence", confidence, 0.0, 1.0),
    ):
        if not low < value < high:
            raise AnalysisError(
                _(
                    "{name} must lie between {low} and {high}.",
                    name=name,
                    low=format_number(low, 0),
                    high=format_number(high, 0),
                ),
                parameter=name,
                got=value,
            )
    k, p = agreement, prevalence
    variance = (1 - k) * ((1 - k) * (1 - 2 * k) + k * (2 - k) / (2 * p * (1 - p)))
    inflated = variance * (1 + (max(units_per_interview, 1.0) - 1) * intraclass)
    reach = float(norm.ppf((1 + confidence) / 2))
    return max(2, math.ceil(inflated * (reach / margin) ** 2))
