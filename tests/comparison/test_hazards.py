"""How long indicators last: lifetimes from a follow-up, and Cox models against R's survival."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from optima_research.comparison import kaplan_meier, lifetimes, proportional_hazards
from optima_research.errors import AnalysisError

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
TERMS = ["good", "kind", "size"]


@pytest.fixture(scope="module")
def data():
    frame = pd.read_csv(REFERENCE / "hazards.csv")
    return frame.assign(kind=pd.Categorical(frame["kind"], ["a", "b", "c"]))


@pytest.fixture(scope="module")
def golden():
    return json.loads((REFERENCE / "hazards.json").read_text())


def test_ratios_and_the_proportionality_test_equal_r(data, golden):
    found = proportional_hazards(data, "duration", "ended", TERMS)
    for column in ("log_ratio", "se", "proportional_p"):
        np.testing.assert_allclose(found.coefficients[column], golden[column], rtol=1e-6)
    assert found.log_likelihood == pytest.approx(golden["log_likelihood"], rel=1e-10)


def test_the_clustered_variance_equals_r(data, golden):
    found = proportional_hazards(data, "duration", "ended", TERMS, cluster="service")
    np.testing.assert_allclose(found.coefficients["se"], golden["robust_se"], rtol=1e-6)


def test_neither_the_order_of_rows_nor_the_unit_of_time_matters(data):
    first = proportional_hazards(data, "duration", "ended", TERMS, cluster="service").coefficients
    turned = data.sample(frac=1, random_state=3).assign(duration=lambda f: f["duration"] * 3)
    again = proportional_hazards(turned, "duration", "ended", TERMS, cluster="service").coefficients
    pd.testing.assert_frame_equal(first, again, rtol=1e-8)


def test_the_origin_of_a_covariate_does_not_matter(data):
    plain = proportional_hazards(data, "duration", "ended", ["size"], cluster="service").coefficients
    since = data.assign(size=data["size"] + 1e5)
    again = proportional_hazards(since, "duration", "ended", ["size"], cluster="service").coefficients
    pd.testing.assert_frame_equal(plain, again, rtol=1e-6)


def test_a_ratio_that_changes_with_time_is_said():
    rng = np.random.default_rng(5)
    early, late = np.array([0.35, 0.05]), np.array([0.03, 0.35])
    rows = []
    for group in (0, 1):
        for _i in range(150):
            chance = (early if group else late)[[0, 0, 0, 1, 1, 1, 1, 1]]
            ends = np.flatnonzero(rng.random(8) < chance)
            rows.append((group, int(ends[0]) + 1 if len(ends) else 8, int(len(ends) > 0)))
    frame = pd.DataFrame(rows, columns=["Équipe", "t", "fin"])
    found = proportional_hazards(frame, "t", "fin", ["Équipe"])
    assert found.coefficients["proportional_p"].iloc[0] < 0.001
    assert "change avec le temps" in found.sentence()


def test_the_sentence_turns_with_the_data(data):
    assert "plus tard" in proportional_hazards(data, "duration", "ended", ["good"]).sentence()
    turned = data.assign(good=1 - data["good"])
    assert "plus tôt" in proportional_hazards(turned, "duration", "ended", ["good"]).sentence()
    null = data.assign(good=np.arange(len(data)) % 2)
    assert "trancher" in proportional_hazards(null, "duration", "ended", ["good"]).sentence()
    assert (
        "pas de différence qui compte"
        in proportional_hazards(null, "duration", "ended", ["good"], smallest_ratio=0.1).sentence()
    )


def test_rows_with_a_hole_are_left_out_and_counted(data):
    holed = data.assign(size=data["size"].where(np.arange(len(data)) > 4))
    found = proportional_hazards(holed, "duration", "ended", TERMS)
    assert (found.n, found.n_missing) == (len(data) - 5, 5)
    homeless = data.assign(service=data["service"].astype("string").where(np.arange(len(data)) > 4))
    found = proportional_hazards(homeless, "duration", "ended", TERMS, cluster="service")
    assert (found.n, found.n_missing) == (len(data) - 5, 5)
    assert found.n_clusters == homeless["service"].nunique()


def test_a_difference_too_small_to_matter_is_said_even_where_it_exists(data):
    wide = pd.concat([data] * 30, ignore_index=True)
    ratio = proportional_hazards(wide, "duration", "ended", ["good"])["good"]
    assert ratio.high < 1
    large = proportional_hazards(wide, "duration", "ended", ["good"], smallest_ratio=ratio.low * 0.9)
    assert "pas de différence qui compte" in large.sentence()
    same = proportional_hazards(wide, "duration", "ended", ["good"], smallest_ratio=1 / (ratio.low * 0.9))
    assert same.sentence() == large.sentence()
    assert (
        "plus tard"
        in proportional_hazards(wide, "duration", "ended", ["good"], smallest_ratio=0.99).sentence()
    )


def test_few_clusters_and_ratios_that_say_nothing_are_refused(data):
    few = data.assign(service=np.arange(len(data)) % 11)
    with pytest.raises(AnalysisError, match="Avec 11 grappes"):
        proportional_hazards(few, "duration", "ended", TERMS, cluster="service")
    for ratio in (0, 1, -2):
        with pytest.raises(AnalysisError, match="plus petit rapport"):
            proportional_hazards(data, "duration", "ended", TERMS, smallest_ratio=ratio)


@pytest.mark.parametrize(
    ("change", "covariates", "message"),
    [
        ({"ended": 0}, TERMS, "trop peu"),
        ({"duration": 0}, TERMS, "positives"),
        ({"good": 1}, TERMS, "ne varie pas"),
        ({"kind": "a"}, ["kind"], "ne varie pas"),
        ({}, [], "covariable"),
    ],
)
def test_refusals(data, change, covariates, message):
    with pytest.raises(AnalysisError, match=message):
        proportional_hazards(data.assign(**change), "duration", "ended", covariates)


def test_figures_draw_every_term_and_the_number_still_followed(data):
    found = proportional_hazards(data, "duration", "ended", TERMS)
    assert [label.get_text() for label in found.plot().get_yticklabels()] == list(
        found.coefficients.index[::-1]
    )
    curves = kaplan_meier(data, "duration", "ended", "kind")
    held = (data["duration"] >= 4) & (data["kind"] == "b")
    assert curves.still_followed(4, "b") == held.sum()
    assert str(held.sum()) in [text.get_text() for text in curves.plot().texts]


def test_a_hole_in_the_middle_ends_nothing_and_a_short_silence_is_not_an_end():
    rows = [("A", q, v) for q, v in enumerate([1, None, 2, 3, None])]
    rows += [("B", q, v) for q, v in enumerate([1, 2, None, None, None])]
    rows += [("C", 4, 5.0), ("D", 0, None)]
    follow_up = pd.DataFrame(rows, columns=["indicator", "quarter", "value"])
    found = lifetimes(follow_up, "indicator", "quarter", "value")
    # With five quarters and a silence of two, the third is the last after which an end could have been seen.
    assert found["duration"].to_dict() == {"A": 3, "B": 2}
    assert found["ended"].to_dict() == {"A": 0, "B": 1}
    assert lifetimes(follow_up, "indicator", "quarter", "value", silence=1)["ended"]["A"] == 1
    with pytest.raises(AnalysisError, match="deux fois"):
        lifetimes(pd.concat([follow_up, follow_up]), "indicator", "quarter", "value")
    with pytest.raises(AnalysisError, match="pas plus long"):
        lifetimes(follow_up, "indicator", "quarter", "value", silence=5)


def test_no_time_is_counted_where_an_end_could_not_be_seen():
    """Units that come in at any quarter and end with the same chance each quarter: the curve must say that chance."""
    rng, n, quarters, chance = np.random.default_rng(3), 6000, 12, 0.2
    first = rng.integers(0, quarters, n)
    last = first + rng.geometric(chance, n) - 1
    unit, quarter = np.meshgrid(np.arange(n), np.arange(quarters), indexing="ij")
    there = (quarter >= first[:, None]) & (quarter <= last[:, None])
    follow_up = pd.DataFrame({"u": unit[there], "q": quarter[there], "v": 1.0})
    curve = kaplan_meier(lifetimes(follow_up, "u", "q", "v", silence=2), "duration", "ended").curves[""]
    hazard = curve["events"] / curve["at_risk"]
    spread = np.sqrt(chance * (1 - chance) / curve["at_risk"])
    assert list(curve.index) == list(range(1, 11))
    assert ((hazard - chance).abs() < 4 * spread).all()


@pytest.mark.slow
def test_intervals_cover_the_ratio_they_were_drawn_from():
    rng, covered = np.random.default_rng(11), 0
    for _draw in range(400):
        good = np.repeat([0, 1], 48)
        time = np.ceil(rng.exponential(np.where(good, 9 / 0.45, 9)))
        frame = pd.DataFrame({"t": time.clip(max=12), "fin": (time <= 12).astype(int), "good": good})
        row = proportional_hazards(frame, "t", "fin", ["good"]).coefficients.loc["good"]
        covered += row["low"] <= 0.45 <= row["high"]
    assert 0.92 <= covered / 400 <= 0.98


def test_lifetimes_name_the_column_they_miss():
    follow_up = pd.DataFrame({"Code": ["A"], "period": [1], "Valeur": [2.0]})
    with pytest.raises(AnalysisError, match="« Code »"):
        lifetimes(follow_up, "code", "period", "Valeur")
