"""Descriptions and tables without a test have their figure too."""

import pandas as pd
import pytest

from optima_research.comparison import crosstab, describe
from optima_research.errors import AnalysisError


@pytest.fixture
def data():
    return pd.DataFrame(
        {"g": list("aabbccab"), "x": [1.0, 2, 3, 4, 5, 6, 2, 3], "s": list("FHFHFHFH"), "w": 2.0}
    )


def test_a_description_by_group_shows_the_standardised_differences(data):
    described = describe(data, ["x"], "g")
    drawn = {
        line.get_label(): line.get_xdata()[0] for line in described.plot().lines if len(line.get_xdata()) == 1
    }
    told = described.rows.set_index("group")["smd"]
    assert drawn == pytest.approx({group: told[group] for group in "abc"})


def test_a_description_without_groups_says_it_has_no_figure(data):
    with pytest.raises(AnalysisError):
        describe(data, ["x"], None).plot()


def test_a_weighted_table_without_a_test_shows_its_shares(data):
    table = crosstab(data, "g", "s", weights="w")
    assert table.plot().lines[0].get_xdata().tolist() == pytest.approx(
        (100 * table.shares.iloc[:, 0]).tolist()
    )
