"""Errors that other tools make, or that make a thesis wrong: each is held here as a test."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.weightstats import ttost_ind

from optima_research.comparison import (
    compare,
    compare_many,
    equivalence,
    kaplan_meier,
    multilevel,
    regression_to_the_mean,
    staggered_effects,
)
from optima_research.results import Verdict


def test_intervals_of_effect_sizes_are_two_sided(partners: pd.DataFrame) -> None:
    """R effectsize gives [0.027, 1] for η² by default, which nobody reads as one-sided."""
    effects = (
        compare(partners, "score", "coll", method="anova").effects | compare(partners, "cat", "coll").effects
    )
    assert all(effect.high < 1 for effect in effects.values())


def test_effect_sizes_are_never_negative(partners: pd.DataFrame) -> None:
    """η²[H] and ω² go below zero by chance, and one package called that « large »."""
    for outcome in ("age", "q7", "q10"):
        for method in ("anova", "kruskal"):
            effects = compare(partners, outcome, "sexe", method=method).effects  # type: ignore[arg-type]
            assert all(e.value >= 0 for name, e in effects.items() if "squared" in name)


def test_dunn_is_two_sided(partners: pd.DataFrame) -> None:
    """dunn.test halves its p-values by default."""
    pairs = compare(partners, "score", "coll", method="kruskal").pairs
    z = pairs["statistic"].astype(float)
    np.testing.assert_allclose(pairs["p_value"].astype(float), 2 * stats.norm.sf(z.abs()))


def test_exact_mann_whitney_counts_the_ties() -> None:
    """scipy's exact method forgets them."""
    first, second = [1, 2, 2, 3, 5, 4, 2, 2], [3, 3, 4, 5, 5, 5, 2, 3]
    data = pd.DataFrame({"y": first + second, "g": ["a"] * 8 + ["b"] * 8})
    ours = compare(data, "y", "g", method="mann_whitney").p_value
    careless = stats.mannwhitneyu(first, second, method="exact").pvalue
    rng = np.random.default_rng(0)
    shuffled = np.array([rng.permutation(first + second)[:8] for _draw in range(20_000)])
    sums = stats.rankdata(first + second)[:8].sum()
    order = dict(zip(first + second, stats.rankdata(first + second), strict=True))
    drawn = np.vectorize(order.get)(shuffled).sum(axis=1)
    truth = (np.abs(drawn - 68) >= abs(sums - 68) - 1e-9).mean()
    assert ours == pytest.approx(truth, abs=0.015)
    assert abs(ours - truth) < abs(careless - truth)


def test_equivalence_does_not_pool_variances_silently(partners: pd.DataFrame) -> None:
    data = partners[partners["coll"].isin(["CA Nord", "Mairie A"])]
    a, b = (data.loc[data["coll"] == name, "score"] for name in ("CA Nord", "Mairie A"))
    ours = equivalence(data, "score", "coll", 0.5)
    assert ours.p_value == pytest.approx(ttost_ind(a, b, -0.5, 0.5, usevar="unequal")[0])
    assert ours.p_value != pytest.approx(ttost_ind(a, b, -0.5, 0.5, usevar="pooled")[0], rel=1e-3)
    assert ours.difference.df == pytest.approx(97.265, abs=1e-3)


def test_the_variance_between_partners_is_a_variance(partners: pd.DataFrame) -> None:
    """statsmodels prints τ²/σ² (0.0525) under the name of « Group Var »."""
    result = multilevel(partners, "score", "coll", ["sexe", "age"])
    assert result.between.value == pytest.approx(0.0395, abs=1e-4)
    assert result.icc.value == pytest.approx(0.0499, abs=1e-4)


def test_people_seen_once_stay_in_the_mixed_model(waves: pd.DataFrame) -> None:
    """Repeated-measures analysis of variance drops them without a word."""
    data = waves[(waves["wave"] == 1) | (waves["id"] >= 60)]
    result = multilevel(data, "score", "id", ["wave"])
    assert result.n == len(data)
    assert len(result.groups) == 609


def test_not_significant_is_never_equivalent_without_a_threshold(partners: pd.DataFrame) -> None:
    result = compare(partners, "age", "sexe")
    assert result.p_value > 0.05
    assert result.verdict is Verdict.INCONCLUSIVE


def test_weights_do_not_pass_for_respondents(partners: pd.DataFrame) -> None:
    """Weights taken as frequencies make the standard error 2.6 times too small."""
    from statsmodels.stats.weightstats import DescrStatsW

    from optima_research.sampling import SurveyDesign

    design = SurveyDesign(partners, weights="w", strata="coll")
    ours = compare(partners, "score", "sexe", design=design, regime="analytic").groups["se"]
    women = partners[partners["sexe"] == "F"]
    careless = DescrStatsW(women["score"], weights=women["w"]).std_mean
    assert ours["F"] > 2 * careless


def test_a_family_is_adjusted_once(partners: pd.DataFrame) -> None:
    items = ["q1", "q2", "q3"]
    summary = compare_many(partners, items, "sexe", adjust="none").summary
    np.testing.assert_allclose(summary["p_value"].astype(float), summary["p_adjusted"])
    held = compare_many(partners, items, "sexe").summary
    assert (held["p_adjusted"] >= held["p_value"].astype(float)).all()


def test_the_worst_first_improve_by_themselves(rng: np.random.Generator) -> None:
    lasting = rng.normal(8, 1.2, 2000)
    before, after = (lasting + rng.normal(0, 1, 2000) for _measure in range(2))
    chosen = before >= np.quantile(before, 2 / 3)
    result = regression_to_the_mean(pd.DataFrame({"y0": before, "y1": after, "c": chosen}), "y0", "y1", "c")
    assert result["observed"].value < -0.5
    assert result["expected"].value == pytest.approx(result["observed"].value, abs=0.25)


def test_two_way_effects_can_have_the_wrong_size(rng: np.random.Generator) -> None:
    unit, month = np.repeat(np.arange(30), 24), np.tile(np.arange(1, 25), 30)
    start = np.where(unit % 3 == 0, 6.0, np.where(unit % 3 == 1, 12.0, 18.0))
    y = np.maximum(month - start + 1, 0) * 0.2 + rng.normal(0, 0.1, len(unit))
    result = staggered_effects(pd.DataFrame({"u": unit, "m": month, "s": start, "y": y}), "y", "u", "m", "s")
    assert result.overall.value > 0.9
    assert result.two_way < 0.5 * result.overall.value


def test_what_has_not_ended_is_not_dropped() -> None:
    data = pd.DataFrame({"t": [1, 2, 3, 10, 10, 10], "e": [1, 1, 1, 0, 0, 0]})
    assert kaplan_meier(data, "t", "e").at(10).value == pytest.approx(0.5)
    dropped = data[data["e"] == 1]
    assert kaplan_meier(dropped, "t", "e").at(3).value == 0
