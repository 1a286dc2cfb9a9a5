"""Who uses which words: people of each part, and people who say each term."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.words.reinert_profiles import people
from optima_research.coding.qualitative.words.term_matrix import TermMatrix


def speakers_by(matrix: TermMatrix, by: str | pd.Series) -> tuple[pd.DataFrame, pd.Series]:
    """People of each part who use each term (terms × parts), and people of each part."""
    from scipy.sparse import csr_array

    part: Any = matrix.variables[by] if isinstance(by, str) else by.reindex(matrix.documents)
    frame = pd.DataFrame({"person": people(matrix), "part": part}).reset_index(drop=True).dropna()
    codes, parts = pd.factorize(frame["part"], sort=True)
    voices = frame.assign(part=codes).groupby(["person", "part"]).ngroup().to_numpy()
    part_of = pd.Series(codes).groupby(voices).first().to_numpy()
    ones, n_voices = np.ones(len(frame), dtype=np.int64), len(part_of)
    said = csr_array((ones, (voices, frame.index.to_numpy())), shape=(n_voices, matrix.n)) @ matrix.presence
    said.data = np.ones_like(said.data)
    heard = (np.ones(n_voices, dtype=np.int64), (part_of, np.arange(n_voices)))
    member = csr_array(heard, shape=(len(parts), n_voices))
    users = pd.DataFrame((member @ said).toarray().T, index=matrix.terms, columns=parts)
    return users, pd.Series(np.bincount(part_of, minlength=len(parts)), index=parts)


def speakers_of(matrix: TermMatrix) -> pd.Series:
    """People who use each term."""
    used, _everybody = speakers_by(matrix, pd.Series("", index=matrix.documents))
    return used[""].rename("users")
