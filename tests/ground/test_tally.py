"""Counts that add up, and say what they left out."""

import numpy as np
import pandas as pd
import pytest

from optima_research import Tally
from optima_research.errors import AnalysisError


@pytest.fixture
def data():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {"g": rng.choice(list("abc"), 500), "y": rng.choice([1.0, 2, 3, np.nan], 500), "w": rng.random(500)}
    )
    return frame.astype({"g": pd.CategoricalDtype(list("abcd"))})


def test_counts_equal_those_of_pandas(data):
    table = Tally.of(data, ["g", "y"]).frame()
    expected = pd.crosstab(data["g"], data["y"])
    np.testing.assert_array_equal(table.loc[list("abc")], expected.loc[list("abc")])
    assert table.loc["d"].sum() == 0


def test_weights_are_summed_and_respondents_counted(data):
    tally = Tally.of(data, ["g", "y"], weights="w")
    valid = data.dropna()
    assert tally.n == len(valid)
    assert tally.n_missing == len(data) - len(valid)
    np.testing.assert_allclose(tally.frame(weighted=True).to_numpy().sum(), valid["w"].sum())


def test_two_halves_add_up_to_the_whole(data):
    halves = data.assign(y=data["y"].astype(pd.CategoricalDtype([1.0, 2.0, 3.0])))
    whole = Tally.of(halves, ["g", "y"])
    both = Tally.of(halves[:200], ["g", "y"]) + Tally.of(halves[200:], ["g", "y"])
    np.testing.assert_array_equal(both.counts, whole.counts)
    assert both.n_missing == whole.n_missing


def test_summing_over_a_column_gives_the_tally_of_the_others(data):
    complete = data.dropna()
    np.testing.assert_array_equal(
        Tally.of(complete, ["g", "y"]).over("y").counts, Tally.of(complete, ["y"]).counts
    )


def test_tallies_of_other_columns_do_not_add_up(data):
    with pytest.raises(AnalysisError):
        Tally.of(data, ["g"]) + Tally.of(data, ["y"])
