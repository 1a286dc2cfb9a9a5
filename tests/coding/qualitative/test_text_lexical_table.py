"""The lexical table on the axes of correspondence analysis."""

from __future__ import annotations

import numpy as np
import pytest

import optima_research as opt
from optima_research.coding.qualitative import Corpus, lexical_correspondence, reinert
from optima_research.errors import AnalysisError

TEXTS = (
    ["budget recette dépense dette"] * 8
    + ["agent équipe absence formation"] * 8
    + ["accueil guichet dette agent"] * 8
)
ROLES = ["élu"] * 8 + ["DGS"] * 8 + ["agent d'accueil"] * 8


def corpus() -> Corpus:
    return Corpus(TEXTS, {"role": ROLES, "epci": ["A", "B"] * 12})


def test_parts_of_a_corpus_are_those_of_a_plain_table() -> None:
    matrix = corpus().term_matrix()
    ours = lexical_correspondence(matrix, "role")
    plain = opt.ca(matrix.by("role"))
    assert np.allclose(ours.eigenvalues, plain.eigenvalues, rtol=1e-10)


def test_supplementary_variables_weigh_nothing() -> None:
    matrix = corpus().term_matrix()
    alone, with_extra = (lexical_correspondence(matrix, "role", supplementary=s) for s in ((), ("epci",)))
    assert np.allclose(alone.eigenvalues, with_extra.eigenvalues, rtol=1e-12)
    assert {"epci: A", "epci: B"} <= set(with_extra.supplementary.index.get_level_values(-1))


def test_classes_of_a_classification_are_the_columns() -> None:
    result = reinert(corpus(), 3)
    axes = lexical_correspondence(result)
    assert sorted(axes.columns.index.get_level_values(-1)) == ["1", "2", "3"]
    with pytest.raises(AnalysisError, match="variable"):
        lexical_correspondence(result.matrix)
