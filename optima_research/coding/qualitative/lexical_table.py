"""Correspondence analysis (AFC) of the lexical table: terms against classes or parts of the corpus."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.reinert import Reinert
from optima_research.coding.qualitative.term_matrix import TermMatrix
from optima_research.coding.quantitative.correspondence import Correspondence, ca
from optima_research.errors import AnalysisError
from optima_research.language import _


def lexical_correspondence(
    source: TermMatrix | Reinert,
    by: str | pd.Series | None = None,
    *,
    supplementary: Sequence[str] = (),
    n_terms: int = 200,
    n_axes: int = 5,
) -> Correspondence:
    """Correspondence analysis of terms × parts, other variables projected.

    Parameters
    ----------
    source : TermMatrix or Reinert
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
    Correspondence
        See :func:`optima_research.ca`. Cells count occurrences.

    Raises
    ------
    AnalysisError
        No variable for a matrix, or fewer than two terms.

    Examples
    --------
    >>> from optima_research.coding.qualitative.corpus import Corpus
    >>> corpus = Corpus(["budget dette budget", "agent dette", "agent équipe"], {"epci": ["A", "B", "C"]})
    >>> result = lexical_correspondence(corpus.term_matrix(min_docfreq=1), "epci")
    >>> len(result.eigenvalues)
    2
    """
    matrix, parts = (source.matrix, source.classes) if isinstance(source, Reinert) else (source, by)
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
    return ca(table, supplementary_columns=others, n_axes=n_axes)
