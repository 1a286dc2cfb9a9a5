"""Change of a mean between two waves of a finite population that share part of their respondents."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.errors import DesignError
from optima_research.language import _
from optima_research.results.frames import as_frame
from optima_research.sampling._variance_kernels import Codes, Floats
from optima_research.sampling.estimates import (
    DesignEstimate,
    linearise_mean,
    outcome_of,
    precision,
    read_domains,
    t_interval,
)
from optima_research.sampling.regime import Regime, require_regime

if TYPE_CHECKING:
    from optima_research.sampling.design import SurveyDesign


@dataclass(frozen=True)
class WaveChange(DesignEstimate):
    """A change of mean, second wave less first.

    Parameters
    ----------
    n_common : int
        Respondents of both waves.
    first, second : float
        Means of the waves.
    se_independent : float
        Standard error if the waves had nobody in common: too large when answers of the same persons resemble.
    """

    n_common: int = 0
    first: float = float("nan")
    second: float = float("nan")
    se_independent: float = float("nan")


def change_between_waves(
    first: SurveyDesign,
    second: SurveyDesign,
    y: str,
    unit: str,
    *,
    regime: Regime | None = None,
    stayers: Mapping[Hashable, float] | float | None = None,
    level: float = 0.95,
) -> WaveChange:
    """Change of a weighted mean between two waves, the overlap and the finite population allowed for.

    Parameters
    ----------
    first, second : SurveyDesign
        The two waves, with the same strata and no clusters; calibrated or not.
    y : str
        Outcome, the same column in both.
    unit : str
        Column that tells who answered both waves (a pseudonym).
    regime : {"descriptive", "analytic"}
    stayers : mapping of stratum → number, or number, optional
        Members of the population of both waves. Where the two populations have the same size they are taken as the
        same persons; otherwise the descriptive regime needs this number.
    level : float

    Returns
    -------
    WaveChange

    Raises
    ------
    DesignError
        Clusters, other strata, a person twice in a wave, stayers not known.

    Notes
    -----
    In a stratum, with n₁₂ common respondents and N₁₂ stayers:
    Var(ȳ₂ − ȳ₁) = S₁²/n₁ (1 − n₁/N₁) + S₂²/n₂ (1 − n₂/N₂) − 2 S₁₂ (n₁₂/(n₁n₂) − N₁₂/(N₁N₂)),
    S₁₂ estimated on the common respondents; the terms in N drop in the analytic regime. It holds for any linearised
    mean, so calibration residuals take the place of deviations. When nearly everybody is asked twice the last term
    may turn negative: two censuses differ without error even if nobody could be matched.

    Examples
    --------
    >>> import pandas as pd
    >>> from optima_research.sampling import SurveyDesign, change_between_waves
    >>> one = pd.DataFrame({"id": range(6), "score": [2.0, 3, 3, 4, 4, 5]})
    >>> two = pd.DataFrame({"id": range(2, 8), "score": [3.0, 4, 5, 5, 4, 4]})
    >>> waves = [SurveyDesign(wave, population=12) for wave in (one, two)]
    >>> found = change_between_waves(*waves, "score", "id", regime="descriptive")
    >>> round(found.value, 3), found.n_common, found.se < found.se_independent
    (0.667, 4, True)
    """
    corrected = require_regime(regime, first.stage) and require_regime(regime, second.stage)
    _check_strata(first, second)
    waves = [_Wave.read(design, y, unit, regime) for design in (first, second)]
    before, after = waves
    rows = before.position(after.ids)
    covariance = _covariance(first, second, before, after, rows, _stayers(first, second, stayers, corrected))
    variance = before.variance + after.variance - 2 * covariance
    se, value = float(np.sqrt(max(variance, 0.0))), after.mean - before.mean
    df = min(before.df, after.df)
    low, high = t_interval(np.array([value]), np.array([se]), np.array([df]), level)
    common = int((rows >= 0).sum())
    return WaveChange(
        value, float(low[0]), float(high[0]), level, se, df, before.n + after.n - common, before.name,
        n_missing=before.n_missing + after.n_missing, regime=str(regime), method="overlap", n_common=common,
        first=before.mean, second=after.mean, se_independent=float(np.sqrt(before.variance + after.variance)),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Wave:
    """One wave linearised: weighted scores of those who answered, and who they are."""

    mean: float
    variance: float
    df: float
    n: int
    n_missing: int
    name: str
    ids: pd.Index
    scores: Floats
    stratum: Codes

    @classmethod
    def read(cls, design: SurveyDesign, y: str, unit: str, regime: Regime | None) -> _Wave:
        outcome = outcome_of(design, y)
        linear = linearise_mean(design, outcome, read_domains(design, None), y)
        found = precision(design, linear, regime)
        answered = ~np.isnan(outcome)
        ids = pd.Index(as_frame(design.data, [unit])[unit][answered])
        if ids.hasnans or not ids.is_unique:
            raise DesignError(
                _("« {unit} » must name each respondent once in each wave.", unit=unit),
                parameter="unit",
                hint=_("Drop duplicates with a reason, or give those without a pseudonym one of their own."),
            )
        scores = design.weighted_residuals(linear.scores[:, None])[:, 0]
        return cls(
            float(linear.values[0]), float(found.se[0] ** 2), float(found.df[0]), int(found.n[0]), found.n_missing,
            linear.name, ids, scores[answered], design.stage.stratum[answered],
        )  # fmt: skip

    def position(self, ids: pd.Index) -> Codes:
        """Row of each of those persons in this wave; −1 where they did not answer."""
        return np.asarray(self.ids.get_indexer(ids), dtype=np.int64)


def _covariance(
    first: SurveyDesign, second: SurveyDesign, before: _Wave, after: _Wave, rows: Codes, stayers: Floats
) -> float:
    """Covariance of the two means, stratum by stratum, from those who answered both."""
    both = rows >= 0
    order = [second.stage.labels.index(label) for label in first.stage.labels]
    total = 0.0
    for stratum, other in enumerate(order):
        # Somebody who moved to another stratum is no longer drawn with the same colleagues.
        here = both & (after.stratum == other)
        here[here] = before.stratum[rows[here]] == stratum
        n12 = int(here.sum())
        if n12 < 2:
            continue
        x, z = before.scores[rows[here]], after.scores[here]
        shared = float(((x - x.mean()) * (z - z.mean())).sum() / (n12 - 1))
        drawn = float(first.stage.drawn[stratum] * second.stage.drawn[other])
        total += shared * (n12 - drawn * stayers[stratum])
    return total


def _check_strata(first: SurveyDesign, second: SurveyDesign) -> None:
    if first.stage.unit is not None or second.stage.unit is not None:
        raise DesignError(
            _("The change between waves is not defined here for clusters."),
            hint=_("Compare the means of the clusters, one row a cluster and a wave."),
        )
    if set(first.stage.labels) != set(second.stage.labels):
        raise DesignError(
            _("The two waves do not have the same strata."),
            parameter="strata",
            expected=", ".join(first.stage.labels),
            got=", ".join(second.stage.labels),
        )


def _stayers(
    first: SurveyDesign,
    second: SurveyDesign,
    stayers: Mapping[Hashable, float] | float | None,
    corrected: bool,
) -> Floats:
    """N₁₂ / (N₁ N₂) of each stratum of the first wave; zero in the analytic regime."""
    labels = first.stage.labels
    if not corrected or first.stage.population is None or second.stage.population is None:
        return np.zeros(len(labels))
    one = first.stage.population
    two = second.stage.population[[second.stage.labels.index(label) for label in labels]]
    if stayers is None:
        if not np.array_equal(one, two):
            raise DesignError(
                _("The population changed size: the number of stayers is needed."),
                parameter="stayers",
                hint=_('Give stayers={stratum: number}, or ask for regime="analytic".'),
            )
        common = one
    elif isinstance(stayers, Mapping):
        known = {str(label): float(count) for label, count in stayers.items()}
        common = np.array([known.get(label, np.nan) for label in labels])
    else:
        common = np.full(len(labels), float(stayers) if len(labels) == 1 else np.nan)
    if not ((common >= 0) & (common <= np.minimum(one, two))).all():
        raise DesignError(
            _("Stayers must be given for each stratum, and belong to both populations."), parameter="stayers"
        )
    return np.asarray(common / (one * two))
