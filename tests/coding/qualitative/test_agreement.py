"""Agreement coefficients equal what was published, and say why when they are not defined."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optima_research.coding.qualitative.coders.agreement import agreement
from optima_research.errors import AnalysisError
from optima_research.language import using_language
from optima_research.results import Verdict

REFERENCE = Path(__file__).parents[2] / "reference"
GOLDEN = json.loads((REFERENCE / "agreement.json").read_text(encoding="utf-8"))
DATA = json.loads((REFERENCE / "agreement_data.json").read_text(encoding="utf-8"))
K2011 = pd.DataFrame(np.array(GOLDEN["K2011_C_D_E"]["data"], dtype=float).T, columns=list("ABCD"))


def frame(rows: list) -> pd.DataFrame:
    table = np.array(rows, dtype=float)
    return pd.DataFrame(table, columns=[f"c{i}" for i in range(table.shape[1])])


def from_table(counts: list[list[int]]) -> pd.DataFrame:
    rows = [(i, j) for i, line in enumerate(counts) for j, n in enumerate(line) for _ in range(n)]
    return pd.DataFrame(rows, columns=["a", "b"])


def value(
    ratings: pd.DataFrame, coefficient: str = "krippendorff_alpha", level: str = "nominal", **options
) -> float:
    return agreement(ratings, coefficient, level, interval="none", **options).value


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_alpha_of_krippendorff_2011(level):
    assert value(K2011, level=level) == pytest.approx(GOLDEN["K2011_C_D_E"]["alpha"][level], abs=5e-7)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_alpha_of_hayes_and_krippendorff_2007(level):
    assert value(frame(DATA["HK2007"]), level=level) == pytest.approx(
        GOLDEN["HK2007"]["alpha"][level], abs=5e-5
    )


@pytest.mark.parametrize("level", ["nominal", "interval", "ratio"])
def test_alpha_of_krippendorff_1980(level):
    found = value(frame(GOLDEN["K1980_ex2"]["data"]), level=level)
    assert found == pytest.approx(GOLDEN["K1980_ex2"]["alpha"][level], abs=5e-5)


@pytest.mark.parametrize("level", ["nominal", "interval"])
def test_alpha_of_the_encyclopaedia(level):
    found = value(frame(DATA["wikipedia_alpha"]), level=level)
    assert found == pytest.approx(GOLDEN["wikipedia"]["alpha"][level], abs=5e-5)


def test_alpha_of_the_two_small_examples():
    a, b = GOLDEN["K2011_A_binary"], GOLDEN["K2011_B_nominal"]
    binary = pd.DataFrame({"a": a["a"], "b": a["b"]})
    assert value(binary) == pytest.approx(a["alpha"], abs=5e-7)
    assert value(binary, "percent") == pytest.approx(a["percent"])
    letters = pd.DataFrame({"a": b["a"].split(), "b": b["b"].split()})
    assert value(letters) == pytest.approx(b["alpha"], abs=5e-4)


GWET = {
    "AC1": ("gwet_ac1", "identity"),
    "fleiss": ("fleiss_kappa", "identity"),
    "brennan_prediger": ("brennan_prediger", "identity"),
    "alpha_nominal": ("krippendorff_alpha", "identity"),
    "percent": ("percent", "identity"),
    "AC2_quadratic": ("gwet_ac2", "quadratic"),
    "AC2_ordinal": ("gwet_ac2", "ordinal"),
    "AC2_linear": ("gwet_ac2", "linear"),
}


@pytest.mark.parametrize("name", sorted(GWET))
def test_coefficients_and_standard_errors_equal_gwets(name):
    coefficient, weights = GWET[name]
    found = agreement(K2011, coefficient, weights=weights, interval="analytic")
    expected = GOLDEN["K2011_C_D_E"]["gwet_R"][name]
    assert found.value == pytest.approx(expected[0], abs=5e-6)
    assert found.se == pytest.approx(expected[1], abs=6e-6)


def test_conger_equals_gwets_where_the_lone_rating_is_the_third_coders():
    """R's example data give the rating of unit 12 to the third coder: only Conger's kappa can tell."""
    ratings = K2011.copy()
    ratings.loc[11, ["B", "C"]] = [np.nan, 3]
    found = agreement(ratings, "conger_kappa", interval="analytic")
    expected, se = GOLDEN["K2011_C_D_E"]["gwet_R"]["conger"]
    assert found.value == pytest.approx(expected, abs=6e-6)
    assert found.se == pytest.approx(se, abs=6e-6)


def test_missing_is_never_a_category():
    wrong = GOLDEN["K2011_C_D_E"]["must_not_be"]["AC1"]
    assert abs(value(K2011, "gwet_ac1") - wrong) > 0.005


def test_fleiss_kappa_of_1971_and_of_the_encyclopaedia():
    psychiatry = frame(DATA["Fleiss1971"])
    found = agreement(psychiatry, "fleiss_kappa", interval="none")
    golden = GOLDEN["Fleiss1971"]
    assert (found.value, found.observed, found.expected) == pytest.approx(
        (golden["kappa"], golden["Po"], golden["Pe"]), abs=1e-4
    )
    assert value(psychiatry, "gwet_ac1") == pytest.approx(golden["AC1"], abs=5e-5)
    counts = DATA["Fleiss_wikipedia_counts"]
    rows = [[k for k, n in enumerate(line) for _ in range(n)] for line in counts]
    assert value(frame(rows), "fleiss_kappa") == pytest.approx(GOLDEN["Fleiss_wikipedia"]["kappa"], abs=1e-4)


def test_cohen_1960_and_gwets_hand_example():
    cohen = GOLDEN["Cohen1960_p45"]
    ratings = from_table(cohen["table"])
    assert value(ratings, "cohen_kappa") == pytest.approx(cohen["kappa"], abs=5e-5)
    assert value(ratings, "gwet_ac1") == pytest.approx(cohen["AC1"], abs=5e-5)
    hand = GOLDEN["Gwet_hand"]
    assert value(from_table(hand["table"]), "gwet_ac1") == pytest.approx(hand["AC1"], abs=5e-5)
    assert value(from_table(hand["table"]), "fleiss_kappa") == pytest.approx(hand["scott_pi"], abs=5e-5)


def test_the_prevalence_paradox():
    """Raw agreement 94 %, kappa below zero, AC1 0.94: the coefficients must be shown together."""
    golden = GOLDEN["Gwet_paradox"]
    ratings = from_table(golden["table"])
    found = {c: value(ratings, c) for c in ("percent", "cohen_kappa", "krippendorff_alpha", "gwet_ac1")}
    assert found["percent"] == pytest.approx(golden["percent"], abs=5e-4)
    assert found["cohen_kappa"] == pytest.approx(golden["kappa"], abs=5e-5)
    assert found["krippendorff_alpha"] == pytest.approx(golden["alpha"], abs=5e-5)
    assert found["gwet_ac1"] == pytest.approx(golden["AC1"], abs=5e-5)
    assert value(ratings, "positive_agreement") == 0.0
    assert value(ratings, "negative_agreement") == pytest.approx(2 * 118 / (2 * 118 + 7))


def test_bootstrap_of_hayes_and_krippendorff_2007_and_its_seed():
    ratings = frame(DATA["HK2007"])
    found = agreement(ratings, level="ordinal", seed=1)
    assert (found.low, found.high) == pytest.approx((0.62, 0.84), abs=0.02)
    assert agreement(ratings, level="ordinal", seed=1).low == found.low


def test_the_bootstrap_of_pairs_is_that_of_hayes_and_krippendorff():
    """Their macro prints .7078 to .8078; pairs of one unit are taken for independent, hence narrower."""
    ratings = frame(DATA["HK2007"])
    found = agreement(ratings, level="ordinal", interval="pairs")
    assert (found.low, found.high) == pytest.approx((0.7078, 0.8078), abs=0.01)
    units = agreement(ratings, level="ordinal")
    assert found.high - found.low < units.high - units.low
    assert found.method_note() != units.method_note()
    with pytest.raises(AnalysisError):
        agreement(ratings, "gwet_ac1", interval="pairs")


def test_whole_interviews_are_resampled_when_given():
    rng = np.random.default_rng(3)
    interview = np.repeat(np.arange(12), 25)
    bias = rng.normal(size=12)[interview]
    truth = (bias > 0).astype(int)
    ratings = pd.DataFrame({"a": truth, "b": np.where(bias > 1, 1 - truth, truth)})
    by_unit = agreement(ratings)
    by_interview = agreement(ratings, clusters=interview)
    assert by_interview.value == by_unit.value
    assert by_interview.high - by_interview.low > 2 * (by_unit.high - by_unit.low)
    assert by_interview.n_clusters == 12


def test_no_variation_is_undefined_and_says_so():
    same = agreement(pd.DataFrame({"a": [1, 1, 1], "b": [1, 1, 1]}))
    assert np.isnan(same.value)
    assert same.reason
    assert same.reason in same.sentence()
    lonely = agreement(pd.DataFrame({"a": [1.0, np.nan], "b": [np.nan, 2.0]}))
    assert np.isnan(lonely.value)
    assert lonely.reason


def test_one_coder_is_refused_by_name():
    with pytest.raises(AnalysisError, match="Anne"):
        agreement(pd.DataFrame({"Anne": [1, 2]}))


def test_cohen_with_three_coders_proposes_conger():
    with pytest.raises(AnalysisError) as error:
        agreement(K2011, "cohen_kappa")
    assert "conger_kappa" in str(error.value)


def test_a_mistyped_coefficient_is_suggested():
    with pytest.raises(AnalysisError, match="fleiss_kappa"):
        agreement(K2011, "fleis_kappa")


def test_a_value_outside_the_declared_scale_is_refused():
    with pytest.raises(AnalysisError, match="5"):
        agreement(K2011, categories=[1, 2, 3, 4])


def test_declared_categories_count_even_when_unused():
    ratings = from_table([[10, 2], [3, 9]])
    two = value(ratings, "brennan_prediger")
    three = value(ratings, "brennan_prediger", categories=[0, 1, 2])
    assert two == pytest.approx((19 / 24 - 1 / 2) / (1 / 2))
    assert three == pytest.approx((19 / 24 - 1 / 3) / (2 / 3))


def test_unused_levels_between_do_not_change_ordinal_alpha():
    ratings = pd.DataFrame({"a": [1, 1, 5, 5, 3], "b": [1, 3, 5, 5, 3]})
    assert value(ratings, level="ordinal") == pytest.approx(
        value(ratings, level="ordinal", categories=[1, 2, 3, 4, 5])
    )


def test_many_values_give_what_the_coincidence_matrix_gives():
    rng = np.random.default_rng(5)
    ratings = pd.DataFrame(np.round(rng.gamma(2, 10, size=(80, 1)) + rng.gamma(1, 2, size=(80, 3)), 2))
    ratings = ratings.mask(rng.random((80, 3)) < 0.1)
    for level in ("nominal", "ordinal", "interval", "ratio"):
        assert value(ratings, level=level) == pytest.approx(plain_alpha(ratings.to_numpy(), level), abs=1e-10)


def plain_alpha(table: np.ndarray, level: str) -> float:
    """Alpha from its definition, pair by pair."""
    units = [row[~np.isnan(row)] for row in table]
    units = [u for u in units if len(u) >= 2]
    pool = np.concatenate(units)
    levels, counts = np.unique(pool, return_counts=True)

    def distance(a: float, b: float) -> float:
        if level == "nominal":
            return float(a != b)
        if level == "interval":
            return (a - b) ** 2
        if level == "ratio":
            return ((a - b) / (a + b)) ** 2 if a + b else 0.0
        i, j = sorted((np.searchsorted(levels, a), np.searchsorted(levels, b)))
        return float((counts[i : j + 1].sum() - (counts[i] + counts[j]) / 2) ** 2)

    do = sum(2 * distance(a, b) / (len(u) - 1) for u in units for a, b in combinations(u, 2)) / len(pool)
    pairs = len(pool) * (len(pool) - 1)
    de = 2 * sum(distance(a, b) for a, b in combinations(pool, 2)) / pairs
    return 1 - do / de


def test_continuous_scores_need_little_memory():
    """Five thousand units of real numbers: a values × values table would be 5 GB."""
    rng = np.random.default_rng(1)
    ratings = pd.DataFrame(rng.normal(size=(5000, 1)) + rng.normal(size=(5000, 5)))
    assert value(ratings, level="interval") == pytest.approx(0.5, abs=0.03)
    assert value(ratings, level="ordinal") == pytest.approx(0.48, abs=0.04)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from([1.0, 2.0, 3.0, np.nan]), min_size=3, max_size=3), min_size=2, max_size=12
    ),
    st.randoms(use_true_random=False),
)
def test_order_of_units_and_coders_changes_nothing(rows, random):
    table = np.array(rows)
    shuffled = table[random.sample(range(len(table)), len(table))][:, random.sample(range(3), 3)]
    for coefficient in ("krippendorff_alpha", "fleiss_kappa", "gwet_ac1", "conger_kappa", "percent"):
        before = agreement(pd.DataFrame(table), coefficient, interval="none").value
        after = agreement(pd.DataFrame(shuffled), coefficient, interval="none").value
        assert before == pytest.approx(after, nan_ok=True, abs=1e-12)
        assert np.isnan(before) or before <= 1 + 1e-12


def test_the_sentence_follows_a_minimum_fixed_in_advance():
    good = agreement(from_table([[200, 2], [3, 195]]), minimum=0.667)
    bad = agreement(from_table([[60, 50], [45, 55]]), minimum=0.667)
    unsure = agreement(from_table([[12, 2], [2, 11]]), minimum=0.667)
    assert good.verdict is Verdict.DIFFERENT
    assert (
        len({good.sentence().split(".")[-2], bad.sentence().split(".")[-2], unsure.sentence().split(".")[-2]})
        == 3
    )
    assert unsure.verdict is Verdict.INCONCLUSIVE
    with using_language("en"):
        assert "exceeds the minimum" in good.sentence()


def test_the_result_shows_itself():
    from matplotlib import pyplot as plt

    found = agreement(K2011)
    assert "Krippendorff" in repr(found)
    assert found.table().formatted().shape == (1, 5)
    assert found.statistics()["krippendorff_alpha"].value == found.value
    found.plot()
    plt.close("all")
