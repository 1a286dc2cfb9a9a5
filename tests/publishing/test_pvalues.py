"""A p-value that does not follow from its own statistic is found, in French, whatever the way it is written."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optima_research.comparison import compare
from optima_research.publishing.pvalues import statcheck


@pytest.mark.parametrize(
    "text",
    [
        "t(28) = 2,20 ; p = 0,036",
        "t(28)=2.20, p=.036",
        "t(445)\u00a0= 2,31\u202f; p = 0,021",
        "t (ddl = 28) = −2,20, p = 0,036",
        "F(2, 57) = 3,40 ; p = 0,040",
        "F(2 ; 57) = 3,40 ; p = 0,040",
        "F(2,57) = 3,40, p < 0,05",
        "F(1,5 ; 28,5) = 3,40 ; p = 0,059",
        "χ²(3, n = 192) = 12,4 ; p = 0,006",
        "khi-deux(3) = 12,4 ; p = 0,006",
        "khi2 = 12,4 ; ddl = 3 ; p = 0,006",
        "H(3) = 12,4 ; p = 0,006",
        "r(50) = 0,30 ; p = 0,031",
        "z = 1,96 ; p = 0,05",
        "t(28) = 0,52 ; p > 0,05",
        "t(28) = 1,75 (test unilatéral) ; t(28) = 1,75 ; p = 0,046",
    ],
)
def test_a_right_p_value_is_left_alone(text: str) -> None:
    (claim,) = statcheck(text)
    assert claim.consistent, claim


@pytest.mark.parametrize(
    ("text", "recomputed", "decision"),
    [
        ("t(40) = 1,10, p = ,030", 0.278, True),
        ("F(2, 57) = 3,40 ; p = 0,004", 0.040, False),
        ("χ²(3, n = 192) = 2,4 ; p < 0,001", 0.494, True),
        ("r(50) = 0,30 ; p > 0,05", 0.031, True),
    ],
)
def test_a_wrong_p_value_is_recomputed(text: str, recomputed: float, decision: bool) -> None:
    (claim,) = statcheck(f"On observe un écart ({text}).")
    assert not claim.consistent
    assert claim.recomputed == pytest.approx(recomputed, abs=5e-4)
    assert claim.changes_decision is decision
    assert ("décision" in claim.sentence()) is decision


def test_rounding_is_allowed_for() -> None:
    # t = 2,004 gives 0,0552 and t = 1,996 gives 0,0561: all round to 2,00.
    assert statcheck("t(27) = 2,00 ; p = 0,055")[0].consistent
    assert not statcheck("t(27) = 2,00 ; p = 0,050")[0].consistent


def test_a_test_without_degrees_of_freedom_cannot_be_checked() -> None:
    assert statcheck("t = 2,20 ; p = 0,036") == []


def test_prose_is_not_taken_for_a_test() -> None:
    assert statcheck("Il restait (28) = 2,20 ; le p de la ville = 3 ; part = 2,0 ; p = 0,04") == []


def test_what_the_package_writes_passes_its_own_check(rng: np.random.Generator) -> None:
    group = rng.choice(["Culture", "Finances", "Voirie"], 300)
    data = pd.DataFrame({"direction": group, "score": rng.normal(3, 1, 300) + 0.3 * (group == "Voirie")})
    data["avis"] = pd.Categorical(rng.choice(["Non", "Oui"], 300), ["Non", "Oui"])
    results = [
        compare(data, "score", "direction", method=method) for method in ("welch_anova", "anova", "kruskal")
    ]
    results.append(compare(data, "avis", "direction", method="chi2"))
    claims = [
        claim for result in results for claim in statcheck(f"{result.sentence()} {result.table().note}")
    ]
    assert len(claims) >= len(results)
    assert [claim.sentence() for claim in claims if not claim.consistent] == []


def test_a_claim_is_said_in_words() -> None:
    assert "cohérent" in statcheck("t(28) = 2,20 ; p = 0,036")[0].sentence()
    wrong = statcheck("F(2, 57) = 3,40 ; p = 0,004")[0].sentence().replace("\u00a0", " ")
    assert "p = 0,040 une fois recalculé." in wrong
