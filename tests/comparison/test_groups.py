"""Comparisons of groups equal R's, choose for stated reasons, and say no more than the data allow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from optima_research.comparison import adjust_p_values, compare
from optima_research.errors import AnalysisError, SurveyError
from optima_research.results import Estimate, Verdict

Golden = dict[str, Any]


def check_effect(found: Estimate, wanted: dict[str, float], tolerance: float = 1e-6) -> None:
    assert found.value == pytest.approx(wanted["value"], rel=1e-10)
    assert found.low == pytest.approx(wanted["low"], abs=tolerance)
    assert found.high == pytest.approx(wanted["high"], abs=tolerance)


def check_test(result: Any, wanted: dict[str, Any], rel: float = 1e-9) -> None:
    assert result.statistic == pytest.approx(wanted["statistic"], rel=rel)
    assert result.p_value == pytest.approx(wanted["p"], rel=1e-7)
    if wanted.get("df"):
        assert result.df == pytest.approx(
            tuple(np.atleast_1d(wanted["df"])) if np.ndim(wanted["df"]) else wanted["df"]
        )


def test_welch_t_and_its_effect_sizes_equal_r(two: pd.DataFrame, golden: Golden) -> None:
    result = compare(two, "score", "coll")
    assert result.method == "welch_t"
    check_test(result, golden["means"]["welch_t"])
    assert [result.pairs["low"][0], result.pairs["high"][0]] == pytest.approx(golden["means"]["welch_t_ci"])
    check_effect(result.effects["hedges_g"], golden["means"]["hedges_g"])
    check_effect(result.effects["cohens_d"], golden["means"]["cohens_d"])


def test_welch_and_classical_anova_equal_r(partners: pd.DataFrame, golden: Golden) -> None:
    check_test(compare(partners, "score", "coll"), golden["means"]["welch_anova"])
    classical = compare(partners, "score", "coll", method="anova")
    check_test(classical, golden["means"]["anova"])
    for name in ("eta_squared", "omega_squared", "epsilon_squared"):
        check_effect(classical.effects[name], golden["means"][name])


def test_games_howell_equals_rstatix_and_ignores_the_order_of_groups(
    partners: pd.DataFrame, golden: Golden
) -> None:
    wanted = golden["means"]["games_howell"]
    pairs = compare(partners, "score", "coll").pairs
    # rstatix writes second less first, and rounds its p-values to three digits.
    np.testing.assert_allclose(-pairs["estimate"], wanted["estimate"], rtol=1e-10)
    np.testing.assert_allclose(-pairs["high"], wanted["conf.low"], atol=1e-7)
    np.testing.assert_allclose(pairs["p_adjusted"], wanted["p.adj"], atol=6e-4)
    np.testing.assert_allclose(pairs["p_adjusted"], golden["means"]["games_howell_p"], rtol=1e-6, atol=1e-9)
    turned = partners.assign(
        coll=pd.Categorical(partners["coll"], sorted(set(partners["coll"]), reverse=True))
    )
    again = compare(turned, "score", "coll").pairs
    assert sorted(again["p_adjusted"]) == pytest.approx(sorted(pairs["p_adjusted"]), abs=1e-12)


def test_pairs_after_classical_anova_are_pooled_t_with_holm(partners: pd.DataFrame, golden: Golden) -> None:
    wanted = [p for p in golden["means"]["pooled_t_holm"] if p is not None]
    found = compare(partners, "score", "coll", method="anova").pairs["p_adjusted"]
    assert sorted(found) == pytest.approx(sorted(wanted))


def test_kruskal_and_dunn_equal_rstatix(partners: pd.DataFrame, golden: Golden) -> None:
    result = compare(partners, "score", "coll", method="kruskal")
    check_test(result, golden["ranks"]["kruskal"])
    assert result.effects["rank_epsilon_squared"].value == pytest.approx(0.0632887138, abs=1e-9)
    dunn = golden["ranks"]["dunn"]
    np.testing.assert_allclose(-result.pairs["statistic"].astype(float), dunn["statistic"], rtol=1e-9)
    np.testing.assert_allclose(result.pairs["p_value"].astype(float), dunn["p"], rtol=1e-8)
    np.testing.assert_allclose(result.pairs["p_adjusted"], dunn["p.adj"], rtol=1e-8)


def test_mann_whitney_has_r_s_corrections_and_is_exact_given_ties(two: pd.DataFrame, golden: Golden) -> None:
    result = compare(two, "score", "coll", method="mann_whitney")
    assert (result.statistic, result.p_value) == pytest.approx((2867.5, 0.109905), abs=1e-6)
    check_effect(result.effects["rank_biserial"], golden["ranks"]["rank_biserial"])
    tied = pd.DataFrame({"y": [1, 2, 2, 3, 5, 4, 3, 3, 4, 5, 5, 5, 2], "g": ["a"] * 6 + ["b"] * 7})
    free = pd.DataFrame({"y": [1.1, 2.2, 3.3, 8, 1.5, 4, 5, 6, 7], "g": ["a"] * 4 + ["b"] * 5})
    assert compare(tied, "y", "g", method="mann_whitney").p_value == pytest.approx(
        golden["ranks"]["exact_ties"]
    )
    assert compare(free, "y", "g", method="mann_whitney").p_value == pytest.approx(
        golden["ranks"]["exact_no_ties"]
    )


def test_chi2_residuals_and_v_equal_r(partners: pd.DataFrame, golden: Golden) -> None:
    result = compare(partners, "cat", "coll")
    check_test(result, golden["tables"]["chi2"])
    assert result.residuals is not None
    np.testing.assert_allclose(result.residuals, golden["tables"]["residuals"], rtol=1e-9)
    check_effect(result.effects["cramers_v"], golden["tables"]["cramers_v"], 1e-5)
    assert result.effects["cramers_v_corrected"].value == pytest.approx(golden["tables"]["corrected"])


def test_yates_touches_the_p_value_and_never_v(partners: pd.DataFrame, golden: Golden) -> None:
    data = partners.assign(a=np.where(partners["cat"] == "A", "oui", "non"))
    result = compare(data, "a", "sexe")
    check_test(result, golden["tables"]["yates"])
    assert result.effects["cramers_v"].value == pytest.approx(golden["tables"]["phi"])


def test_fisher_equals_r_on_larger_tables_and_two_by_two(golden: Golden) -> None:
    def unfolded(table: list[list[int]]) -> pd.DataFrame:
        cells = [
            (f"g{i}", f"a{j}") for i, row in enumerate(table) for j, n in enumerate(row) for _ in range(n)
        ]
        return pd.DataFrame(cells, columns=["g", "a"])

    small = compare(unfolded([[3, 4, 6, 2], [1, 0, 2, 3], [2, 5, 1, 4]]), "a", "g")
    assert small.method == "fisher"
    assert small.p_value == pytest.approx(golden["tables"]["fisher_small"])
    four = compare(unfolded([[8, 1], [2, 9]]), "a", "g", method="fisher")
    assert four.p_value == pytest.approx(golden["tables"]["fisher_four"])
    ratio = four.effects["odds_ratio"]
    # R stops its root finder early on the far bound.
    wanted = [golden["tables"]["fisher_or"], *golden["tables"]["fisher_ci"]]
    assert [ratio.value, ratio.low, ratio.high] == pytest.approx(wanted, rel=2e-2)


def test_ordinal_logit_equals_clm_and_checks_proportional_odds(
    partners: pd.DataFrame, golden: Golden
) -> None:
    result = compare(partners, "q1", "coll", method="ordinal_logit")
    assert result.statistic == pytest.approx(golden["ordinal"]["lr"], rel=1e-8)
    check = compare(partners, "q1", "sexe", method="ordinal_logit").checks["proportional_odds"]
    wanted = golden["ordinal"]["nominal"]
    assert check == pytest.approx((wanted["lrt"], wanted["df"], wanted["p"]), rel=1e-6)
    first = result.pairs.iloc[0]
    assert np.log(first["estimate"]) == pytest.approx(-golden["ordinal"]["slopes"][0], rel=1e-6)


def test_adjustments_equal_r_and_leave_the_missing_out_of_the_family(golden: Golden) -> None:
    p = np.array([np.nan if value in (None, "NA") else value for value in golden["adjust"]["p"]], dtype=float)
    for method in ("holm", "bh", "bonferroni"):
        wanted = [np.nan if value in (None, "NA") else value for value in golden["adjust"][method]]
        np.testing.assert_allclose(adjust_p_values(p, method=method), np.array(wanted, dtype=float))


@pytest.mark.parametrize(
    ("outcome", "by", "method"),
    [("score", "sexe", "welch_t"), ("score", "coll", "welch_anova"), ("cat", "coll", "chi2"),
     ("item", "coll", "kruskal"), ("item", "sexe", "mann_whitney")],
)  # fmt: skip
def test_the_method_follows_the_level_of_measurement_and_says_why(
    partners: pd.DataFrame, outcome: str, by: str, method: str
) -> None:
    data = partners.assign(item=pd.Categorical(partners["q1"], ordered=True))
    result = compare(data, outcome, by)
    assert result.method == method
    assert result.reason
    assert result.reason in result.table().note


def test_skewed_data_do_not_change_the_method(rng: np.random.Generator) -> None:
    data = pd.DataFrame({"y": rng.exponential(size=200) ** 3, "g": ["a", "b"] * 100})
    assert compare(data, "y", "g").method == "welch_t"


def test_missing_answers_and_groups_are_counted() -> None:
    data = pd.DataFrame({"y": [1.0, 2, 3, 4, None, 6], "g": ["a", "a", "b", "b", "b", None]})
    result = compare(data, "y", "g")
    assert (result.n, result.n_missing) == (4, 2)


def test_swapping_rows_changes_nothing(partners: pd.DataFrame) -> None:
    shuffled = partners.sample(frac=1, random_state=3)
    for outcome, method in (
        ("score", "auto"),
        ("score", "kruskal"),
        ("cat", "auto"),
        ("q1", "ordinal_logit"),
    ):
        one, other = (compare(data, outcome, "coll", method=method) for data in (partners, shuffled))
        assert one.p_value == pytest.approx(other.p_value, rel=1e-12)
        pd.testing.assert_frame_equal(one.pairs, other.pairs)


def test_swapping_the_two_groups_turns_the_signs() -> None:
    data = pd.DataFrame({"y": [1.0, 2, 4, 3, 6, 5, 9], "g": ["a"] * 3 + ["b"] * 4})
    turned = data.assign(g=pd.Categorical(data["g"], ["b", "a"]))
    for method in ("welch_t", "mann_whitney"):
        one, other = compare(data, "y", "g", method=method), compare(turned, "y", "g", method=method)
        assert one.pairs["estimate"][0] == pytest.approx(-other.pairs["estimate"][0])
        assert one.p_value == pytest.approx(other.p_value)
        for name in one.effects:
            assert one.effects[name].value == pytest.approx(-other.effects[name].value)


@pytest.mark.parametrize(
    ("shift", "bound", "verdict", "words"),
    [(0.6, 0.3, Verdict.DIFFERENT, "plus basse"), (-0.6, 0.3, Verdict.DIFFERENT, "plus élevée"),
     (0.0, 0.3, Verdict.EQUIVALENT, "équivalente"), (0.05, None, Verdict.INCONCLUSIVE, "ni d'établir ni d'exclure")],
)  # fmt: skip
def test_the_sentence_has_three_branches(
    shift: float, bound: float | None, verdict: Verdict, words: str
) -> None:
    base = np.tile([2.0, 3.0, 3.0, 4.0], 50)
    data = pd.DataFrame({"y": np.concatenate([base, base + shift]), "g": ["a"] * 200 + ["b"] * 200})
    result = compare(data, "y", "g", smallest_effect=bound)
    assert result.verdict is verdict
    assert words in result.sentence()


def test_few_partners_are_never_generalised(partners: pd.DataFrame) -> None:
    from optima_research import Survey
    from optima_research.codebook import Codebook, Variable

    book = Codebook([Variable("coll", role="partner"), Variable("score", measure="interval")])
    result = compare(Survey.build(partners[["coll", "score"]], book), "score", "coll")
    assert "décrivent ces partenaires" in result.table().note


def test_clear_refusals(partners: pd.DataFrame) -> None:
    with pytest.raises(SurveyError, match="scoree"):
        compare(partners, "scoree", "coll")
    with pytest.raises(AnalysisError, match="deux groupes") as caught:
        compare(partners, "score", "coll", method="welch_t")
    assert "welch_anova" in str(caught.value)
    with pytest.raises(AnalysisError):
        compare(partners, "score", "coll", method="median")  # type: ignore[arg-type]
    with pytest.raises(AnalysisError):
        compare(partners[partners["coll"] == "CA Nord"], "score", "coll")
    with pytest.raises(AnalysisError):
        compare(partners, "score", "coll", smallest_effect=-1)


def test_a_group_of_one_is_compared_by_ranks() -> None:
    data = pd.DataFrame({"y": [1.0, 2, 3, 4, 5], "g": ["a", "a", "b", "b", "c"]})
    result = compare(data, "y", "g")
    assert result.method == "kruskal"
    assert "précision" in result.reason


def test_tables_carry_unweighted_bases_and_counts(partners: pd.DataFrame) -> None:
    scores, shares = compare(partners, "score", "coll").table(), compare(partners, "cat", "coll").table()
    assert scores.bases is not None
    assert scores.bases["mean"].tolist() == [130, 36, 210, 52, 61, 120]
    assert shares.counts is not None
    assert shares.counts[["A", "B", "C"]].to_numpy().sum() == len(partners)
    assert "Games-Howell" in scores.note


def test_an_answer_called_n_does_not_clash_with_the_number_of_respondents() -> None:
    data = pd.DataFrame({"a": list("onnonoonon") * 4, "g": list("aabbaabbab") * 4})
    result = compare(data, "a", "g")
    assert result.groups["n"].sum() == 40
    assert "« n »" in result.table().body


def test_an_effect_estimated_at_zero_keeps_an_interval(rng: np.random.Generator) -> None:
    data = pd.DataFrame({"y": np.tile([1.0, 2, 3, 4, 5, 6], 10), "g": np.repeat(list("abc"), 20)})
    effect = compare(data, "y", "g").effects["omega_squared"]
    assert effect.value == 0
    assert effect.high > 0
