"""Scores: the mean of the items a respondent answered, when he answered enough of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.codebook import Measure, Role, Scale, Variable
from optima_research.coding.quantitative._item_moments import extremes
from optima_research.coding.quantitative.items import read_items
from optima_research.errors import ScaleError
from optima_research.language import _

if TYPE_CHECKING:
    from optima_research.results.frames import Data
    from optima_research.survey import Survey


def score(data: Data, scale: Scale | str) -> pd.Series:
    """Score of each respondent on a scale, in points of the answer scale.

    Parameters
    ----------
    data : DataFrame or Survey
        One row a respondent; items interval or ordinal, coded as numbers.
    scale : Scale or str
        The declaration, or its name in the codebook of the survey.

    Returns
    -------
    Series
        Named after the scale, float64, between the ends of the scale's range; NaN where fewer than
        ``scale.min_items`` items are answered.

    Raises
    ------
    ScaleError
        Answers outside the declared range (item and values are named), a scale the codebook does not have.
    SurveyError
        An item that is not a column.

    Notes
    -----
    Mean of the available items, items declared reversed counted as ``low + high - answer``. With a complete answer
    it is the sum divided by the number of items; with a partial one it amounts to giving the missing items the
    respondent's own mean. Items are reversed only where the scale declares it; :func:`reliability` says which items
    look reversed and are not declared.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"a": [1, 4, 5], "b": [2, 5, None], "c": [5, 1, None]})
    >>> score(answers, Scale("climat", ("a", "b", "c"), reversed=("c",), range=(1, 5))).tolist()
    [1.3333333333333333, 4.666666666666667, nan]
    """
    scale = declared_scale(data, scale)
    items = read_items(data, scale.items, reverse=scale.reversed, scale_range=scale.range, at_least=1)
    sums = np.zeros(len(items.index))
    answered = np.zeros(len(items.index))
    items.refuse_outside(*extremes(items.columns))
    for column, reverse in zip(items.columns, items.reverse, strict=True):
        present = ~np.isnan(column)
        sums += np.where(present, items.total - column if reverse else column, 0.0)
        answered += present
    with np.errstate(invalid="ignore"):
        means = np.where(answered >= scale.min_items, sums / answered, np.nan)
    return pd.Series(means, index=items.index, name=scale.name)


def add_scores(survey: Survey, *scales: Scale | str, reason: str | None = None) -> Survey:
    """A survey with the scores of some scales (all those of its codebook by default) as new columns.

    The rule of each score, its reversed items and its minimum of valid answers go into the trail and the codebook.

    Parameters
    ----------
    survey : Survey
    *scales : Scale or str
    reason : str, optional

    Returns
    -------
    Survey

    Raises
    ------
    ScaleError, SurveyError
        As :func:`score`; also a survey without any declared scale.

    Examples
    --------
    >>> from optima_research import Codebook, Survey
    >>> answers = pd.DataFrame({"a": [1, 4, 5], "b": [2, 5, 4]})
    >>> codebook = Codebook([Variable("a"), Variable("b")]).with_scales(Scale("climat", ("a", "b")))
    >>> add_scores(Survey.build(answers, codebook)).answers["climat"].tolist()
    [1.5, 4.5, 4.5]
    """
    chosen = [declared_scale(survey, scale) for scale in scales or survey.codebook.scales]
    if not chosen:
        raise ScaleError(
            _("The codebook declares no scale."),
            hint=_("Declare one: codebook.with_scales(Scale(name, items, …))."),
        )
    variables = tuple(
        Variable(
            scale.name,
            label=scale.shown,
            measure=Measure.INTERVAL,
            role=Role.SCORE,
            source=_(
                "mean of {items}; reversed: {reversed}; at least {n} answers",
                items=", ".join(scale.items),
                reversed=", ".join(scale.reversed) or _("none"),
                n=scale.min_items,
            ),
        )
        for scale in chosen
    )
    return survey.with_columns(
        {scale.name: score(survey, scale) for scale in chosen},
        variables,
        rule="add_scores",
        reason=reason or _("Scores of the declared scales."),
        parameters={
            scale.name: {
                "items": list(scale.items),
                "reversed": list(scale.reversed),
                "range": list(scale.range),
                "min_items": scale.min_items,
            }
            for scale in chosen
        },
    )


def declared_scale(data: Data, scale: Scale | str) -> Scale:
    """The scale itself, or the one the survey's codebook has under that name."""
    if isinstance(scale, Scale):
        return scale
    if isinstance(data, pd.DataFrame):
        raise ScaleError(
            _("A plain table has no codebook in which to look up the scale « {name} ».", name=scale),
            parameter="scale",
            hint=_("Give the declaration itself: Scale(name, items, …)."),
        )
    return data.codebook.scale(scale)
