"""Double classification: the classes that two cuts of the same texts, into shorter and longer units, agree on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.words._double_kernels import best_disjoint
from optima_research.coding.qualitative.words._lexical_tests import signed_chi2
from optima_research.coding.qualitative.words.corpus import Corpus
from optima_research.coding.qualitative.words.keyness import Correction, Unit
from optima_research.coding.qualitative.words.reinert import Reinert, reinert
from optima_research.coding.qualitative.words.reinert_profiles import (
    class_profiles,
    hidden_lines,
    people_by,
    typical_documents,
)
from optima_research.coding.qualitative.words.term_matrix import TermMatrix
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_percent
from optima_research.results import Column, Estimate, Protect, PublicationTable, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LEAST_CHI2 = 3.84


def reinert_double(
    matrix: TermMatrix | Corpus,
    k: int = 5,
    *,
    min_terms: tuple[int, int] = (10, 15),
    min_members: int = 10,
) -> DoubleReinert:
    """Two classifications on units of different sizes, crossed: only what both agree on is kept.

    Parameters
    ----------
    matrix : TermMatrix or Corpus
        Segments × terms, as for :func:`~optima_research.reinert`.
    k : int
        Classes wanted; both trees are grown to k classes, and crossed at all their levels.
    min_terms : (int, int)
        Terms that a unit must hold in the first and in the second classification.
    min_members : int
        Segments that a crossed class must hold more than.

    Returns
    -------
    DoubleReinert
        ``classes`` (1…k, the largest first; missing where the trees disagree), ``pairs`` (which class of each tree,
        ``n``, ``chi2``), ``first`` and ``second`` (the two :class:`Reinert`).

    Raises
    ------
    AnalysisError
        No set of k disjoint crossed classes; the message says how many there are.

    Notes
    -----
    A class of each tree, at any level, are kept together when they share more than ``min_members`` segments and their
    2 × 2 chi² without correction exceeds 3.84. Of all sets of k crossed classes without a common segment, the one with
    the largest sum of chi² is found exactly, by branch and bound; ties go to the set met first.

    Examples
    --------
    >>> money, people = "budget recette dépense impôt", "agent équipe encadrant absence"
    >>> texts = Corpus([money] * 12 + [people] * 12)
    >>> reinert_double(texts, 2, min_terms=(3, 4)).sizes.tolist()
    [12, 12]
    """
    first = reinert(matrix, k, min_terms=min_terms[0])
    second = reinert(first.matrix, k, min_terms=min_terms[1])
    crossings, members = _crossings(first, second, min_members)
    masks = [int("".join("1" if m else "0" for m in member), 2) for member in members]
    chosen = best_disjoint(masks, crossings["chi2"].tolist(), k)
    if chosen is None:
        raise AnalysisError(
            _("The two classifications do not agree on {k} classes.", k=k), parameter="k",
            hint=_("Ask for fewer classes, or lower min_members."),
        )  # fmt: skip
    chosen = sorted(chosen, key=lambda i: (-int(crossings["n"].iloc[i]), i))
    labels = np.zeros(first.matrix.n, dtype=np.int64)
    for label, i in enumerate(chosen, start=1):
        labels[members[i]] = label
    classes = pd.Series(pd.array(labels, dtype="Int64"), index=first.matrix.documents, name="class")
    pairs = crossings.iloc[chosen].set_axis(pd.RangeIndex(1, k + 1, name="class"))
    return DoubleReinert(classes=classes.replace(0, pd.NA), pairs=pairs, first=first, second=second)


@dataclass(frozen=True, eq=False, repr=False)
class DoubleReinert(Result):
    """The classes both trees agree on."""

    classes: pd.Series
    pairs: pd.DataFrame
    first: Reinert
    second: Reinert
    withheld: tuple[int, ...] = ()
    shown: PublicationTable | None = None
    shown_crossing: PublicationTable | None = None

    @property
    def matrix(self) -> TermMatrix:
        """Segments × terms."""
        return self.first.matrix

    @property
    def sizes(self) -> pd.Series:
        """Segments in each class; a class that a policy hides is not there."""
        sizes = self.classes.value_counts().sort_index().astype(np.int64).rename("segments")
        return sizes.drop(list(self.withheld))

    def profiles(
        self, *, unit: Unit = "segments", correction: Correction = "none", p: float = 0.05
    ) -> pd.DataFrame:
        """Over-used terms of each class, as :meth:`Reinert.profiles`."""
        found = class_profiles(self.matrix, self.classes, unit, correction)
        told = ~found["class"].isin(self.withheld)
        return found[(found["statistic"] > 0) & (found["p_value"] <= p) & told].reset_index(drop=True)

    def typical_segments(self, n: int = 5) -> pd.DataFrame:
        """Per class, the segments whose words mark it most, in the original text."""
        found = typical_documents(self.matrix, self.classes, self.profiles(), n)
        return found[~found["class"].isin(self.withheld)].reset_index(drop=True)

    def table(self) -> PublicationTable:
        """One line a class: segments, agreement of the trees, first terms; it rests on the people in each class."""
        if self.shown is not None:
            return self.shown
        words = self.profiles().groupby("class").head(10).groupby("class")["term"].agg(", ".join)
        body = self.pairs[["n", "chi2"]].assign(terms=words.reindex(self.pairs.index).fillna("–"))
        bases = pd.DataFrame(
            dict.fromkeys(body.columns, people_by(self.matrix, self.classes).sum(axis=1)), index=body.index
        )
        columns = (
            Column("n", _("Segments"), kind="count"),
            Column("chi2", _("Agreement of the trees (chi²)"), decimals=1),
            Column("terms", _("Most marked terms"), kind="text"),
        )
        return PublicationTable(
            title=_("Lexical classes of two classifications"), body=body.set_axis(body.index.astype(str)),
            columns=columns, stub=_("Class"), bases=bases.set_axis(body.index.astype(str)),
            reading=self.sentence(), name="reinert_double",
        )  # fmt: skip

    def protected(self, protect: Protect) -> Self:
        """The classes that enough people speak in; no size, word or segment of the others, in either tree."""
        table, crossing = protect(self.table()), protect(self._crossing())
        hidden = hidden_lines(table)
        rest = replace(
            self, withheld=tuple(hidden), pairs=self.pairs.drop(hidden), shown_crossing=crossing,
            first=self.first.protected(protect), second=self.second.protected(protect),
        )  # fmt: skip
        return replace(rest, shown=table.with_notes(reading=rest.sentence()))

    def sentence(self) -> str:
        """How many segments both trees class alike."""
        n, total = int(self.classes.notna().sum()), len(self.classes)
        k = len(self.pairs) + len(self.withheld)
        said = _(
            "The two classifications agree on {k} classes and {n} of {all} segments ({share}).",
            k=k, n=format_count(n), all=format_count(total), share=format_percent(n / total),
        )  # fmt: skip
        if self.withheld:
            said += " " + _("Classes not told, as too few people speak in them: {n}.", n=len(self.withheld))
        return said

    def plot(self, ax: Axes | None = None) -> Axes:
        """Segments that each class of the first tree shares with each class of the second."""
        from optima_research.coding.qualitative._figures import heat_map

        table = self.shown_crossing or self._crossing()
        hidden = None if table.suppressed is None else table.suppressed.to_numpy(dtype=bool)
        return heat_map(
            table.body, _("Classes of the second classification"), stub=table.stub, hidden=hidden, ax=ax
        )

    def _crossing(self) -> PublicationTable:
        first, second = self.first.classes.rename("first"), self.second.classes.rename("second")
        body = pd.crosstab(first, second)
        bases = people_by(self.matrix, first, second).reindex_like(body)
        body, bases = (frame.rename(index=str, columns=str) for frame in (body, bases))
        columns = tuple(Column(name, name, kind="count") for name in body.columns)
        return PublicationTable(
            title=_("Classes of the two classifications"), body=body, columns=columns, bases=bases,
            stub=_("First tree"), name="reinert_crossing",
        )  # fmt: skip

    def statistics(self) -> dict[str, Estimate | float]:
        """Classes and share classified."""
        return {
            "classes": float(len(self.pairs) + len(self.withheld)),
            "classified": float(self.classes.notna().mean()),
        }


def _crossings(first: Reinert, second: Reinert, least: int) -> tuple[pd.DataFrame, list[np.ndarray]]:
    """Pairs of classes, at all levels, that hold enough segments in common and more than by chance; each set once."""
    ours, theirs = _all_classes(first), _all_classes(second)
    a = np.array([member for _name, member in ours], dtype=np.int64)
    b = np.array([member for _name, member in theirs], dtype=np.int64)
    both, n = a @ b.T, a.shape[1]
    in_a, in_b = a.sum(axis=1)[:, None], b.sum(axis=1)[None, :]
    chi2 = signed_chi2(both, in_a - both, in_b, n - in_b, "none")
    rows, members, seen = [], [], set[bytes]()
    for i, j in zip(*np.nonzero((both > least) & (chi2 > _LEAST_CHI2)), strict=True):
        member = (a[i] & b[j]).astype(bool)
        if member.tobytes() not in seen:
            seen.add(member.tobytes())
            rows.append((ours[i][0], theirs[j][0], int(both[i, j]), float(chi2[i, j])))
            members.append(member)
    return pd.DataFrame(rows, columns=["first", "second", "n", "chi2"]), members


def _all_classes(result: Reinert) -> list[tuple[str, np.ndarray]]:
    """Every class of every level, each set of segments once, named level.class."""
    found: dict[bytes, tuple[str, np.ndarray]] = {}
    for level in range(2, result.k + 1):
        classes = result.cut(level).fillna(0).to_numpy(dtype=np.int64)
        for label in range(1, level + 1):
            member = classes == label
            found.setdefault(member.tobytes(), (f"{level}.{label}", member))
    return list(found.values())
