"""Calibration on categories and numbers equals R's ``calibrate``, stays in its bounds, and says when it cannot."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optima_research.errors import DesignError
from optima_research.sampling import SurveyDesign, calibrate, rake
from tests.sampling.reference import MARGINS, goldens, stratified

WITH_AGE = {"sexe": MARGINS["sexe"], "age": 3495 * 43}
CASES = {
    "linear": (MARGINS, {}),
    "raking": (MARGINS, {"method": "raking"}),
    "logit": (MARGINS, {"method": "logit", "bounds": (0.6, 1.8)}),
    "age_linear": (WITH_AGE, {}),
    "age_raking": (WITH_AGE, {"method": "raking"}),
    "age_logit": (WITH_AGE, {"method": "logit", "bounds": (0.5, 2)}),
    "linear_bounded": (WITH_AGE, {"bounds": (0.8, 1.25)}),
}


@pytest.mark.parametrize("name", CASES)
def test_calibration_equals_r(name):
    golden = goldens()["calibration"][name]
    totals, options = CASES[name]
    found = calibrate(stratified(), totals, **options)
    np.testing.assert_allclose(found.weights, golden["weights"], rtol=1e-8)
    mean = found.mean("score", regime="descriptive")
    for number in ("value", "se", "low", "high", "deff"):
        assert getattr(mean, number) == pytest.approx(golden["mean"][number], rel=1e-8), number
    by = found.mean("score", by="coll", regime="descriptive")
    np.testing.assert_allclose(by["se"], golden["by"]["se"], rtol=1e-8)


def test_newton_and_iterative_fitting_find_the_same_raking():
    newton = calibrate(stratified(), MARGINS, method="raking")
    np.testing.assert_allclose(newton.weights, rake(stratified(), MARGINS).weights, rtol=1e-9)


def test_ratios_stay_within_their_bounds():
    for method in ("linear", "raking", "logit"):
        found = calibrate(stratified(), WITH_AGE, method=method, bounds=(0.8, 1.25))
        ratio = found.weights / stratified().weights
        assert ratio.between(0.8 - 1e-9, 1.25 + 1e-9).all()
        assert float(found.weights @ found.data["age"]) == pytest.approx(3495 * 43, rel=1e-9)


def test_numbers_alone_use_the_known_size_of_the_population():
    found = calibrate(stratified(), {"age": 3495 * 43})
    assert found.weights.sum() == pytest.approx(3495)
    assert found.mean("age", regime="descriptive").se == pytest.approx(0, abs=1e-9)
    assert found.report().table().formatted().loc["age", "Population"] == "43,00"
    with pytest.raises(DesignError):
        calibrate(SurveyDesign(found.data, weights="w"), {"age": 3495 * 43})
    assert calibrate(SurveyDesign(found.data, weights="w"), {"age": 3600 * 43}, size=3600).weights.sum() == (
        pytest.approx(3600)
    )


def test_what_calibration_refuses():
    answers = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0]})
    design = SurveyDesign(answers, population=40)
    with pytest.raises(DesignError, match="négatifs"):
        calibrate(design, {"x": 158})
    for options in (
        {"method": "logit"},
        {"bounds": (1.1, 2)},
        {"method": "entropy"},
        {"bounds": (0.99, 1.01)},
    ):
        with pytest.raises(DesignError):
            calibrate(design, {"x": 130}, **options)
    with pytest.raises(DesignError, match="lignes 2"):
        calibrate(SurveyDesign(answers.where(answers != 2.0), population=40), {"x": 130})
