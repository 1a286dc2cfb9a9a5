"""What groups may be compared on, and the rule that decides it from a ladder of invariance."""

from __future__ import annotations

from enum import StrEnum

import pandas as pd

from optima_research.language import _

CFI_DROP = 0.010
RMSEA_RISE = 0.015
"""Chen (2007), Cheung and Rensvold (2002): largest worsening from one step to the next."""
ADEQUATE = {"cfi": 0.90, "rmsea": 0.10, "srmr": 0.08}
"""What the configural model must reach for the question of invariance to make sense."""


SIGNIFICANT = 0.05
"""Indices say how large a misfit is, the chi2 whether there is one: a step fails when both speak against it."""


class Comparable(StrEnum):
    """What the groups may be compared on."""

    NOTHING = "nothing"
    RELATIONS = "relations"
    MEANS = "means"

    @property
    def label(self) -> str:
        """In the reader's language."""
        return {
            Comparable.NOTHING: _("nothing"),
            Comparable.RELATIONS: _("relations between variables, not means"),
            Comparable.MEANS: _("relations and means"),
        }[self]


def decide(steps: pd.DataFrame, shifts: pd.DataFrame, smallest_effect: float | None) -> Comparable:
    """Nothing without a tenable configural model and equal loadings; means with equal intercepts as well.

    Parameters
    ----------
    steps : DataFrame
        One row a step, with ``p cfi rmsea srmr holds``; a partial step counts in the place of the full one.
    shifts : DataFrame
        ``bias`` of each factor and group, in points.
    smallest_effect : float, optional
        Means are refused when the bias moves a comparison of two groups by that much.
    """
    first = steps.loc["configural"]
    adequate = first["cfi"] >= ADEQUATE["cfi"] and all(
        first[name] <= ADEQUATE[name] for name in ("rmsea", "srmr")
    )
    if not adequate or not _holds(steps, "metric"):
        return Comparable.NOTHING
    too_much = smallest_effect is not None and worst_bias(shifts) >= smallest_effect
    return Comparable.MEANS if _holds(steps, "scalar") and not too_much else Comparable.RELATIONS


def configural_rejected(steps: pd.DataFrame) -> bool:
    """Whether the factors themselves do not describe the answers: poor indices, and a chi2 that rejects the model."""
    first = steps.loc["configural"]
    close = first["cfi"] >= ADEQUATE["cfi"] and all(
        first[name] <= ADEQUATE[name] for name in ("rmsea", "srmr")
    )
    return bool(not close and first["p"] < SIGNIFICANT)


def step_holds(delta_cfi: float, delta_rmsea: float, delta_p: float) -> bool:
    """Whether equal parameters are tenable: no large loss of fit, or none that chance would not explain.

    Examples
    --------
    >>> step_holds(-0.020, 0.010, 0.30), step_holds(-0.020, 0.010, 0.001)
    (True, False)
    """
    large = delta_cfi < -CFI_DROP or delta_rmsea > RMSEA_RISE
    return not (large and delta_p < SIGNIFICANT)


def worst_bias(shifts: pd.DataFrame) -> float:
    """Largest shift of a comparison between two groups, over the factors."""
    spread = shifts.groupby(level="factor")["bias"].agg(lambda bias: bias.max() - bias.min())
    return float(spread.max())


def _holds(steps: pd.DataFrame, name: str) -> bool:
    partial = f"{name}_partial"
    return bool(steps.loc[partial if partial in steps.index else name, "holds"])
