"""Joint counts of a few columns: the exact summary from which most tables and tests are computed.

Answers take few values, so respondents are counted once and forgotten: a tally adds up over files, batches and
partitions, and resampling weights it instead of copying rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.results.frames import Data, categories, numeric

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Tally:
    """Counts over every combination of the levels of a few columns.

    Parameters
    ----------
    names : tuple of str
        Columns, one dimension each.
    levels : tuple of Index
        Levels of each column, in order; unused levels are kept.
    counts : ndarray of shape (levels…)
        Respondents (unweighted).
    weighted : ndarray of the same shape
        Sum of weights; equal to ``counts`` without weights.
    n_missing : int
        Respondents left out because one of the columns (or the weight) is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"g": ["a", "a", "b"], "y": [1, 2, 2]})
    >>> tally = Tally.of(data, ["g", "y"])
    >>> tally.counts.tolist()
    [[1.0, 1.0], [0.0, 1.0]]
    >>> (tally + tally).n
    6
    """

    names: tuple[str, ...]
    levels: tuple[pd.Index, ...]
    counts: Array
    weighted: Array
    n_missing: int = 0

    @classmethod
    def of(cls, data: Data, names: Sequence[str], *, weights: str | npt.ArrayLike | None = None) -> Tally:
        """Count the combinations of levels; rows with a hole in any of the columns are counted as missing."""
        columns = [categories(data, name) for name in names]
        codes = [np.asarray(column.cat.codes) for column in columns]
        levels = tuple(column.cat.categories for column in columns)
        shape = tuple(len(level) for level in levels)
        values = _weights(data, weights)
        valid = np.logical_and.reduce([code >= 0 for code in codes])
        if values is not None:
            valid &= np.isfinite(values)
        flat = (
            np.ravel_multi_index([code[valid] for code in codes], shape)
            if valid.any()
            else np.empty(0, np.intp)
        )
        size = int(np.prod(shape))
        counts: Array = np.bincount(flat, minlength=size).astype(float).reshape(shape)
        weighted: Array = (
            counts if values is None else np.bincount(flat, values[valid], size).astype(float).reshape(shape)
        )
        return cls(tuple(names), levels, counts, weighted, int((~valid).sum()))

    @property
    def n(self) -> int:
        """Respondents counted."""
        return int(self.counts.sum())

    def over(self, *names: str) -> Tally:
        """The tally of fewer columns: the others are summed over."""
        gone = tuple(axis for axis, name in enumerate(self.names) if name not in names)
        kept = [axis for axis in range(len(self.names)) if axis not in gone]
        order = [[self.names[axis] for axis in kept].index(name) for name in names]
        return Tally(
            tuple(names),
            tuple(self.levels[kept[axis]] for axis in order),
            self.counts.sum(axis=gone).transpose(order),
            self.weighted.sum(axis=gone).transpose(order),
            self.n_missing,
        )

    def frame(self, *, weighted: bool = False) -> pd.DataFrame:
        """One or two columns as a table of counts (rows: first column)."""
        table = self.weighted if weighted else self.counts
        rows = pd.Index(self.levels[0], name=self.names[0])
        if len(self.names) == 1:
            return pd.DataFrame({"n": table}, index=rows)
        return pd.DataFrame(table, index=rows, columns=pd.Index(self.levels[1], name=self.names[1]))

    def __add__(self, other: Tally) -> Tally:
        same = self.names == other.names and all(
            mine.equals(theirs) for mine, theirs in zip(self.levels, other.levels, strict=True)
        )
        if not same:
            raise AnalysisError(
                _("Tallies of different columns or levels do not add up."),
                got=f"{self.names} / {other.names}",
                hint=_("Declare the same levels on both sides, from the codebook."),
            )
        return Tally(
            self.names,
            self.levels,
            self.counts + other.counts,
            self.weighted + other.weighted,
            self.n_missing + other.n_missing,
        )

    def __repr__(self) -> str:
        return f"Tally({' × '.join(self.names)}, n={self.n})"


def _weights(data: Data, weights: str | npt.ArrayLike | None) -> Array | None:
    if weights is None:
        return None
    if isinstance(weights, str):
        return np.asarray(numeric(data, weights), dtype=float)
    return np.asarray(weights, dtype=float)
