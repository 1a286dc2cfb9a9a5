"""Segments × terms, sparse from the first line to the last."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optima_research.errors import AnalysisError, suggest
from optima_research.language import _
from optima_research.language.numbers import format_count

if TYPE_CHECKING:
    from optima_research.coding.qualitative.words.corpus import Corpus

MOST_TERMS = 20_000


@dataclass(frozen=True, eq=False, repr=False)
class TermMatrix:
    """How often each term occurs in each document.

    Parameters
    ----------
    counts : scipy.sparse.csr_array of int
        Documents × terms.
    documents, terms : Index
        Labels of rows and columns.
    tokens : array of int
        All words of each document, those of no term included.
    variables : DataFrame
        What is known of each document.
    corpus : Corpus, optional
        The texts, for typical segments.
    least : int
        Documents a term had to be in.
    """

    counts: Any
    documents: pd.Index
    terms: pd.Index
    tokens: Any
    variables: pd.DataFrame
    corpus: Corpus | None = None
    least: int = 1

    @classmethod
    def of_frame(cls, frame: pd.DataFrame, *, variables: pd.DataFrame | None = None) -> TermMatrix:
        """A matrix from counts already made (documents in rows, terms in columns)."""
        from scipy.sparse import csr_array

        values = frame.to_numpy()
        if (
            not np.issubdtype(values.dtype, np.number)
            or np.isnan(values.astype(float)).any()
            or (values < 0).any()
        ):
            raise AnalysisError(_("Counts of terms are numbers from zero up."), parameter="frame")
        known = pd.DataFrame(index=frame.index) if variables is None else variables
        counts = csr_array(values.astype(np.int64))
        return cls(counts, frame.index, frame.columns, np.asarray(counts.sum(axis=1)), known)

    @property
    def n(self) -> int:
        """Documents."""
        return int(self.counts.shape[0])

    @property
    def presence(self) -> Any:
        """The same matrix with 1 where the term is present."""
        present = self.counts.copy()
        present.data = np.ones_like(present.data)
        return present

    def frequency(self) -> pd.DataFrame:
        """Per term: ``occurrences`` and ``documents``, the most frequent first."""
        frame = pd.DataFrame(
            {
                "occurrences": np.asarray(self.counts.sum(axis=0)),
                "documents": np.bincount(self.counts.indices, minlength=len(self.terms)),
            },
            index=self.terms,
        )
        return frame.sort_values("occurrences", ascending=False, kind="stable")

    def by(self, variable: str | pd.Series, *, presence: bool = False) -> pd.DataFrame:
        """Terms × parts: occurrences (or documents with the term) in each value of a variable.

        Documents without a value are left out.
        """
        codes, parts = pd.factorize(self._values(variable), sort=True)
        table = _grouped(self.presence if presence else self.counts, codes, len(parts))
        return pd.DataFrame(table.T, index=self.terms, columns=pd.Index(parts, name=str(_name(variable))))

    def tokens_by(self, variable: str | pd.Series) -> pd.Series:
        """All words of each part, whether or not they are terms of the matrix."""
        codes, parts = pd.factorize(self._values(variable), sort=True)
        kept = codes >= 0
        totals = np.bincount(codes[kept], weights=self.tokens[kept], minlength=len(parts)).astype(np.int64)
        return pd.Series(totals, index=pd.Index(parts, name=str(_name(variable))), name="tokens")

    def select(self, terms: Iterable[str]) -> TermMatrix:
        """Only these terms."""
        place = self.terms.get_indexer(list(terms))
        if (place < 0).any():
            name = str(list(terms)[int(np.argmin(place))])
            raise AnalysisError(
                _("There is no term « {name} ».", name=name), hint=suggest(name, self.terms) or None
            )
        return replace(self, counts=self.counts[:, place], terms=self.terms[place])

    def _values(self, variable: str | pd.Series) -> pd.Series:
        if isinstance(variable, pd.Series):
            return variable.reindex(self.documents)
        if variable not in self.variables:
            raise AnalysisError(
                _("The corpus has no variable « {name} ».", name=variable),
                parameter="by",
                hint=suggest(variable, self.variables.columns) or None,
            )
        return self.variables[variable]

    def __repr__(self) -> str:
        size = _(
            "{n} documents × {terms} terms, {filled} cells filled",
            n=format_count(self.n), terms=format_count(len(self.terms)), filled=format_count(self.counts.nnz),
        )  # fmt: skip
        return f"TermMatrix\n{size}"


def build_term_matrix(
    corpus: Corpus,
    documents: list[list[str]],
    *,
    rename: Callable[[str], str],
    keep: Callable[[str], bool],
    min_docfreq: int | None,
    max_terms: int,
) -> TermMatrix:
    """Count forms after renaming (lemmas) those that are kept; rare terms are dropped.

    ``min_docfreq`` None means max(3, 0.1 % of the documents): rarer terms make classes of one segment.
    """
    from scipy.sparse import csr_array

    columns: dict[str, int] = {}
    of_form: dict[str, int] = {}
    rows, cells = [], []
    for forms in documents:
        mine = []
        for form in forms:
            place = of_form.get(form)
            if place is None:
                place = columns.setdefault(rename(form), len(columns)) if keep(form) else -1
                of_form[form] = place
            if place >= 0:
                mine.append(place)
        cells.extend(mine)
        rows.append(len(mine))
    pointers = np.concatenate([[0], np.cumsum(rows)]).astype(np.int64)
    shape = (len(documents), len(columns))
    counts = csr_array(
        (np.ones(len(cells), dtype=np.int64), np.array(cells, dtype=np.int64), pointers), shape=shape
    )
    counts.sum_duplicates()
    least = max(3, -(-len(documents) // 1000)) if min_docfreq is None else min_docfreq
    names = np.array(list(columns), dtype=object)
    kept = _kept_columns(counts, names, least, max_terms)
    return TermMatrix(
        counts=counts[:, kept],
        documents=corpus.texts.index,
        terms=pd.Index(names[kept], name="term", dtype=object),
        tokens=np.array([len(forms) for forms in documents], dtype=np.int64),
        variables=corpus.variables,
        corpus=corpus,
        least=least,
    )


def _kept_columns(counts: Any, names: Any, least: int, most: int) -> Any:
    """Terms in enough documents, at most so many (the most frequent, ties by alphabet), in alphabetical order."""
    spread = np.bincount(counts.indices, minlength=len(names))
    total = np.bincount(counts.indices, weights=counts.data, minlength=len(names))
    candidates = np.flatnonzero(spread >= least)
    order = sorted(candidates, key=lambda j: (-total[j], names[j]))[:most]
    return np.array(sorted(order, key=lambda j: names[j]), dtype=np.int64)


def _grouped(counts: Any, codes: Any, n_groups: int) -> Any:
    """Groups × terms, dense (groups are few); rows with code -1 belong to none."""
    from scipy.sparse import csr_array

    kept = np.flatnonzero(codes >= 0)
    shape = (n_groups, counts.shape[0])
    member = csr_array((np.ones(len(kept), dtype=counts.dtype), (codes[kept], kept)), shape=shape)
    return (member @ counts).toarray()


def _name(variable: Any) -> Any:
    return variable.name if isinstance(variable, pd.Series) else variable
