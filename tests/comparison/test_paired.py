"""Change within persons: paired tests equal R's, and overlapping waves have the variance a simulation gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.contingency_tables import SquareTable

from optima_research.comparison import _paired_kernels as kernels
from optima_research.comparison.paired import compare_paired
from optima_research.comparison.waves import change, overlap_variance
from optima_research.errors import AnalysisError
from optima_research.results import Verdict


@pytest.fixture(scope="module")
def paired(reference: Path) -> dict[str, Any]:
    return json.loads((reference / "comparison_paired.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def side_by_side(waves: pd.DataFrame) -> pd.DataFrame:
    first, second = (waves[waves["wave"] == wave].set_index("id")["score"] for wave in (1, 2))
    return pd.DataFrame({"t0": first, "t1": second})


def test_wilcoxon_keeps_the_zeros_as_pratt(side_by_side: pd.DataFrame, paired: dict[str, Any]) -> None:
    result = compare_paired(side_by_side, ["t0", "t1"], method="wilcoxon")
    assert result.p_value == pytest.approx(paired["pratt"]["p"], rel=1e-9)
    small = pd.DataFrame({"a": [2, 3, 3, 4, 2, 1, 5, 3], "b": [3, 4, 3, 5, 4, 3, 4, 3]})
    exact = compare_paired(small, ["a", "b"], method="wilcoxon")
    assert exact.p_value == pytest.approx(paired["pratt_exact"]["p"], rel=1e-9)


def test_transitions_equal_r(paired: dict[str, Any]) -> None:
    statistic, p = kernels.mcnemar(np.array(paired["high"], dtype=float))[::2]
    assert (statistic, p) == pytest.approx((paired["mcnemar"]["statistic"], paired["mcnemar"]["p"]))
    table = np.array(paired["transitions"], dtype=float)
    found = kernels.stuart_maxwell(table)
    assert found[0] == pytest.approx(paired["stuart_maxwell"])
    assert found[0] == pytest.approx(
        SquareTable(table, shift_zeros=False).homogeneity("stuart_maxwell").statistic
    )


def test_friedman_and_kendall_equal_r(partners: pd.DataFrame, paired: dict[str, Any]) -> None:
    result = compare_paired(partners.head(60), [f"q{i}" for i in range(1, 6)])
    assert result.method == "friedman"
    assert (result.statistic, result.p_value) == pytest.approx(tuple(paired["friedman"].values()))
    assert result.effects["kendall_w"].value == pytest.approx(paired["friedman"]["statistic"] / (60 * 4))


def test_each_standardised_change_names_its_denominator(
    side_by_side: pd.DataFrame, paired: dict[str, Any]
) -> None:
    result = compare_paired(side_by_side, ["t0", "t1"])
    assert result.p_value == pytest.approx(paired["t"])
    values = [abs(result.effects[name].value) for name in ("d_z", "d_av", "glass_delta")]
    assert values == pytest.approx([0.0848, 0.0688, 0.0622], abs=5e-5)


def test_nominal_pairs_choose_their_test() -> None:
    data = pd.DataFrame({"a": list("ooonnnno"), "b": list("oooooonn")})
    assert compare_paired(data, ["a", "b"]).method == "mcnemar"
    three = data.assign(b=list("ooxoxonn"))
    assert compare_paired(three, ["a", "b"]).method == "stuart_maxwell"
    with pytest.raises(AnalysisError):
        compare_paired(data, ["a"])


def test_overlap_and_finite_population_are_in_the_variance(rng: np.random.Generator) -> None:
    size, both, only1, only2 = 95, 30, 22, 20
    first = rng.normal(size=size)
    second = 0.6 * first + 0.8 * rng.normal(size=size)
    gaps, formula, naive = [], [], []
    for _replicate in range(3000):
        order = rng.permutation(size)
        a, b = np.full(size, np.nan), np.full(size, np.nan)
        seen1, seen2 = order[: both + only1], np.r_[order[:both], order[both + only1 : both + only1 + only2]]
        a[seen1], b[seen2] = first[seen1], second[seen2]
        gaps.append(np.nanmean(b) - np.nanmean(a))
        variance = overlap_variance(a, b, (size, size, size))
        formula.append(variance[0])
        naive.append(variance[1])
    assert np.mean(formula) == pytest.approx(np.var(gaps), rel=0.08)
    assert np.mean(naive) > 2 * np.var(gaps)


def test_a_census_twice_has_no_sampling_error() -> None:
    data = pd.DataFrame({"id": [1, 2, 3] * 2, "w": [1] * 3 + [2] * 3, "y": [1.0, 2, 3, 2, 3, 5]})
    assert change(data, "y", "w", "id", population=3).estimate.se == pytest.approx(0, abs=1e-9)


def test_the_parts_add_up_to_the_change(waves: pd.DataFrame) -> None:
    data = waves[
        ((waves["wave"] == 1) & (waves["id"] % 5 > 0)) | ((waves["wave"] == 2) & (waves["id"] % 4 > 0))
    ]
    data = data.assign(cat=np.where(data["id"] % 3 == 0, "A", "B"))
    result = change(data, "score", "wave", "id", composition="cat", margins={"A": 1, "B": 3})
    assert result.decomposition["contribution"].sum() == pytest.approx(result.estimate.value)
    assert result.composition is not None
    assert result.composition["contribution"].sum() == pytest.approx(result.estimate.value)


def test_change_has_three_verdicts_and_refuses_the_impossible(waves: pd.DataFrame) -> None:
    assert change(waves, "score", "wave", "id", smallest_effect=0.3).verdict is Verdict.EQUIVALENT
    up = waves.assign(score=waves["score"] + (waves["wave"] == 2))
    few = waves[waves["id"].isin([*range(8), 300, 301])]
    assert "augmenté" in change(up, "score", "wave", "id").sentence()
    assert change(few, "score", "wave", "id").verdict is Verdict.INCONCLUSIVE
    with pytest.raises(AnalysisError, match="population"):
        change(waves, "score", "wave", "id", population=100)
    with pytest.raises(AnalysisError, match="deux fois"):
        change(pd.concat([waves, waves.head(3)]), "score", "wave", "id")
