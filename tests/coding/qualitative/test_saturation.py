"""The curve never forgets a code, the order-free curve is exact, and the rule is offered, not imposed."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from optima_research.coding.qualitative.codes.saturation import chao2_unseen, rarefaction, saturation
from optima_research.coding.qualitative.projects.project import coded_project
from optima_research.errors import AnalysisError
from optima_research.privacy import protect

REFERENCE = json.loads((Path(__file__).parents[2] / "reference/chao2.json").read_text(encoding="utf-8"))


def project_of(rows: list[str]):
    """One interview a string, one code a letter."""
    names = [f"E{i + 1:02d}" for i in range(len(rows))]
    spans = [(n, 0, 1, letter) for n, row in zip(names, rows, strict=True) for letter in row]
    return coded_project(
        pd.DataFrame({"name": names, "text": "Un texte."}),
        pd.DataFrame(spans, columns=["source", "start", "end", "code"]),
    )


LATE = ["abcde", "abf", "ag", "bh", "ab", "c", "a", "abi", "b", "c", "dj", "a", "k"]


def test_an_interview_that_adds_nothing_forgets_nothing():
    """A published package empties its list there and shows a flat curve ever after."""
    curve = saturation(project_of(LATE)).curve
    assert curve["new"].tolist() == [5, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0, 1]
    assert curve["cumulative"].iloc[-1] == 11


def test_the_order_of_the_field_matters_and_the_other_curve_does_not_care():
    project = project_of(LATE)
    backwards = saturation(project, order=[f"E{i:02d}" for i in range(13, 0, -1)])
    forwards = saturation(project)
    assert backwards.curve["cumulative"].tolist() != forwards.curve["cumulative"].tolist()
    assert np.allclose(backwards.curve["expected"], forwards.curve["expected"])
    assert (forwards.curve["low"] <= forwards.curve["expected"] + 1e-9).all()


def test_the_order_free_curve_is_the_mean_over_all_orders():
    rows = ["ab", "a", "ac", "", "d"]
    sets = [set(r) for r in rows]
    curves = [
        [len(set().union(*(sets[i] for i in order[:k]))) for k in range(1, 6)]
        for order in permutations(range(5))
    ]
    frequency = np.array([sum(c in s for s in sets) for c in "abcd"])
    assert rarefaction(frequency, 5).tolist() == pytest.approx(np.mean(curves, axis=0).tolist(), abs=1e-12)


def test_chao2_by_hand_and_without_doubletons():
    assert chao2_unseen(np.array([1, 1, 1, 2, 2, 6]), 10).value == pytest.approx(0.9 * 9 / 4)
    assert chao2_unseen(np.array([1, 1, 1, 5]), 10).value == pytest.approx(0.9 * 3 * 2 / 2)
    none = chao2_unseen(np.array([4, 5, 6]), 10)
    assert (none.value, none.low, none.high) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("case", REFERENCE["cases"])
def test_chao2_and_its_standard_error_equal_vegan(case):
    found = chao2_unseen(np.array(case["frequency"]), REFERENCE["interviews"])
    assert (found.value, found.se) == pytest.approx((case["unseen"], case["se"]), rel=1e-9)
    # Chao's interval is symmetric on a log scale: neither bound is under zero.
    assert found.low * found.high == pytest.approx(found.value**2)
    assert 0 < found.low < found.value


def test_the_base_run_rule():
    found = saturation(project_of(LATE), base=4, run=2, threshold=0.05)
    assert found.reached_at == 6
    assert found.curve.loc[6, "ratio"] == 0
    strict = saturation(project_of(LATE), base=4, run=4, threshold=0.0)
    assert strict.reached_at is None
    assert saturation(project_of(["a", "b"])).reached_at is None
    assert len({found.sentence(), strict.sentence(), saturation(project_of(["a", "b"])).sentence()}) == 3


def test_unseen_codes_are_announced_even_when_the_rule_is_met():
    found = saturation(project_of(LATE))
    assert found.unseen.value > 0
    assert found.coverage < 1
    assert found.n_codes == 11


def test_one_partner_only_and_orders_that_are_incomplete():
    names = ["E01", "E02", "E03"]
    project = coded_project(
        pd.DataFrame({"name": names, "text": "Un texte."}),
        pd.DataFrame({"source": names, "start": 0, "end": 2, "code": list("abc")}),
        cases=pd.DataFrame({"name": names, "partner": ["A", "A", "B"]}),
    )
    assert saturation(project, where={"partner": "A"}).n_codes == 2
    with pytest.raises(AnalysisError, match="E03"):
        saturation(project, order=["E01", "E02"])


def test_the_curve_is_drawn_and_tabled():
    from matplotlib import pyplot as plt

    found = saturation(project_of(LATE), draws=50)
    found.plot()
    assert found.table().formatted().shape[0] == 13
    assert found.statistics()["codes"] == 11.0
    plt.close("all")


def test_what_one_interview_brought_is_not_told_outside_the_team():
    whole = saturation(project_of(LATE), draws=50)
    shown = protect(whole, "cinq")
    assert shown.curve[["new", "cumulative", "ratio"]].isna().to_numpy().all()
    assert shown.curve["expected"].equals(whole.curve["expected"])
    assert set(shown.curve["interview"]) == {""}
    assert shown.table().formatted().iloc[0].tolist()[:2] == ["s", "s"]
    assert shown.sentence().startswith("13 entretiens ont apporté 11 codes")
    assert "règle base/série" not in shown.sentence()
    assert len(shown.plot().get_lines()) == 1
    assert len(whole.plot().get_lines()) == 2
    few = protect(saturation(project_of(LATE[:4]), draws=50), "cinq")
    assert few.sentence() == "Trop peu d'entretiens pour dire ce qu'ils ont apporté."
    assert np.isnan(few.statistics()["coverage"])
    few.plot()
    assert protect(whole, "interne").curve.equals(whole.curve)
