"""Polychoric correlations and the ordinal omega equal lavaan; holes in the tables are said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal

from optima_research.coding.quantitative import ordinal_omega, polychoric, reliability
from optima_research.coding.quantitative._polychoric_kernels import bivariate_normal
from optima_research.errors import ScaleError


@pytest.mark.parametrize("rho", [-0.999, -0.6, 0.0, 0.3, 0.95, 0.9999])
def test_bivariate_normal_equals_scipy(rho: float) -> None:
    cuts = np.array([-1.4, -0.2, 0.3, 1.1])
    expected = [
        [multivariate_normal.cdf([a, b], cov=[[1, rho], [rho, 1]], abseps=1e-12, releps=1e-12) for b in cuts]
        for a in cuts
    ]
    np.testing.assert_allclose(bivariate_normal(cuts, cuts, rho), expected, atol=1e-9)


def test_polychoric_equals_lavaan(
    answers: pd.DataFrame, ten: list[str], reliability_golden: dict[str, Any]
) -> None:
    result = polychoric(answers, ten)
    np.testing.assert_allclose(result.correlations, reliability_golden["polychoric"], atol=1e-7)
    for item in ten[:5]:
        expected = [reliability_golden["thresholds"][f"{item}|t{k}"] for k in range(1, 5)]
        np.testing.assert_allclose(result.thresholds[item], expected, atol=1e-9)
    assert not result.smoothed


def test_empty_cells_are_counted_and_a_two_by_two_hole_is_filled_and_said() -> None:
    data = pd.DataFrame(
        {"a": [0] * 20 + [1] * 20, "b": [0] * 20 + [1] * 15 + [0] * 5, "c": [1, 2, 3, 4] * 10}
    )
    result = polychoric(data, ["a", "b", "c"])
    assert result.corrected == (("a", "b"),)
    assert result.correlations.loc["a", "b"] < 0.9999
    assert "demi-réponse" in result.sentence()


def test_a_matrix_that_is_not_positive_definite_is_smoothed_and_said(rng: np.random.Generator) -> None:
    factor = rng.standard_normal((60, 1))
    data = pd.DataFrame(
        (factor + 0.2 * rng.standard_normal((60, 7)) > 0).astype(int), columns=list("abcdefg")
    )
    result = polychoric(data, list("abcdefg"))
    assert result.smoothed
    assert np.linalg.eigvalsh(result.correlations)[0] > 0
    assert "lissée" in result.sentence()


def test_a_number_is_not_an_ordinal_item(answers: pd.DataFrame) -> None:
    with pytest.raises(ScaleError, match="« age »"):
        polychoric(answers, ["q1", "age"])


def test_ordinal_omega_equals_the_formula_on_lavaan(
    answers: pd.DataFrame, five: list[str], reliability_golden: dict[str, Any]
) -> None:
    omega = ordinal_omega(answers, five)
    assert omega.value == pytest.approx(reliability_golden["ordinal_omega"]["green_yang"], abs=1e-5)
    turned = ordinal_omega(answers.assign(q2=6 - answers["q2"]), five, reverse=["q2"], scale_range=(1, 5))
    assert turned.value == pytest.approx(omega.value, abs=1e-8)
    assert omega.name == "oméga ordinal"
    assert omega.value == pytest.approx(reliability(answers, five).omega.value, abs=0.02)


def test_its_bootstrap_interval_is_reproducible(answers: pd.DataFrame, five: list[str]) -> None:
    first, again = (ordinal_omega(answers, five[:3], n_boot=20, seed=1) for _ in range(2))
    assert first == again
    assert first.low < first.value < first.high
