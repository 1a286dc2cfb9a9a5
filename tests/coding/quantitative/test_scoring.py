"""Scores follow the declaration and nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optima_research.codebook import Codebook, Scale, Variable
from optima_research.coding.quantitative import add_scores, score
from optima_research.errors import ScaleError, SurveyError
from optima_research.survey import Survey

CLIMATE = Scale("CLI", ("c1", "c2", "c3"), label="Climat social", reversed=("c3",), range=(1, 5))


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {"c1": [1, 4, 5, np.nan], "c2": [2, 5, np.nan, np.nan], "c3": [5, 1, 2, 4]}, index=[11, 7, 3, 90]
    )


def test_a_declared_item_is_turned_round_and_a_partial_answer_counts(frame: pd.DataFrame) -> None:
    scores = score(frame, CLIMATE)
    assert scores.name == "CLI"
    assert list(scores.index) == [11, 7, 3, 90]
    np.testing.assert_allclose(scores, [4 / 3, 14 / 3, 4.5, np.nan])


def test_the_minimum_of_valid_answers_is_respected(frame: pd.DataFrame) -> None:
    complete = Scale("CLI", CLIMATE.items, reversed=("c3",), range=(1, 5), min_valid=1)
    assert score(frame, complete).notna().tolist() == [True, True, False, False]
    lenient = Scale("CLI", CLIMATE.items, reversed=("c3",), range=(1, 5), min_valid=1 / 3)
    assert score(frame, lenient).notna().all()


def test_an_answer_outside_the_range_is_refused_by_item_and_value(frame: pd.DataFrame) -> None:
    with pytest.raises(ScaleError, match=r"« c2 ».*9") as caught:
        score(frame.assign(c2=[2, 9, np.nan, 1]), CLIMATE)
    assert caught.value.where == "c2"
    assert caught.value.hint


def test_an_unknown_item_is_refused_with_a_suggestion(frame: pd.DataFrame) -> None:
    with pytest.raises(SurveyError, match="c2"):
        score(frame, Scale("X", ("c1", "c22")))


def test_a_scale_by_name_needs_a_codebook(frame: pd.DataFrame) -> None:
    with pytest.raises(ScaleError, match="CLI"):
        score(frame, "CLI")


def survey_of(frame: pd.DataFrame) -> Survey:
    variables = [Variable(name, f"Question {name}", measure="ordinal") for name in frame.columns]
    return Survey.build(frame.astype("Int64"), Codebook(variables).with_scales(CLIMATE))


def test_a_survey_scores_as_its_frame(frame: pd.DataFrame) -> None:
    pd.testing.assert_series_equal(score(survey_of(frame), "CLI"), score(frame, CLIMATE))


def test_scores_enter_the_survey_with_their_rule_in_the_trail(frame: pd.DataFrame) -> None:
    scored = add_scores(survey_of(frame), reason="Échelle publiée")
    assert scored.codebook["CLI"].measure.is_number
    assert "c3" in scored.codebook["CLI"].source
    step = list(scored.trail)[-1]
    assert (step.rule, step.reason) == ("add_scores", "Échelle publiée")
    assert step.parameters["CLI"]["reversed"] == ["c3"]


def test_a_survey_without_scales_says_how_to_declare_one(frame: pd.DataFrame) -> None:
    bare = Survey.build(frame.astype("Int64"), Codebook([Variable(name) for name in frame.columns]))
    with pytest.raises(ScaleError) as caught:
        add_scores(bare)
    assert "with_scales" in str(caught.value)
