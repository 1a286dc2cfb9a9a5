"""Estimates under a design equal R survey 4.1: means, totals, ratios, shares, quantiles, domains."""

from __future__ import annotations

import numpy as np
import pytest

from optima_research.sampling import DesignEstimate
from tests.sampling.reference import RTOL, clustered, goldens, stratified

DESIGNS = {"stratified": stratified, "clusters": clustered}
REGIMES = {"full": "descriptive", "free": "analytic"}


def same(found, golden, names=("value", "se", "low", "high"), rtol=RTOL):
    for name in names:
        actual = getattr(found, name) if isinstance(found, DesignEstimate) else found[name].to_numpy()
        np.testing.assert_allclose(actual, golden[name], rtol=rtol, err_msg=name)


@pytest.mark.parametrize("kind", DESIGNS)
@pytest.mark.parametrize("short", REGIMES)
def test_a_mean_its_error_interval_and_design_effect(kind, short):
    golden = goldens()[kind][f"mean_{short}"]
    found = DESIGNS[kind]().mean("score", regime=REGIMES[short])
    same(found, golden, ("value", "se", "low", "high", "df", "deff"))


def test_the_reference_numbers_of_the_design_report():
    design = stratified()
    full, free = (design.mean("score", regime=regime) for regime in ("descriptive", "analytic"))
    assert full.value == pytest.approx(3.507839314, abs=1e-9)
    assert full.se == pytest.approx(0.03772661833, abs=1e-11)
    assert free.se == pytest.approx(0.04048432618, abs=1e-11)
    assert full.deff == pytest.approx(1.32987, abs=1e-5)
    replaced = design.mean("score", regime="descriptive", deff="with_replacement").deff
    assert replaced == pytest.approx(goldens()["stratified"]["deff_replace"], rel=RTOL)


def test_totals():
    same(stratified().total("score", regime="descriptive"), goldens()["stratified"]["total_full"])
    same(stratified().total("score", regime="analytic"), goldens()["stratified"]["total_free"])
    same(clustered().total("cost", regime="descriptive"), goldens()["clusters"]["total_full"])


def test_ratios():
    same(stratified().ratio("score", "age", regime="descriptive"), goldens()["stratified"]["ratio_full"])
    for short, regime in REGIMES.items():
        same(clustered().ratio("cost", "agents", regime=regime), goldens()["clusters"][f"ratio_{short}"])


@pytest.mark.parametrize("short", REGIMES)
def test_domains_that_cut_across_the_strata(short):
    golden = goldens()["stratified"][f"mean_by_sex_{short}"]
    same(
        stratified().mean("score", by="sexe", regime=REGIMES[short]),
        golden,
        ("value", "se", "low", "high", "deff"),
    )


def test_domains_of_totals_and_of_clusters():
    same(
        stratified().total("score", by="sexe", regime="descriptive"),
        goldens()["stratified"]["total_by_sex_full"],
    )
    found = clustered().mean("score", by="grade", regime="descriptive")
    same(found, goldens()["clusters"]["mean_by_grade_full"], ("value", "se", "deff"))


def test_a_partner_that_is_a_stratum_has_the_degrees_of_freedom_of_its_own_respondents():
    from scipy.stats import t

    golden = goldens()["stratified"]["mean_by_partner_full"]
    found = stratified().mean("score", by="coll", regime="descriptive")
    assert list(found.index) == golden["label"]
    same(found, golden, ("value", "se", "deff"))
    margin = t.ppf(0.975, found["n"] - 1) * found["se"]
    np.testing.assert_allclose(found["high"] - found["value"], margin, rtol=1e-10)


def test_a_missing_outcome_makes_a_domain_and_leaves_the_design_whole():
    found = stratified().mean("score_na", regime="descriptive")
    same(found, goldens()["stratified"]["mean_missing"], ("value", "se", "low", "high", "df", "deff"))
    assert (found.n, found.n_missing, found.df) == (604, 5, 603)
    by = stratified().mean("score_na", by="sexe", regime="descriptive")
    same(by, goldens()["stratified"]["mean_missing_by_sex"], ("value", "se", "deff"))


def test_a_domain_equals_the_subset_of_r():
    found = stratified().mean("score", by="cat", regime="descriptive").loc["A"]
    golden = goldens()["stratified"]["subset_a"]
    for name in ("value", "se", "low", "high", "deff"):
        assert found[name] == pytest.approx(golden[name], rel=RTOL)


@pytest.mark.parametrize("method", ["logit", "beta"])
@pytest.mark.parametrize("short", ["", "_free"])
def test_shares_with_logit_and_korn_graubard_intervals(method, short):
    regime = "analytic" if short else "descriptive"
    found = stratified().proportion("cat", "A", regime=regime, method=method)
    same(found, goldens()["stratified"][f"prop_{method}{short}"], ("value", "low", "high"))


@pytest.mark.parametrize("method", ["logit", "beta"])
def test_a_rare_answer_in_clusters(method):
    found = clustered().proportion("telework", regime="descriptive", method=method)
    # R's logit goes through iteratively reweighted least squares stopped at 1e-8.
    same(found, goldens()["clusters"][f"rare_{method}"], ("value", "low", "high"), rtol=1e-8)


def test_quantiles_with_woodruff_intervals():
    found = stratified().quantile("score", [0.1, 0.25, 0.5, 0.75, 0.9], regime="descriptive")
    same(found, goldens()["stratified"]["quantile_full"])
    found = stratified().quantile("age", [0.25, 0.5, 0.75], regime="analytic")
    same(found, goldens()["stratified"]["quantile_age_free"])
    found = clustered().quantile("score", [0.25, 0.5, 0.75], regime="descriptive")
    same(found, goldens()["clusters"]["quantile_full"])
