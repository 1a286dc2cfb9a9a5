"""A design that cannot be right is refused, in words that say what to do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optima_research.errors import DesignError
from optima_research.sampling import SurveyDesign
from tests.sampling.reference import clustered, partners, stratified

ANSWERS = pd.DataFrame({"partner": ["A", "A", "B", "B"], "score": [1.0, 2, 3, 5], "w": [1.0, 2, 1, 2]})


def refused(match, **options):
    with pytest.raises(DesignError, match=match) as error:
        SurveyDesign(options.pop("data", ANSWERS), **options)
    return str(error.value)


def test_the_regime_is_never_guessed_and_both_are_explained():
    for estimate in (
        lambda: stratified().mean("score"),
        lambda: stratified().total("score"),
        lambda: stratified().proportion("cat", "A"),
        lambda: stratified().ratio("score", "age"),
        lambda: stratified().quantile("score"),
        lambda: stratified().note(None),
    ):
        with pytest.raises(DesignError) as error:
            estimate()
        assert "descriptive" in str(error.value)
        assert "analytic" in str(error.value)
    with pytest.raises(DesignError, match="descriptif"):
        stratified().mean("score", regime="descriptif")


def test_the_descriptive_regime_needs_a_population():
    design = SurveyDesign(ANSWERS, strata="partner")
    assert design.mean("score", regime="analytic").value == pytest.approx(2.75)
    with pytest.raises(DesignError, match="population="):
        design.mean("score", regime="descriptive")


def test_w7_a_population_smaller_than_its_sample():
    message = refused("« B »", strata="partner", population={"A": 10, "B": 1})
    assert "doubl" in message
    assert "grappes" in refused("« commune »", data=clustered().data, strata="kind", clusters="service",
                                population={"commune": 13, "epci": 30, "departement": 12})  # fmt: skip


def test_w8_a_stratum_with_one_respondent_has_no_variance():
    alone = SurveyDesign(ANSWERS.iloc[:3], strata="partner", population={"A": 10, "B": 4})
    for regime in ("descriptive", "analytic"):
        with pytest.raises(DesignError, match="« B »"):
            alone.mean("score", regime=regime)
    # ... unless that one is the whole stratum, and only this population is of interest.
    whole = SurveyDesign(ANSWERS.iloc[:3], strata="partner", population={"A": 10, "B": 1})
    assert np.isfinite(whole.mean("score", regime="descriptive").se)
    with pytest.raises(DesignError, match="« B »"):
        whole.mean("score", regime="analytic")


def test_weights_must_be_there_and_not_negative():
    assert "1" in refused("manque", data=ANSWERS.assign(w=[np.nan, 1, 1, 1]), weights="w")
    refused("lignes 2, 4", data=ANSWERS.assign(w=[1.0, -1, 1, np.inf]), weights="w")
    refused("nuls", data=ANSWERS.assign(w=0.0), weights="w")
    refused("Il faut un poids", weights=np.ones(3))
    refused("personne", data=ANSWERS.iloc[:0])


def test_strata_and_clusters_must_be_known_for_everybody():
    holes = ANSWERS.assign(partner=["A", None, "B", "B"])
    refused("lignes 2", data=holes, strata="partner")
    refused("lignes 2", data=holes, clusters="partner")


def test_population_sizes_must_say_which_stratum_they_count():
    refused("2 strates", strata="partner", population=100)
    refused("aucune strate", population={"A": 10, "B": 20})
    assert "Mairie B" in refused("Mairie A", data=partners(), strata="coll", population={"Mairie B": 200})
    refused("change", data=ANSWERS.assign(size=[5, 6, 7, 7]), strata="partner", population="size")
    refused("manque", data=ANSWERS.assign(size=[5, 5, None, 7]), strata="partner", population="size")


def test_crossed_strata_are_named_by_their_categories():
    sizes = {("CA Nord", "F"): 300}
    message = refused("CA Nord × H", data=partners(), strata=["coll", "sexe"], population=sizes)
    assert "strate « CA Nord × H »" in message


def test_unknown_answers_quantiles_and_intervals():
    with pytest.raises(DesignError, match="« D »"):
        stratified().proportion("cat", "D", regime="descriptive")
    with pytest.raises(DesignError, match="quantile"):
        stratified().quantile("score", 1.0, regime="descriptive")
    with pytest.raises(DesignError, match="logit"):
        stratified().proportion("cat", "A", regime="descriptive", method="wald")
    with pytest.raises(DesignError, match="calé"):
        stratified().report()
