"""The change between two waves allows for those who answered both and for the size of the population."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optima_research.errors import DesignError
from optima_research.sampling import SurveyDesign, change_between_waves, rake

SIZE, N1, N2, COMMON = 95, 52, 50, 30


def population(size=SIZE, seed=3):
    rng = np.random.default_rng(seed)
    level = rng.normal(3, 0.7, size)
    waves = {
        name: np.round(level + shift + rng.normal(0, 0.5, size), 1)
        for name, shift in (("y1", 0), ("y2", 0.2))
    }
    return pd.DataFrame({"id": np.arange(size), **waves, "sex": rng.choice(["F", "H"], size)})


def draw(people, rng):
    order = rng.permutation(len(people))
    one = people.iloc[order[:N1]]
    two = people.iloc[np.concatenate([order[:COMMON], order[N1 : N1 + N2 - COMMON]])]
    return one.assign(y=one["y1"]), two.assign(y=two["y2"])


def designs(one, two, size=SIZE):
    return SurveyDesign(one, population=size), SurveyDesign(two, population=size)


def test_the_formula_by_hand():
    one, two = draw(population(), np.random.default_rng(1))
    found = change_between_waves(*designs(one, two), "y", "id", regime="descriptive")
    both = one.merge(two, on="id")
    shared = np.cov(both["y_x"], both["y_y"])[0, 1]
    apart = one["y"].var() / N1 * (1 - N1 / SIZE) + two["y"].var() / N2 * (1 - N2 / SIZE)
    assert found.se**2 == pytest.approx(apart - 2 * shared * (COMMON / (N1 * N2) - 1 / SIZE), rel=1e-12)
    assert found.se_independent**2 == pytest.approx(apart, rel=1e-12)
    assert (found.n_common, found.n) == (COMMON, N1 + N2 - COMMON)
    assert found.value == pytest.approx(two["y"].mean() - one["y"].mean())
    free = change_between_waves(*designs(one, two), "y", "id", regime="analytic")
    apart = one["y"].var() / N1 + two["y"].var() / N2
    assert free.se**2 == pytest.approx(apart - 2 * shared * COMMON / (N1 * N2), rel=1e-12)


def test_strata_add_up_whatever_their_order():
    parts = [draw(population(seed=seed), np.random.default_rng(seed)) for seed in (1, 2)]
    found = [change_between_waves(*designs(*part), "y", "id", regime="descriptive") for part in parts]
    one = pd.concat(
        [
            part[0].assign(p=name, id=part[0]["id"] + 1000 * k)
            for k, (name, part) in enumerate(zip("ab", parts, strict=True))
        ]
    )
    two = pd.concat(
        [
            part[1].assign(p=name, id=part[1]["id"] + 1000 * k)
            for k, (name, part) in enumerate(zip("ab", parts, strict=True))
        ]
    )
    sizes = {"a": SIZE, "b": SIZE}
    both = change_between_waves(
        SurveyDesign(one, strata="p", population=sizes),
        SurveyDesign(two.iloc[::-1], strata="p", population=sizes),
        "y",
        "id",
        regime="descriptive",
    )
    assert both.value == pytest.approx(np.mean([part.value for part in found]))
    assert both.se == pytest.approx(np.sqrt(sum(part.se**2 for part in found)) / 2, rel=1e-12)


def test_joiners_and_leavers_need_the_number_of_stayers():
    one, two = draw(population(), np.random.default_rng(1))
    waves = SurveyDesign(one, population=95), SurveyDesign(two, population=100)
    with pytest.raises(DesignError, match="restées"):
        change_between_waves(*waves, "y", "id", regime="descriptive")
    many, few = (change_between_waves(*waves, "y", "id", regime="descriptive", stayers=n) for n in (90, 60))
    assert few.se < many.se < many.se_independent
    with pytest.raises(DesignError):
        change_between_waves(*waves, "y", "id", regime="descriptive", stayers=99)


def test_what_a_change_refuses():
    one, two = draw(population(), np.random.default_rng(1))
    plain = designs(one, two)
    twice = SurveyDesign(pd.concat([two, two.iloc[:1]]), population=95)
    for second, match in (
        (twice, "une seule fois"),
        (SurveyDesign(two, strata="sex", population={"F": 60, "H": 60}), "strates"),
    ):
        with pytest.raises(DesignError, match=match):
            change_between_waves(plain[0], second, "y", "id", regime="descriptive")
    with pytest.raises(DesignError, match="grappes"):
        change_between_waves(SurveyDesign(one, clusters="sex"), plain[1], "y", "id", regime="analytic")
    with pytest.raises(DesignError, match="regime"):
        change_between_waves(*plain, "y", "id")


@pytest.mark.slow
@pytest.mark.parametrize("raked", [False, True])
def test_the_standard_error_is_that_of_repeated_draws(raked):
    people, rng = population(), np.random.default_rng(9)
    truth = people["y2"].mean() - people["y1"].mean()
    margin = {"sex": people.groupby("sex").size().to_dict()}
    errors, variances, apart = [], [], []
    for _ in range(800):
        waves = designs(*draw(people, rng))
        if raked:
            waves = tuple(rake(wave, margin) for wave in waves)
        found = change_between_waves(*waves, "y", "id", regime="descriptive")
        errors.append(found.value - truth)
        variances.append(found.se**2)
        apart.append(found.se_independent**2)
    assert np.mean(variances) == pytest.approx(np.var(errors), rel=0.15)
    assert np.mean(apart) > 1.05 * np.mean(variances)
