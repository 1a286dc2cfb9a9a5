"""The invariance ladder equals lavaan; the gate says what may be compared and what it costs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from optima_research.codebook import Scale
from optima_research.coding.quantitative import Comparable, comparability, invariance
from optima_research.errors import ScaleError
from optima_research.results import PublicationTable

STEPS = ["configural", "metric", "scalar", "strict"]
NAMES = {
    "chi2": "chisq",
    "df": "df",
    "p": "pvalue",
    "cfi": "cfi",
    "tli": "tli",
    "rmsea": "rmsea",
    "srmr": "srmr",
}


@pytest.fixture(scope="module")
def model(ten: list[str]) -> dict[str, list[str]]:
    return {"f1": ten[:5], "f2": ten[5:]}


@pytest.fixture(scope="module")
def shifted(answers: pd.DataFrame, ten: list[str]) -> pd.DataFrame:
    """One partner reads q3 more generously and q7 more severely than its level explains."""
    data = answers.astype(dict.fromkeys(ten, float))
    data.loc[data["coll"] == "Mairie A", "q3"] += 1.0
    data.loc[data["coll"] == "Mairie A", "q7"] -= 0.8
    return data


def test_the_ladder_equals_lavaan(
    answers: pd.DataFrame, model: dict[str, list[str]], invariance_golden: dict[str, Any]
) -> None:
    result = invariance(answers, model, "coll")
    assert list(result.table.index) == STEPS
    for step in STEPS:
        for ours, theirs in NAMES.items():
            expected = invariance_golden["ladder"][step][theirs]
            assert result.table.loc[step, ours] == pytest.approx(expected, abs=1e-5), (step, ours)
    assert result.comparable == "means"


def test_the_robust_ladder_equals_lavaan_mlr(
    answers: pd.DataFrame, model: dict[str, list[str]], invariance_golden: dict[str, Any]
) -> None:
    result = invariance(answers, model, "coll", estimator="mlr")
    for step in STEPS:
        expected = invariance_golden["ladder_mlr"][step]
        assert result.table.loc[step, "chi2"] == pytest.approx(expected["chisq.scaled"], abs=1e-3)
        assert result.table.loc[step, "cfi"] == pytest.approx(expected["cfi.robust"], abs=1e-5)
        assert result.table.loc[step, "rmsea"] == pytest.approx(expected["rmsea.robust"], abs=1e-5)
    differences = invariance_golden["lrt_mlr"][1:]
    np.testing.assert_allclose(
        result.steps["delta_chi2"].iloc[1:], [row["Chisq diff"] for row in differences], atol=1e-3
    )


def test_differences_latent_means_and_item_tests_equal_lavaan(
    answers: pd.DataFrame, model: dict[str, list[str]], invariance_golden: dict[str, Any]
) -> None:
    result = invariance(answers, model, "coll")
    differences = invariance_golden["lrt"][1:]
    np.testing.assert_allclose(
        result.steps["delta_chi2"].iloc[1:], [row["Chisq diff"] for row in differences], atol=1e-5
    )
    np.testing.assert_allclose(
        result.steps["delta_p"].iloc[1:], [row["Pr(>Chisq)"] for row in differences], atol=1e-6
    )
    rows = [
        row for row in invariance_golden["estimates"]["scalar"] if row["op"] == "~1" and row["lhs"] == "f1"
    ]
    means = result.latent_means.loc["f1"].loc[invariance_golden["groups"]]
    np.testing.assert_allclose(means["estimate"], [row["est"] for row in rows], atol=1e-4)
    np.testing.assert_allclose(means["se"], [row["se"] for row in rows], rtol=1e-3)
    tests = result.tests.set_index(["part", "item"])["chi2"]
    for part, items in invariance_golden["released"].items():
        for item, expected in items.items():
            assert tests[part, item] == pytest.approx(expected["chi2"], abs=1e-3), (part, item)


def test_partial_invariance_equals_lavaan(
    answers: pd.DataFrame, model: dict[str, list[str]], invariance_golden: dict[str, Any]
) -> None:
    result = invariance(answers, model, "coll", free={"intercepts": ["q3", "q7"]})
    expected = invariance_golden["partial"]["fit"]
    assert result.table.loc["scalar", "chi2"] == pytest.approx(expected["chisq"], abs=1e-5)
    assert result.table.loc["scalar", "df"] == expected["df"]
    assert sorted(result.freed["item"]) == ["q3", "q7"]


def test_the_table_is_a_frame_and_a_publication_table(
    answers: pd.DataFrame, model: dict[str, list[str]]
) -> None:
    result = invariance(answers, model, "coll")
    assert isinstance(result.table, pd.DataFrame)
    assert list(result.table.columns) == list(NAMES)
    assert isinstance(result.table(), PublicationTable)
    assert result._repr_html_()


def test_swapping_rows_items_and_group_names_changes_nothing(
    answers: pd.DataFrame, model: dict[str, list[str]]
) -> None:
    plain = invariance(answers, model, "coll")
    names = {name: chr(ord("z") - i) for i, name in enumerate(sorted(answers["coll"].unique()))}
    turned = answers.assign(coll=answers["coll"].map(names)).sample(frac=1, random_state=1)
    other = invariance(turned, {"f2": model["f2"][::-1], "f1": model["f1"][::-1]}, "coll")
    np.testing.assert_allclose(other.table, plain.table, atol=1e-6)


def test_the_search_frees_the_items_that_were_shifted(
    shifted: pd.DataFrame, model: dict[str, list[str]]
) -> None:
    result = invariance(shifted, model, "coll", search=True)
    assert sorted(result.freed["item"]) == ["q3", "q7"]
    assert (result.freed["group"] == "Mairie A").all()
    assert list(result.table.index) == ["configural", "metric", "scalar", "scalar_partial", "strict"]
    assert result.comparable is Comparable.MEANS
    assert result.impact.loc[("f1", "Mairie A"), "bias"] == pytest.approx(0.2 * 557 / 609, abs=0.06)
    assert "q3" in result.sentence()


def test_without_search_only_relations_may_be_compared(
    shifted: pd.DataFrame, model: dict[str, list[str]]
) -> None:
    result = invariance(shifted, model, "coll")
    assert result.comparable is Comparable.RELATIONS
    assert "pas ses moyennes" in result.sentence()
    assert "q3, q7" in result.sentence()


def test_a_bias_as_large_as_the_effect_of_interest_forbids_means(
    shifted: pd.DataFrame, model: dict[str, list[str]]
) -> None:
    strict = invariance(shifted, model, "coll", search=True, smallest_effect=0.1)
    lenient = invariance(shifted, model, "coll", search=True, smallest_effect=0.5)
    assert (strict.comparable, lenient.comparable) == (Comparable.RELATIONS, Comparable.MEANS)
    assert "plus petit effet d'intérêt de 0,10" in strict.sentence()


def test_different_loadings_allow_nothing(rng: np.random.Generator) -> None:
    factor = rng.standard_normal((800, 1))
    rows = factor * 0.8 + 0.6 * rng.standard_normal((800, 6))
    rows[400:, :3] = 0.8 * rng.standard_normal((400, 1)) + 0.6 * rng.standard_normal((400, 3))
    data = pd.DataFrame(rows, columns=list("abcdef")).assign(g=np.repeat(["un", "deux"], 400))
    result = invariance(data, {"f": list("abcdef")}, "g")
    assert result.comparable is Comparable.NOTHING
    assert "ses facteurs ne décrivent pas les réponses" in result.sentence()


def test_unequal_loadings_alone_allow_nothing_either(rng: np.random.Generator) -> None:
    loadings = np.where(
        np.arange(1000)[:, None] < 500, [0.9, 0.9, 0.4, 0.4, 0.6, 0.6], [0.4, 0.4, 0.9, 0.9, 0.6, 0.6]
    )
    rows = rng.standard_normal((1000, 1)) * loadings + 0.6 * rng.standard_normal((1000, 6))
    data = pd.DataFrame(rows, columns=list("abcdef")).assign(g=np.repeat(["un", "deux"], 500))
    result = invariance(data, {"f": list("abcdef")}, "g")
    assert result.comparable is Comparable.NOTHING
    assert "n'y ont pas le même poids" in result.sentence()


def test_the_gate_turns_reversed_items_and_leaves_small_groups_out(
    answers: pd.DataFrame, five: list[str]
) -> None:
    data = answers.assign(q2=6 - answers["q2"])
    keep = (data["coll"] != "CC Vallée") | (data.groupby("coll").cumcount() < 9)
    scale = Scale("CLI", tuple(five), label="Climat", reversed=("q2",), range=(1, 5))
    gate = comparability(data[keep], scale, "coll", smallest_effect=0.3)
    assert gate.left_out == (("CC Vallée", 9),)
    assert "CC Vallée (n = 9)" in gate.sentence()
    assert gate.comparable is Comparable.MEANS
    assert gate.impact.loc[("Climat", "Dépt Sud"), "mean"] == pytest.approx(
        answers.loc[answers["coll"] == "Dépt Sud", five].mean(axis=None)
    )


def test_a_group_smaller_than_its_parameters_is_refused(
    answers: pd.DataFrame, model: dict[str, list[str]]
) -> None:
    keep = (answers["coll"] != "CC Vallée") | (answers.groupby("coll").cumcount() < 20)
    with pytest.raises(ScaleError, match=r"CC Vallée \(n = 20\)") as caught:
        invariance(answers[keep], model, "coll")
    assert caught.value.hint


def test_an_item_constant_in_one_group_is_refused_with_the_group(
    answers: pd.DataFrame, model: dict[str, list[str]]
) -> None:
    data = answers.assign(q4=answers["q4"].where(answers["coll"] != "SDIS 99", 3))
    with pytest.raises(ScaleError, match="« q4 »") as caught:
        invariance(data, model, "coll")
    assert caught.value.where == "SDIS 99"


@pytest.mark.parametrize("free", [{"intercepts": ["q99"]}, {"intercepts": ["q1", "q2", "q3", "q4", "q5"]}])
def test_a_bad_list_of_freed_items_is_refused(
    answers: pd.DataFrame, model: dict[str, list[str]], free: dict[Any, list[str]]
) -> None:
    with pytest.raises(ScaleError):
        invariance(answers, model, "coll", free=free)


def test_missing_answers_and_groups_are_counted(
    answers_with_holes: pd.DataFrame, model: dict[str, list[str]]
) -> None:
    data = answers_with_holes[answers_with_holes["coll"] != "CC Vallée"].copy()
    data.loc[data.index[:4], "coll"] = np.nan
    result = invariance(data, {"f1": model["f1"]}, "coll")
    complete = data[[*model["f1"], "coll"]].notna().all(axis=1)
    assert (result.n, result.n_missing) == (int(complete.sum()), int((~complete).sum()))


@pytest.mark.slow
@pytest.mark.parametrize(("shift", "expected"), [(0.0, "means"), (1.0, "relations")])
def test_small_groups_are_judged_right_most_of_the_time(
    rng: np.random.Generator, shift: float, expected: str
) -> None:
    loadings, cuts, draws, right = np.array([0.8, 0.7, 0.75, 0.6, 0.7]), [-1.2, -0.4, 0.4, 1.2], 60, 0
    group = np.repeat(np.arange(6), 60)
    for _draw in range(draws):
        factor = rng.standard_normal((360, 1)) + 0.2 * group[:, None]
        latent = factor * loadings + rng.standard_normal((360, 5)) * np.sqrt(1 - loadings**2)
        latent[group == 1, 2] += shift
        data = pd.DataFrame(np.digitize(latent, cuts) + 1, columns=list("abcde")).assign(g=group)
        right += invariance(data, {"f": list("abcde")}, "g").comparable == expected
    assert right / draws > 0.75
