"""How long things are kept up (indicators, tools, posts), from a follow-up of one row a thing and period."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optima_research.errors import AnalysisError, suggest
from optima_research.language import _


def lifetimes(data: pd.DataFrame, unit: str, period: str, value: str, *, silence: int = 2) -> pd.DataFrame:
    """How long each unit was kept up, from a follow-up of one row a unit and period.

    Parameters
    ----------
    data : DataFrame
        One row a unit and period; a unit may be absent from some periods.
    unit, period, value : str
        Key of the unit; ordered periods; a value, missing where nothing was filled in.
    silence : int
        Periods without a value that a unit must show before the end of the follow-up to be held as given up (one at
        least); with fewer it is still followed. A hole in the middle ends nothing.

    Returns
    -------
    DataFrame
        Index unit: ``first last`` (periods with a value), ``duration`` (periods, both ends counted: from the first
        value to the last for a unit given up, else to the last period after which giving up could have been seen),
        ``ended`` (1 given up, 0 still there). Left out: units that never had a value, or whose first one comes so late
        that nothing could have been seen.

    Raises
    ------
    AnalysisError
        A missing column, a unit twice in a period, a follow-up no longer than the silence.

    Notes
    -----
    Nobody can be seen to give up in the last ``silence`` periods, so no time at risk is counted there: doing so would
    flatten the end of the curve. Periods are those of the data; one that is missing altogether is not counted.

    Examples
    --------
    >>> rows = [("A", 1, 5.0), ("A", 2, None), ("A", 3, 6.0), ("A", 4, 7.0), ("B", 1, 2.0), ("B", 2, None)]
    >>> follow_up = pd.DataFrame(rows, columns=["indicator", "quarter", "value"])
    >>> lifetimes(follow_up, "indicator", "quarter", "value")[["duration", "ended"]].values.tolist()
    [[2, 0], [1, 1]]
    """
    for name in (unit, period, value):
        if name not in data:
            raise AnalysisError(
                _("There is no column « {name} ».", name=name),
                parameter=name,
                hint=suggest(name, [str(column) for column in data.columns]) or None,
            )
    if data.duplicated([unit, period]).any():
        raise AnalysisError(_("A unit stands twice in the same period."), parameter="unit", got=unit)
    periods = np.sort(data[period].unique())
    rank = pd.Series(np.arange(len(periods)), index=periods)
    filled = data.loc[data[value].notna(), [unit, period]]
    at = filled[period].map(rank).groupby(filled[unit])
    first, last = at.min(), at.max()
    seen = len(periods) - 1 - max(silence, 1)  # the last period after which giving up could have been seen
    if seen < 0:
        raise AnalysisError(
            _("The follow-up is no longer than the silence that ends it."), parameter="silence", got=silence
        )
    frame = pd.DataFrame(
        {
            "first": periods[first.to_numpy(dtype=int)],
            "last": periods[last.to_numpy(dtype=int)],
            "duration": (last.clip(upper=seen) - first + 1).to_numpy(dtype="int64"),
            "ended": (last <= seen).to_numpy(dtype="int64"),
        },
        index=first.index,
    )
    return frame[frame["duration"] > 0]
