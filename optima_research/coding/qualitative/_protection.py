"""What interviews may tell under a disclosure policy: which numbers of people are too few.

What is protected is the group: a policy's smallest group is the fewest interviewees of whom something may be said.
"""

from __future__ import annotations

import pandas as pd

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
