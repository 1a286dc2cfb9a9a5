"""The lexical table on the axes of correspondence analysis."""

from __future__ import annotations

import numpy as np
import pytest

import optima_research as opt
from optima_research.coding.qualitative import Corpus, lexical_correspondence, reinert
from optima_research.errors import AnalysisError
from optima_research.privacy import POLICIES, Policy

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


def test_the_table_counts_occurrences_and_rests_on_people() -> None:
    table = lexical_correspondence(corpus().term_matrix(), "role", supplementary=("epci",)).table()
    assert table.scope == "96 occurrences."
    assert table.bases.loc[("role", "élu"), "n"] == 8
    assert table.bases.loc[("role", "epci: A"), "n"] == 12
    assert table.bases.loc[("forme", "dette"), "n"] == 16


def test_parts_and_terms_of_too_few_people_leave_the_axes() -> None:
    texts = [*TEXTS, "moulin farine budget", "moulin farine budget"]
    known = {"role": [*ROLES, "meunier", "meunier"], "epci": ["A", "B"] * 13}
    found = lexical_correspondence(
        Corpus(texts, known).term_matrix(min_docfreq=1), "role", supplementary=("epci",)
    )
    shown = opt.protect(found, "cinq")
    assert not shown.counts.index.isin([("forme", "moulin"), ("role", "meunier")]).any()
    assert len(shown.columns) == 2  # with three roles shown of four, the sum would tell how many are left
    assert ("role", "epci: A") in shown.counts.index
    assert ("forme", "dette") in shown.contributions.index
    told = shown.sentence() + shown.table().reading + str(shown.table().formatted().index.tolist())
    assert "meunier" not in told + "".join(text.get_text() for text in shown.plot().texts)
    nobody = opt.protect(found, stricter())
    assert nobody.sentence() == "Trop peu de personnes parlent dans ces parties."
    assert nobody.table().body.empty
    nobody.plot()


def stricter() -> Policy:
    return POLICIES["onze"].with_limits("cinquante", n_min_group=50)


def test_the_plane_names_every_part_and_the_terms_that_weigh_most() -> None:
    texts = [f"mot{i:02d} mot{(i * 7) % 90:02d} budget agent" for i in range(90)]
    many = Corpus(texts, {"role": ["élu", "DGS", "agent"] * 30}).term_matrix(min_docfreq=1)
    found = lexical_correspondence(many, "role")
    said = [" ".join(text.get_text().split()) for text in found.plot().texts if text.get_text()]
    assert {"role : élu", "role : DGS", "role : agent"} <= set(said)
    assert 10 < len(said) <= 3 + 45
    assert not any(text.startswith("forme") for text in said)
