"""AVE, HTMT and intraclass correlations equal their references."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from optima_research.coding.quantitative import retest, validity
from optima_research.errors import ScaleError


def test_ave_and_htmt_equal_lavaan(
    answers: pd.DataFrame, ten: list[str], reliability_golden: dict[str, Any]
) -> None:
    result, expected = validity(answers, {"f1": ten[:5], "f2": ten[5:]}), reliability_golden["validity"]
    np.testing.assert_allclose(result.ave, expected["ave"], atol=1e-5)
    assert result.htmt.loc["f1", "f2"] == pytest.approx(expected["htmt"], rel=1e-10)
    assert result.correlations.loc["f1", "f2"] == pytest.approx(expected["factor_r"], abs=1e-5)
    assert result.fornell_larcker.all()
    assert list(result.table().body.index) == ["f1", "f2"]


def test_two_halves_of_one_scale_are_too_alike(answers: pd.DataFrame, ten: list[str]) -> None:
    result = validity(answers, {"u": ["q1", "q2"], "v": ["q3", "q4", "q5"]})
    assert result.htmt.loc["u", "v"] > 0.85
    assert "u – v" in result.sentence()


def test_validity_of_one_scale_is_refused(answers: pd.DataFrame, five: list[str]) -> None:
    with pytest.raises(ScaleError, match="deux"):
        validity(answers, {"f": five})


@pytest.fixture
def occasions(reference: Any) -> pd.DataFrame:
    waves = pd.read_csv(reference / "waves.csv").pivot_table("score", "id", "wave")
    return waves.set_axis(["w1", "w2"], axis=1)


def test_intraclass_correlations_equal_psych(
    occasions: pd.DataFrame, reliability_golden: dict[str, Any]
) -> None:
    result, expected = retest(occasions, ["w1", "w2"]), reliability_golden["icc"]
    assert result.n == reliability_golden["icc_n"]
    for estimate, position in ((result.agreement, 1), (result.consistency, 2)):
        assert estimate.value == pytest.approx(expected["icc"][position], rel=1e-9)
        assert estimate.low == pytest.approx(expected["low"][position], rel=1e-9)
        assert estimate.high == pytest.approx(expected["high"][position], rel=1e-9)


def test_a_common_shift_lowers_agreement_not_consistency(occasions: pd.DataFrame) -> None:
    plain, shifted = (
        retest(data, ["w1", "w2"]) for data in (occasions, occasions.assign(w2=occasions["w2"] + 1))
    )
    assert shifted.consistency.value == pytest.approx(plain.consistency.value)
    assert shifted.agreement.value < plain.agreement.value - 0.1
    assert shifted.shift.value == pytest.approx(plain.shift.value + 1)
    assert shifted.minimal_detectable_change > plain.minimal_detectable_change


def test_a_constant_score_is_refused(occasions: pd.DataFrame) -> None:
    with pytest.raises(ScaleError, match="w1"):
        retest(occasions.assign(w1=3), ["w1", "w2"])
