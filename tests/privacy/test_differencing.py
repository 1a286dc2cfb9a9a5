"""Two tables, or two restitutions, that differ by a few people are caught before both are published."""

from __future__ import annotations

import pandas as pd
import pytest

from optima_research.codebook import Codebook, Variable
from optima_research.errors import DisclosureError, PrivacyError
from optima_research.privacy import Guard, Release
from optima_research.survey import Survey


@pytest.fixture
def staff() -> pd.DataFrame:
    return pd.DataFrame({"direction": ["A"] * 20 + ["B"] * 18 + ["C"] * 3, "age": list(range(20, 61))})


def test_two_directions_together_then_one_of_them_gives_the_other_away(staff: pd.DataFrame) -> None:
    guard = Guard(staff, "cinq").published(
        {"B et C": staff["direction"] != "A", "B": staff["direction"] == "B"}
    )
    found = guard.differences()
    assert found.pairs.to_numpy().tolist() == [["B et C", "B", 3]]
    with pytest.raises(DisclosureError, match="soustraction"):
        found.require_safe()


def test_a_hidden_category_is_known_by_subtraction_from_all(staff: pd.DataFrame) -> None:
    assert not Guard(staff, "cinq").adding("direction").differences().is_safe
    assert Guard(staff[:38], "cinq").adding("direction").differences().is_safe


def test_a_filter_that_leaves_out_two_people_is_caught(staff: pd.DataFrame) -> None:
    survey = Survey.build(staff, Codebook([Variable("direction"), Variable("age", measure="ratio")]))
    guard = Guard(survey, "cinq").published({"tous": "age > 0", "moins de 59 ans": "age < 59"})
    assert guard.differences().pairs["difference"].tolist() == [2]


def test_late_answers_between_two_restitutions_are_caught(staff: pd.DataFrame, tmp_path) -> None:
    first = Guard(staff.iloc[:-2], "cinq", salt="étude").adding()
    path = first.release("restitution du 4 juillet").write(tmp_path / "r1.json")
    assert "20" not in path.read_text(encoding="utf-8").split("groups")[0]
    second = Guard(staff, "cinq", salt="étude").adding()
    assert second.differences().is_safe
    found = second.differences([Release.read(path)])
    assert found.pairs["difference"].tolist() == [2]
    same = Guard(staff.iloc[:-2], "cinq", salt="étude").adding()
    assert same.differences([Release.read(path)]).is_safe


def test_a_condition_needs_a_survey(staff: pd.DataFrame) -> None:
    with pytest.raises(PrivacyError):
        Guard(staff, "cinq").published({"x": "age > 30"})
