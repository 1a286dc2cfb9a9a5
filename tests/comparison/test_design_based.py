"""With a sampling design every test respects weights, strata and the finite population."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from optima_research.comparison import compare, crosstab
from optima_research.errors import AnalysisError, DesignError
from optima_research.sampling import SurveyDesign


@pytest.fixture(scope="module")
def design(partners: pd.DataFrame) -> SurveyDesign:
    return SurveyDesign(partners, weights="w", strata="coll", population="pop")


def test_the_t_test_is_svyttest(partners: pd.DataFrame, design: SurveyDesign, golden: dict[str, Any]) -> None:
    result = compare(partners, "score", "sexe", design=design, regime="descriptive")
    wanted = golden["design"]["t"]
    assert (-result.statistic, result.df) == pytest.approx((wanted["statistic"], wanted["df"]), rel=1e-8)
    assert result.p_value == pytest.approx(wanted["p"], rel=1e-8)


@pytest.mark.parametrize(("regime", "suffix"), [("descriptive", "fpc"), ("analytic", "nofpc")])
def test_wald_and_rank_tests_are_those_of_svyglm(
    partners: pd.DataFrame, design: SurveyDesign, golden: dict[str, Any], regime: Any, suffix: str
) -> None:
    for method, name in (("auto", "wald"), ("kruskal", "rank_wald")):
        result = compare(partners, "score", "coll", method=method, design=design, regime=regime)  # type: ignore[arg-type]
        wanted = golden["design"][f"{name}_{suffix}"]
        assert result.statistic == pytest.approx(wanted["f"], rel=1e-8)
        assert result.df == pytest.approx((wanted["df"], wanted["ddf"]))
        assert result.p_value == pytest.approx(wanted["p"], rel=1e-6)


def test_rank_test_is_near_svyranktest_but_ignores_the_order_of_rows(
    partners: pd.DataFrame, design: SurveyDesign, golden: dict[str, Any]
) -> None:
    result = compare(partners, "score", "coll", method="kruskal", design=design, regime="descriptive")
    assert 5 * result.statistic == pytest.approx(golden["design"]["svyranktest_chi2"][0], rel=0.01)
    shuffled = partners.sample(frac=1, random_state=1)
    other = SurveyDesign(shuffled, weights="w", strata="coll", population="pop")
    again = compare(shuffled, "score", "coll", method="kruskal", design=other, regime="descriptive")
    assert again.statistic == pytest.approx(result.statistic, rel=1e-10)


def test_rao_scott_is_svychisq(partners: pd.DataFrame, design: SurveyDesign, golden: dict[str, Any]) -> None:
    for row, column, regime, name in (
        ("coll", "cat", "analytic", "rao_scott"),
        ("cat", "sexe", "descriptive", "rao_scott_fpc"),
    ):
        result = crosstab(partners, row, column, design=design, regime=regime)  # type: ignore[arg-type]
        wanted = golden["design"][name]
        assert result.comparison is not None
        assert result.statistic == pytest.approx(wanted["statistic"], rel=1e-8)
        assert result.comparison.df == pytest.approx(tuple(wanted["df"]))
        assert result.p_value == pytest.approx(wanted["p"], rel=1e-8)


def test_weights_times_a_constant_change_nothing(partners: pd.DataFrame) -> None:
    results = []
    for factor in (1.0, 1000.0):
        data = partners.assign(w=partners["w"] * factor)
        other = SurveyDesign(data, weights="w", strata="coll")
        results.append(compare(data, "score", "sexe", design=other, regime="analytic"))
    assert results[0].p_value == pytest.approx(results[1].p_value, rel=1e-12)


def test_a_missing_answer_keeps_the_design_whole(partners: pd.DataFrame) -> None:
    data = partners.assign(score=partners["score"].where(partners.index > 4))
    design = SurveyDesign(data, weights="w", strata="coll", population="pop")
    result = compare(data, "score", "sexe", design=design, regime="descriptive")
    assert (result.n, result.df) == (604, 602)


def test_the_regime_is_asked_for_and_printed(partners: pd.DataFrame, design: SurveyDesign) -> None:
    with pytest.raises(DesignError):
        compare(partners, "score", "sexe", design=design)
    with pytest.raises(AnalysisError):
        compare(partners, "score", "sexe", regime="descriptive")
    note = compare(partners, "score", "sexe", design=design, regime="analytic").table().note
    assert "Régime analytique" in note


def test_a_census_has_no_sampling_error() -> None:
    data = pd.DataFrame({"g": ["a"] * 3 + ["b"] * 3, "y": [1.0, 2, 3, 2, 3, 4]})
    design = SurveyDesign(data, strata="g", population={"a": 3, "b": 3})
    result = compare(data, "y", "g", design=design, regime="descriptive")
    assert result.p_value == 0
    assert "pas preuve d'un effet" in result.table().note or "population" in result.table().note
