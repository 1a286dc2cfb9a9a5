"""The similarity tree: its weight is that of any correct program, its edges are those of our rule."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import minimum_spanning_tree

import optima_research as opt
from optima_research.coding.qualitative import TermMatrix, similarity_graph
from optima_research.errors import AnalysisError


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
