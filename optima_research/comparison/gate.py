"""The comparability gate: before the mean of a scale is compared between partners, may it be?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from optima_research.codebook import Scale
from optima_research.errors import ScaleError
from optima_research.language import _
from optima_research.results.frames import Data

if TYPE_CHECKING:
    from optima_research.comparison.result import Comparison

PARTNER = "partner"


def through_the_gate(result: Comparison, data: Data) -> Comparison:
    """The comparison of a scale between partners with what its items allow to be compared, printed in the note.

    Parameters
    ----------
    result : Comparison
    data : Survey or DataFrame
        Only a survey knows scales and partners; a plain frame passes unchanged, and so does anything but a scale
        compared between partners.

    Notes
    -----
    The test is :func:`optima_research.coding.quantitative.comparability` on the items of the scale. Where it cannot be
    made (too few items or respondents) the note says why: means are then compared on trust.
    """
    scale = _scale_between_partners(result, data)
    if scale is None:
        return result
    from optima_research.coding.quantitative import comparability

    try:
        gate = comparability(data, scale, result.by, smallest_effect=result.smallest_effect)
    except ScaleError as error:
        note = _("Comparability of the scale between partners not tested: {reason}", reason=error.message)
        return replace(result, notes=(*result.notes, note))
    return replace(result, notes=(*result.notes, gate.sentence()), comparability=gate)


def _scale_between_partners(result: Comparison, data: Data) -> Scale | None:
    if isinstance(data, pd.DataFrame) or data.codebook[result.by].role != PARTNER:
        return None
    for scale in data.codebook.scales:
        if scale.name == result.outcome and set(scale.items) <= set(data.columns):
            return scale
    return None
