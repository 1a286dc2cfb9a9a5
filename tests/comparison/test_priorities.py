"""Priorities: Kendall's W by its definition, ties allowed, groups told apart, importance against performance."""

import itertools

import numpy as np
import pandas as pd
import pytest

from optima_research.comparison import importance_performance, priorities, ranks_of
from optima_research.errors import AnalysisError

ITEMS = ["a", "b", "c", "d"]


def _kendall_by_hand(ranks):
    """W from the spread of the sums of ranks, with the correction for ties (Kendall 1948)."""
    m, k = ranks.shape
    spread = ((ranks.sum(axis=0) - m * (k + 1) / 2) ** 2).sum()
    ties = sum(float(n**3 - n) for row in ranks for n in np.unique(row, return_counts=True)[1])
    return 12 * spread / (m**2 * (k**3 - k) - m * ties)


@pytest.fixture
def data(rng):
    raw = rng.normal([0, 0.5, 1, 1.5], 1, (60, 4)).round(1)
    ranks = pd.DataFrame(raw, columns=ITEMS).rank(axis=1)
    return ranks.assign(group=np.repeat(["x", "y"], 30))


def test_agreement_equals_its_definition_ties_included(data):
    found = priorities(data, ITEMS, "group")
    for group, rows in data.groupby("group"):
        assert found.agreement.loc[group, "w"] == pytest.approx(
            _kendall_by_hand(rows[ITEMS].to_numpy()), abs=1e-12
        )


def test_perfect_agreement_is_one_and_all_orders_together_are_zero():
    same = pd.DataFrame([[1, 2, 3]] * 5, columns=["a", "b", "c"]).assign(g="x")
    every = pd.DataFrame(list(itertools.permutations([1, 2, 3])), columns=["a", "b", "c"]).assign(g="y")
    found = priorities(pd.concat([same, every]), ["a", "b", "c"], "g").agreement["w"]
    assert found["x"] == pytest.approx(1)
    assert found["y"] == pytest.approx(0, abs=1e-12)


def test_the_order_of_rows_changes_nothing(data):
    shuffled = priorities(data.sample(frac=1, random_state=4), ITEMS, "group")
    pd.testing.assert_frame_equal(shuffled.ranks, priorities(data, ITEMS, "group").ranks)


def test_an_incomplete_ranking_is_left_out_and_counted(data):
    data.loc[0, "a"] = np.nan
    found = priorities(data, ITEMS, "group")
    assert found.n_missing == 1
    assert found.agreement.loc["x", "n"] == 29


def test_two_items_are_no_ranking(data):
    with pytest.raises(AnalysisError, match="trois"):
        priorities(data, ["a", "b"], "group")


def test_the_gap_and_its_interval_are_those_of_paired_differences(rng):
    from scipy import stats

    data = pd.DataFrame(
        {
            "i": rng.normal(8, 1, 40),
            "p": rng.normal(6, 1, 40),
            "j": rng.normal(4, 1, 40),
            "q": rng.normal(7, 1, 40),
        }
    )
    found = importance_performance(data, {"Vélo": ("i", "p"), "Fêtes": ("j", "q")}).items.loc["Vélo"]
    expected = stats.ttest_rel(data["p"], data["i"]).confidence_interval()
    np.testing.assert_allclose([found["low"], found["high"]], [expected.low, expected.high], rtol=1e-10)


def test_equal_weights_change_nothing(rng):
    data = pd.DataFrame(rng.normal(5, 1, (50, 4)), columns=list("ipjq")).assign(w=3.0)
    pairs = {"A": ("i", "p"), "B": ("j", "q")}
    pd.testing.assert_frame_equal(
        importance_performance(data, pairs).items, importance_performance(data, pairs, weights="w").items
    )


def test_a_grid_question_is_not_a_ranking(tmp_path):
    from optima_research import Codebook, ItemSet, Survey, Variable

    book = Codebook([Variable("G1"), Variable("G2")], [ItemSet("G", "grid", ("G1", "G2"))])
    with pytest.raises(AnalysisError, match="classement"):
        ranks_of(Survey.build(pd.DataFrame({"G1": ["a"], "G2": ["b"]}), book), "G")
