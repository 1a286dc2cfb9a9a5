"""By simulation: intervals of effect sizes cover, tests keep their size. Long; bands are four Monte-Carlo errors."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from optima_research.comparison import compare
from optima_research.comparison.paired import compare_paired

pytestmark = pytest.mark.slow
REPLICATES = 400
GROUPS = np.repeat(["a", "b", "c"], [40, 60, 80])


def band(rate: float) -> float:
    return 4 * math.sqrt(rate * (1 - rate) / REPLICATES)


def rejections(draw: Callable[[], pd.DataFrame], method: str) -> float:
    return float(
        np.mean([compare(draw(), "y", "g", method=method).p_value < 0.05 for _r in range(REPLICATES)])
    )  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["welch_anova", "kruskal", "ordinal_logit"])
def test_tests_keep_their_size_on_tied_answers(rng: np.random.Generator, method: str) -> None:
    law = [0.1, 0.15, 0.3, 0.3, 0.15]
    rate = rejections(lambda: pd.DataFrame({"y": rng.choice(5, 180, p=law) + 1.0, "g": GROUPS}), method)
    assert rate == pytest.approx(0.05, abs=band(0.05))


def test_welch_keeps_its_size_where_anova_does_not(rng: np.random.Generator) -> None:
    spread = np.repeat([3.0, 1.0, 0.5], [40, 60, 80])

    def draw() -> pd.DataFrame:
        return pd.DataFrame({"y": rng.normal(size=180) * spread, "g": GROUPS})

    assert rejections(draw, "welch_anova") == pytest.approx(0.05, abs=band(0.05))
    assert rejections(draw, "anova") > 0.05 + band(0.05)


def test_intervals_of_hedges_g_cover(rng: np.random.Generator) -> None:
    data = pd.DataFrame({"g": np.repeat(["a", "b"], [25, 35])})
    covered = 0
    for _replicate in range(REPLICATES):
        y = rng.normal(size=60) + 0.5 * (data["g"] == "a")
        g = compare(data.assign(y=y), "y", "g").effects["hedges_g"]
        covered += g.low <= 0.5 <= g.high
    assert covered / REPLICATES == pytest.approx(0.95, abs=band(0.05))


@pytest.mark.parametrize("v", [0.0, 0.2])
def test_intervals_of_cramers_v_cover(rng: np.random.Generator, v: float) -> None:
    """A 3 × 3 table with that V in the population; both the raw and the corrected V estimate it."""
    shares = np.full((3, 3), (1 - v) / 9) + np.eye(3) * v / 3
    covered = {"cramers_v": 0, "cramers_v_corrected": 0}
    for _replicate in range(REPLICATES):
        cells = rng.choice(9, 300, p=shares.ravel())
        data = pd.DataFrame({"y": np.array(list("rst"))[cells % 3], "g": np.array(list("abc"))[cells // 3]})
        effects = compare(data, "y", "g", method="chi2").effects
        for name in covered:
            covered[name] += effects[name].low - 1e-12 <= v <= effects[name].high
    for name, count in covered.items():
        assert count / REPLICATES > 0.95 - band(0.05) - 0.015, name


def test_intervals_of_omega_squared_and_rank_effects_cover(rng: np.random.Generator) -> None:
    means = np.repeat([0.0, 0.3, 0.6], [40, 60, 80])
    weights = np.array([40, 60, 80]) / 180
    centre = weights @ np.array([0.0, 0.3, 0.6])
    between = weights @ (np.array([0.0, 0.3, 0.6]) - centre) ** 2
    truth = between / (between + 1)
    covered = 0
    for _replicate in range(REPLICATES):
        effect = compare(pd.DataFrame({"y": rng.normal(size=180) + means, "g": GROUPS}), "y", "g").effects[
            "eta_squared"
        ]
        covered += effect.low <= truth <= effect.high
    assert covered / REPLICATES == pytest.approx(0.95, abs=band(0.05) + 0.01)


def test_games_howell_holds_the_family(rng: np.random.Generator) -> None:
    groups = np.repeat(list("abcde"), [10, 20, 30, 40, 50])
    spread = np.repeat([3.0, 2.0, 1.0, 1.0, 0.5], [10, 20, 30, 40, 50])
    false = [
        (
            compare(pd.DataFrame({"y": rng.normal(size=150) * spread, "g": groups}), "y", "g").pairs[
                "p_adjusted"
            ]
            < 0.05
        ).any()
        for _replicate in range(REPLICATES)
    ]
    assert np.mean(false) < 0.05 + band(0.05) + 0.01


def test_wilcoxon_keeps_its_size_with_many_zeros(rng: np.random.Generator) -> None:
    false = 0
    for _replicate in range(REPLICATES):
        change = rng.choice([-2, -1, 0, 1, 2], 80, p=[0.05, 0.2, 0.5, 0.2, 0.05])
        data = pd.DataFrame({"t0": np.full(80, 3.0), "t1": 3.0 + change})
        false += compare_paired(data, ["t0", "t1"], method="wilcoxon").p_value < 0.05
    assert false / REPLICATES == pytest.approx(0.05, abs=band(0.05))
