"""Correspondence analysis (AFC) of the lexical table: terms against classes or parts of the corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from optima_research.coding.qualitative._protection import may_be_told
from optima_research.coding.qualitative.words._speakers import speakers_by, speakers_of
from optima_research.coding.qualitative.words._words_of import words_of
from optima_research.coding.qualitative.words.corpus import Corpus
from optima_research.coding.qualitative.words.reinert import Reinert
from optima_research.coding.qualitative.words.term_matrix import TermMatrix
from optima_research.coding.quantitative.correspondence import Correspondence, ca
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count
from optima_research.results import Column, Protect, PublicationTable
from optima_research.results.style import axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def lexical_correspondence(
    source: TermMatrix | Corpus | Reinert,
    by: str | pd.Series | None = None,
    *,
    supplementary: Sequence[str] = (),
    n_terms: int = 200,
    n_axes: int = 5,
) -> LexicalCorrespondence:
    """Correspondence analysis of terms × parts, other variables projected.

    Parameters
    ----------
    source : TermMatrix, Corpus or Reinert
        A classification gives its classes as parts, and its most marked terms as rows (as IRaMuTeQ does).
    by : str or Series, optional
        The variable whose values are the parts, for a matrix.
    supplementary : sequence of str
        Variables placed on the axes without weighing on them (collectivité, role); columns ``variable: value``.
    n_terms : int
        At most so many terms: the most marked of a classification, the most frequent of a matrix.
    n_axes : int

    Returns
    -------
    LexicalCorrespondence
        See :func:`optima_research.ca`. Cells count occurrences; ``people``, who use each term or speak in each part.

    Raises
    ------
    AnalysisError
        No variable for a matrix, or fewer than two terms.

    Examples
    --------
    >>> from optima_research.coding.qualitative.words.corpus import Corpus
    >>> corpus = Corpus(["budget dette budget", "agent dette", "agent équipe"], {"epci": ["A", "B", "C"]})
    >>> result = lexical_correspondence(corpus.term_matrix(min_docfreq=1), "epci")
    >>> len(result.eigenvalues)
    2
    """
    matrix, parts = (source.matrix, source.classes) if isinstance(source, Reinert) else (words_of(source), by)
    if parts is None:
        raise AnalysisError(_("Name the variable that makes the parts."), parameter="by")
    if isinstance(source, Reinert):
        parts = source.classes.dropna().astype(np.int64).astype(str).rename(_("class"))
        marked = source.profiles().sort_values("statistic", ascending=False, kind="stable")
        terms = list(dict.fromkeys(marked["term"]))[:n_terms]
    else:
        terms = list(matrix.frequency().index[:n_terms])
    matrix = matrix.select(sorted(terms))
    active = matrix.by(parts)
    extra = [matrix.by(name).add_prefix(f"{name}: ") for name in supplementary]
    table = pd.concat([active, *extra], axis=1)
    # A term or a part that occurs nowhere has no profile.
    table = table.loc[active.sum(axis=1) > 0, table.sum() > 0].rename_axis(
        index=_("term"), columns=active.columns.name
    )
    others = [column for block in extra for column in block.columns if column in table]
    found = ca(table, supplementary_columns=others, n_axes=n_axes)
    people = _people(matrix, [parts, *supplementary], found.counts.index)
    known = {field.name: getattr(found, field.name) for field in fields(found)}
    return LexicalCorrespondence(**known, people=people["people"], blocks=people["block"])


@dataclass(frozen=True, eq=False, repr=False)
class LexicalCorrespondence(Correspondence):
    """Terms and parts on the axes, with the people behind each, and the variable (or the terms) it belongs to."""

    people: pd.Series
    blocks: pd.Series
    shown: PublicationTable | None = None

    def table(self) -> PublicationTable:
        """Places and contributions of terms and parts on the first two axes."""
        return self.shown if self.shown is not None else self._table()

    def protected(self, protect: Protect) -> Self:
        """The axes without the parts that too few people speak in and the terms that too few use.

        Axes were made with them all: those that are left keep their places.
        """
        terms = self.blocks.iloc[0]
        told = pd.concat(
            may_be_told(block, protect, parts=name != terms)
            for name, block in self.people.groupby(self.blocks, sort=False)
        )
        kept = told.index[told]
        cut = {
            name: getattr(self, name)[getattr(self, name).index.isin(kept)]
            for name in (
                "categories",
                "contributions",
                "cos2",
                "v_tests",
                "supplementary",
                "counts",
                "people",
                "blocks",
            )
        }
        rows, columns = (
            side[side.index.isin(kept[(kept.get_level_values(0) == terms) == first].get_level_values(1))]
            for side, first in ((self.rows, True), (self.columns, False))
        )
        rest = replace(self, **cut, rows=rows, columns=columns)
        return replace(rest, shown=protect(rest._table()))

    def sentence(self) -> str:
        """What the first axis carries and what it opposes, among what may be told."""
        if self.eigenvalues.empty:
            return _("The parts use the same words in the same shares: there is no axis.")
        return _("Too few people speak in these parts.") if self.categories.empty else super().sentence()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Parts and terms on the first two axes, the parts and the terms that make the axes under their names."""
        from optima_research.coding.qualitative.words._lexical_plane import lexical_plane

        if not self.categories.empty:
            return lexical_plane(self, ax)
        ax = axes(ax)
        ax.axis("off")
        return ax

    def _table(self) -> PublicationTable:
        if self.categories.empty:
            nothing = pd.DataFrame({"n": pd.Series(dtype=float)})
            column = Column("n", "n", kind="count")
            return PublicationTable(
                _("Terms and parts on the axes"), nothing, (column,), reading=self.sentence()
            )
        table = super().table()
        behind = dict.fromkeys(table.body.columns, self.people.reindex(self._order()).to_numpy(dtype=float))
        return replace(
            table, stub=_("Term or part"), title=_("Terms and parts on the axes of the correspondence analysis"),
            scope=_("{n} occurrences.", n=format_count(self.n)), bases=pd.DataFrame(behind, index=table.body.index),
            attributes={"additive_rows": False}, name="lexical_correspondence",
        )  # fmt: skip

    def _order(self) -> pd.Index:
        return pd.concat([self.categories, self.supplementary]).index


def _people(matrix: TermMatrix, variables: list[str | pd.Series], index: pd.MultiIndex) -> pd.DataFrame:
    """People behind each row and column of the table; terms come first, supplementary parts bear their variable."""
    users = speakers_of(matrix)
    found = [pd.DataFrame({"people": users, "block": index[0][0]})]
    for i, variable in enumerate(variables):
        speakers = speakers_by(matrix, variable)[1]
        name = str(variable.name if isinstance(variable, pd.Series) else variable)
        labels = speakers.index if i == 0 else [f"{name}: {part}" for part in speakers.index]
        found.append(pd.DataFrame({"people": speakers.to_numpy(), "block": f"{i} {name}"}, index=labels))
    rows = index[index.get_level_values(0) == index[0][0]]
    terms = found[0].reindex(rows.get_level_values(1)).set_axis(rows)
    rest = index[len(rows) :]
    return pd.concat([terms, pd.concat(found[1:]).reindex(rest.get_level_values(1)).set_axis(rest)])
