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
        Periods without a value that a unit must show before the end of the follow-up to be held as given up; with fewer
        it is still followed (censored at its last value). A hole in the middle ends nothing.

    Returns
    -------
    DataFrame
        Index unit: ``first last`` (periods with a value), ``duration`` (periods from first to last, both counted),
        ``ended`` (1 given up, 0 still there). Units that never had a value are left out.

    Raises
    ------
    AnalysisError
        A unit twice in a period.

    Examples
    --------
    >>> rows = [("A", 1, 5.0), ("A", 2, None), ("A", 3, 6.0), ("A", 4, 7.0), ("B", 1, 2.0), ("B", 2, None)]
    >>> follow_up = pd.DataFrame(rows, columns=["indicator", "quarter", "value"])
    >>> lifetimes(follow_up, "indicator", "quarter", "value")[["duration", "ended"]].values.tolist()
    [[4, 0], [1, 1]]
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
    gap = len(periods) - 1 - last
    return pd.DataFrame(
        {
            "first": periods[first.to_numpy(dtype=int)],
            "last": periods[last.to_numpy(dtype=int)],
            "duration": (last - first + 1).to_numpy(dtype="int64"),
            "ended": (gap >= max(silence, 1)).to_numpy(dtype="int64"),
        },
        index=first.index,
    )
