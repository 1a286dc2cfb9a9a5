"""Multiple correspondence analysis: equal to FactoMineR and ca, indifferent to row order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from optima_research.codebook import Codebook, Variable
from optima_research.coding.quantitative import mca
from optima_research.errors import AnalysisError, SurveyError
from optima_research.results import PublicationTable
from optima_research.survey import Survey
from tests.coding.quantitative.conftest import REFERENCE, golden

ACTIVE = ["cat", "sexe", "anc", "age4"]
GOLDEN = golden("geometry")


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    numbers = pd.read_csv(REFERENCE / "data.csv")
    return pd.read_csv(REFERENCE / "mca.csv").assign(w=numbers["w"], score=numbers["score"])


@pytest.fixture(scope="module")
def people_with_holes() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "mca_na.csv")


def matrix(rows: dict[str, list[float]], order: pd.Index) -> np.ndarray:
    renamed = {name.replace("cat.NA", "(manquant)"): row for name, row in rows.items()}
    return np.array([renamed[category] for category in order.get_level_values("category")])


def assert_same_axes(ours: pd.DataFrame, theirs: np.ndarray, tolerance: float = 1e-9) -> None:
    signs = np.sign((ours.to_numpy() * theirs).sum(axis=0))
    np.testing.assert_allclose(ours.to_numpy() * signs, theirs, atol=tolerance)


def run(case: str, people: pd.DataFrame, holes: pd.DataFrame) -> Any:
    match case:
        case "plain":
            return mca(people, ACTIVE, ["coll"])
        case "weighted":
            return mca(people, ACTIVE, ["coll"], weights="w")
        case "holes":
            return mca(holes, ACTIVE, ["coll"])
        case "specific":
            return mca(holes, ACTIVE, ["coll"], missing="exclude")
    return mca(people, ACTIVE, ["coll"], excluded={"anc": ["<2"], "cat": ["A"]})


@pytest.mark.parametrize("case", ["plain", "weighted", "holes", "specific", "junk"])
def test_axes_equal_factominer(case: str, people: pd.DataFrame, people_with_holes: pd.DataFrame) -> None:
    found, wanted = run(case, people, people_with_holes), GOLDEN[case]
    np.testing.assert_allclose(found.eigenvalues, wanted["eigenvalues"], atol=1e-9)
    rows = found.categories.index
    assert_same_axes(found.categories, matrix(wanted["coord"], rows))
    np.testing.assert_allclose(found.contributions * 100, matrix(wanted["contrib"], rows), atol=1e-9)
    np.testing.assert_allclose(found.cos2.loc[rows], matrix(wanted["cos2"], rows), atol=1e-9)
    assert_same_axes(found.individuals.iloc[:10], np.array(wanted["individuals"]))
    # FactoMineR takes the sum of the weights for the number of respondents; we keep the number of respondents.
    n = people["w"].sum() if case == "weighted" else found.n
    scale = np.sqrt((n - 1) / (found.n - 1))
    assert_same_axes(found.v_tests.loc[rows] * scale, matrix(wanted["v_test"], rows))


@pytest.mark.parametrize("case", ["plain", "weighted", "holes", "specific", "junk"])
def test_supplementary_categories_equal_factominer(
    case: str, people: pd.DataFrame, people_with_holes: pd.DataFrame
) -> None:
    found, wanted = run(case, people, people_with_holes), GOLDEN[case]
    partners = found.supplementary.loc[["coll"]]
    assert_same_axes(partners, matrix(wanted["sup_coord"], partners.index))
    theirs = matrix(wanted["sup_cos2"], partners.index)
    np.testing.assert_allclose(found.cos2.loc[["coll"]], theirs, atol=1e-9)
    np.testing.assert_allclose(found.eta2.loc["coll"], wanted["sup_eta2"]["coll"], atol=1e-9)
    if case in ("plain", "weighted", "holes"):
        for question in ACTIVE:
            np.testing.assert_allclose(found.eta2.loc[question], wanted["eta2"][question], atol=1e-9)


def test_the_published_values_are_met(people: pd.DataFrame) -> None:
    found = mca(people, ACTIVE, ["coll"])
    assert found.eigenvalues[1] == pytest.approx(0.2940977330, abs=1e-9)
    assert found.eigenvalues[2] == pytest.approx(0.2793166396, abs=1e-9)
    assert found.v_tests.loc[("coll", "SDIS 99")].abs().round(7).isin([2.0029631]).any()


def test_supplementary_numbers_are_correlations(people: pd.DataFrame) -> None:
    found = mca(people, ACTIVE, ["coll"], ["score"])
    np.testing.assert_allclose(found.correlations.abs().iloc[0], np.abs(GOLDEN["quanti"]), atol=1e-9)


def test_a_later_wave_is_projected_as_factominer_does(people: pd.DataFrame) -> None:
    learned = mca(people[:600], ACTIVE, ["coll"])
    assert_same_axes(learned.project(people[600:]), np.array(GOLDEN["projected"]))
    pd.testing.assert_frame_equal(learned.project(people[:600]), learned.individuals)


def test_rates_equal_ca_and_ignore_the_number_of_axes_kept(people: pd.DataFrame) -> None:
    two, five = (mca(people, ACTIVE, n_axes=k) for k in (2, 5))
    pd.testing.assert_frame_equal(two.rates, five.rates)
    np.testing.assert_allclose(two.rates["greenacre"][:3], GOLDEN["adjusted"]["share"], atol=1e-9)
    assert two.rates.loc[1, "benzecri"] == pytest.approx(0.541, abs=5e-4)
    assert two.rates[["raw", "benzecri"]].sum().tolist() == pytest.approx([1, 1])


def test_eta_squared_averages_to_the_eigenvalue(people: pd.DataFrame) -> None:
    found = mca(people, ACTIVE)
    np.testing.assert_allclose(found.eta2.mean(), found.eigenvalues[:5], atol=1e-12)
    np.testing.assert_allclose(found.individuals.var(ddof=0), found.eigenvalues[:5], atol=1e-12)


def test_row_order_changes_nothing(people: pd.DataFrame, rng: np.random.Generator) -> None:
    first, second = (
        mca(data, ACTIVE, ["coll"]) for data in (people, people.iloc[rng.permutation(len(people))])
    )
    pd.testing.assert_frame_equal(first.categories, second.categories, check_exact=True)
    pd.testing.assert_frame_equal(first.individuals, second.individuals.sort_index(), check_exact=True)


def test_relabelling_changes_only_the_labels(people: pd.DataFrame) -> None:
    names = {"A": "zz", "B": "mm", "C": "aa"}
    first, second = mca(people, ACTIVE), mca(people.assign(cat=people["cat"].map(names)), ACTIVE)
    back = second.categories.rename(index={new: old for old, new in names.items()})
    pd.testing.assert_frame_equal(first.categories, back.loc[first.categories.index], atol=1e-10)


def test_integer_weights_are_copies(people: pd.DataFrame) -> None:
    times = people.index % 3 + 1
    weighted = mca(people.assign(times=times), ACTIVE, ["coll"], weights="times")
    copied = mca(people.loc[people.index.repeat(times)].reset_index(drop=True), ACTIVE, ["coll"])
    pd.testing.assert_frame_equal(weighted.categories, copied.categories, atol=1e-10)


def test_listwise_leaves_incomplete_rows_out(people_with_holes: pd.DataFrame) -> None:
    found = mca(people_with_holes, ACTIVE, missing="listwise")
    whole = mca(people_with_holes.dropna(), ACTIVE)
    numbered = people_with_holes.assign(x=np.arange(609.0), twice=0).set_index("twice")
    one, other = (mca(data, ACTIVE, (), ["x"], missing="listwise") for data in (numbered, numbered.dropna()))
    np.testing.assert_allclose(one.correlations, other.correlations)
    assert (found.n, found.n_missing) == (len(people_with_holes.dropna()), 30)
    pd.testing.assert_frame_equal(found.categories, whole.categories)


def test_waves_can_be_oriented_alike(people: pd.DataFrame) -> None:
    first = mca(people, ACTIVE)
    second = mca(people[100:], ACTIVE).oriented_like(first)
    assert ((first.categories * second.categories).sum() > 0).all()
    pd.testing.assert_frame_equal(second.project(people[100:]), second.individuals)


def test_a_category_nobody_chose_is_said() -> None:
    data = pd.DataFrame({"a": pd.Categorical(list("xyxyxy"), ["x", "y", "z"]), "b": list("uuvvuv")})
    found = mca(data, ["a", "b"])
    assert "« a : z »" in " ".join(found.remarks())
    assert ("a", "z") not in found.categories.index


def test_categories_of_the_same_people_are_said() -> None:
    data = pd.DataFrame(
        {"a": ["x", "y", None, None] * 5, "b": ["u", "v", None, None] * 4 + ["u", "u", None, None]}
    )
    assert "exclude" in " ".join(mca(data, ["a", "b"]).remarks())


@pytest.mark.parametrize(
    ("columns", "active", "words"),
    [
        ({"a": list("xyxy"), "b": list("xxxx")}, ["a", "b"], "sépare"),
        ({"a": list("xyxy"), "b": list("uvuv")}, ["a", "b"], "même chose"),
        ({"a": list("xyxy"), "b": list("uvvu")}, ["a"], "deux questions"),
        ({"a": list("xyxy"), "b": list("uvvu")}, ["a", "b", "a"], "deux fois"),
    ],
)
def test_bad_questions_are_refused_in_words(
    columns: dict[str, list[str]], active: list[str], words: str
) -> None:
    with pytest.raises(AnalysisError, match=words):
        mca(pd.DataFrame(columns), active)


def test_unknown_columns_and_categories_are_refused(people: pd.DataFrame) -> None:
    with pytest.raises(SurveyError, match="sexe"):
        mca(people, ["cat", "sexee"])
    with pytest.raises(SurveyError, match="« D »"):
        mca(people, ACTIVE, excluded={"cat": ["D"]})
    with pytest.raises(AnalysisError, match="positifs"):
        mca(people.assign(w=-1.0), ACTIVE, weights="w")


def test_nothing_shown_holds_a_respondent(people: pd.DataFrame) -> None:
    found = mca(people, ACTIVE, ["coll"])
    assert len(repr(found).splitlines()) <= 12
    assert len(found.table().body) == len(found.shares)
    assert found.table().bases is not None


def test_a_supplementary_question_without_contrast_has_no_v_test(people: pd.DataFrame) -> None:
    found = mca(people.assign(year="2013", flat=1.0), ACTIVE, ["year"], ["flat"])
    assert not np.isfinite(found.v_tests.loc["year"]).to_numpy().all()
    assert found.correlations.loc["flat"].isna().all()


def test_those_who_skip_a_supplementary_question_are_left_out_of_it(people: pd.DataFrame) -> None:
    holes = people.assign(coll=people["coll"].where(people.index % 5 > 0))
    found = mca(holes, ACTIVE, ["coll"])
    own = found.individuals[holes["coll"] == "SDIS 99"].mean() / np.sqrt(found.eigenvalues[:5])
    np.testing.assert_allclose(found.supplementary.loc[("coll", "SDIS 99")], own, atol=1e-12)
    assert found.counts["coll"].sum() == holes["coll"].notna().sum()


def test_an_answer_never_met_weighs_nothing(people: pd.DataFrame) -> None:
    found = mca(people, ACTIVE)
    later = people[:3].assign(cat=["D", None, "A"])
    assert found.never_met(later) == {"cat": ["D"]}
    np.testing.assert_allclose(found.project(later).iloc[0], found.project(later.assign(cat=None)).iloc[0])


def test_a_policy_hides_categories_and_respondents(people: pd.DataFrame) -> None:
    def policy(table: PublicationTable) -> PublicationTable:
        assert table.bases is not None
        return replace(table, suppressed=table.bases < 50)

    found = mca(people, ACTIVE, ["coll"]).protected(policy)
    assert ("coll", "CC Vallée") not in found.supplementary.index
    assert ("coll", "Mairie A") in found.supplementary.index
    assert found.individuals.empty
    shown = [text.get_text() for text in found.plot().texts]
    assert "coll : Mairie A" in shown
    assert "coll : CC Vallée" not in shown


def test_a_survey_gives_its_labels() -> None:
    codes = pd.DataFrame({"a": [1, 2, 1, 2, 1, 2], "b": [1, 1, 2, 2, 1, 2]})
    variables = [
        Variable(name, label=name.upper(), measure="nominal", values={1: "oui", 2: "non"}) for name in codes
    ]
    survey = Survey.build(codes, Codebook(variables))
    found = mca(survey, ["a", "b"])
    assert ("a", "oui") in found.categories.index
    assert ("A", "oui") in found.table().body.index
