"""Response rates, the R-indicator, what the silent could change, crude beside weighted, and sample sizes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optima_research.errors import DesignError
from optima_research.language import using_language
from optima_research.sampling import (
    SurveyDesign,
    crude_and_weighted,
    margin_of_error,
    nonresponse_bounds,
    rake,
    response_by_cell,
    sample_size,
    smallest_detectable,
)
from tests.sampling.reference import MARGINS, partners, stratified

SIZES = {("F", "A"): 100, ("F", "B"): 200, ("H", "A"): 150, ("H", "B"): 50}


def answering(counts):
    rows = [key for key, count in counts.items() for _ in range(count)]
    return pd.DataFrame(rows, columns=["sex", "grade"])


def test_the_r_indicator_is_one_when_all_cells_answer_alike():
    found = response_by_cell(answering({key: n // 2 for key, n in SIZES.items()}), ["sex", "grade"], SIZES)
    assert found.rate == 0.5
    assert found.r_unadjusted == 1.0
    assert found.r_indicator.value == 1.0
    assert found.partial.to_dict() == {"sex": 0.0, "grade": 0.0}


def test_the_r_indicator_by_hand():
    counts = {("F", "A"): 80, ("F", "B"): 100, ("H", "A"): 60, ("H", "B"): 10}
    found = response_by_cell(answering(counts), ["sex", "grade"], SIZES, seed=1)
    n, size = np.array(list(counts.values())), np.array(list(SIZES.values()))
    persons = np.repeat(n / size, size)
    assert found.r_unadjusted == pytest.approx(1 - 2 * persons.std(ddof=1))
    assert found.r_indicator.low < found.r_indicator.value < found.r_indicator.high
    assert found.r_indicator.value > found.r_unadjusted
    by_sex = np.repeat([180 / 300, 70 / 200], [300, 200])
    assert found.partial["sex"] == pytest.approx(by_sex.std())
    assert found.largest_bias == pytest.approx((1 - found.r_indicator.value) / 2 / 0.5)
    assert list(found.table().formatted()["Taux de réponse"]) == [
        f"{rate}\u00a0%" for rate in ("80,0", "50,0", "40,0", "20,0")
    ]
    assert "50,0\u00a0%" in found.sentence()


def test_cells_without_an_answer_count_and_overfull_cells_are_refused():
    found = response_by_cell(answering({("F", "A"): 50, ("F", "B"): 100}), ["sex", "grade"], SIZES)
    assert found.cells.loc[("H", "B"), "rate"] == 0.0
    assert found.population == 500
    with pytest.raises(DesignError, match="101 répondants pour 100"):
        response_by_cell(answering({("F", "A"): 101}), ["sex", "grade"], SIZES)
    with pytest.raises(DesignError, match="F × C"):
        response_by_cell(answering({("F", "C"): 1}), ["sex", "grade"], SIZES)


@pytest.mark.slow
def test_the_adjusted_spread_is_unbiased():
    from optima_research.sampling._response_kernels import propensity_spread

    rng = np.random.default_rng(5)
    size, rate = np.array([40.0, 60, 25, 80]), np.array([0.7, 0.5, 0.35, 0.55])
    truth = propensity_spread(rate * size, size) ** 2
    raw, chance = [], []
    for _ in range(20_000):
        counts = rng.binomial(size.astype(int), rate).astype(float)
        raw.append(propensity_spread(counts, size) ** 2)
        share = counts / size
        bias = ((1 - size / size.sum()) * share * (1 - share) * size / (size - 1)).sum() / (size.sum() - 1)
        chance.append(raw[-1] - bias)
    assert np.mean(chance) == pytest.approx(truth, abs=4 * np.std(chance) / np.sqrt(20_000))
    assert np.mean(raw) > truth * 1.1


def census(**options):
    sizes = partners().groupby("coll")["pop"].first().to_dict()
    return SurveyDesign(partners(), strata="coll", population=sizes, **options)


def test_bounds_hold_whatever_the_silent_answer():
    design = census()
    found = nonresponse_bounds(design, "score", (1, 5), by="coll", regime="descriptive", threshold=3)
    answers = partners()
    for name, row in found.means.iterrows():
        known = answers.loc[answers["coll"] == name, "score"]
        size = row["population"]
        for silent, bound in ((1, "floor"), (5, "ceiling")):
            assert row[bound] == pytest.approx((known.sum() + silent * (size - len(known))) / size)
        assert found.shifted(row["tipping"])[name] == pytest.approx(3)
    together = nonresponse_bounds(design, "score", (1, 5), regime="descriptive").means.iloc[0]
    weights = found.means["population"] / 3495
    assert together["floor"] == pytest.approx((weights * found.means["floor"]).sum())
    assert found.attainable().all()


def test_the_gap_between_two_partners_closes_at_the_reversal():
    found = nonresponse_bounds(census(), "score", (1, 5), by="coll", regime="descriptive")
    delta = found.reversal("Dépt Sud", "CA Nord")
    assert delta > 0
    assert found.shifted(delta)["Dépt Sud"] == pytest.approx(found.shifted(-delta)["CA Nord"])


def test_an_invited_sample_has_fewer_silent_than_the_population():
    sizes = partners().groupby("coll")["pop"].first()
    asked = (partners().groupby("coll").size() + sizes) // 2
    all_asked = nonresponse_bounds(census(), "score", (1, 5), regime="descriptive").means.iloc[0]
    some = nonresponse_bounds(
        census(), "score", (1, 5), regime="descriptive", invited=asked.to_dict()
    ).means.iloc[0]
    assert some["silent"] < all_asked["silent"]
    assert all_asked["floor"] < some["floor"] < some["ceiling"] < all_asked["ceiling"]


def test_a_missing_answer_is_silence():
    found = nonresponse_bounds(census(), "score_na", (1, 5), regime="descriptive").means.iloc[0]
    assert found["silent"] == pytest.approx(1 - 604 / 3495)


def test_what_bounds_refuse():
    for options in (
        {"limits": (1, 4)},
        {"limits": (1, 5), "by": "sexe"},
        {"limits": (1, 5), "invited": {"CA Nord": 1}},
    ):
        with pytest.raises(DesignError):
            nonresponse_bounds(census(), "score", options.pop("limits"), regime="descriptive", **options)
    with pytest.raises(DesignError, match="grappes"):
        nonresponse_bounds(SurveyDesign(partners()), "score", (1, 5), regime="analytic")
    with pytest.raises(DesignError, match="seuil"):
        nonresponse_bounds(census(), "score", (1, 5), regime="analytic").attainable()


@pytest.mark.parametrize(
    ("threshold", "said"), [(3, "descend à 3,00"), (4, "monte à 4,00"), (4.9, "ne franchit pas")]
)
def test_the_sentence_follows_the_values(threshold, said):
    found = nonresponse_bounds(
        census(), "score", (1, 5), by="coll", regime="descriptive", threshold=threshold
    )
    assert said in found._reading(0)


def test_crude_beside_weighted():
    raked = rake(stratified(), MARGINS)
    found = crude_and_weighted(raked, ["score", "age"], regime="descriptive")
    row = found.estimates.loc["score"]
    assert row["crude"] == pytest.approx(partners()["score"].mean())
    assert row["value"] == pytest.approx(3.4997090916)
    assert row["change"] == pytest.approx(row["value"] - row["crude"])
    shares = crude_and_weighted(raked, "cat", regime="descriptive", shares=True)
    assert shares.estimates["value"].tolist() == pytest.approx([600 / 3495, 1000 / 3495, 1895 / 3495])
    assert shares.table().formatted().loc["cat\u00a0: A", "Pondéré"] == "17,2\u00a0%"


def test_the_sentence_says_when_weighting_matters():
    answers = pd.DataFrame({"score": np.tile([2.0, 4.0], 200), "w": np.tile([1.0, 1.0001], 200)})
    same = crude_and_weighted(SurveyDesign(answers, weights="w"), "score", regime="analytic")
    assert "reste dans" in same.sentence()
    tilted = SurveyDesign(answers.assign(w=np.tile([1.0, 5.0], 200)), weights="w")
    assert "sort de" in crude_and_weighted(tilted, "score", regime="analytic").sentence()


RESULTS = {
    "report": lambda: rake(stratified(), MARGINS).report(),
    "response": lambda: response_by_cell(answering(SIZES), ["sex", "grade"], SIZES),
    "bounds": lambda: nonresponse_bounds(
        census(), "score", (1, 5), by="coll", regime="descriptive", threshold=3
    ),
    "means": lambda: crude_and_weighted(stratified(), ["score", "age"], regime="descriptive"),
    "shares": lambda: crude_and_weighted(stratified(), "cat", regime="analytic", shares=True),
}


@pytest.mark.parametrize("name", RESULTS)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_result_has_a_table_a_sentence_and_a_figure(name, language):
    from matplotlib import pyplot as plt

    with using_language(language):
        result = RESULTS[name]()
        assert result.sentence() in repr(result) or len(repr(result).splitlines()) <= 12
        assert "<table" in result._repr_html_()
        assert result.statistics()
        ax = result.plot()
        assert ax.get_xlabel()
        assert {text.get_text() for text in ax.get_yticklabels()}
        plt.close(ax.figure)


DESIGNS = [
    (2000, 800, 2.7, 0.20),
    (600, 270, 4.4, 0.34),
    (9900, 594, 3.9, 0.23),
    (190, 105, 6.4, 0.55),
    (860, 447, 3.2, 0.27),
]


@pytest.mark.parametrize(("population", "n", "points", "difference"), DESIGNS)
def test_margins_and_detectable_differences_of_the_nine_studies(population, n, points, difference):
    assert 100 * margin_of_error(n, population) == pytest.approx(points, abs=0.06)
    assert smallest_detectable(n // 2, n - n // 2) == pytest.approx(difference, abs=0.006)


def test_planning_agrees_with_itself_and_with_statsmodels():
    from statsmodels.stats.power import TTestIndPower

    for margin, population in ((0.05, 860), (0.03, None), (0.064, 190)):
        n = sample_size(margin, population)
        assert margin_of_error(n, population) <= margin + 1e-12 < margin_of_error(n - 1, population)
    exact = TTestIndPower().solve_power(nobs1=53, ratio=52 / 53, power=0.8, alpha=0.05)
    assert smallest_detectable(53, 52) == pytest.approx(exact, rel=1e-6)
    assert smallest_detectable(53, 52, population1=95, population2=95) < exact
    for wrong in (lambda: sample_size(1.2), lambda: margin_of_error(5, 4), lambda: smallest_detectable(5)):
        with pytest.raises(DesignError):
            wrong()
