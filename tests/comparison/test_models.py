"""Random intercepts and ordinal models equal lme4, lmerTest and ordinal, and say how little few groups tell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from optima_research.comparison.multilevel import multilevel
from optima_research.comparison.ordinal import ordinal_model
from optima_research.errors import AnalysisError
from optima_research.privacy import protect


@pytest.fixture(scope="module")
def models(reference: Path) -> dict[str, Any]:
    return json.loads((reference / "comparison_models.json").read_text(encoding="utf-8"))


def test_multilevel_equals_lmer(partners: pd.DataFrame, models: dict[str, Any]) -> None:
    result, wanted = multilevel(partners, "score", "coll", ["sexe", "age"]), models["mixed"]
    assert result.between.value == pytest.approx(wanted["tau2"], rel=1e-6)
    assert result.within.value == pytest.approx(wanted["sigma2"], rel=1e-7)
    assert result.log_likelihood == pytest.approx(wanted["log_likelihood"], abs=1e-8)
    np.testing.assert_allclose(result.coefficients["estimate"], wanted["estimate"], rtol=1e-7)
    np.testing.assert_allclose(result.coefficients["se"], wanted["se"], rtol=1e-5)
    np.testing.assert_allclose(result.coefficients["df"], wanted["df"], rtol=1e-4)
    interval = np.sqrt([result.between.low, result.between.high, result.within.low, result.within.high])
    np.testing.assert_allclose(interval, [*wanted["tau_interval"], *wanted["sigma_interval"]], rtol=1e-4)


def test_shrunken_means_are_lmer_s(partners: pd.DataFrame, models: dict[str, Any]) -> None:
    groups, wanted = multilevel(partners, "score", "coll").groups, models["mixed"]["null"]
    np.testing.assert_allclose(groups["shrunken"], np.add(wanted["effect"], wanted["intercept"]), rtol=1e-6)
    assert groups.loc["CC Vallée", ["raw", "shrunken"]].round(2).tolist() == [3.21, 3.25]
    assert (groups["high"] - groups["low"] > 3 * np.array(wanted["se"])).all()


def test_rank_probabilities_are_a_distribution_and_deterministic(partners: pd.DataFrame) -> None:
    one, other = multilevel(partners, "score", "coll"), multilevel(partners, "score", "coll")
    np.testing.assert_allclose(one.rank_probabilities.sum(axis=0), 1)
    np.testing.assert_allclose(one.rank_probabilities.sum(axis=1), 1)
    pd.testing.assert_frame_equal(one.groups, other.groups)


def test_order_of_rows_and_of_groups_changes_nothing(partners: pd.DataFrame) -> None:
    shuffled = partners.sample(frac=1, random_state=2)
    one, other = (multilevel(data, "score", "coll", ["age"]) for data in (partners, shuffled))
    assert one.between.value == pytest.approx(other.between.value, rel=1e-8)
    assert one.icc.high == pytest.approx(other.icc.high, rel=1e-6)


def test_zero_variance_is_never_a_finding(rng: np.random.Generator) -> None:
    data = pd.DataFrame({"y": np.tile(np.arange(10.0), 4), "g": np.repeat(list("abcd"), 10)})
    result = multilevel(data, "y", "g")
    assert result.between.value == 0
    assert result.icc.high > 0.05
    assert "n'est pas un résultat" in result.table().note
    assert "n'excluent ni" in result.sentence()


@pytest.mark.slow
def test_profile_intervals_of_the_variance_cover(rng: np.random.Generator) -> None:
    group, truth, covered = np.repeat(np.arange(12), 30), 0.09, 0
    for _replicate in range(200):
        y = 0.3 * rng.normal(size=12)[group] + rng.normal(size=len(group))
        interval = multilevel(pd.DataFrame({"y": y, "g": group.astype(str)}), "y", "g").between
        covered += interval.low <= truth <= interval.high
    assert covered / 200 == pytest.approx(0.95, abs=4 * np.sqrt(0.05 * 0.95 / 200) + 0.02)


def test_the_funnel_narrows_with_the_share_that_answered(partners: pd.DataFrame) -> None:
    sizes = partners.groupby("coll")["nn"].first()
    census = multilevel(partners, "score", "coll", population=sizes.to_dict()).funnel()
    assert np.ptp(census.lines[0].get_ydata() - census.lines[1].get_ydata()) == pytest.approx(0)
    assert len(multilevel(partners, "score", "coll").plot().get_yticks()) == 6


def test_two_groups_are_sent_to_compare(two: pd.DataFrame) -> None:
    with pytest.raises(AnalysisError, match="trois groupes"):
        multilevel(two, "score", "coll")


def test_ordinal_model_equals_clm(partners: pd.DataFrame, models: dict[str, Any]) -> None:
    result, wanted = ordinal_model(partners, "q1", ["sexe", "age"]), models["ordinal"]
    assert result.log_likelihood == pytest.approx(wanted["log_likelihood"], abs=1e-8)
    found = pd.concat([result.thresholds, result.coefficients[["estimate", "se"]]])
    np.testing.assert_allclose(found["estimate"], wanted["estimate"], rtol=1e-6)
    np.testing.assert_allclose(found["se"], wanted["se"], rtol=1e-6)
    np.testing.assert_allclose(result.proportional_odds["statistic"], wanted["lrt"], rtol=1e-6)
    np.testing.assert_allclose(result.predict({"age": 40}), wanted["predict"], rtol=1e-6)


@pytest.mark.parametrize(("nodes", "name"), [(1, "laplace"), (7, "agq7")])
def test_random_intercept_equals_clmm(
    partners: pd.DataFrame, models: dict[str, Any], nodes: int, name: str
) -> None:
    result, wanted = (
        ordinal_model(partners, "q1", ["sexe", "age"], "coll", nodes=nodes),
        models["ordinal"][name],
    )
    assert result.log_likelihood == pytest.approx(wanted["log_likelihood"], abs=1e-5)
    assert result.between.value == pytest.approx(wanted["tau2"], rel=1e-3)
    found = pd.concat([result.thresholds, result.coefficients[["estimate", "se"]]])
    np.testing.assert_allclose(found["estimate"], wanted["estimate"], rtol=1e-3)
    # clmm's own standard errors move by 2e-3 with the tolerance of its inner search.
    np.testing.assert_allclose(found["se"], wanted["se"], rtol=3e-3)
    np.testing.assert_allclose(result.groups["effect"], wanted["effect"], atol=1e-3)
    assert result.between.low < wanted["tau2"] < result.between.high


def test_predictions_of_the_mixed_model_average_over_groups(partners: pd.DataFrame) -> None:
    result = ordinal_model(partners, "q1", ["sexe"], "coll")
    assert result.predict().sum() == pytest.approx(1)
    low, high = (result.predict(group=name)["5"] for name in ("CA Nord", "Dépt Sud"))
    assert low < result.predict()["5"] < high
    with pytest.raises(AnalysisError, match="pas de terme"):
        result.predict({"sexee": 1})


def test_a_nominal_outcome_is_refused(partners: pd.DataFrame) -> None:
    with pytest.raises(AnalysisError, match="nominale"):
        ordinal_model(partners, "cat", ["age"])


def test_a_hidden_group_has_no_place_in_the_league_table() -> None:
    rng = np.random.default_rng(5)
    sizes = {"a": 40, "petit": 5, "b": 40, "autre": 6, "c": 40}
    level = {"a": 3.0, "petit": 2.0, "b": 1.0, "autre": 5.0, "c": 0.0}
    data = pd.DataFrame({"g": np.repeat(list(sizes), list(sizes.values()))})
    data["y"] = data["g"].map(level) + rng.normal(size=len(data))
    table = protect(multilevel(data, "y", "g"), "onze").table()
    assert table.body.index.tolist() == ["a", "b", "c", "autre", "petit"]
    assert table.suppressed["shrunken"].tolist() == [False, False, False, True, True]
    assert table.bases.index.equals(table.body.index)
