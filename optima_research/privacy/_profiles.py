"""Profiles of respondents as integers: the combinations of a few columns, counted without sorting rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints: TypeAlias = npt.NDArray[np.int64]


def profiles(frame: pd.DataFrame, names: Sequence[str]) -> Ints:
    """Number of the profile of each row, from zero, without gaps."""
    cells: Ints = np.zeros(len(frame), dtype=np.int64)
    for name in names:
        cells = crossed(cells, codes_of(frame[name]))
    return cells


def codes_of(column: pd.Series) -> Ints:
    """Number of each value of a column from 1, 0 for a missing answer."""
    codes, _values = pd.factorize(column, use_na_sentinel=True)
    return np.asarray(codes, dtype=np.int64) + 1


def crossed(cells: Ints, codes: Ints) -> Ints:
    """Profiles crossed with one more column, renumbered without gaps so that counting stays a bincount."""
    width = int(codes.max(initial=0)) + 1
    wide = cells * width + codes
    room = (int(cells.max(initial=0)) + 1) * width
    if room <= max(4 * len(wide), 1_000_000):
        present = np.zeros(room, dtype=bool)
        present[wide] = True
        return np.asarray((np.cumsum(present) - 1)[wide], dtype=np.int64)
    return np.asarray(pd.factorize(wide)[0], dtype=np.int64)
