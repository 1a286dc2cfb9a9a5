"""Trimming: a few extreme weights cut, what was cut shared among the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optima_research.errors import DesignError
from optima_research.language import _
from optima_research.sampling._variance_kernels import Floats

if TYPE_CHECKING:
    from optima_research.sampling.design import SurveyDesign


MOST_ROUNDS = 10_000


def trim_weights(design: SurveyDesign, low: float, high: float) -> SurveyDesign:
    """Bring every weight between two bounds without changing their sum.

    Parameters
    ----------
    design : SurveyDesign
    low, high : float
        Smallest and largest weight allowed, in the unit of the weights.

    Returns
    -------
    SurveyDesign
        Margins reached before are lost: to keep them, use ``rake(..., trim=(low, high))``.

    Raises
    ------
    DesignError
        Bounds that the mean weight does not respect, so that no trimming can.

    Notes
    -----
    What is cut is added equally to the weights inside the bounds, again and again until none is outside
    (R survey ``trimWeights(strict=TRUE)``).

    Examples
    --------
    >>> import pandas as pd
    >>> from optima_research.sampling import SurveyDesign
    >>> trim_weights(SurveyDesign(pd.DataFrame({"w": [1.0, 2, 2, 11]}), weights="w"), 1, 8).weights.tolist()
    [2.0, 3.0, 3.0, 8.0]
    """
    return design.reweighted(trimmed(design.weight_array, low, high))


def trimmed(weights: Floats, low: float, high: float) -> Floats:
    """(n,) weights brought between two bounds, their sum kept."""
    mean = weights.mean()
    if not low <= mean <= high:
        raise DesignError(
            _("The mean weight {mean} lies outside the bounds.", mean=f"{mean:g}"),
            parameter="trim",
            expected=f"{low:g} – {high:g}",
            hint=_("Choose bounds on both sides of the mean weight."),
        )
    slack = 1e-12 * high
    for _round in range(MOST_ROUNDS):
        outside = (weights < low - slack) | (weights > high + slack)
        if not outside.any() or outside.all():
            return weights
        cut = np.clip(weights, low, high)
        weights = np.where(outside, cut, weights + (weights - cut).sum() / (~outside).sum())
    raise no_weights_within(low, high)


def no_weights_within(low: float, high: float) -> DesignError:
    """The error to raise when no weights satisfy the bounds."""
    return DesignError(
        _("No weights between {low} and {high} reach the margins.", low=f"{low:g}", high=f"{high:g}"),
        parameter="trim",
        hint=_("Widen the bounds, merge small categories, or give fewer margins."),
    )
