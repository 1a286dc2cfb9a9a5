"""Stacked answers: right shares, sorted, centred, and refused where answers are not shared."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optima_research.codebook import Codebook, Variable
from optima_research.coding.quantitative import item_responses
from optima_research.errors import ScaleError
from optima_research.survey import Survey


def test_shares_are_of_those_who_answered(answers_with_holes: pd.DataFrame, five: list[str]) -> None:
    result = item_responses(answers_with_holes, five)
    for item in five:
        expected = answers_with_holes[item].value_counts(normalize=True).sort_index()
        np.testing.assert_allclose(result.shares.loc[item], expected)
        assert result.n[item] == answers_with_holes[item].notna().sum()
    assert result.balance.is_monotonic_decreasing


def test_bars_are_centred_on_the_middle_answer(answers: pd.DataFrame, five: list[str]) -> None:
    result = item_responses(answers, five)
    axes = result.plot()
    middle = axes.containers[2]
    assert all(bar.get_x() + bar.get_width() / 2 == pytest.approx(0) for bar in middle)
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[-1] == result.labels[0]


def test_a_survey_shows_its_labels() -> None:
    values = {1: "Non", 2: "Plutôt", 3: "Oui"}
    variables = [Variable(name, label=f"Item {name}", measure="ordinal", values=values) for name in "ab"]
    survey = Survey.build(pd.DataFrame({"a": [1, 2, 3], "b": [3, 3, 2]}), Codebook(variables))
    result = item_responses(survey, ["a", "b"])
    assert result.labels == ("Item b", "Item a")
    assert list(result.shares.columns) == ["Non", "Plutôt", "Oui"]
    table = result.table()
    assert table.counts is not None
    assert table.counts.loc["Item b", "Oui"] == 2
    assert "« Item b »" in result.sentence()


def test_items_of_two_scales_are_not_shown_together(answers: pd.DataFrame) -> None:
    text = answers.assign(x=np.where(answers["q1"] > 3, "oui", "non"))
    with pytest.raises(ScaleError, match="coll"):
        item_responses(text, ["x", "coll"])
    with pytest.raises(ScaleError, match="trop"):
        item_responses(answers, ["age"])
