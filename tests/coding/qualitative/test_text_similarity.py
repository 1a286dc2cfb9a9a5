"""The similarity tree: its weight is that of any correct program, its edges are those of our rule."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import minimum_spanning_tree

import optima_research as opt
from optima_research.coding.qualitative import Corpus, TermMatrix, similarity_graph
from optima_research.errors import AnalysisError
from optima_research.language.typography import typeset
from optima_research.privacy import protect

REFERENCE = json.loads((Path(__file__).parents[2] / "reference/similarity.json").read_text(encoding="utf-8"))


def of_reference() -> TermMatrix:
    return TermMatrix.of_frame(pd.DataFrame(REFERENCE["segments"], columns=REFERENCE["terms"]))


def matrix(*, seed: int = 1, n: int = 200, terms: int = 25) -> TermMatrix:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        (rng.random((n, terms)) < rng.uniform(0.05, 0.3, terms)).astype(int),
        columns=[f"mot{i:02d}" for i in range(terms)],
    )
    return TermMatrix.of_frame(frame)


def test_the_total_weight_is_that_of_scipy() -> None:
    table = matrix()
    dense = table.presence.toarray()
    both = dense.T @ dense
    np.fill_diagonal(both, 0)
    expected = -minimum_spanning_tree(csr_array(-both.astype(float))).sum()
    graph = opt.similarity_graph(table)
    assert graph.total_weight == pytest.approx(expected)
    assert len(graph.edges) == len(table.terms) - 1
    assert graph.tied > 0


def test_the_order_of_columns_and_rows_changes_nothing() -> None:
    table = matrix()
    frame = pd.DataFrame(table.counts.toarray(), columns=table.terms)
    shuffled = frame.sample(frac=1, random_state=1).sample(frac=1, axis=1, random_state=2)
    again = similarity_graph(TermMatrix.of_frame(shuffled))
    pd.testing.assert_frame_equal(again.edges, similarity_graph(table).edges, check_dtype=False)


def test_ties_go_to_jaccard_then_to_the_alphabet() -> None:
    frame = pd.DataFrame({"a": [1, 1, 0, 0], "b": [1, 0, 0, 1], "c": [1, 1, 1, 1]})
    edges = similarity_graph(TermMatrix.of_frame(frame)).edges
    assert edges[["term1", "term2"]].to_numpy().tolist() == [["a", "c"], ["b", "c"]]
    frame = pd.DataFrame({"a": [1], "b": [1], "c": [1]})
    edges = similarity_graph(TermMatrix.of_frame(frame)).edges
    assert edges[["term1", "term2"]].to_numpy().tolist() == [["a", "b"], ["a", "c"]]


def test_indices_and_thresholds() -> None:
    table = matrix()
    jaccard = similarity_graph(table, index="jaccard")
    assert jaccard.edges["weight"].equals(jaccard.edges["jaccard"])
    percent = similarity_graph(table, index="percent").edges
    assert percent["weight"].to_numpy() == pytest.approx(percent["together"].to_numpy() / 200)
    cut = similarity_graph(table, min_weight=15)
    assert cut.statistics()["trees"] == len(table.terms) - len(cut.edges)
    few = similarity_graph(table, terms=["mot01", "mot02"])
    assert len(few.edges) <= 1
    with pytest.raises(AnalysisError, match="deux formes"):
        similarity_graph(table, terms=["mot01"])
    with pytest.raises(AnalysisError, match="mot99"):
        similarity_graph(table, terms=["mot01", "mot99"])


def test_the_graph_shows_itself() -> None:
    graph = similarity_graph(matrix())
    top = graph.edges.iloc[0]
    assert graph.sentence().startswith(f"« {top['term1']} » et « {top['term2']} »")
    assert len(graph.table().body) == 20
    assert len(graph.plot().texts) == 25
    alone = similarity_graph(TermMatrix.of_frame(pd.DataFrame({"a": [1, 0], "b": [0, 1]})))
    assert "Aucune paire" in alone.sentence()
    alone.plot()


@pytest.mark.parametrize("index", ["jaccard", "dice", "ochiai", "simpson", "phi", "binomial"])
def test_indices_are_those_of_proxy_and_of_binom_test(index: str) -> None:
    expected = pd.DataFrame(REFERENCE["pairs"]).set_index(["term1", "term2"])[index]
    found = similarity_graph(of_reference(), index=index, min_weight=-1.0).links.set_index(["term1", "term2"])
    assert len(found) == len(expected)
    pd.testing.assert_series_equal(
        found["weight"].sort_index(), expected.sort_index(), check_names=False, rtol=1e-9
    )


def test_the_binomial_index_by_hand() -> None:
    """Two forms in half of four segments share one: a quarter a segment, so none shared at 0.75 to the fourth."""
    frame = pd.DataFrame({"a": [1, 1, 0, 0], "b": [1, 0, 1, 0]})
    (weight,) = similarity_graph(TermMatrix.of_frame(frame), index="binomial").edges["weight"]
    assert weight == pytest.approx(0.75**4)


def test_the_sentence_says_what_the_closest_forms_are_closest_by() -> None:
    frame = pd.DataFrame({"a": [1, 1, 1, 0], "b": [1, 1, 0, 1], "c": [0, 0, 1, 0], "d": [0, 0, 1, 0]})
    table = TermMatrix.of_frame(frame)
    assert (
        similarity_graph(table)
        .sentence()
        .startswith("« a » et « b » partagent le plus de segments (2 sur 4)")
    )
    closest = "« c » et « d » sont les plus proches (Jaccard : 1,00 ; ensemble dans 1 des 4 segments)"
    assert typeset(similarity_graph(table, index="jaccard").sentence()).startswith(typeset(closest))


def test_forms_that_avoid_each_other_are_not_linked_by_phi() -> None:
    frame = pd.DataFrame({"a": [1, 1, 1, 0], "b": [1, 0, 0, 1], "c": [1, 1, 1, 1]})
    links = similarity_graph(TermMatrix.of_frame(frame), index="phi").links
    assert links[["term1", "term2", "weight"]].to_numpy().tolist() == [["a", "c", 0.0], ["b", "c", 0.0]]


def test_communities_of_all_links_are_those_of_igraph() -> None:
    graph = similarity_graph(of_reference(), communities_of="links")
    expected = REFERENCE["communities"]
    assert graph.modularity == pytest.approx(expected["modularity"], abs=1e-12)
    theirs = pd.Series(expected["membership"], index=REFERENCE["terms"])
    assert int((pd.crosstab(theirs, graph.communities) > 0).to_numpy().sum()) == theirs.nunique()
    assert graph.groups["n_forms"].tolist() == [5, 5, 4]


def test_communities_of_the_tree_do_not_hang_on_the_order_of_anything() -> None:
    frame = pd.DataFrame(REFERENCE["segments"], columns=REFERENCE["terms"])
    shuffled = frame.sample(frac=1, random_state=3).sample(frac=1, axis=1, random_state=4)
    one, two = similarity_graph(of_reference()), similarity_graph(TermMatrix.of_frame(shuffled))
    pd.testing.assert_series_equal(one.communities, two.communities)
    pd.testing.assert_series_equal(one.hubs, two.hubs)
    assert one.communities.value_counts().sort_index().is_monotonic_decreasing
    assert set(one.communities.index) == set(REFERENCE["terms"])


def test_two_themes_make_two_communities_named_after_their_hubs() -> None:
    theme = [[1, 1, 0, 0, 0, 0], [1, 0, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0]]
    other = [row[::-1] for row in theme]
    frame = pd.DataFrame([*theme, *other, [0, 0, 1, 1, 0, 0]], columns=list("abcdef"))
    graph = similarity_graph(TermMatrix.of_frame(frame))
    assert graph.hubs.to_dict() == {1: "a", 2: "f"}
    assert graph.groups["forms"].tolist() == ["a, c, b", "d, f, e"]
    assert "2 communautés" in graph.sentence()
    assert "« a » (3), « f » (3)" in graph.sentence()
    legend = graph.plot().get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["a (3)", "f (3)"]


def test_labels_do_not_cover_each_other() -> None:
    ax = similarity_graph(matrix(terms=60, seed=5)).plot()
    boxes = [text.get_window_extent() for text in ax.texts]
    covered = [(i, j) for i, a in enumerate(boxes) for j, b in enumerate(boxes[:i]) if a.overlaps(b)]
    assert not covered


def test_forms_of_too_few_people_are_not_told() -> None:
    texts = ["budget dette agent. " * 3] * 6 + ["budget boulangerie moulin. " * 3]
    graph = similarity_graph(Corpus(texts).segments(10).term_matrix(min_docfreq=1))
    assert graph.users.to_dict() == {"agent": 6, "boulangerie": 1, "budget": 7, "dette": 6, "moulin": 1}
    shown = protect(graph, "cinq")
    assert set(shown.sizes.index) == {"agent", "budget", "dette"}
    assert not shown.edges.isin(["boulangerie", "moulin"]).to_numpy().any()
    told = shown.sentence() + shown.table().reading + "".join(text.get_text() for text in shown.plot().texts)
    assert "boulangerie" not in told
    assert len(protect(graph, "interne").edges) == len(graph.edges)
    assert protect(graph, "onze").sentence() == "Trop peu de personnes emploient les formes de ce graphe."
