"""Intervals cover what they promise: samples drawn again and again from a known finite population."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optima_research.sampling import SurveyDesign, rake

DRAWS = 800
SIZES = {"A": 95, "B": 400, "C": 900}
DRAWN = {"A": 52, "B": 60, "C": 90}


def population():
    rng = np.random.default_rng(8)
    parts = []
    for place, (name, size) in enumerate(SIZES.items()):
        sex = rng.choice(["F", "H"], size, p=[0.6, 0.4])
        latent = 3 + 0.3 * place + 0.4 * (sex == "F") + rng.normal(0, 1, size)
        unit = rng.permutation(size) // 5
        parts.append(
            pd.DataFrame(
                {
                    "partner": name,
                    "sex": sex,
                    "score": np.clip(np.round(latent), 1, 5),
                    "unit": unit,
                    "size": size,
                    "rare": (rng.random(size) < 0.04).astype(float),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def draw(people, rng):
    rows = [rng.choice(group.index, DRAWN[name], replace=False) for name, group in people.groupby("partner")]
    return people.loc[np.concatenate(rows)]


def band(level=0.95, draws=DRAWS):
    return 4 * np.sqrt(level * (1 - level) / draws)


def covered(found, truth):
    return (found["low"] <= truth) & (truth <= found["high"])


@pytest.mark.slow
def test_means_of_partners_and_of_groups_across_partners():
    people, rng = population(), np.random.default_rng(1)
    truth = {by: people.groupby(by)["score"].mean() for by in ("partner", "sex")}
    hits = {by: [] for by in truth}
    for _ in range(DRAWS):
        design = SurveyDesign(draw(people, rng), strata="partner", population="size")
        for by, means in truth.items():
            hits[by].append(covered(design.mean("score", by=by, regime="descriptive"), means))
    for by, hit in hits.items():
        share = pd.concat(hit, axis=1).mean(axis=1)
        assert (abs(share - 0.95) < band() + 0.01).all(), (by, share.to_dict())


@pytest.mark.slow
def test_the_mean_after_raking():
    people, rng = population(), np.random.default_rng(2)
    margins = {name: people.groupby(name).size().to_dict() for name in ("partner", "sex")}
    hit, errors, ses = [], [], []
    for _ in range(DRAWS):
        design = rake(SurveyDesign(draw(people, rng), strata="partner", population="size"), margins)
        found = design.mean("score", regime="descriptive")
        hit.append(found.low <= people["score"].mean() <= found.high)
        errors.append(found.value - people["score"].mean())
        ses.append(found.se)
    assert abs(np.mean(hit) - 0.95) < band()
    assert np.mean(ses) == pytest.approx(np.std(errors), rel=0.08)


@pytest.mark.slow
def test_korn_graubard_never_undercovers_a_rare_answer():
    people, rng = population(), np.random.default_rng(3)
    truth = people["rare"].mean()
    hit = []
    for _ in range(DRAWS):
        design = SurveyDesign(draw(people, rng), strata="partner", population="size")
        found = design.proportion("rare", regime="descriptive", method="beta")
        hit.append(found.low <= truth <= found.high)
    assert np.mean(hit) > 0.95 - band()


@pytest.mark.slow
def test_clusters_drawn_whole():
    people, rng = population(), np.random.default_rng(4)
    units = people.groupby("partner")["unit"].nunique()
    truth, hit = people["score"].mean(), []
    drawn = {"A": 8, "B": 20, "C": 30}
    for _ in range(DRAWS):
        kept = [
            people[
                (people["partner"] == name) & people["unit"].isin(rng.choice(units[name], n, replace=False))
            ]
            for name, n in drawn.items()
        ]
        design = SurveyDesign(pd.concat(kept), strata="partner", clusters="unit", population=units.to_dict())
        found = design.mean("score", regime="descriptive")
        hit.append(found.low <= truth <= found.high)
    assert abs(np.mean(hit) - 0.95) < band()


@pytest.mark.slow
def test_the_naive_regime_is_far_too_wide_at_such_rates():
    people, rng = population(), np.random.default_rng(5)
    truth = people.groupby("partner")["score"].mean()["A"]
    hit = []
    for _ in range(500):
        design = SurveyDesign(draw(people, rng), strata="partner", population="size")
        hit.append(bool(covered(design.mean("score", by="partner", regime="analytic").loc["A"], truth)))
    assert np.mean(hit) > 0.985
