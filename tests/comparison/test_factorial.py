"""Several factors: type II is R car's, and the coding of groups changes nothing."""

from __future__ import annotations

import pandas as pd
import pytest

from optima_research.comparison.factorial import factorial_anova
from optima_research.errors import AnalysisError


def test_type_two_equals_car(partners: pd.DataFrame) -> None:
    result = factorial_anova(partners, "score", ["coll", "sexe"])
    assert result.terms["f"].tolist() == pytest.approx([7.48222, 2.81007, 0.94415], abs=5e-6)
    assert result.residual_sum_squares == pytest.approx(450.3459, abs=5e-5)
    shares = result.terms["partial_eta_squared"].tolist()
    assert shares[2] == pytest.approx(0.00784540873, abs=1e-9)


def test_the_coding_of_groups_changes_nothing(partners: pd.DataFrame) -> None:
    turned = partners.assign(
        coll=pd.Categorical(partners["coll"], sorted(set(partners["coll"]), reverse=True)),
        sexe=pd.Categorical(partners["sexe"], ["H", "F"]),
    )
    one, other = (factorial_anova(data, "score", ["coll", "sexe"]).terms for data in (partners, turned))
    pd.testing.assert_frame_equal(one, other)
    swapped = factorial_anova(partners, "score", ["sexe", "coll"]).terms
    assert swapped.loc["coll", "f"] == pytest.approx(one.loc["coll", "f"])


def test_an_empty_combination_is_refused(partners: pd.DataFrame) -> None:
    data = partners[(partners["coll"] != "CC Vallée") | (partners["sexe"] == "F")]
    with pytest.raises(AnalysisError, match="combinaison"):
        factorial_anova(data, "score", ["coll", "sexe"])
