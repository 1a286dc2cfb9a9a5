"""What interviews may tell under a disclosure policy: who speaks in each part, and which numbers of people are too few.

What is protected is the group: a policy's smallest group is the fewest interviewees of whom something may be said.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import pandas as pd

from optima_research.coding.qualitative.reinert_profiles import people
from optima_research.coding.qualitative.term_matrix import TermMatrix
from optima_research.results import Column, PublicationTable

Protect: TypeAlias = Callable[[PublicationTable], PublicationTable]


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
    part: Any = matrix.variables[by] if isinstance(by, str) else by.reindex(matrix.documents)
    frame = pd.DataFrame({"person": people(matrix), "part": part}).dropna()
    voice = frame.groupby(["person", "part"], observed=True).ngroup()
    part_of = frame.groupby(voice)["part"].first()
    used = matrix.by(voice.reindex(matrix.documents), presence=True) > 0
    return used.T.groupby(
        part_of.reindex(used.columns).to_numpy()
    ).sum().T, part_of.value_counts().sort_index()


def speakers_of(matrix: TermMatrix) -> pd.Series:
    """People who use each term."""
    used, _everybody = speakers_by(matrix, pd.Series("", index=matrix.documents))
    return used[""].rename("users")
