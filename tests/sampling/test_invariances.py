"""What must not change an estimate does not: order of rows, unit of weights, names of groups, kind of table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optima_research.codebook import Codebook, Variable
from optima_research.language import using_language
from optima_research.sampling import SurveyDesign, poststratify, rake
from optima_research.survey import Survey
from tests.sampling.reference import CLUSTER_MARGINS, MARGINS, clustered, partners, stratified

NUMBERS = ["value", "se", "low", "high", "n", "deff"]


def everything(design, regime="descriptive"):
    tables = [
        design.mean("score", by="cat", regime=regime),
        design.total("score", by="sexe", regime=regime),
        design.ratio("score", "age", by="coll", regime=regime),
        design.proportion("cat", by="sexe", regime=regime),
        design.quantile("score", [0.25, 0.5], by="cat", regime=regime),
    ]
    return np.concatenate([table[NUMBERS].to_numpy(dtype=float) for table in tables])


def test_the_order_of_the_rows():
    shuffled = partners().sample(frac=1, random_state=3)
    np.testing.assert_allclose(everything(stratified(shuffled)), everything(stratified()), rtol=1e-11)
    raked, again = rake(stratified(), MARGINS), rake(stratified(shuffled), MARGINS)
    np.testing.assert_allclose(again.weights.sort_index(), raked.weights, rtol=1e-11)
    np.testing.assert_allclose(everything(again), everything(raked), rtol=1e-9)


@pytest.mark.parametrize("constant", [1e-3, 7.0])
def test_the_unit_of_the_weights(constant):
    answers = partners()
    design, other = stratified(answers), stratified(answers.assign(w=answers["w"] * constant))
    for regime in ("descriptive", "analytic"):
        for name in ("value", "se", "low", "high"):
            for y in ("mean", "quantile"):
                assert getattr(getattr(other, y)("score", regime=regime), name) == pytest.approx(
                    getattr(getattr(design, y)("score", regime=regime), name), rel=1e-11
                )
    np.testing.assert_allclose(rake(other, MARGINS).weights, rake(design, MARGINS).weights, rtol=1e-9)


def test_a_weight_of_zero_is_nobody():
    answers = partners()
    doubled = pd.concat([answers, answers.assign(w=0.0, score=5.0)], ignore_index=True)
    found = SurveyDesign(doubled, weights="w").mean("score", regime="analytic")
    assert found.value == pytest.approx(stratified().mean("score", regime="analytic").value)
    assert found.df == 608


def test_the_design_is_not_changed_by_what_is_drawn_from_it():
    design = stratified()
    before = design.weights.copy()
    rake(design, MARGINS)
    poststratify(design, "sexe", MARGINS["sexe"])
    pd.testing.assert_series_equal(design.weights, before)


def test_one_by_one_or_in_one_pass():
    for design in (stratified(), rake(stratified(), MARGINS)):
        table = design.mean("score", by="cat", regime="descriptive")
        for grade in "ABC":
            alone = design.data["score"].where(design.data["cat"] == grade)
            other = SurveyDesign(
                design.data.assign(alone=alone), weights="w", strata="coll", population="pop"
            )
            other = other if not design.calibrations else rake(other, MARGINS)
            found = other.mean("alone", regime="descriptive")
            assert found.se == pytest.approx(table.loc[grade, "se"], rel=1e-12)
            assert found.high == pytest.approx(table.loc[grade, "high"], rel=1e-12)


def test_margins_have_no_error_left_once_calibrated():
    for raked, name in ((rake(stratified(), MARGINS), "sexe"), (rake(clustered(), CLUSTER_MARGINS), "sex")):
        found = raked.proportion(name, "F", regime="descriptive", method="t")
        assert found.se == pytest.approx(0, abs=1e-9)


def test_a_survey_with_codes_gives_what_labels_give():
    answers = partners()[["coll", "sexe", "score", "w"]].copy()
    codes = {name: code for code, name in enumerate(sorted(answers["coll"].unique()), start=1)}
    coded = answers.assign(coll=answers["coll"].map(codes), sexe=answers["sexe"].map({"F": 1, "H": 2}))
    book = Codebook(
        [
            Variable("coll", label="Collectivité", values={code: name for name, code in codes.items()}),
            Variable("sexe", label="Sexe", values={1: "Femme", 2: "Homme"}),
            Variable("score", label="Satisfaction", measure="interval"),
            Variable("w", measure="ratio"),
        ]
    )
    survey = Survey.build(coded, book)
    sizes = partners().groupby("coll")["pop"].first()
    wanted = stratified().mean("score", by="coll", regime="descriptive")
    for population in (sizes.to_dict(), {codes[name]: size for name, size in sizes.items()}):
        design = SurveyDesign(survey, weights="w", strata="coll", population=population)
        found = design.mean("score", by="coll", regime="descriptive")
        pd.testing.assert_frame_equal(found, wanted, check_index_type=False)
    assert design.mean("score", regime="descriptive").name == "Satisfaction"
    by_code, by_label = (
        rake(design, {"sexe": {1: 1900, 2: 1595}}),
        rake(design, {"sexe": {"Femme": 1900, "Homme": 1595}}),
    )
    assert by_code.weights.equals(by_label.weights)
    assert (
        design.proportion("sexe", 1, regime="analytic").value
        == design.proportion("sexe", "Femme", regime="analytic").value
    )


def test_the_design_speaks_both_languages():
    assert "609 répondants" in repr(stratified())
    with using_language("en"):
        assert "609 respondents" in repr(stratified())
        assert "Descriptive regime" in stratified().note("descriptive")


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5), st.integers(2, 4))
def test_raking_reaches_any_margins_somebody_could_have(seed, rows, columns):
    rng = np.random.default_rng(seed)
    n = 40 * rows * columns
    answers = pd.DataFrame({"a": rng.integers(rows, size=n), "b": rng.integers(columns, size=n)})
    truth = rng.dirichlet(np.full(n, 0.5)) * 10 * n
    margins = {
        name: {key: float(total) for key, total in pd.Series(truth).groupby(answers[name]).sum().items()}
        for name in answers
    }
    raked = rake(SurveyDesign(answers), margins)
    assert (raked.weights > 0).all()
    for name, margin in margins.items():
        found = raked.weights.groupby(answers[name]).sum()
        np.testing.assert_allclose(found, list(margin.values()), rtol=1e-9)


def test_a_series_of_weights_is_matched_by_its_index():
    answers = partners()
    shuffled = answers["w"].sample(frac=1, random_state=1)
    wanted = SurveyDesign(answers, weights="w", strata="coll").mean("score", regime="analytic")
    assert SurveyDesign(answers, weights=shuffled, strata="coll").mean("score", regime="analytic") == wanted


def test_population_sizes_as_a_series():
    sizes = partners().groupby("coll")["pop"].first()
    design = SurveyDesign(partners(), weights="w", strata="coll", population=sizes)
    assert design.mean("score", regime="descriptive") == stratified().mean("score", regime="descriptive")
