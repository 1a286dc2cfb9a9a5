"""Raked and post-stratified weights reach the margins, and their errors use the regression residuals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optima_research.errors import DesignError
from optima_research.sampling import SurveyDesign, poststratify, rake, trim_weights
from tests.sampling.reference import CLUSTER_MARGINS, MARGINS, RTOL, clustered, goldens, partners, stratified


def check(design, golden, by):
    np.testing.assert_allclose(design.weights, golden["weights"], rtol=1e-9)
    for estimate, name in ((design.mean, "mean"), (design.total, "total")):
        found = estimate("score", regime="descriptive")
        for number in ("value", "se", "low", "high"):
            assert getattr(found, number) == pytest.approx(golden[name][number], rel=RTOL), (name, number)
    assert design.mean("score", regime="descriptive").deff == pytest.approx(golden["mean"]["deff"], rel=RTOL)
    found = design.mean("score", by=by, regime="descriptive")
    for number in ("value", "se"):
        np.testing.assert_allclose(found[number], golden["by"][number], rtol=RTOL)


def test_raking_equals_r():
    golden = goldens()["calibration"]
    raked = rake(stratified(), MARGINS)
    check(raked, golden["raking"], "coll")
    assert raked.mean("score", regime="analytic").se == pytest.approx(
        golden["raking_free"]["mean"]["se"], rel=RTOL
    )
    assert raked.kish_n == pytest.approx(452.7629061, abs=1e-6)


def test_the_weights_of_rs_rake_but_not_its_standard_error():
    golden = goldens()["calibration"]
    raked = rake(stratified(), MARGINS)
    np.testing.assert_allclose(raked.weights, golden["rake_weights"], rtol=1e-9)
    assert raked.mean("score", regime="descriptive").se == pytest.approx(0.03850229848, abs=1e-10)
    assert golden["rake_se_of_r"] == pytest.approx(0.03863740933, abs=1e-11)


def test_three_margins_and_clusters():
    golden = goldens()["calibration"]
    third = {row["anc"]: row["Freq"] for row in golden["three_totals"]}
    check(rake(stratified(), {**MARGINS, "anc": third}), golden["raking_three"], "coll")
    check(rake(clustered(), CLUSTER_MARGINS), golden["clusters"], "kind")


def test_poststratification_equals_r_alone_crossed_and_before_raking():
    golden = goldens()["calibration"]
    once = poststratify(stratified(), "sexe", MARGINS["sexe"])
    check(once, golden["poststratify"], "coll")
    cells = dict(zip([(c, s) for s in "FH" for c in "ABC"], [330, 540, 1030, 270, 460, 865], strict=True))
    check(poststratify(stratified(), ["cat", "sexe"], cells), golden["poststratify_cells"], "coll")
    check(rake(once, MARGINS), golden["poststratify_then_rake"], "coll")


def test_trimming_equals_r_and_raking_again_restores_the_margins():
    raked = rake(stratified(), MARGINS)
    trimmed = trim_weights(raked, 2, 9)
    np.testing.assert_allclose(trimmed.weights, goldens()["calibration"]["trimmed"], rtol=1e-12)
    assert abs(reached(trimmed)["A"] - 600) > 1
    both = rake(stratified(), MARGINS, trim=(2, 9))
    assert both.weights.between(2 - 1e-6, 9 + 1e-6).all()
    assert reached(both)["A"] == pytest.approx(600, rel=1e-9)
    report = both.report()
    assert report.n_trimmed > 0
    assert report.kish_n > raked.report().kish_n
    with pytest.raises(DesignError):
        rake(stratified(), MARGINS, trim=(5.5, 6))


def reached(design):
    return design.weights.groupby(design.data["cat"]).sum()


def test_the_report_shows_margins_before_and_after():
    report = rake(stratified(), MARGINS).report()
    known = [600 / 3495, 1000 / 3495, 1895 / 3495, 1900 / 3495, 1595 / 3495]
    np.testing.assert_allclose(report.margins["after"], known, rtol=1e-9)
    assert report.margins.loc[("cat", "A"), "before"] == pytest.approx(0.16124734729)
    assert report.deff == pytest.approx(609 / 452.7629061, rel=1e-7)
    assert "1,35" in report.sentence()
    assert len(report.table().formatted()) == 5


def test_shares_are_taken_of_the_sum_of_the_weights():
    shares = {name: {key: total / 3495 for key, total in margin.items()} for name, margin in MARGINS.items()}
    np.testing.assert_allclose(
        rake(stratified(), shares).weights, rake(stratified(), MARGINS).weights, rtol=1e-9
    )


def test_codes_read_as_numbers_match_margins_written_as_text():
    answers = pd.DataFrame({"grade": [1.0, 2.0, 2.0]})
    assert rake(SurveyDesign(answers), {"grade": {"1": 10, "2": 30}}).weights.tolist() == [10.0, 15.0, 15.0]


def test_a_crossed_margin():
    cells = {("F", "A"): 1, ("F", "B"): 3, ("M", "A"): 4, ("M", "B"): 2}
    answers = pd.DataFrame([key for key in cells for _ in range(2)], columns=["sex", "grade"])
    raked = rake(SurveyDesign(answers), {("sex", "grade"): {key: 10 * total for key, total in cells.items()}})
    assert raked.weights.groupby([answers["sex"], answers["grade"]]).sum().tolist() == [10, 30, 40, 20]


FAULTY = {
    "an unknown category is named with its neighbour": ({"cat": {"A": 600, "B": 1000, "CC": 1895}}, "CC"),
    "a category without a total": ({"cat": {"A": 600, "B": 2895}}, "C"),
    "margins of two populations": ({**MARGINS, "sexe": {"F": 1900, "H": 2000}}, "margins"),
    "a population smaller than the sample": ({"sexe": {"F": 19, "H": 16}}, "609"),
    "an empty total": ({"sexe": {"F": 0, "H": 3495}}, "F"),
    "no margin": ({}, "margins"),
    "a number for a margin": ({"sexe": 3495}, "float"),
}


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_margin_is_refused(name):
    margins, said = FAULTY[name]
    with pytest.raises(DesignError) as error:
        rake(stratified(), margins)
    assert said in str(error.value) or said == "float"


def test_a_mistyped_category_gets_a_suggestion():
    sizes = partners().groupby("coll")["pop"].first().to_dict()
    sizes["Mairie a"] = sizes.pop("Mairie A")
    with pytest.raises(DesignError, match="Vouliez-vous dire « Mairie A »"):
        rake(stratified(), {"coll": sizes})


def test_missing_answers_in_a_margin_are_refused_with_their_rows():
    design = stratified()
    design.data.loc[[3, 7], "sexe"] = None
    with pytest.raises(DesignError, match=r"4, 8"):
        rake(design, MARGINS)


def test_margins_that_cannot_hold_together_do_not_converge():
    answers = pd.DataFrame({"a": ["x", "x", "y", "y"], "b": ["u", "u", "v", "v"]})
    with pytest.raises(DesignError):
        rake(SurveyDesign(answers), {"a": {"x": 10, "y": 30}, "b": {"u": 20, "v": 20}})
