"""Extraction, rotation, adequacy and parallel analysis equal factanal, psych and GPArotation."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from optima_research.coding.quantitative import adequacy, efa, parallel_analysis
from optima_research.coding.quantitative._rotation_kernels import oblimin, promax, varimax
from optima_research.errors import ScaleError


def aligned(found: Any, expected: Any) -> np.ndarray:
    """Loadings with the columns and signs that come nearest to the expected ones."""
    found, expected = np.asarray(found), np.asarray(expected)
    options = [found[:, list(order)] for order in permutations(range(found.shape[1]))]
    turned = [option * np.sign((option * expected).sum(axis=0)) for option in options]
    return min(turned, key=lambda option: np.abs(option - expected).max())


@pytest.mark.parametrize(("method", "name"), [("ml", "ml"), ("minres", "minres")])
def test_extraction_equals_r(
    answers: pd.DataFrame, ten: list[str], factors_golden: dict[str, Any], method: Any, name: str
) -> None:
    result = efa(answers, ten, n_factors=2, method=method, rotation="none")
    expected = factors_golden[name]["loadings"]
    np.testing.assert_allclose(aligned(result.loadings, expected), expected, atol=1e-5)


def test_rotations_equal_r(factors_golden: dict[str, Any]) -> None:
    start = np.array(factors_golden["ml"]["loadings"])
    np.testing.assert_allclose(
        aligned(varimax(start), factors_golden["varimax"]), factors_golden["varimax"], atol=1e-9
    )
    turned, phi = promax(start)
    np.testing.assert_allclose(
        aligned(turned, factors_golden["promax"]["loadings"]), factors_golden["promax"]["loadings"], atol=1e-7
    )
    assert abs(phi[0, 1]) == pytest.approx(factors_golden["promax"]["phi"][0][1], abs=1e-7)
    turned, phi = oblimin(start)
    np.testing.assert_allclose(
        aligned(turned, factors_golden["oblimin"]["loadings"]),
        factors_golden["oblimin"]["loadings"],
        atol=1e-6,
    )
    assert abs(phi[0, 1]) == pytest.approx(factors_golden["oblimin"]["phi"][0][1], abs=1e-6)


def test_the_default_analysis_equals_psych(
    answers: pd.DataFrame, ten: list[str], factors_golden: dict[str, Any]
) -> None:
    result, expected = efa(answers, ten, n_factors=2), factors_golden["psych_minres"]
    np.testing.assert_allclose(
        aligned(result.loadings, expected["loadings"]), expected["loadings"], atol=1e-4
    )
    assert result.correlations.iloc[0, 1] == pytest.approx(expected["phi"][0][1], abs=1e-4)
    likely = efa(answers, ten, n_factors=2, method="ml")
    for ours, theirs in {"chi2": "chi", "df": "dof", "rmsea": "rmsea", "tli": "tli"}.items():
        assert likely.fit[ours] == pytest.approx(factors_golden["psych_ml"][theirs], abs=1e-5), ours
    np.testing.assert_allclose(likely.communalities, factors_golden["psych_ml"]["communality"], atol=1e-4)


def test_adequacy_equals_psych(answers: pd.DataFrame, ten: list[str], factors_golden: dict[str, Any]) -> None:
    result = adequacy(answers, ten)
    assert result.kmo == pytest.approx(factors_golden["kmo"]["overall"], rel=1e-9)
    np.testing.assert_allclose(result.items, factors_golden["kmo"]["items"], rtol=1e-9)
    assert result.chi2 == pytest.approx(factors_golden["bartlett"]["chi2"], rel=1e-9)
    assert result.df == factors_golden["bartlett"]["df"]


def test_a_singular_matrix_is_said(answers: pd.DataFrame, five: list[str]) -> None:
    doubled = answers.assign(total=answers[five].sum(axis=1))
    assert adequacy(doubled, [*five, "total"]).pseudo_inverse
    with pytest.raises(ScaleError, match="colinéaires"):
        efa(doubled, [*five, "total"], n_factors=1)


def test_parallel_analysis_finds_the_two_scales(
    answers: pd.DataFrame, ten: list[str], factors_golden: dict[str, Any]
) -> None:
    result = parallel_analysis(answers, ten, seed=3)
    np.testing.assert_allclose(result.eigenvalues["observed"], factors_golden["eigenvalues"], rtol=1e-9)
    assert result.suggested == 2
    assert result.eigenvalues["reference"].iloc[0] > 1.15
    assert parallel_analysis(answers, ten, seed=3).eigenvalues.equals(result.eigenvalues)


def test_the_number_of_factors_is_found_when_not_given(answers: pd.DataFrame, ten: list[str]) -> None:
    result = efa(answers, ten)
    assert result.loadings.shape == (10, 2)
    assert "2 facteur" in result.sentence()
    assert result.table().formatted().shape == (10, 3)


def test_simulated_loadings_are_recovered(rng: np.random.Generator) -> None:
    truth = np.array([[0.8, 0], [0.7, 0], [0.6, 0], [0, 0.7], [0, 0.6], [0, 0.5]])
    factors = rng.multivariate_normal([0, 0], [[1, 0.3], [0.3, 1]], 20_000)
    rows = factors @ truth.T + rng.standard_normal((20_000, 6)) * np.sqrt(1 - (truth**2).sum(axis=1))
    result = efa(pd.DataFrame(rows, columns=list("abcdef")), list("abcdef"), n_factors=2)
    np.testing.assert_allclose(aligned(result.loadings, truth), truth, atol=0.03)
    assert result.correlations.iloc[0, 1] == pytest.approx(0.3, abs=0.04)


def test_row_and_item_order_change_nothing(answers: pd.DataFrame, ten: list[str]) -> None:
    plain = efa(answers, ten, n_factors=2)
    turned = efa(answers.sample(frac=1, random_state=5), ten[::-1], n_factors=2)
    np.testing.assert_allclose(turned.loadings.loc[ten], plain.loadings, atol=1e-5)


def test_too_many_factors_are_refused(answers: pd.DataFrame, five: list[str]) -> None:
    with pytest.raises(ScaleError, match="5 items") as caught:
        efa(answers, five, n_factors=3)
    assert caught.value.parameter == "n_factors"


def test_polychoric_correlations_may_be_factored(answers: pd.DataFrame, ten: list[str]) -> None:
    ordinal = efa(answers, ten, n_factors=2, correlations="polychoric")
    assert (ordinal.communalities > efa(answers, ten, n_factors=2).communalities).all()


def test_real_items_equal_psych(shared_reference: Path) -> None:
    data = pd.read_csv(shared_reference / "real" / "bfi.csv")
    expected = json.loads((shared_reference / "real" / "bfi_r.json").read_text(encoding="utf-8"))
    items = list(data.columns[:25])
    result = efa(data, items, n_factors=5)
    assert result.n == expected["efa"]["n"]
    np.testing.assert_allclose(result.communalities, pd.Series(expected["efa"]["communality"]), atol=1e-4)
    assert result.fit["tli"] == pytest.approx(expected["efa"]["TLI"], abs=1e-5)
    assert result.fit["rms"] == pytest.approx(expected["efa"]["rms"], abs=1e-6)
    assert adequacy(data, items).kmo == pytest.approx(expected["kmo"], rel=1e-9)
