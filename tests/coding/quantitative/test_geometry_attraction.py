"""Attractions and mean points: exact on small tables, signs kept, moves between waves told from chance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from optima_research.coding.quantitative import attraction, barycentres, mca
from optima_research.coding.quantitative._geometry_kernels import mean_ellipse
from optima_research.coding.quantitative.attraction import _north_west, local_attraction, overall_attraction
from optima_research.errors import AnalysisError
from optima_research.results import PublicationTable
from tests.coding.quantitative.conftest import REFERENCE

ACTIVE = ["cat", "sexe", "anc", "age4"]


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "mca.csv")


def test_local_attraction_by_hand() -> None:
    counts = np.array([[30.0, 10.0], [20.0, 40.0]])
    # Independence expects 20 in the first cell; its margins allow 40 at most and 0 at least.
    np.testing.assert_allclose(local_attraction(counts), [[10 / 20, -10 / 20], [-10 / 20, 10 / 20]])


def test_repulsion_is_measured_against_the_least_the_margins_allow() -> None:
    counts = np.array([[50.0, 30.0], [18.0, 2.0]])
    expected, least = 80 * 68 / 100, 80 + 68 - 100
    assert local_attraction(counts)[0, 0] == pytest.approx((50 - expected) / (expected - least))


def test_the_strongest_table_keeps_the_margins() -> None:
    rows, columns = np.array([40.0, 25.0, 35.0]), np.array([30.0, 70.0])
    table = _north_west(rows, columns)
    np.testing.assert_allclose(table, [[30, 10], [0, 25], [0, 35]])


def test_a_perfect_link_is_one_and_independence_zero() -> None:
    assert overall_attraction(np.diag([10.0, 20.0, 30.0])[[2, 0, 1]]) == pytest.approx(1)
    assert overall_attraction(np.outer([1.0, 2.0], [3.0, 4.0, 5.0])) == pytest.approx(0, abs=1e-9)


def test_the_order_of_answers_changes_nothing(people: pd.DataFrame) -> None:
    names = {"A": "z", "B": "y", "C": "x"}
    first, second = (
        attraction(people, "cat", "age4"),
        attraction(people.replace({"cat": names}), "cat", "age4"),
    )
    assert first.overall == pytest.approx(second.overall)
    np.testing.assert_allclose(
        first.local, second.local.rename({v: k for k, v in names.items()}).loc[first.local.index]
    )


def test_a_question_with_one_answer_has_no_attraction(people: pd.DataFrame) -> None:
    with pytest.raises(AnalysisError, match="varient"):
        attraction(people.assign(same="x"), "cat", "same")


def test_mean_points_are_those_of_the_individuals(people: pd.DataFrame) -> None:
    space = mca(people, ACTIVE, ["coll"])
    found = barycentres(space, people, "coll")
    means = space.individuals[[1, 2]].groupby(people["coll"]).mean()
    np.testing.assert_allclose(found.places[[1, 2]], means, atol=1e-12)
    scaled = found.places[[1, 2]] / np.sqrt(space.eigenvalues[[1, 2]])
    np.testing.assert_allclose(scaled, space.supplementary[[1, 2]], atol=1e-12)


def test_the_ellipse_covers_the_mean_as_often_as_it_says(rng: np.random.Generator) -> None:
    held = 0
    for _draw in range(400):
        points = rng.normal(size=(12, 2)) @ np.array([[1, 0.4], [0, 0.6]])
        spread = np.cov(points.T) / 12
        outline = mean_ellipse(np.zeros(2), spread, 12, 0.95)
        reach = np.einsum("ij,jk,ik->i", outline, np.linalg.inv(spread), outline).max()
        centre = points.mean(axis=0)
        held += centre @ np.linalg.solve(spread, centre) <= reach
    assert held / 400 == pytest.approx(0.95, abs=0.035)


def test_only_a_partner_that_changed_is_said_to_move(people: pd.DataFrame) -> None:
    later = people.sample(450, random_state=1)
    later = later.assign(cat=np.where(later["coll"] == "Mairie A", "A", later["cat"]))
    both = pd.concat([people.assign(wave=1), later.assign(wave=2)])
    found = barycentres(mca(people, ACTIVE), both, "coll", wave="wave")
    moved = found.drift["p_value"] < 0.01
    assert moved[moved].index.tolist() == [("Mairie A", "1", "2")]
    assert "« Mairie A » s'est déplacé de 1 à 2" in found.sentence()
    assert found.plot().texts


def test_a_whole_population_has_no_error(people: pd.DataFrame) -> None:
    sizes = people["coll"].value_counts().to_dict()
    found = barycentres(mca(people, ACTIVE), people, "coll", population=sizes)
    np.testing.assert_allclose(found.places[["variance_1", "variance_2"]], 0)
    with pytest.raises(AnalysisError, match="population"):
        barycentres(mca(people, ACTIVE), people, "coll", population={"SDIS 99": 10})


def test_a_policy_hides_the_smallest_partner_everywhere(people: pd.DataFrame) -> None:
    def policy(table: PublicationTable) -> PublicationTable:
        assert table.bases is not None
        return replace(table, suppressed=table.bases < 50)

    both = pd.concat([people.assign(wave=1), people.assign(wave=2)])
    found = barycentres(mca(people, ACTIVE), both, "coll", wave="wave").protected(policy)
    assert "CC Vallée" not in str(found.places.index.tolist()) + found.sentence() + found.table().note
    assert "CC Vallée" not in [text.get_text() for text in found.plot().texts]
    hidden = attraction(people, "cat", "age4").protected(
        lambda table: replace(table, suppressed=table.counts < 30)
    )
    assert hidden.local.isna().to_numpy().any()
    assert hidden.local.notna().to_numpy().any()
