"""Typologies: equal to FactoMineR's, described by v-tests, stable or said not to be, and kept for later waves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optima_research.coding.quantitative import class_stability, describe_classes, mca, typology
from optima_research.coding.quantitative._typology_kernels import cut, first_division, ward
from optima_research.coding.quantitative.mca_result import MultipleCorrespondence
from optima_research.errors import AnalysisError
from optima_research.privacy import protect
from tests.coding.quantitative.conftest import REFERENCE, golden

ACTIVE = ["cat", "sexe", "anc", "age4"]
GOLDEN = golden("geometry")


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    score = pd.read_csv(REFERENCE / "data.csv")["score"]
    return pd.read_csv(REFERENCE / "mca.csv").assign(score=score)


@pytest.fixture(scope="module")
def space(people: pd.DataFrame) -> MultipleCorrespondence:
    return mca(people, ACTIVE, ["coll"])


@pytest.fixture(scope="module")
def three_kinds() -> pd.DataFrame:
    """Three kinds of respondents whose answers leave little doubt."""
    rng = np.random.default_rng(5)
    kind = rng.integers(0, 3, 300)
    answers = {
        f"q{i}": np.where(rng.random(300) < 0.9, np.array(list("abc"))[kind], rng.choice(list("abc"), 300))
        for i in range(6)
    }
    return pd.DataFrame(answers).assign(kind=kind)


def test_categories_equal_catdes(people: pd.DataFrame) -> None:
    found = describe_classes(people, "coll", ACTIVE, ["score"])
    for one, rows in GOLDEN["catdes"]["category"].items():
        for name, row in rows.items():
            ours = found.profiles.loc[(one, *name.split("=", 1))]
            shares = (ours[["share_of_category", "share_of_class", "share"]] * 100).tolist()
            np.testing.assert_allclose([*shares, ours["p_value"], ours["v_test"]], row, atol=1e-9)
    assert found.profiles.loc[("CA Nord", "age4", "(30,40]"), "v_test"] == pytest.approx(3.316314, abs=1e-6)


def test_means_equal_catdes(people: pd.DataFrame) -> None:
    means = describe_classes(people, "coll", ["cat"], ["score"]).means
    columns = ["v_test", "mean", "overall_mean", "sd", "overall_sd", "p_value"]
    for one, rows in GOLDEN["catdes"]["quanti"].items():
        np.testing.assert_allclose(means.loc[(one, "score"), columns].astype(float), rows["score"], atol=1e-9)


def test_classes_equal_hcpc(space: MultipleCorrespondence) -> None:
    found = typology(space)
    assert found.sizes.tolist() == [322, 163, 124]
    both = pd.crosstab(found.classes, np.array(GOLDEN["hcpc"]["classes"]))
    assert (both > 0).to_numpy().sum() == 3
    np.testing.assert_allclose(found.tree[::-1, 2][:20], GOLDEN["hcpc"]["heights"], atol=1e-9)
    np.testing.assert_allclose(found.inertia["within"], GOLDEN["hcpc"]["within"], atol=1e-9)
    assert len(found.sizes) == GOLDEN["hcpc"]["auto"]
    cut_only = typology(space, 3, consolidate=False)
    assert sorted(cut_only.sizes) == sorted(GOLDEN["hcpc"]["before"])


def test_profiles_equal_the_description_of_hcpc(space: MultipleCorrespondence) -> None:
    found, theirs = typology(space), GOLDEN["hcpc"]["category"]
    name_of = pd.Series(found.classes.to_numpy(), index=GOLDEN["hcpc"]["classes"]).groupby(level=0).first()
    for one, rows in theirs.items():
        for name, row in rows.items():
            ours = found.profiles.loc[(name_of[int(one)], *name.split("=", 1))]
            np.testing.assert_allclose(ours["v_test"], row[4], atol=1e-9)


def test_row_order_changes_no_class(people: pd.DataFrame, rng: np.random.Generator) -> None:
    first, second = (
        typology(mca(data, ACTIVE)).classes for data in (people, people.iloc[rng.permutation(len(people))])
    )
    pd.testing.assert_series_equal(first, second.sort_index())


def test_the_tree_is_wards(rng: np.random.Generator) -> None:
    from scipy.cluster.hierarchy import linkage

    points = rng.normal(size=(60, 3))
    ours, scipys = ward(points, np.ones(60)), linkage(points, "ward")
    np.testing.assert_allclose(ours[:, 2], scipys[:, 2] ** 2 / 2 / 60)
    np.testing.assert_array_equal(ours[:, [0, 1, 3]], scipys[:, [0, 1, 3]])
    assert sorted(np.bincount(cut(ours, 4))) == sorted(np.bincount(cut(scipys, 4)))


def test_a_point_of_mass_three_is_three_points(rng: np.random.Generator) -> None:
    points = rng.normal(size=(30, 2))
    mass = rng.integers(1, 4, 30)
    once, copied = ward(points, mass.astype(float)), ward(points.repeat(mass, axis=0), np.ones(mass.sum()))
    np.testing.assert_allclose(once[:, 2], copied[-29:, 2], atol=1e-12)


def test_a_large_cloud_is_divided_first(rng: np.random.Generator) -> None:
    centres = np.array([[0, 0], [9, 0], [0, 9]])
    kind = rng.integers(0, 3, 9000)
    points = centres[kind] + rng.normal(size=(9000, 2))
    cells = first_division(points, np.ones(9000))
    assert 1000 < cells.max() < 2048
    mixed = np.bincount(cells * 3 + kind, minlength=3 * (cells.max() + 1)).reshape(-1, 3)
    assert (mixed.max(axis=1) / mixed.sum(axis=1)).mean() > 0.99


def test_a_later_wave_is_assigned(people: pd.DataFrame, space: MultipleCorrespondence) -> None:
    found = typology(space)
    pd.testing.assert_series_equal(found.assign(people), found.classes)
    assert found.assign(people.iloc[:3].assign(cat="D")).between(1, 3).all()


def test_true_kinds_are_found_and_said_stable(three_kinds: pd.DataFrame) -> None:
    found = typology(mca(three_kinds, [f"q{i}" for i in range(6)]))
    both = pd.crosstab(found.classes, three_kinds["kind"])
    assert both.max(axis=1).sum() > 290
    stability = class_stability(found, n_boot=30, seed=1)
    assert (stability.classes["jaccard"] > 0.9).all()
    assert stability.sentence().startswith("Stables : classe 1")
    again = class_stability(found, n_boot=30, seed=1)
    pd.testing.assert_frame_equal(stability.classes, again.classes)


def test_noise_is_said_not_to_be_a_typology(space: MultipleCorrespondence) -> None:
    stability = typology(space).stability(20)
    assert "ne pas interpréter" in stability.sentence()


def test_nothing_shown_names_a_respondent(people: pd.DataFrame) -> None:
    named = people.set_index(pd.Index([f"agent-{i}" for i in range(len(people))]))
    found = typology(mca(named, ACTIVE))
    shown = repr(found) + found.table()._repr_html_() + found.description.table()._repr_html_()
    assert "agent-" not in shown
    assert found.respondents(2)["respondent"].str.startswith("agent-").all()
    specific = found.respondents(1, which="specific")["distance"]
    assert (specific > 1).all()


def test_impossible_classes_are_refused() -> None:
    data = pd.DataFrame({"a": list("xxyy"), "b": list("uvuv")})
    with pytest.raises(AnalysisError, match="4 profils"):
        typology(mca(data, ["a", "b"]), 5)
    with pytest.raises(AnalysisError, match="axes"):
        typology(mca(data, ["a", "b"]), 2, n_axes=7)


@pytest.mark.parametrize("policy", ["cinq", "onze"])
def test_classes_pass_disclosure_control(space: MultipleCorrespondence, policy: str) -> None:
    found = typology(space)
    shown = protect(found.table(), policy)
    assert shown.suppressed is None or not shown.suppressed.to_numpy().any()
    whole = found.description
    part = protect(whole, policy)
    assert 0 < len(part.profiles) < len(whole.typical)
    # A class that answered as one would tell the answer of each of its members.
    assert "100 %" not in part.sentence().replace("\xa0", " ")


def test_classes_that_differ_in_nothing_say_so() -> None:
    data = pd.DataFrame({"class": [1, 2] * 20, "q": list("aabb") * 10})
    found = describe_classes(data, "class", ["q"])
    assert found.typical.empty
    assert len(found.table().body) == 0
    assert found.sentence().count("sans réponse typique") == 2
