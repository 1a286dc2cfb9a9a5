"""Confirmatory models equal lavaan, and say what is improper."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from optima_research.coding.quantitative import cfa
from optima_research.errors import ScaleError

NAMES = {
    "chi2": "chisq",
    "df": "df",
    "p": "pvalue",
    "cfi": "cfi",
    "tli": "tli",
    "rmsea": "rmsea",
    "srmr": "srmr",
}
INTERVALS = {"rmsea_low": "rmsea.ci.lower", "rmsea_high": "rmsea.ci.upper", "aic": "aic", "bic": "bic"}


@pytest.fixture
def model(ten: list[str]) -> dict[str, list[str]]:
    return {"f1": ten[:5], "f2": ten[5:]}


def estimates(rows: list[dict[str, Any]], column: str) -> list[float]:
    return [row[column] for row in rows if row["op"] == "=~"]


def test_fit_equals_lavaan(
    answers: pd.DataFrame, model: dict[str, list[str]], invariance_golden: dict[str, Any]
) -> None:
    fit, expected = cfa(answers, model).fit, invariance_golden["single"]["fit"]
    for ours, theirs in {**NAMES, **INTERVALS}.items():
        assert fit[ours] == pytest.approx(expected[theirs], abs=1e-5), ours
    one = cfa(answers, {"f": model["f1"]}).fit
    assert one["chi2"] == pytest.approx(7.67994607, abs=1e-5)


def test_estimates_equal_lavaan(
    answers: pd.DataFrame, model: dict[str, list[str]], invariance_golden: dict[str, Any]
) -> None:
    result = cfa(answers, model)
    expected = invariance_golden["single"]
    np.testing.assert_allclose(
        result.loadings["estimate"], estimates(expected["estimates"], "est"), rtol=1e-4
    )
    np.testing.assert_allclose(result.loadings["se"], estimates(expected["estimates"], "se"), rtol=1e-3)
    np.testing.assert_allclose(
        result.loadings["standardised"], estimates(expected["std"], "est.std"), rtol=1e-4
    )
    phi = next(row["est.std"] for row in expected["std"] if row["lhs"] == "f1" and row["rhs"] == "f2")
    assert result.correlations.loc["f1", "f2"] == pytest.approx(phi, rel=1e-4)


def test_robust_fit_and_errors_equal_lavaan_mlr(
    answers: pd.DataFrame, model: dict[str, list[str]], invariance_golden: dict[str, Any]
) -> None:
    result, expected = cfa(answers, model, estimator="mlr"), invariance_golden["single_mlr"]
    robust = {"chi2": "chisq.scaled", "cfi": "cfi.robust", "tli": "tli.robust", "rmsea": "rmsea.robust"}
    for ours, theirs in robust.items():
        assert result.fit[ours] == pytest.approx(
            expected["fit"][theirs], abs=1e-3 if ours == "chi2" else 1e-5
        ), ours
    np.testing.assert_allclose(result.loadings["se"], estimates(expected["estimates"], "se"), rtol=1e-3)


def test_order_of_rows_and_items_changes_nothing(answers: pd.DataFrame, model: dict[str, list[str]]) -> None:
    plain = cfa(answers, model)
    turned = cfa(answers.sample(frac=1, random_state=3), {"f2": model["f2"][::-1], "f1": model["f1"][::-1]})
    assert turned.fit["chi2"] == pytest.approx(plain.fit["chi2"], abs=1e-6)
    first = plain.loadings.set_index("item")["estimate"]
    np.testing.assert_allclose(
        turned.loadings.set_index("item")["estimate"].loc[first.index], first, rtol=1e-5
    )


def test_simulated_loadings_are_recovered(rng: np.random.Generator) -> None:
    truth = np.array([0.9, 0.8, 0.7, 0.6, 0.8, 0.7])
    factors = rng.multivariate_normal([0, 0], [[1, 0.4], [0.4, 1]], 20_000)
    rows = factors[:, [0, 0, 0, 1, 1, 1]] * truth + rng.standard_normal((20_000, 6)) * 0.7
    result = cfa(pd.DataFrame(rows, columns=list("abcdef")), {"u": list("abc"), "v": list("def")})
    np.testing.assert_allclose(result.loadings["estimate"], truth, atol=0.03)
    assert result.correlations.loc["u", "v"] == pytest.approx(0.4, abs=0.03)
    assert result.fit["p"] > 0.001


def test_the_sentence_carries_the_fit(answers: pd.DataFrame, model: dict[str, list[str]]) -> None:
    result = cfa(answers, model)
    assert "CFI = 0,999" in result.sentence()
    assert list(result.table().body.index) == [*model["f1"], *model["f2"]]
    assert result.plot() is not None


def test_a_heywood_case_is_named() -> None:
    correlation = np.array([[1, 0.8, 0.8, 0.2], [0.8, 1, 0.45, 0.2], [0.8, 0.45, 1, 0.2], [0.2, 0.2, 0.2, 1]])
    rows = np.random.default_rng(0).multivariate_normal(np.zeros(4), correlation, 400)
    result = cfa(pd.DataFrame(rows, columns=list("abcd")), {"f": list("abcd")})
    assert result.heywood == ("a",)
    assert "Heywood" in result.sentence()


def test_collinear_items_are_refused_by_name(answers: pd.DataFrame, model: dict[str, list[str]]) -> None:
    copied = answers.assign(q2=answers["q1"] * 2)
    with pytest.raises(ScaleError, match="q1, q2") as caught:
        cfa(copied, model)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ({}, "aucun facteur"),
        ({"f": ["q1", "q2"]}, "identifier"),
        ({"f": ["q1"], "g": ["q2", "q3", "q4"]}, "f"),
    ],
)
def test_a_model_that_cannot_be_identified_is_refused(
    answers: pd.DataFrame, model: dict[str, list[str]], words: str
) -> None:
    with pytest.raises(ScaleError, match=words):
        cfa(answers, model)


def test_too_few_respondents_are_refused(answers: pd.DataFrame, model: dict[str, list[str]]) -> None:
    with pytest.raises(ScaleError, match="n = 25"):
        cfa(answers.head(25), model)


def test_turning_items_round_changes_signs_only(answers: pd.DataFrame, model: dict[str, list[str]]) -> None:
    turned = answers.assign(**{item: 6 - answers[item] for item in ("q2", "q4", "q7")})
    plain, other = cfa(answers, model), cfa(turned, model)
    assert other.fit["chi2"] == pytest.approx(plain.fit["chi2"], abs=1e-6)
    signs = np.where(plain.loadings["item"].isin(["q2", "q4", "q7"]), -1.0, 1.0)
    np.testing.assert_allclose(other.loadings["estimate"] * signs, plain.loadings["estimate"], rtol=1e-5)
