"""What is classified: segments, or neighbours of one document joined until they hold enough terms."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.words._words_of import words_of
from optima_research.coding.qualitative.words.corpus import Corpus
from optima_research.coding.qualitative.words.term_matrix import TermMatrix


def as_matrix(matrix: TermMatrix | Corpus | pd.DataFrame, segment_size: int) -> TermMatrix:
    """Segments × terms; a corpus that is not cut yet is cut."""
    if isinstance(matrix, Corpus):
        cut = matrix if matrix.origin is not None else matrix.segments(segment_size)
        return cut.term_matrix()
    matrix = words_of(matrix)
    return TermMatrix.of_frame(matrix) if isinstance(matrix, pd.DataFrame) else matrix


def joined(table: TermMatrix, least: int) -> Any:
    """Number of the unit each segment belongs to: neighbours of one document joined until ``least`` terms."""
    n = table.n
    if least <= 1:
        return np.arange(n)
    held = np.diff(table.presence.indptr)
    origin = None if table.corpus is None else table.corpus.origin
    documents = np.zeros(n, dtype=np.int64) if origin is None else pd.factorize(origin["document"])[0]
    starts = [0, *(np.flatnonzero(np.diff(documents)) + 1).tolist(), n]
    units, unit = np.zeros(n, dtype=np.int64), 0
    for begin, end in pairwise(starts):
        opened, filled, first = begin, 0, unit
        for i in range(begin, end):
            units[i] = unit
            filled += int(held[i])
            if filled >= least:
                opened, filled, unit = i + 1, 0, unit + 1
        if opened < end and unit > first:  # too short a tail joins the unit before it
            units[opened:end] = unit - 1
        elif opened < end:
            unit += 1
    return units


def presence_of_units(table: TermMatrix, units: Any) -> Any:
    """Units × terms, 1 where one segment of the unit holds the term."""
    from scipy.sparse import csr_array

    present = table.presence
    n_units = int(units.max(initial=-1)) + 1
    if n_units < table.n:
        ones = np.ones(table.n, dtype=np.int64)
        present = (csr_array((ones, (units, np.arange(table.n))), shape=(n_units, table.n)) @ present).tocsr()
        present.data = np.ones_like(present.data)
    present.sort_indices()
    return present
