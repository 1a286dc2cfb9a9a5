"""Estimates held against a known truth, counted and not rounded up."""

import pandas as pd
import pytest

from optima_research.errors import AnalysisError
from optima_research.results import Estimate
from optima_research.simulation.validation import against_truth


def test_an_interval_that_misses_is_counted_as_missing():
    estimates = pd.DataFrame({"value": [1.0, 2.0], "low": [0.5, 1.9], "high": [1.5, 2.1]}, index=["a", "b"])
    found = against_truth(estimates, {"a": 1.2, "b": 2.2})
    assert found.inside == 1
    assert "1 sur 2" in found.sentence()
    assert found.table().formatted()["Dans l'intervalle"].tolist() == ["oui", "non"]


def test_an_estimate_without_truth_is_refused():
    with pytest.raises(AnalysisError, match="mean"):
        against_truth({"mean": Estimate(1.0, 0.0, 2.0)}, {"median": 1.0})
