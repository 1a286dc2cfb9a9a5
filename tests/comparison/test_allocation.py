"""Keys that do not add up to a hundred are told, and no cent of the charges is lost."""

import numpy as np
import pandas as pd
import pytest

from optima_research.comparison import activity_costs, allocate
from optima_research.errors import AnalysisError


def keys(*shares, amount=1000.01):
    services = [f"S{rank}" for rank in range(len(shares))]
    return pd.DataFrame({"r": "fluides", "s": services, "k": shares, "e": amount})


@pytest.mark.parametrize("shares", [(50, 30, 18), (33, 33, 34), (60, 45, 5), (1, 1, 1)])
def test_charges_add_up_to_the_accounts_whatever_the_keys(shares):
    shared = allocate(keys(*shares), "r", "s", "k", "e")
    assert round(shared.charges.sum(), 2) == shared.total == 1000.01
    assert shared.resources.loc["fluides", "outside"] == pytest.approx(1000.01 * (1 - sum(shares) / 100))


def test_the_sentence_names_keys_that_do_not_add_up():
    assert "98 %" in allocate(keys(50, 30, 18), "r", "s", "k", "e").sentence().replace("\u00a0", " ")
    assert "fluides" not in allocate(keys(50, 30, 20), "r", "s", "k", "e").sentence()


@pytest.mark.parametrize("bad", [keys(-1, 50), keys(0, 0), keys(np.nan, 50), keys(50, 50, amount=[1.0, 2.0])])
def test_keys_that_mean_nothing_are_refused(bad):
    with pytest.raises(AnalysisError):
        allocate(bad, "r", "s", "k", "e")


def test_allocated_charges_go_into_costs_to_the_cent():
    shared = allocate(keys(50, 30, 18), "r", "s", "k", "e")
    time = pd.DataFrame({"s": ["S0", "S1", "S2"], "a": ["x", "y", "x"], "h": [3.0, 7.0, 5.0]})
    capacity = {"S0": 10.0, "S1": 10.0, "S2": 10.0}
    costs = activity_costs(time, "s", "a", "h", charges=shared.charges.to_dict(), capacity=capacity)
    assert round(costs.activities["cost"].sum() + costs.unused, 2) == 1000.01
