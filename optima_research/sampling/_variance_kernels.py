"""Variance of weighted totals under a stratified (clustered) first stage, on plain arrays.

Every estimate of this room is linearised to a weighted total of scores; this is the only place where the sampling
design becomes a variance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
DENSE = 1_000_000


@dataclass(frozen=True, eq=False)
class FirstStage:
    """Who was drawn from what: the strata, the units drawn in them, and how many there were to draw from.

    Parameters
    ----------
    stratum : (n,) int
        Stratum of each respondent, 0 to H − 1.
    unit : (n,) int or None
        First-stage unit (cluster) of each respondent, 0 to m − 1; None when respondents are the units.
    unit_stratum : (m,) int
        Stratum of each unit.
    drawn : (H,) int
        Units drawn in each stratum.
    population : (H,) float or None
        Units there are in each stratum.
    labels : tuple of str
        Names of the strata, in code order.
    """

    stratum: Codes
    unit: Codes | None
    unit_stratum: Codes
    drawn: Codes
    population: Floats | None
    labels: tuple[str, ...]

    @property
    def fraction(self) -> Floats:
        """Sampling fraction of each stratum; zero where the population is not known."""
        if self.population is None:
            return np.zeros(len(self.drawn))
        return np.asarray(self.drawn / self.population, dtype=float)

    def factors(self, *, corrected: bool) -> Floats:
        """What multiplies each stratum's sum of squares: n/(n − 1), times 1 − f where corrected.

        NaN marks a stratum whose only unit stands for others: its variance cannot be estimated.
        """
        rest = 1.0 - self.fraction if corrected else np.ones(len(self.drawn))
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = rest * self.drawn / (self.drawn - 1.0)
        return np.where(self.drawn > 1, factor, np.where(rest <= 0.0, 0.0, np.nan))


def unit_totals(scores: Floats, stage: FirstStage) -> Floats:
    """Sum (n, k) scores within first-stage units: (m, k)."""
    if stage.unit is None:
        return scores
    return group_sums(scores, stage.unit, len(stage.unit_stratum))


def sums_by(codes: Codes, values: Floats, size: int) -> Floats:
    """Sum of (n,) values by code: (size,)."""
    return np.asarray(np.bincount(codes, weights=values, minlength=size), dtype=float)


def group_sums(values: Floats, codes: Codes, n_groups: int) -> Floats:
    """Column sums of (n, k) values within groups: (n_groups, k)."""
    columns = [sums_by(codes, column, n_groups) for column in values.T]
    return np.stack(columns, axis=1) if columns else np.zeros((n_groups, 0))


def covariance_of_totals(scores: Floats, stage: FirstStage, *, corrected: bool) -> Floats:
    """Covariance (k, k) of the totals of (n, k) weighted scores."""
    totals = unit_totals(scores, stage)
    means = group_sums(totals, stage.unit_stratum, len(stage.drawn)) / stage.drawn[:, None]
    centred = totals - means[stage.unit_stratum]
    weight = stage.factors(corrected=corrected)[stage.unit_stratum]
    return np.asarray((centred * weight[:, None]).T @ centred)


def domain_variances(
    scores: Floats, domain: Codes, n_domains: int, stage: FirstStage, *, corrected: bool
) -> Floats:
    """Variance of the total of each domain's (n,) weighted scores, in one pass over the rows.

    The units of a stratum that hold nobody of the domain count as zeros: a domain's size is itself random, and
    dropping them would understate its variance.
    """
    inside = domain >= 0
    where, row_domain = np.flatnonzero(inside), domain[inside]
    units = where if stage.unit is None else stage.unit[where]
    totals, pair_domain, pair_unit = _pair_totals(scores[where], row_domain, units, len(stage.unit_stratum))
    n_strata = len(stage.drawn)
    # Only the (domain, stratum) pairs where somebody is: elsewhere the domain adds nothing.
    kept, cell = compressed(pair_domain * n_strata + stage.unit_stratum[pair_unit], n_domains * n_strata)
    stratum = kept % n_strata
    drawn = stage.drawn[stratum]
    mean = sums_by(cell, totals, len(kept)) / drawn
    present = np.bincount(cell, minlength=len(kept))
    squares = sums_by(cell, (totals - mean[cell]) ** 2, len(kept)) + (drawn - present) * mean**2
    factor = stage.factors(corrected=corrected)[stratum]
    return sums_by(kept // n_strata, factor * squares, n_domains)


def compressed(codes: Codes, size: int) -> tuple[Codes, Codes]:
    """The codes below ``size`` that occur, in order, and the place of each of (n,) codes among them."""
    if size > max(DENSE, 2 * len(codes)):
        kept, place = np.unique(codes, return_inverse=True)
        return kept, place
    # Counting into every possible cell is cheaper than sorting the respondents.
    kept = np.flatnonzero(np.bincount(codes, minlength=size))
    places = np.zeros(size, dtype=np.int64)
    places[kept] = np.arange(len(kept))
    return kept, places[codes]


def _pair_totals(scores: Floats, domain: Codes, unit: Codes, n_units: int) -> tuple[Floats, Codes, Codes]:
    """Totals over the (domain, unit) pairs that occur, with the domain and unit of each pair."""
    if len(unit) == n_units and (n_units == 0 or np.array_equal(unit, np.arange(n_units))):
        return scores, domain, unit
    pairs, position = np.unique(domain * n_units + unit, return_inverse=True)
    totals = sums_by(position, scores, len(pairs))
    return totals, pairs // n_units, pairs % n_units


def degrees_of_freedom(domain: Codes, n_domains: int, live: Codes, stage: FirstStage) -> Floats:
    """Units less strata, over the strata where each domain has somebody.

    ``live`` counts the units of each stratum that carry a positive weight.
    """
    n_strata = len(stage.drawn)
    inside = domain >= 0
    touched, _place = compressed(domain[inside] * n_strata + stage.stratum[inside], n_domains * n_strata)
    return sums_by(touched // n_strata, np.maximum(live - 1.0, 0.0)[touched % n_strata], n_domains)
