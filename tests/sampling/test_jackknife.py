"""Jackknife replicates equal R's, finite correction included, and calibrate each replicate again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optima_research.errors import DesignError
from optima_research.sampling import SurveyDesign, jackknife, rake
from tests.sampling.reference import MARGINS, RTOL, clustered, goldens, stratified

REGIMES = {"full": "descriptive", "free": "analytic"}


def mean_of(design):
    score = design.data["score"].to_numpy()
    there = ~np.isnan(score)
    return lambda weights: np.average(score[there], weights=weights[there])


@pytest.mark.parametrize("short", REGIMES)
@pytest.mark.parametrize(("kind", "make"), [("stratified", stratified), ("clusters", clustered)])
def test_the_finite_correction_reaches_the_replicates(kind, make, short):
    golden = goldens()[kind][f"jackknife_{short}"]
    for centre, name in (("replicates", "mean"), ("estimate", "mse")):
        found = jackknife(make(), mean_of(make()), regime=REGIMES[short], centre=centre)
        assert found.estimate.se == pytest.approx(golden[name], rel=RTOL)


def test_each_replicate_is_calibrated_again():
    design = stratified()
    found = jackknife(design, mean_of(design), regime="descriptive", adjust=lambda d: rake(d, MARGINS))
    assert found.estimate.se == pytest.approx(goldens()["calibration"]["jackknife"], rel=1e-8)
    assert found.estimate.value == pytest.approx(rake(design, MARGINS).mean("score", regime="analytic").value)
    with pytest.raises(DesignError):
        jackknife(rake(design, MARGINS), mean_of(design), regime="descriptive")


def test_the_jackknife_refuses_what_it_cannot_do():
    answers = pd.DataFrame({"score": [1.0, 2, 3], "partner": ["A", "A", "B"]})
    with pytest.raises(DesignError, match="« B »"):
        jackknife(SurveyDesign(answers, strata="partner"), lambda w: w.sum(), regime="analytic")
    with pytest.raises(DesignError, match="regime"):
        jackknife(SurveyDesign(answers), lambda w: w.sum(), regime=None)
