"""With few partners only methods that hold are shown, each equal to its reference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from optima_research.comparison._cluster_kernels import ClusterSums
from optima_research.comparison.few_partners import (
    difference_in_differences,
    minimal_effect,
    permutation_test,
)
from optima_research.comparison.robust import robust_regression
from optima_research.errors import AnalysisError
from optima_research.results import Verdict

TERMS = ["estimate", "se", "df", "t"]


@pytest.fixture(scope="module")
def models(reference: Path) -> dict[str, Any]:
    return json.loads((reference / "comparison_models.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("correction", ["CR2", "CR3"])
def test_robust_regression_equals_clubsandwich(
    waves: pd.DataFrame, partners: pd.DataFrame, models: dict[str, Any], correction: Any
) -> None:
    for data, formula, name in (
        (waves, "score ~ treat*wave", "waves"),
        (partners, "score ~ sexe + age", "survey"),
    ):
        wanted = models[name][correction.lower()]
        found = robust_regression(data, formula, "coll", correction=correction).coefficients
        for column in TERMS:
            np.testing.assert_allclose(found[column], wanted[column], rtol=1e-8)
        np.testing.assert_allclose(found["p_value"], wanted["p"], rtol=1e-6)


def test_sums_by_cluster_give_what_full_matrices_give(rng: np.random.Generator) -> None:
    x = np.column_stack([np.ones(40), rng.normal(size=40), rng.normal(size=40)])
    y, cluster = rng.normal(size=40), np.repeat(np.arange(5), [4, 6, 8, 10, 12])
    sums = ClusterSums.of(x, y, cluster, 5)
    hat = x @ np.linalg.inv(x.T @ x) @ x.T
    residual = y - hat @ y
    scores = []
    for c in range(5):
        own = cluster == c
        values, vectors = np.linalg.eigh(np.eye(own.sum()) - hat[np.ix_(own, own)])
        scores.append(x[own].T @ (vectors * values**-0.5) @ vectors.T @ residual[own])
    bread = np.linalg.inv(x.T @ x)
    np.testing.assert_allclose(sums.covariance("CR2"), bread @ np.einsum("gi,gj->ij", scores, scores) @ bread)


def test_asymptotic_cluster_p_values_are_refused_with_few_partners(waves: pd.DataFrame) -> None:
    with pytest.raises(AnalysisError, match="une fois sur cinq"):
        robust_regression(waves, "score ~ treat*wave", "coll", correction="CR1")


def test_a_term_one_cluster_alone_identifies_has_no_standard_error(waves: pd.DataFrame) -> None:
    found = robust_regression(waves, "score ~ C(coll) + treat:wave + wave", "coll").coefficients
    assert np.isnan(found.loc["C(coll)[T.Mairie A]", "se"])


def test_collinear_terms_and_unreadable_formulas_are_refused(waves: pd.DataFrame) -> None:
    with pytest.raises(AnalysisError, match="combinaisons"):
        robust_regression(waves, "score ~ treat + C(coll)", "coll")
    with pytest.raises(AnalysisError, match="formule"):
        robust_regression(waves, "score ~ nothing_of_the_kind", "coll")


def test_the_protocol_gives_the_numbers_of_the_reference_table(waves: pd.DataFrame) -> None:
    result = difference_in_differences(waves, "score", "treat", "wave", "coll")
    tests = result.tests
    assert result.estimate.value == pytest.approx(0.329843, abs=1e-6)
    assert tests.loc["CR2", "p_value"] == pytest.approx(0.0984, abs=5e-5)
    assert tests.loc["CR3", "p_value"] == pytest.approx(0.1122, abs=5e-5)
    assert tests.loc["permutation", ["p_value", "floor"]].tolist() == pytest.approx([1 / 15, 1 / 15])
    assert tests.loc["wild_rademacher", ["p_value", "p_high"]].tolist() == pytest.approx([4 / 64, 6 / 64])
    assert "au mieux 0,067" in result.sentence()
    assert "asymptotique" in result.table().note


def test_partner_means_are_an_ordinary_t_test(waves: pd.DataFrame) -> None:
    from scipy import stats

    result = difference_in_differences(waves, "score", "treat", "wave", "coll")
    change, treated = result.partners["change"], result.partners["treated"]
    wanted = stats.ttest_ind(change[treated], change[~treated])
    assert result.tests.loc["partner_means", "p_value"] == pytest.approx(wanted.pvalue)
    assert result.partner_means.value == pytest.approx(change[treated].mean() - change[~treated].mean())


def test_permutation_floor_counts_the_mirror_assignment() -> None:
    change = np.array([5.0, 6.0, 0.0, 1.0])
    assert permutation_test(change, np.array([True, True, False, False])) == pytest.approx((2 / 6, 2 / 6))
    assert permutation_test(change[:3], np.array([True, False, False]))[1] == pytest.approx(1 / 3)


def test_the_minimal_effect_is_found_four_times_out_of_five(rng: np.random.Generator) -> None:
    from scipy import stats

    effect = minimal_effect(np.sqrt(2 / 5), 8.0, 0.95)
    draws = rng.normal(size=(4000, 10)) + np.repeat([effect, 0.0], 5)
    found = stats.ttest_ind(draws[:, :5], draws[:, 5:], axis=1).pvalue < 0.05
    assert found.mean() == pytest.approx(0.8, abs=0.04)


def test_one_treated_partner_has_no_bootstrap_test(waves: pd.DataFrame) -> None:
    data = waves[waves["coll"] != "Mairie A"]
    tests = difference_in_differences(data, "score", "treat", "wave", "coll").tests
    assert np.isnan(tests.loc["wild_webb", "p_value"])
    assert tests.loc["permutation", "floor"] == pytest.approx(1 / 5)


def test_turning_the_effect_turns_the_sentence(waves: pd.DataFrame) -> None:
    big = waves.assign(score=waves["score"] + 5.0 * waves["treat"] * (waves["wave"] == 2))
    assert difference_in_differences(big, "score", "treat", "wave", "coll").verdict is Verdict.DIFFERENT
    small = difference_in_differences(waves, "score", "treat", "wave", "coll", smallest_effect=3.0)
    assert small.verdict is Verdict.EQUIVALENT
    assert small.sentence() != difference_in_differences(waves, "score", "treat", "wave", "coll").sentence()


def test_bad_designs_are_refused(waves: pd.DataFrame) -> None:
    gone = waves[~((waves["coll"] == "SDIS 99") & (waves["wave"] == 2))]
    with pytest.raises(AnalysisError, match="SDIS 99"):
        difference_in_differences(gone, "score", "treat", "wave", "coll")
    with pytest.raises(AnalysisError, match="deux vagues"):
        difference_in_differences(waves.assign(wave=waves.index % 3), "score", "treat", "wave", "coll")
    mixed = waves.assign(treat=waves.index % 2)
    with pytest.raises(AnalysisError, match="en partie"):
        difference_in_differences(mixed, "score", "treat", "wave", "coll")


def test_the_figure_draws_every_partner(waves: pd.DataFrame) -> None:
    ax = difference_in_differences(waves, "score", "treat", "wave", "coll").plot()
    assert len(ax.lines) == 6 + 2
