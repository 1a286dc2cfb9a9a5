"""Alpha, omega and the item table equal psych and lavaan, and bad scales are refused in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from optima_research.codebook import Codebook, Variable
from optima_research.coding.quantitative import reliability
from optima_research.errors import AnalysisError, ScaleError
from optima_research.language import using_language
from optima_research.results import Result
from optima_research.survey import Survey


def assert_equals_psych(result: Any, expected: dict[str, Any]) -> None:
    assert result.alpha.value == pytest.approx(expected["alpha"], rel=1e-10)
    for column in ("item_rest", "alpha_if_dropped", "mean", "sd"):
        np.testing.assert_allclose(result.items[column], pd.Series(expected[column]), rtol=1e-10)


@pytest.mark.parametrize("rule", ["listwise", "pairwise"])
def test_alpha_and_item_table_equal_psych(
    answers_with_holes: pd.DataFrame, five: list[str], reliability_golden: dict[str, Any], rule: Any
) -> None:
    result = reliability(answers_with_holes, five, missing=rule)
    assert_equals_psych(result, reliability_golden[rule])
    assert result.n == (513 if rule == "listwise" else 609)
    assert result.n_missing == (
        96 if rule == "listwise" else int(answers_with_holes[five].isna().sum().sum())
    )


def test_reversed_items_equal_psych_keys(
    answers: pd.DataFrame, five: list[str], reliability_golden: dict[str, Any]
) -> None:
    turned = answers.assign(q2=6 - answers["q2"])
    result = reliability(turned, five, reverse=["q2"], scale_range=(1, 5))
    assert result.alpha.value == pytest.approx(reliability_golden["reversed"]["alpha"], rel=1e-10)
    assert result.items.loc["q2", "reversed"]
    pd.testing.assert_frame_equal(
        result.items.drop(columns="reversed"),
        reliability(answers, five, scale_range=(1, 5)).items.drop(columns="reversed"),
    )


def test_alpha_intervals_equal_psych(
    answers: pd.DataFrame, five: list[str], reliability_golden: dict[str, Any]
) -> None:
    expected = reliability_golden["complete"]
    feldt = reliability(answers, five).alpha
    assert feldt.low == pytest.approx(expected["feldt"]["lower.ci.raw_alpha"], rel=1e-10)
    assert feldt.high == pytest.approx(expected["feldt"]["upper.ci.raw_alpha"], rel=1e-10)
    duhachek = reliability(answers, five, alpha_interval="duhachek").alpha
    assert duhachek.se == pytest.approx(expected["ase"], rel=1e-10)
    assert duhachek.low == pytest.approx(expected["alpha"] - 1.959963984540054 * expected["ase"], rel=1e-10)


def test_omega_and_its_standard_errors_equal_lavaan(
    answers: pd.DataFrame, five: list[str], reliability_golden: dict[str, Any]
) -> None:
    robust = reliability(answers, five).omega
    normal = reliability(answers, five, omega_interval="normal").omega
    assert robust.value == pytest.approx(reliability_golden["omega_ml"]["omega"], rel=1e-6)
    assert robust.se == pytest.approx(reliability_golden["omega_mlr"]["se"], rel=1e-4)
    assert normal.se == pytest.approx(reliability_golden["omega_ml"]["se"], rel=1e-4)
    assert robust.low < robust.value < robust.high


def test_bootstrap_intervals_are_reproducible_and_near_the_exact_ones(
    answers: pd.DataFrame, five: list[str]
) -> None:
    first, again = (
        reliability(answers, five, alpha_interval="bootstrap", omega_interval="bootstrap", n_boot=500, seed=4)
        for _ in range(2)
    )
    assert first.alpha == again.alpha
    assert first.omega == again.omega
    exact = reliability(answers, five)
    assert first.alpha.low == pytest.approx(exact.alpha.low, abs=0.01)
    assert first.omega.high == pytest.approx(exact.omega.high, abs=0.01)


def test_two_items_give_spearman_brown_and_say_so(
    answers: pd.DataFrame, five: list[str], reliability_golden: dict[str, Any]
) -> None:
    result = reliability(answers, five[:2])
    assert result.spearman_brown is not None
    assert result.spearman_brown.value == pytest.approx(
        reliability_golden["two_items"]["spearman_brown"], rel=1e-10
    )
    assert np.isnan(result.alpha.value)
    assert "Spearman-Brown" in result.sentence()


def test_an_undeclared_reversed_item_is_reported_and_left_alone(
    answers: pd.DataFrame, five: list[str]
) -> None:
    result = reliability(answers.assign(q4=6 - answers["q4"]), five)
    assert result.miskeyed == ("q4",)
    assert result.items.loc["q4", "item_rest"] < 0
    assert "q4" in result.sentence()
    assert reliability(answers, five).miskeyed == ()


def test_the_standard_error_of_a_score(answers: pd.DataFrame, five: list[str]) -> None:
    result = reliability(answers, five)
    sd = answers[five].mean(axis=1).std()
    assert result.standard_error == pytest.approx(sd * np.sqrt(1 - result.alpha.value))
    assert result.minimal_detectable_change == pytest.approx(1.959964 * np.sqrt(2) * result.standard_error)


def test_row_order_and_item_order_change_nothing(answers_with_holes: pd.DataFrame, five: list[str]) -> None:
    plain = reliability(answers_with_holes, five)
    shuffled = reliability(answers_with_holes.sample(frac=1, random_state=2), five[::-1])
    assert shuffled.alpha.value == pytest.approx(plain.alpha.value, rel=1e-12)
    assert shuffled.omega.se == pytest.approx(plain.omega.se, rel=1e-8)
    pd.testing.assert_frame_equal(shuffled.items.loc[five], plain.items)


def test_the_result_shows_itself_in_both_languages(answers: pd.DataFrame, five: list[str]) -> None:
    result = reliability(answers, five)
    assert isinstance(result, Result)
    assert "L'alpha de Cronbach est de 0,82" in result.sentence()
    with using_language("en"):
        assert "Cronbach's alpha is 0.82" in result.sentence()
    table = result.table()
    assert list(table.body.index) == five
    assert len(repr(result).splitlines()) <= 12
    assert result.plot().get_xlabel()
    assert set(result.statistics()) == {"alpha", "omega", "standard_error"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"reverse": ["q2"]}, "étendue"),
        ({"reverse": ["q9"], "scale_range": (1, 5)}, "q9"),
        ({"scale_range": (1, 4)}, "« q1 »"),
        ({"scale_range": (5, 1)}, "envers"),
    ],
)
def test_a_bad_declaration_is_refused_in_words(
    answers: pd.DataFrame, five: list[str], arguments: dict[str, Any], words: str
) -> None:
    with pytest.raises(ScaleError, match=words):
        reliability(answers, five, **arguments)


def test_a_constant_item_is_named(answers: pd.DataFrame, five: list[str]) -> None:
    with pytest.raises(ScaleError, match="« q3 »") as caught:
        reliability(answers.assign(q3=4), five)
    assert caught.value.hint


def test_an_item_alone_or_twice_is_refused(answers: pd.DataFrame) -> None:
    with pytest.raises(ScaleError):
        reliability(answers, ["q1"])
    with pytest.raises(ScaleError, match="q1"):
        reliability(answers, ["q1", "q2", "q1"])


def test_nobody_complete_is_refused_with_a_way_out(answers: pd.DataFrame, five: list[str]) -> None:
    holes = answers[five].astype(float)
    holes.loc[holes.index[::2], "q1"] = np.nan
    holes.loc[holes.index[1::2], "q2"] = np.nan
    with pytest.raises(ScaleError, match="0") as caught:
        reliability(holes, five)
    assert "pairwise" in str(caught.value)
    with pytest.raises(AnalysisError):
        reliability(answers, five, missing="pairwise", alpha_interval="bootstrap")


def test_a_heywood_case_is_said() -> None:
    correlation = np.array([[1, 0.8, 0.8, 0.2], [0.8, 1, 0.45, 0.2], [0.8, 0.45, 1, 0.2], [0.2, 0.2, 0.2, 1]])
    rows = np.random.default_rng(0).multivariate_normal(np.zeros(4), correlation, 400)
    result = reliability(pd.DataFrame(rows, columns=list("abcd")), list("abcd"))
    assert result.heywood == ("a",)
    assert "négative" in result.sentence()


def test_real_scales_equal_psych_and_lavaan(shared_reference: Path) -> None:
    data = pd.read_csv(shared_reference / "real" / "bfi.csv")
    rows = json.loads((shared_reference / "real" / "bfi_r.json").read_text(encoding="utf-8"))["reliability"]
    reverse = {"A": ["A1"], "C": ["C4", "C5"], "E": ["E1", "E2"], "N": [], "O": ["O2", "O5"]}
    for row in rows:
        items = [f"{row['scale']}{i}" for i in range(1, 6)]
        result = reliability(data, items, reverse=reverse[row["scale"]], scale_range=(1, 6))
        assert result.n == row["n_complete"]
        assert result.alpha.value == pytest.approx(row["alpha"], rel=1e-10)
        assert (result.alpha.low, result.alpha.high) == pytest.approx(tuple(row["feldt"]), rel=1e-10)
        assert result.omega.value == pytest.approx(row["omega_ml"], abs=1e-6)
        assert reliability(data, items).miskeyed == tuple(reverse[row["scale"]])


@pytest.mark.slow
@pytest.mark.parametrize("points", [None, 5])
def test_intervals_cover_the_truth_about_as_often_as_they_say(points: int | None) -> None:
    rng = np.random.default_rng(20)
    loadings, covered, replications = np.array([0.8, 0.7, 0.6, 0.7, 0.5]), np.zeros(2), 400
    cuts = np.array([-1.2, -0.4, 0.4, 1.2])

    def sample(n: int) -> pd.DataFrame:
        factor, noise = rng.standard_normal((n, 1)), rng.standard_normal((n, 5))
        answers = factor * loadings + noise * np.sqrt(1 - loadings**2)
        return pd.DataFrame(
            answers if points is None else np.digitize(answers, cuts) + 1.0, columns=list("abcde")
        )

    truth = reliability(sample(400_000), list("abcde"))
    for _ in range(replications):
        result = reliability(sample(150), list("abcde"))
        covered += [
            result.alpha.low <= truth.alpha.value <= result.alpha.high,
            result.omega.low <= truth.omega.value <= result.omega.high,
        ]
    assert np.all(covered / replications > 0.95 - 4 * np.sqrt(0.95 * 0.05 / replications))
    assert np.all(covered / replications < 0.95 + 4 * np.sqrt(0.95 * 0.05 / replications))


def test_a_survey_gives_the_same_as_its_frame(answers_with_holes: pd.DataFrame, five: list[str]) -> None:
    labels = {code: str(code) for code in range(1, 6)}
    variables = [Variable(name, label=f"Item {name}", measure="ordinal", values=labels) for name in five]
    survey = Survey.build(answers_with_holes[five].astype("Int64"), Codebook(variables))
    ours, frame = reliability(survey, five), reliability(answers_with_holes, five)
    assert ours.alpha == frame.alpha
    assert ours.omega.value == pytest.approx(frame.omega.value, rel=1e-12)
    assert ours.table().body.index[0] == "Item q1"


def test_bytes_and_floats_give_the_same(answers: pd.DataFrame, five: list[str]) -> None:
    whole, floats = reliability(answers, five), reliability(answers.astype(dict.fromkeys(five, float)), five)
    assert whole.alpha.value == pytest.approx(floats.alpha.value, rel=1e-12)
    assert whole.omega.se == pytest.approx(floats.omega.se, rel=1e-5)
    pd.testing.assert_frame_equal(whole.items, floats.items)


def test_units_do_not_matter(answers: pd.DataFrame, five: list[str]) -> None:
    plain, large = reliability(answers, five), reliability(answers[five] * 1e6 + 1e9, five)
    assert large.omega.value == pytest.approx(plain.omega.value, rel=1e-6)
    assert large.standard_error == pytest.approx(1e6 * plain.standard_error, rel=1e-6)


def test_a_copied_item_is_refused_by_name(answers: pd.DataFrame, five: list[str]) -> None:
    with pytest.raises(ScaleError, match="q1, q5") as caught:
        reliability(answers.assign(q5=answers["q1"]), five)
    assert caught.value.hint


def test_infinite_answers_a_lone_name_and_unknown_options_are_refused(
    answers: pd.DataFrame, five: list[str]
) -> None:
    with pytest.raises(ScaleError, match="infinies : q1"):
        reliability(answers.assign(q1=np.inf), five)
    with pytest.raises(ScaleError, match="liste"):
        reliability(answers, "q1")
    with pytest.raises(AnalysisError, match="listwis") as caught:
        reliability(answers, five, missing="listwis")  # type: ignore[arg-type]
    assert "listwise" in str(caught.value)


def test_fewer_respondents_than_items_give_no_omega_and_say_so(
    answers: pd.DataFrame, five: list[str]
) -> None:
    result = reliability(answers.head(4), five)
    assert np.isnan(result.omega.value)
    assert "plus de répondants" in result.sentence()
