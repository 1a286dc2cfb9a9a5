"""Items that work differently, categories nobody chose, and the script left to lavaan."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from optima_research.codebook import Codebook, Variable
from optima_research.coding.quantitative import dif, lavaan_script, merge_empty_categories
from optima_research.errors import ExportError, ScaleError
from optima_research.survey import Survey
from tests.coding.quantitative.conftest import golden


def test_likelihoods_equal_ordinal_clm(answers: pd.DataFrame, five: list[str]) -> None:
    table = dif(answers, five, "coll", purify=False).items
    for item, expected in golden("dif")["items"].items():
        row = table.loc[item]
        assert row["uniform_chi2"] == pytest.approx(2 * (expected["uniform"] - expected["level"]), abs=1e-6)
        assert row["nonuniform_chi2"] == pytest.approx(2 * (expected["full"] - expected["uniform"]), abs=1e-6)
        assert row["delta_r2"] == pytest.approx(
            (expected["level"] - expected["full"]) / expected["null"], abs=1e-9
        )


@pytest.fixture
def generous(answers: pd.DataFrame) -> pd.DataFrame:
    """One partner answers q3 one point higher than its level explains."""
    shifted = (answers["q3"] + (answers["coll"] == "Dépt Sud")).clip(upper=5)
    return answers.assign(q3=shifted)


def test_a_shifted_item_is_flagged_and_leaves_the_matching_score(
    generous: pd.DataFrame, five: list[str]
) -> None:
    result = dif(generous, five, "coll")
    assert result.flagged == ("q3",)
    assert result.anchor == ("q1", "q2", "q4", "q5")
    assert result.items.loc["q3", "highest"] == "Dépt Sud"
    assert 0.5 < result.items.loc["q3", "gap"] < 1.3
    assert "q3" in result.sentence()
    assert result.table().body.loc["q3", "flagged"]


def test_no_shift_no_flag(answers: pd.DataFrame, five: list[str]) -> None:
    assert dif(answers, five, "coll").flagged == ()
    assert "Aucun item" in dif(answers, five, "coll").sentence()


def test_row_order_and_reversed_coding_change_nothing(generous: pd.DataFrame, five: list[str]) -> None:
    plain = dif(generous, five, "coll", scale_range=(1, 5))
    turned = generous.assign(q2=6 - generous["q2"]).sample(frac=1, random_state=0)
    other = dif(turned, five, "coll", reverse=["q2"], scale_range=(1, 5))
    numbers = plain.items.select_dtypes("number").columns
    np.testing.assert_allclose(other.items[numbers], plain.items[numbers], atol=1e-7)


def test_three_items_are_too_few_to_match_on(answers: pd.DataFrame) -> None:
    with pytest.raises(ScaleError, match="4"):
        dif(answers, ["q1", "q2", "q3"], "coll")


def test_an_empty_category_is_merged_in_every_group(answers: pd.DataFrame, ten: list[str]) -> None:
    result = merge_empty_categories(answers, ten, "coll")
    assert result.merged[["item", "category", "into", "group", "n"]].to_numpy().tolist() == [
        ["q10", 1.0, 2.0, "CC Vallée", 0]
    ]
    assert result.data["q10"].min() == 2
    assert result.data.drop(columns="q10").equals(answers.drop(columns="q10"))
    assert "CC Vallée" in result.sentence()
    assert merge_empty_categories(result.data, ten, "coll").merged.empty


def test_merging_a_survey_goes_into_trail_and_codebook() -> None:
    frame = pd.DataFrame({"q": [1, 2, 3, 2, 3, 3], "g": [1, 1, 1, 2, 2, 2]})
    item = Variable("q", measure="ordinal", values={1: "Non", 2: "Plutôt", 3: "Oui"})
    survey = Survey.build(frame, Codebook([item, Variable("g", values={1: "Pau", 2: "Lescar"})]))
    merged = merge_empty_categories(survey, ["q"], "g", reason="Modèle ordinal").data
    assert merged.answers["q"].tolist() == [2, 2, 3, 2, 3, 3]
    assert merged.codebook["q"].values == {2: "Non / Plutôt", 3: "Oui"}
    assert list(merged.trail)[-1].rule == "merge_empty_categories"


def test_an_item_with_one_category_left_is_refused() -> None:
    data = pd.DataFrame({"q": [1, 1, 2, 2], "g": ["a", "a", "b", "b"]})
    with pytest.raises(ScaleError, match="« q »"):
        merge_empty_categories(data, ["q"], "g")


def test_the_script_holds_codes_and_group_numbers_only(
    answers: pd.DataFrame, ten: list[str], tmp_path: Path
) -> None:
    result = lavaan_script(answers, {"f1": ten[:5], "f2": ten[5:]}, "coll")
    assert list(result.answers.columns) == [*(f"y{i}" for i in range(1, 11)), "group"]
    assert len(result.answers) == 609
    assert result.groups.loc[2] == "CC Vallée"
    assert "CC Vallée" in result.script
    assert "q10" in result.script.splitlines()[1]
    script, table = result.write(tmp_path)
    assert script.read_text(encoding="utf-8") == result.script
    assert len(pd.read_csv(table)) == 609
    with pytest.raises(ExportError):
        result.write(tmp_path / "absent")


def test_items_of_two_categories_are_refused(answers: pd.DataFrame, five: list[str]) -> None:
    data = answers.assign(q1=(answers["q1"] > 3).astype(int))
    with pytest.raises(ScaleError, match="q1"):
        lavaan_script(data, {"f": five}, "coll")


@pytest.mark.slow
def test_the_script_runs_in_lavaan_with_the_degrees_of_freedom_of_the_theory(
    answers: pd.DataFrame, five: list[str], tmp_path: Path
) -> None:
    if (
        shutil.which("Rscript") is None
        or subprocess.run(["Rscript", "-e", "library(lavaan)"], check=False).returncode
    ):
        pytest.skip("R and lavaan are not installed")
    keep = answers["coll"].isin(["Dépt Sud", "CA Nord"])
    script, _table = lavaan_script(answers[keep], {"climat": five}, "coll").write(tmp_path)
    done: Any = subprocess.run(
        ["Rscript", script.name], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    fits = done.stdout.split("Scaled Chi-Squared")[0].splitlines()
    lines = [
        line.split() for line in fits if line.startswith(("configural", "thresholds", "metric", "scalar"))
    ]
    freedom = {line[0]: int(line[2]) for line in lines[:4]}
    # Five items of five categories, two groups: 20 equal thresholds free 5 intercepts and 5 scales; and so on.
    assert freedom == {"configural": 10, "thresholds": 20, "metric": 24, "scalar": 28}
