"""The traps of weighted analysis, one by one: each shows the wrong answer and ours."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optima_research.sampling import SurveyDesign, jackknife, nonresponse_bounds
from tests.sampling.reference import partners, stratified


def least_squares(design, regime):
    """Coefficients of score on sex and age, and their design-based standard errors."""
    answers, weights = design.data, design.weight_array
    x = np.column_stack([np.ones(design.n), answers["sexe"] == "H", answers["age"]]).astype(float)
    bread = np.linalg.inv((x * weights[:, None]).T @ x)
    beta = bread @ (x.T @ (weights * answers["score"]))
    scores = (answers["score"].to_numpy() - x @ beta)[:, None] * x @ bread
    return beta, np.sqrt(np.diag(design.covariance(scores, regime=regime)))


def test_w1_design_weights_are_not_frequencies():
    statsmodels = pytest.importorskip("statsmodels.api")
    design = stratified()
    beta, se = least_squares(design, "descriptive")
    answers = design.data
    x = statsmodels.add_constant(np.column_stack([answers["sexe"] == "H", answers["age"]]).astype(float))
    wrong = statsmodels.GLM(answers["score"], x, freq_weights=design.weight_array).fit()
    np.testing.assert_allclose(beta, [3.371064099514, -0.086937519104, 0.004110464012], rtol=1e-9)
    np.testing.assert_allclose(se, [0.129642186304, 0.078211027847, 0.002811014668], rtol=1e-9)
    assert se[0] / wrong.bse.iloc[0] == pytest.approx(2.6, abs=0.1)


def test_w2_without_the_correction_it_is_the_sandwich_of_weighted_least_squares():
    _beta, se = least_squares(stratified(), "analytic")
    assert se[0] == pytest.approx(0.13885, abs=5e-6)


def test_w3_every_estimate_knows_the_population():
    design = stratified()
    for estimate in (
        lambda regime: design.mean("score", regime=regime).se,
        lambda regime: design.total("score", regime=regime).se,
        lambda regime: design.ratio("score", "age", regime=regime).se,
        lambda regime: design.proportion("cat", "A", regime=regime).se,
        lambda regime: design.mean("score", by="sexe", regime=regime)["se"].max(),
    ):
        assert estimate("descriptive") < 0.96 * estimate("analytic")


def test_w4_the_jackknife_keeps_the_correction():
    design = stratified()
    found = jackknife(design, lambda w: np.average(design.data["score"], weights=w), regime="descriptive")
    assert found.estimate.se == pytest.approx(0.0377266183, abs=1e-10)


def test_w5_a_number_for_the_population_is_the_size_of_the_only_stratum():
    answers = pd.DataFrame({"score": np.tile([1.0, 2, 3, 4, 5], 20)})
    found = SurveyDesign(answers, population=190).mean("score", regime="descriptive")
    assert found.se == pytest.approx(answers["score"].std() / 10 * np.sqrt(1 - 100 / 190), rel=1e-12)


def test_w6_a_census_has_no_sampling_error_and_the_note_says_what_that_means():
    answers = partners().query("coll == 'Mairie A'")
    design = SurveyDesign(answers, strata="coll", population={"Mairie A": len(answers)})
    found = design.mean("score", regime="descriptive")
    assert (found.se, found.low, found.high) == (0.0, found.value, found.value)
    assert "Mairie A" in design.note("descriptive")
    assert "Tout le monde" in design.note("descriptive")
    assert design.mean("score", regime="analytic").se > 0
    assert "Tout le monde" not in design.note("analytic")


def test_w9_a_correction_for_who_answered_is_shown_with_what_the_silent_could_change():
    sizes = partners().groupby("coll")["pop"].first().to_dict()
    design = SurveyDesign(partners(), strata="coll", population=sizes)
    found = nonresponse_bounds(design, "score", (1, 5), regime="descriptive").means.iloc[0]
    assert found["ceiling"] - found["floor"] == pytest.approx(4 * (1 - 609 / 3495))
    assert found["ceiling"] - found["floor"] > 20 * (found["high"] - found["low"])
