"""Before the survey: margin of error, sample size and smallest detectable difference in a finite population."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from optima_research.errors import DesignError
from optima_research.language import _


def margin_of_error(
    n: int, population: float | None = None, *, share: float = 0.5, level: float = 0.95, deff: float = 1.0
) -> float:
    """Half-width of the interval of a share, between 0 and 1.

    Parameters
    ----------
    n : int
        Respondents.
    population : float, optional
        Size of the population, for the finite-population correction.
    share : float
        Expected share; 0.5 is the least favourable.
    level, deff : float
        Level of the interval; design effect of clusters and weights.

    Examples
    --------
    >>> round(100 * margin_of_error(105, 190), 1)
    6.4
    """
    _check(n, population)
    rest = 1.0 if population is None else (population - n) / (population - 1) if population > 1 else 0.0
    return _normal(level) * math.sqrt(deff * share * (1 - share) / n * rest)


def sample_size(
    margin: float,
    population: float | None = None,
    *,
    share: float = 0.5,
    level: float = 0.95,
    deff: float = 1.0,
) -> int:
    """Respondents needed for a share to be known within a margin (between 0 and 1).

    Examples
    --------
    >>> sample_size(0.05, 860)
    266
    """
    if not 0 < margin < 1:
        raise DesignError(_("A margin of error lies between 0 and 1."), parameter="margin", got=margin)
    endless = deff * share * (1 - share) * (_normal(level) / margin) ** 2
    needed = endless if population is None else endless * population / (population - 1 + endless)
    return math.ceil(round(needed, 9))


def smallest_detectable(
    n1: int,
    n2: int | None = None,
    *,
    population1: float | None = None,
    population2: float | None = None,
    power: float = 0.8,
    level: float = 0.95,
    deff: float = 1.0,
    design: Literal["independent", "paired"] = "independent",
) -> float:
    """Smallest standardised difference of means a two-sided test is likely to find.

    Parameters
    ----------
    n1, n2 : int
        Respondents of each group; for ``"paired"``, ``n1`` pairs and no ``n2``.
    population1, population2 : float, optional
        Sizes of the populations, in the descriptive regime only.
    power, level, deff : float
        Wanted power, level of the test, design effect.
    design : {"independent", "paired"}

    Returns
    -------
    float
        In standard deviations of the outcome (of the differences when paired).

    Notes
    -----
    Exact for the t test without correction: solves the power of the noncentral t.

    Examples
    --------
    >>> round(smallest_detectable(53, 52), 2), round(smallest_detectable(384, design="paired"), 2)
    (0.55, 0.14)
    """
    _check(n1, population1)
    if design == "paired":
        variance, df = _rest(n1, population1) / n1, n1 - 1
    elif n2 is None:
        raise DesignError(_("Two groups need two sizes."), parameter="n2")
    else:
        _check(n2, population2)
        variance, df = _rest(n1, population1) / n1 + _rest(n2, population2) / n2, n1 + n2 - 2
    if df < 1:
        raise DesignError(_("Too few respondents to compare anything."), parameter="n1", got=n1)
    return math.sqrt(deff * variance) * _noncentrality(df, power, level)


def _noncentrality(df: int, power: float, level: float) -> float:
    """Standardised distance found with the wanted power by a two-sided t test."""
    from scipy.optimize import brentq
    from scipy.special import nctdtr, stdtrit

    critical = float(stdtrit(df, (1 + level) / 2))

    def lacking(distance: float) -> float:
        below, far = nctdtr(df, distance, critical), nctdtr(df, distance, -critical)
        # scipy gives NaN where a far tail underflows: it is zero.
        return float(1 - np.nan_to_num(below) + np.nan_to_num(far) - power)

    top = critical + 1.0
    while lacking(top) < 0:
        top *= 2
    return float(brentq(lacking, 0.0, top, xtol=1e-10))


def _normal(level: float) -> float:
    from scipy.special import ndtri

    return float(ndtri((1 + level) / 2))


def _rest(n: int, population: float | None) -> float:
    return 1.0 if population is None else 1 - n / population


def _check(n: int, population: float | None) -> None:
    if n < 1:
        raise DesignError(_("There is nobody in these data."), parameter="n", got=n)
    if population is not None and population < n:
        raise DesignError(
            _("The population is smaller than the sample."),
            parameter="population",
            expected=f"≥ {n}",
            got=population,
        )
