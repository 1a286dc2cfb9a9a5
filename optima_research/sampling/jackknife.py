"""Jackknife replicates: the same estimate with one first-stage unit left out at a time (JKn)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from optima_research.errors import DesignError
from optima_research.language import _
from optima_research.sampling._variance_kernels import Floats
from optima_research.sampling.estimates import DesignEstimate, refuse_singletons, t_interval
from optima_research.sampling.regime import Regime, require_regime

if TYPE_CHECKING:
    from optima_research.sampling.design import SurveyDesign

Statistic: TypeAlias = Callable[[Floats], float]
Adjustment: TypeAlias = "Callable[[SurveyDesign], SurveyDesign]"
Centre: TypeAlias = Literal["replicates", "estimate"]
MOST_REPLICATES = 20_000


@dataclass(frozen=True, eq=False)
class JackknifeReplicates:
    """Replicates of one statistic: their values, the scale of each, and the estimate they give."""

    values: Floats
    scales: Floats
    estimate: DesignEstimate


def jackknife(
    design: SurveyDesign,
    statistic: Statistic,
    *,
    regime: Regime | None,
    adjust: Adjustment | None = None,
    centre: Centre = "replicates",
    level: float = 0.95,
    name: str = "",
) -> JackknifeReplicates:
    """Standard error of any statistic of the weights, leaving one first-stage unit out at a time.

    Parameters
    ----------
    design : SurveyDesign
        Before calibration: give the calibration as ``adjust``, so that each replicate is calibrated again.
    statistic : callable
        From the (n,) weights to a number.
    regime : {"descriptive", "analytic"}
        Descriptive: each stratum's squares are multiplied by 1 − n/N, as in R and unlike most packages.
    adjust : callable, optional
        From a design to a design (``lambda d: rake(d, margins)``), applied to the whole and to each replicate.
    centre : {"replicates", "estimate"}
        Squares taken around the mean of the replicates (R's default) or around the estimate (``mse=TRUE``).

    Returns
    -------
    JackknifeReplicates
        ``estimate`` (value, se, interval), ``values`` and ``scales`` of the replicates.

    Raises
    ------
    DesignError
        No regime, a stratum with a single unit, a calibrated design without ``adjust``, too many units.

    Notes
    -----
    JKn: the other units of the stratum are weighted n/(n − 1), the squares (n − 1)/n (Rust 1985; R survey
    ``as.svrepdesign(type="JKn")``, equal to 1e-10). Smooth statistics only: a median needs Woodruff's interval.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from optima_research.sampling import SurveyDesign, jackknife
    >>> answers = pd.DataFrame({"score": [2.0, 3, 4, 4, 5]})
    >>> design = SurveyDesign(answers, population=20)
    >>> found = jackknife(design, lambda w: np.average(answers["score"], weights=w), regime="descriptive")
    >>> linear = design.mean("score", regime="descriptive")
    >>> bool(np.isclose(found.estimate.se, linear.se))
    True
    """
    corrected = require_regime(regime, design.stage)
    _check(design, adjust)
    factors = design.stage.factors(corrected=corrected)
    refuse_singletons(design, factors)
    drawn = design.stage.drawn
    # factors hold (1 − f) n/(n − 1); a replicate's square is worth (1 − f) (n − 1)/n.
    scales = (factors * ((drawn - 1) / drawn) ** 2)[design.stage.unit_stratum]
    whole = adjust(design) if adjust else design
    value = float(statistic(whole.weight_array))
    values = np.array(
        [_replicate(design, weights, statistic, adjust) for weights in replicate_weights(design)]
    )
    middle = value if centre == "estimate" else values[scales > 0].mean() if (scales > 0).any() else value
    se = float(np.sqrt((scales * (values - middle) ** 2).sum()))
    low, high = t_interval(np.array([value]), np.array([se]), np.array([design.df]), level)
    estimate = DesignEstimate(
        value,
        float(low[0]),
        float(high[0]),
        level,
        se,
        design.df,
        design.n,
        name,
        regime=str(regime),
        method="JKn",
    )
    return JackknifeReplicates(values, scales, estimate)


def replicate_weights(design: SurveyDesign) -> Iterator[Floats]:
    """The (n,) weights of each replicate in turn, in the order of the first-stage units."""
    stage = design.stage
    unit = np.arange(design.n) if stage.unit is None else stage.unit
    order = np.argsort(unit, kind="stable")
    starts = np.searchsorted(unit[order], np.arange(len(stage.unit_stratum) + 1))
    for left_out, stratum in enumerate(stage.unit_stratum):
        drawn = stage.drawn[stratum]
        # A unit that is its whole stratum is never left out: nothing there is left to chance.
        others = drawn / (drawn - 1) if drawn > 1 else 1.0
        weights = np.where(stage.stratum == stratum, design.weight_array * others, design.weight_array)
        if drawn > 1:
            weights[order[starts[left_out] : starts[left_out + 1]]] = 0.0
        yield weights


def _replicate(
    design: SurveyDesign, weights: Floats, statistic: Statistic, adjust: Adjustment | None
) -> float:
    if adjust is None:
        return float(statistic(weights))
    return float(statistic(adjust(design.reweighted(weights)).weight_array))


def _check(design: SurveyDesign, adjust: Adjustment | None) -> None:
    if design.calibrations and adjust is None:
        raise DesignError(
            _("Replicates of a calibrated design must be calibrated again."),
            parameter="adjust",
            hint=_(
                "Start from the design before calibration: jackknife(design, …, adjust=lambda d: rake(d, margins))."
            ),
        )
    units = len(design.stage.unit_stratum)
    if units > MOST_REPLICATES:
        raise DesignError(
            _("One replicate for each of {n} units is too many.", n=units),
            hint=_("Use the linearised standard errors: design.mean(), total(), ratio()."),
        )
