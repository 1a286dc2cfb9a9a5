"""One table, one declared family; equivalence is shown by two one-sided tests."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.weightstats import ttost_ind

from optima_research.comparison import adjust_p_values, compare, compare_many, equivalence
from optima_research.errors import AnalysisError
from optima_research.results import Verdict


def test_the_family_is_the_table(partners: pd.DataFrame) -> None:
    items = [f"q{i}" for i in range(1, 11)]
    result = compare_many(partners, items, "sexe")
    alone = [compare(partners, item, "sexe").p_value for item in items]
    np.testing.assert_allclose(result.summary["p_value"].astype(float), alone)
    np.testing.assert_allclose(result.summary["p_adjusted"], adjust_p_values(alone))
    assert "10 variables" in result.table().note
    assert len(result.table().body) == 10


def test_no_table_of_pairs_above_fifty_groups(rng: np.random.Generator) -> None:
    data = pd.DataFrame({"g": rng.integers(0, 60, 600), "y": rng.integers(1, 6, 600)})
    result = compare_many(data, ["y"], "g", method="kruskal")["y"]
    assert result.pairs.empty
    assert "50" in result.table().note


def test_tost_equals_statsmodels(partners: pd.DataFrame) -> None:
    result = equivalence(partners, "score", "sexe", 0.3)
    women, men = (partners.loc[partners["sexe"] == sex, "score"] for sex in "FH")
    assert result.p_value == pytest.approx(ttost_ind(women, men, -0.3, 0.3, usevar="unequal")[0], rel=1e-10)
    assert result.verdict is Verdict.EQUIVALENT
    assert result.difference.level == pytest.approx(0.9)


def test_not_significant_is_not_equivalent() -> None:
    data = pd.DataFrame({"y": [1.0, 5, 3, 2, 4, 3], "g": ["a", "b"] * 3})
    result = equivalence(data, "y", "g", 0.2)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "ne suffisent" in result.sentence()


def test_the_verdict_of_compare_agrees_with_tost_at_the_margin(partners: pd.DataFrame) -> None:
    difference = compare(partners, "score", "sexe").pairs.iloc[0]
    assert difference["estimate"] > 0
    for bound in (0.2, 0.24, 0.26, 0.3):
        tost = equivalence(partners, "score", "sexe", bound).verdict
        ours = compare(partners, "score", "sexe", smallest_effect=bound).verdict
        assert (tost is Verdict.EQUIVALENT) == (ours is Verdict.EQUIVALENT)


def test_several_groups_are_equivalent_only_if_every_pair_is(partners: pd.DataFrame) -> None:
    assert equivalence(partners, "score", "coll", 0.6).verdict is not Verdict.EQUIVALENT
    assert equivalence(partners, "score", "coll", 1.2).verdict is Verdict.EQUIVALENT
    with pytest.raises(AnalysisError):
        equivalence(partners, "score", "coll", 0)


def test_figures_draw(partners: pd.DataFrame) -> None:
    assert len(equivalence(partners, "score", "coll", 0.6).plot().get_yticks()) == 15
    assert compare_many(partners, ["q1", "q2"], "sexe").plot().get_xlabel()
