"""On a real survey of 2 000 persons every number equals R's (the data stay beside the repository)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from optima_research.comparison import compare, crosstab
from optima_research.sampling import SurveyDesign


@pytest.fixture(scope="module")
def survey(shared_reference: Path) -> pd.DataFrame:
    return pd.read_csv(shared_reference / "real" / "hdv2003.csv")


@pytest.fixture(scope="module")
def wanted(shared_reference: Path) -> dict[str, Any]:
    return json.loads((shared_reference / "real" / "hdv2003_r.json").read_text(encoding="utf-8"))


def test_means_and_ranks(survey: pd.DataFrame, wanted: dict[str, Any]) -> None:
    welch = compare(survey, "heures.tv", "qualif")
    assert (welch.statistic, welch.p_value) == pytest.approx(
        (wanted["welch"]["F"], wanted["welch"]["p"]), rel=1e-9
    )
    anova = compare(survey, "heures.tv", "qualif", method="anova")
    for name, key in (("eta_squared", "eta2"), ("omega_squared", "omega2"), ("epsilon_squared", "eps2")):
        effect = anova.effects[name]
        value, low, high = wanted["anova"][key][0].values()
        assert (effect.value, effect.low, effect.high) == pytest.approx((value, low, high), abs=1e-8)
    kruskal = compare(survey, "heures.tv", "qualif", method="kruskal")
    assert (kruskal.statistic, kruskal.n) == pytest.approx((wanted["kruskal"]["H"], wanted["kruskal"]["n"]))
    dunn = pd.DataFrame(wanted["dunn_holm"])
    np.testing.assert_allclose(-kruskal.pairs["statistic"].astype(float), dunn["statistic"], rtol=1e-9)
    np.testing.assert_allclose(kruskal.pairs["p_adjusted"], dunn["p.adj"], rtol=1e-8)


def test_two_groups(survey: pd.DataFrame, wanted: dict[str, Any]) -> None:
    welch = compare(survey, "age", "sexe")
    assert (welch.statistic, welch.df) == pytest.approx(
        (wanted["welch_t"]["t"], wanted["welch_t"]["df"]), rel=1e-9
    )
    assert [welch.pairs["low"][0], welch.pairs["high"][0]] == pytest.approx(wanted["welch_t"]["ci"])
    d, golden = welch.effects["cohens_d"], wanted["welch_t"]["cohen_pooled"]
    assert (d.value, d.low, d.high) == pytest.approx(
        (golden["Cohens_d"], golden["CI_low"], golden["CI_high"]), abs=1e-7
    )
    ranks = compare(survey, "age", "sexe", method="mann_whitney")
    assert (ranks.statistic, ranks.p_value) == pytest.approx(
        (wanted["mannwhitney"]["W"], wanted["mannwhitney"]["p"])
    )


def test_tables_and_design(survey: pd.DataFrame, wanted: dict[str, Any]) -> None:
    chi2 = compare(survey, "trav.satisf", "qualif", method="chi2")
    assert (chi2.statistic, chi2.p_value) == pytest.approx((wanted["chi2"]["X2"], wanted["chi2"]["p"]))
    assert chi2.effects["cramers_v_corrected"].value == pytest.approx(
        wanted["chi2"]["V_adj"][0]["Cramers_v_adjusted"]
    )
    fisher = compare(survey, "bricol", "sexe", method="fisher")
    assert fisher.p_value == pytest.approx(wanted["fisher"]["p"], rel=1e-6)
    assert fisher.effects["odds_ratio"].value == pytest.approx(wanted["fisher"]["or"], rel=1e-4)
    design = SurveyDesign(survey, weights="poids")
    rao_scott = wanted["svy_hdv"]["chisq"]
    found = [
        crosstab(survey, "sexe", column, design=design, regime="analytic").statistic
        for column in ("sport", "cinema", "bricol", "cuisine", "lecture.bd", "peche.chasse", "hard.rock")
    ]
    assert any(value == pytest.approx(rao_scott["statistic"], rel=1e-8) for value in found)
