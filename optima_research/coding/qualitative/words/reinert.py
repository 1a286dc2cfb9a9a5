"""Reinert's descending classification (CDH): lexical worlds, from segments that share the same words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.words import _reinert_tree as trees
from optima_research.coding.qualitative.words._reinert_units import as_matrix, joined, presence_of_units
from optima_research.coding.qualitative.words.corpus import Corpus
from optima_research.coding.qualitative.words.keyness import Correction, Unit
from optima_research.coding.qualitative.words.reinert_profiles import (
    class_profiles,
    crossed,
    hidden_lines,
    people_by,
    typical_documents,
)
from optima_research.coding.qualitative.words.term_matrix import TermMatrix
from optima_research.coding.quantitative.items import require_choice
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_percent
from optima_research.results import Column, Estimate, Protect, PublicationTable, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Reallocation = Literal["best", "first", "none", "rainette-0.3"]
_SMALL = 0.01


def reinert(
    matrix: TermMatrix | Corpus | pd.DataFrame,
    k: int = 10,
    *,
    segment_size: int = 40,
    min_terms: int = 0,
    min_split: int = 5,
    min_term: int = 3,
    min_class: int | Literal["iramuteq"] | None = None,
    reallocation: Reallocation = "best",
) -> Reinert:
    """Descending hierarchical classification of segments by the presence of terms.

    Parameters
    ----------
    matrix : TermMatrix, Corpus or DataFrame
        Segments × terms. A corpus that is not cut yet is cut into segments; a frame holds counts.
    k : int
        Classes wanted; fewer come out when nothing more can be split.
    segment_size : int
        Words of a segment, for a corpus that is not cut.
    min_terms : int
        Consecutive segments of a document are joined until they hold so many terms (0: never).
    min_split : int
        A class with fewer segments is not split.
    min_term : int
        A term leaves a branch where fewer segments hold it.
    min_class : int or "iramuteq", optional
        Fewest segments of a class. Once the tree has its k leaves, a smaller one is merged with what split from it if
        all of that was too small as well and their mother is large enough; else its segments are left unclassified.
        ``"iramuteq"`` takes its automatic threshold, segments / k. By default every class is kept.
    reallocation : {"best", "first", "none", "rainette-0.3"}
        After each cut, move the segment that raises the chi² most (default); or each that raises it, in order
        (IRaMuTeQ); or none (IRaMuTeQ's quick mode). ``"rainette-0.3"`` is for reproducing published results only: it
        repeats the fault of rainette up to 0.3.2, see Notes.

    Returns
    -------
    Reinert
        ``classes`` (1…k from left to right of the tree, missing where unclassified), ``heights`` (chi² of each
        split), ``sizes``, ``unclassified`` (why: ``no_term``, ``terms_left`` the branch, ``small_class``),
        ``profiles()``, ``typical_segments()``, ``by()``, ``cut()``.

    Raises
    ------
    AnalysisError
        k under 2, no term, a table that cannot be split once, or fewer than two classes of ``min_class`` segments.

    Notes
    -----
    Reinert (1983), with the reallocation of rainette corrected: after a move, the segment looked up is the one that
    was evaluated. Deterministic: fixed start and sign of the axis, ties to the lowest segment, the largest class is
    split next (of equals, the one with the lowest segment; a tool that takes the other finds the same heights in
    another order). Cost grows with the non-zeros of the table.

    ``"rainette-0.3"``: rainette weighs the moves in the order c(group 1, group 2), but from the second move on looks
    the best one up in the order of the axis. Other segments than those weighed change sides, and the heights, which
    are the chi² it reports, are not those of the classes. Classes are numbered as rainette numbers them, and growth
    stops where it stops. The result depends on the sign of the axis, which RSpectra gives it and which is found again
    by running its method; where that fails (a table in several unconnected pieces, or about one axis in 250 that are
    hard to tell from the next), the heights differ from the published ones.

    References
    ----------
    Reinert (1983) Les cahiers de l'analyse des données 8(2):187-198.

    Examples
    --------
    >>> money, people = "budget recette dépense impôt", "agent équipe encadrant absence"
    >>> result = reinert(Corpus([money] * 6 + [people] * 6), 2)
    >>> result.classes.tolist()
    [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]
    """
    if k < 2:
        raise AnalysisError(_("A classification has at least two classes."), parameter="k", got=k)
    require_choice("reallocation", reallocation, Reallocation)
    table = as_matrix(matrix, segment_size)
    units = joined(table, min_terms)
    present = presence_of_units(table, units)
    if not present.nnz:
        raise AnalysisError(
            _("No segment holds a term."), parameter="matrix", hint=_("Lower min_docfreq, or add texts.")
        )
    grown = trees.grow(present, k, min_split, min_term, reallocation)
    if not grown.tree:
        raise AnalysisError(
            _("These segments cannot be split: too few of them, or of terms."), parameter="matrix"
        )
    if isinstance(min_class, str):
        require_choice("min_class", min_class, Literal["iramuteq"])
    least = round(table.n / k) if isinstance(min_class, str) else min_class
    tree, labels, small = _classes(grown, units, least)
    return Reinert(
        matrix=table,
        classes=pd.Series(
            pd.array(labels[units], dtype="Int64"), index=table.documents, name="class"
        ).replace(0, pd.NA),
        heights=np.array([height for _node, _left, _right, height in tree]),
        unclassified=_reasons(table, labels[units], (np.diff(present.indptr) > 0)[units], small[units]),
        tree=tree,
        reallocation=reallocation,
        moves=grown.moves,
        min_class=least,
    )


@dataclass(frozen=True, eq=False, repr=False)
class Reinert(Result):
    """Classes of segments, the splits that made them, and the words that make them up."""

    matrix: TermMatrix
    classes: pd.Series
    heights: Any
    unclassified: pd.Series
    tree: tuple[tuple[int, int, int, float], ...]
    reallocation: str
    moves: int
    min_class: int | None = None
    withheld: tuple[int, ...] = ()
    shown: PublicationTable | None = None

    @property
    def k(self) -> int:
        """Number of classes."""
        return len(self.heights) + 1

    @property
    def sizes(self) -> pd.Series:
        """Segments in each class; a class that a policy hides is not there."""
        return self._all_sizes.drop(list(self.withheld))

    @property
    def small_classes(self) -> list[int]:
        """Classes with less than 1 % of the classified segments: rare words, hardly lexical worlds."""
        share = self.sizes / self._all_sizes.sum()
        return [int(label) for label in share.index[share < _SMALL]]

    def profiles(
        self,
        *,
        unit: Unit = "segments",
        correction: Correction = "none",
        n: int | None = None,
        p: float = 0.05,
    ) -> pd.DataFrame:
        """Terms that mark each class, against the other classified segments.

        Parameters
        ----------
        unit : {"segments", "occurrences"}
            Segments with the term (as IRaMuTeQ) or occurrences among the terms kept (as rainette).
        correction : {"none", "yates"}
        n : int, optional
            Only the first so many terms of each class.
        p : float
            Largest p-value listed.

        Returns
        -------
        DataFrame
            ``class term n_target n_reference share_target share_reference log_ratio statistic p_value p_adjusted``;
            only over-used terms.
        """
        found = class_profiles(self.matrix, self.classes, unit, correction)
        found = found[(found["statistic"] > 0) & (found["p_value"] <= p) & self._told(found)]
        return (found if n is None else found.groupby("class", sort=False).head(n)).reset_index(drop=True)

    def typical_segments(self, n: int = 5) -> pd.DataFrame:
        """Per class, the segments whose words mark it most, in the original text.

        Returns
        -------
        DataFrame
            ``class segment score text``; the score is the sum of the chi² of the marked terms present (segments, no
            correction).
        """
        found = typical_documents(self.matrix, self.classes, self.profiles(), n)
        return found[self._told(found)].reset_index(drop=True)

    def by(self, variable: str | pd.Series) -> pd.DataFrame:
        """Classes × values of a variable, or × hand codes: counts, shares and standardised residuals.

        Parameters
        ----------
        variable : str or Series
            A variable of the corpus, or one value a segment (a hand code); missing values are left out.

        Returns
        -------
        DataFrame
            ``class value n expected share_of_class residual`` (adjusted standardised residual).
        """
        found = crossed(self.matrix, self.classes, variable)
        return found[self._told(found)].reset_index(drop=True)

    def cut(self, k: int) -> pd.Series:
        """The classes as they were after k − 1 splits."""
        if not 2 <= k <= self.k:
            raise AnalysisError(
                _("The tree can be cut into 2 to {k} classes.", k=self.k), parameter="k", got=k
            )
        final = {node: label for label, node in enumerate(trees.leaves_after(self.tree, self.k - 1), start=1)}
        under = {
            final[leaf]: label
            for label, node in enumerate(trees.leaves_after(self.tree, k - 1), start=1)
            for leaf in trees.leaves_below(self.tree, node)
        }
        return self.classes.map(under).astype("Int64")

    def table(self) -> PublicationTable:
        """One line a class: segments, share of the classified, first terms; it rests on the people in each class."""
        if self.shown is not None:
            return self.shown
        words = self.profiles(n=10).astype({"term": str}).groupby("class")["term"].agg(", ".join)
        sizes = self.sizes
        body = pd.DataFrame(
            {"segments": sizes, "share": sizes / sizes.sum(), "terms": words.reindex(sizes.index).fillna("–")}
        )
        bases = pd.DataFrame(
            dict.fromkeys(body.columns, people_by(self.matrix, self.classes).sum(axis=1)), index=body.index
        )
        columns = (
            Column("segments", _("Segments"), kind="count"),
            Column("share", _("Share of classified"), kind="percent"),
            Column("terms", _("Most marked terms"), kind="text"),
        )
        return PublicationTable(
            title=_("Lexical classes"), body=body.set_axis(body.index.astype(str)), columns=columns,
            stub=_("Class"), bases=bases.set_axis(body.index.astype(str)),
            reading=self.sentence(), note=self.method_note(), name="reinert",
        )  # fmt: skip

    def protected(self, protect: Protect) -> Self:
        """The classes that enough people speak in; no size, word or segment of the others.

        People are the values of the variable ``case``, else ``source``, else the documents. ``by`` leaves the hidden
        classes out too, but its cells are counts for the researcher: protect a table of them before showing it.
        """
        table = protect(self.table())
        rest = replace(self, withheld=tuple(hidden_lines(table)))
        return replace(rest, shown=table.with_notes(reading=rest.sentence()))

    def sentence(self) -> str:
        """How many classes and segments, the largest class with its words, and the classes to beware of."""
        sizes, n = self._all_sizes, len(self.classes)
        largest = int(sizes.index[int(np.argmax(sizes.to_numpy()))])
        values = {
            "k": self.k, "n": format_count(int(sizes.sum())), "all": format_count(n),
            "share": format_percent(sizes.sum() / n),
        }  # fmt: skip
        first = self.profiles(n=4)
        marks = first.loc[first["class"] == largest, "term"]
        if largest in self.withheld or marks.empty:
            said = _("{k} lexical classes hold {n} of {all} segments ({share}).", **values)
        else:
            terms = ", ".join(f"« {t} »" for t in marks)
            said = _(
                "{k} lexical classes hold {n} of {all} segments ({share}); the largest, class {largest}, is marked by "
                "{terms}.",
                **values, largest=largest, terms=terms,
            )  # fmt: skip
        if self.withheld:
            said += " " + _("Classes not told, as too few people speak in them: {n}.", n=len(self.withheld))
        if not self.small_classes:
            return said
        warned = _(
            "Classes {labels} hold less than 1 % of the segments: rare words make them; raise min_docfreq.",
            labels=", ".join(map(str, self.small_classes)),
        )
        return f"{said} {warned}"

    def method_note(self) -> str:
        """The method, and why segments are left out."""
        how = {
            "best": _("best move"), "first": _("first improving move"), "none": _("none"),
            "rainette-0.3": _("that of rainette 0.3"),
        }[self.reallocation]  # fmt: skip
        why = self.unclassified.value_counts()
        note = _(
            "Reinert's descending classification on the presence of {terms} terms, reallocation: {how}. Terms: chi² on "
            "segments, no correction. Unclassified: {empty} segments without a term, {lost} whose terms left the "
            "branch.",
            terms=format_count(len(self.matrix.terms)), how=how,
            empty=format_count(int(why.get("no_term", 0))), lost=format_count(int(why.get("terms_left", 0))),
        )  # fmt: skip
        if self.min_class is not None:
            note += " " + _(
                "Classes under {least} segments are merged up the tree or left out: {n} segments more.",
                least=format_count(self.min_class), n=format_count(int(why.get("small_class", 0))),
            )  # fmt: skip
        if self.reallocation == trees.AS_RAINETTE:
            note += " " + _(
                "This mode repeats a fault of rainette, to reproduce published results: the chi² of the splits are not "
                "those of the classes. Use another for new ones."
            )
        return note

    def plot(self, ax: Axes | None = None) -> Axes:
        """The tree with the first terms of each class."""
        from optima_research.coding.qualitative.words._reinert_figure import class_tree

        return class_tree(self.tree, self._all_sizes, self.profiles(n=20), withheld=self.withheld, ax=ax)

    def statistics(self) -> dict[str, Estimate | float]:
        """Classes, share classified, chi² of the splits."""
        shares: dict[str, Estimate | float] = {
            "classes": float(self.k), "classified": float(self.classes.notna().mean()),
        }  # fmt: skip
        return shares | {f"chi2_split_{i}": float(h) for i, h in enumerate(self.heights, start=1)}

    @property
    def _all_sizes(self) -> pd.Series:
        return self.classes.value_counts().sort_index().astype(np.int64).rename("segments")

    def _told(self, frame: pd.DataFrame) -> pd.Series:
        return ~frame["class"].isin(self.withheld)


def _classes(grown: trees.Grown, units: Any, least: int | None) -> tuple[trees.Tree, Any, Any]:
    """The splits between the classes kept, the class of each unit (0: none), and whether its class was too small."""
    tree, home = grown.tree, {leaf.number: leaf.number for leaf in grown.leaves}
    if least is not None:
        weight = np.bincount(units)
        sizes = {leaf.number: int(weight[leaf.rows].sum()) for leaf in grown.leaves}
        tree, home = trees.without_small_classes(tree, sizes, least)
        if not tree:
            raise AnalysisError(
                _("Fewer than two classes hold {n} segments.", n=least), parameter="min_class",
                hint=_("Lower min_class, or ask for fewer classes."),
            )  # fmt: skip
    label = {node: i for i, node in enumerate(trees.leaves_after(tree, len(tree)), start=1)}
    labels = np.zeros(int(units.max()) + 1, dtype=np.int64)
    small = np.zeros(len(labels), dtype=bool)
    for leaf in grown.leaves:
        labels[leaf.rows] = label[home[leaf.number]] if leaf.number in home else 0
        small[leaf.rows] = leaf.number not in home
    return tree, labels, small


def _reasons(table: TermMatrix, labels: Any, present: Any, small: Any) -> pd.Series:
    why = np.where(small, "small_class", np.where(present, "terms_left", "no_term"))
    out = labels == 0
    return pd.Series(why[out], index=table.documents[out], name="reason", dtype=object)
