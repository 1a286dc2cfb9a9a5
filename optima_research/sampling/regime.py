"""The regime of inference: about the agents of these bodies now, or about bodies of this kind."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from optima_research.errors import DesignError
from optima_research.language import _
from optima_research.sampling._variance_kernels import FirstStage

Regime: TypeAlias = Literal["descriptive", "analytic"]


def require_regime(regime: Regime | None, stage: FirstStage) -> bool:
    """Whether the finite-population correction applies; the regime is asked for, never guessed.

    Raises
    ------
    DesignError
        No regime, an unknown one, or the descriptive one without population sizes.
    """
    if regime not in get_args(Regime):
        raise DesignError(
            _("Say what the intervals are about: the regime is never guessed."),
            parameter="regime",
            expected="descriptive | analytic",
            got=regime,
            hint=_(
                'regime="descriptive": what do the agents of these bodies think now? The finite-population correction '
                'is on, a census has no sampling error. regime="analytic": do bodies of this kind differ, did the '
                "device work? The correction is off."
            ),
        )
    if regime == "descriptive" and stage.population is None:
        raise DesignError(
            _(
                "The descriptive regime corrects for the share of the population that answered, which is not known."
            ),
            parameter="population",
            hint=_('Give population= to SurveyDesign, or ask for regime="analytic".'),
        )
    return regime == "descriptive"


def regime_note(regime: Regime) -> str:
    """The regime as one sentence for the note of a table."""
    if regime == "descriptive":
        return _(
            "Descriptive regime: intervals bear on this very population (finite-population correction applied)."
        )
    return _(
        "Analytic regime: intervals bear on bodies of this kind, beyond this population "
        "(no finite-population correction)."
    )
