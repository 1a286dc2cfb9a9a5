"""Stability of axes: sure ones are said stable, twins are said to turn, the seed gives the same numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optima_research.coding.quantitative import axes_to_keep, axis_stability, mca
from optima_research.coding.quantitative._geometry_kernels import procrustes
from tests.coding.quantitative.conftest import REFERENCE


def answers(strength: tuple[float, float], n: int = 600) -> pd.DataFrame:
    """Two independent attitudes, six questions each with three answers."""
    rng = np.random.default_rng(4)
    z = rng.normal(size=(n, 2))
    cut = [-99, -0.5, 0.5, 99]
    return pd.DataFrame(
        {
            f"q{i}": pd.cut(
                strength[i % 2] * z[:, i % 2] + rng.normal(size=n), cut, labels=list("abc")
            ).astype(str)
            for i in range(12)
        }
    )


def test_a_strong_axis_is_said_stable() -> None:
    data = answers((2.5, 0.8))
    found = axis_stability(mca(data, list(data), n_axes=2), n_boot=60)
    assert found.axes.loc[1, "kept"] == 1
    assert "L'axe 1 est stable" in found.sentence()
    assert found.axes.loc[1, "low"] < found.axes.loc[1, "eigenvalue"] < found.axes.loc[1, "high"]


def test_two_axes_of_equal_strength_are_said_to_turn() -> None:
    data = answers((1.5, 1.5))
    found = axis_stability(mca(data, list(data), n_axes=2), n_boot=60)
    assert found.axes.loc[1, "kept"] < 0.9
    assert found.axes.loc[1, "space"] > 0.9
    assert "tourne avec un voisin" in found.sentence()


def test_the_spread_of_a_category_is_that_of_resampled_rows() -> None:
    data = answers((2.5, 0.8), 300)
    space = mca(data, list(data), n_axes=1)
    found = axis_stability(space, n_boot=150)
    rng = np.random.default_rng(0)
    again = []
    for _draw in range(30):
        rows = mca(data.iloc[rng.integers(0, 300, 300)], list(data), n_axes=1)
        again.append(rows.oriented_like(space).categories[1])
    np.testing.assert_allclose(
        found.deviations[1].mean(), pd.concat(again, axis=1).std(axis=1).mean(), rtol=0.2
    )


def test_the_same_seed_gives_the_same_numbers_in_any_row_order(rng: np.random.Generator) -> None:
    people = pd.read_csv(REFERENCE / "mca.csv")
    active = ["cat", "sexe", "anc", "age4"]
    first, second = (
        axis_stability(mca(data, active), n_boot=15, seed=3)
        for data in (people, people.iloc[rng.permutation(len(people))])
    )
    pd.testing.assert_frame_equal(first.axes, second.axes)
    other = axis_stability(mca(people, active), n_boot=15, seed=4)
    assert not np.allclose(first.axes["low"], other.axes["low"])


def test_procrustes_undoes_a_turn(rng: np.random.Generator) -> None:
    points, weights = rng.normal(size=(9, 3)), rng.random(9)
    turn, _r = np.linalg.qr(rng.normal(size=(3, 3)))
    np.testing.assert_allclose(procrustes(points @ turn, points, weights), points)


def test_a_rare_category_may_vanish_from_a_resample() -> None:
    data = answers((1.5, 0.8), 80)
    data.loc[0, "q0"] = "z"
    found = axis_stability(mca(data, list(data), n_axes=2), n_boot=30)
    assert np.isfinite(found.deviations.to_numpy()).all()


@pytest.mark.parametrize("axes", [(1, 2)])
def test_regions_are_drawn(axes: tuple[int, int]) -> None:
    data = answers((2.5, 0.8))
    found = axis_stability(mca(data, list(data), n_axes=2), n_boot=20)
    assert len(found.plot(axes=axes).get_lines()) > len(found.deviations)


def test_as_many_axes_as_attitudes_are_above_chance() -> None:
    # Two answers only: with three, the curved axis of each attitude (horseshoe) is above chance as well.
    data = answers((1.5, 1.2)).replace({"c": "b"})
    found = axes_to_keep(mca(data, list(data)), n_permutations=30)
    assert found.suggested == 2
    assert "2 axes" in found.sentence()
    assert len(found.plot().get_lines()) == 2


def test_shuffled_answers_share_no_structure(rng: np.random.Generator) -> None:
    data = answers((1.5, 1.2)).apply(lambda column: rng.permutation(column.to_numpy()))
    found = axes_to_keep(mca(data, list(data)), n_permutations=60)
    assert found.suggested == 0
    assert "Aucun axe" in found.sentence()
