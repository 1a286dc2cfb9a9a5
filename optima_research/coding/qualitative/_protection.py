"""What interviews may tell under a disclosure policy: who speaks in each part, and which numbers of people are too few.

What is protected is the group: a policy's smallest group is the fewest interviewees of whom something may be said.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.reinert_profiles import people
from optima_research.coding.qualitative.term_matrix import TermMatrix
from optima_research.results import Column, Protect, PublicationTable


def may_be_told(numbers: pd.Series, protect: Protect, *, parts: bool = False) -> pd.Series:
    """For each number of people, whether the policy lets something be said of them.

    ``parts``: each person is in one group only, so the size of a hidden group must not follow from those of the others.
    """
    body = pd.DataFrame({"n": numbers.to_numpy(dtype=float)})
    # Naming a total that is not there keeps a group as large as all others together from being taken for one.
    table = PublicationTable(
        "",
        body,
        (Column("n", "n", kind="count"),),
        bases=body,
        totals=("",),
        attributes={"additive_rows": parts},
    )
    hidden = protect(table).suppressed
    told = pd.Series(True, index=numbers.index)
    return told if hidden is None else pd.Series(~hidden["n"].to_numpy(dtype=bool), index=numbers.index)


def hides(protect: Protect) -> bool:
    """Whether the policy hides anything at all: what is said of one person, at least."""
    return not bool(may_be_told(pd.Series([1]), protect).all())


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
