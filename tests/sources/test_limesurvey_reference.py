"""Exports made by LimeSurvey 6.1.8 itself, with the truth of every cell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from optima_research.sources import read_limesurvey
from optima_research.survey import Survey

EXACT = ("ls618fr_survey.lsa", "ls618fr_vv_v2.txt")
EXPORTS = (*EXACT, "ls618fr_csv_code_short_comma.csv", "ls618fr_csv_full_long_semicolon.csv")


@pytest.fixture(scope="module")
def exports(shared_reference: Path) -> Path:
    return shared_reference / "limesurvey"


@pytest.fixture(scope="module")
def truth(exports: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((exports / "ls618fr_TRUTH.json").read_text(encoding="utf-8"))
    return told


def read(exports: Path, name: str) -> Survey:
    return read_limesurvey(exports / name, None if name.endswith("lsa") else exports / "ls618fr_survey.lss")


def agrees(value: Any, told: str | None, *, trimmed: bool) -> bool:
    if pd.isna(value):
        return told in (None, "")
    if not told:
        return False
    if isinstance(value, pd.Timestamp):
        return str(value) == told
    # LimeSurvey's own VV export trims what respondents typed.
    return (
        (value == told or (trimmed and value == told.strip()))
        if isinstance(value, str)
        else value == float(told)
    )


@pytest.mark.parametrize("name", EXPORTS)
def test_every_one_of_9000_cells_is_right(exports: Path, truth: dict[str, Any], name: str) -> None:
    survey = read(exports, name)
    told = {row["id"]: row for row in truth["responses"]}
    names = [column["code"] for column in truth["columns"]]
    wrong = [
        (column, row)
        for column in names
        for row, value in survey.answers[column].items()
        if not agrees(value, told[row].get(column), trimmed="vv" in name)
    ]
    assert (len(names) * survey.n, wrong) == (9000, [])


@pytest.mark.parametrize("name", EXACT)
def test_null_and_empty_are_told_apart(exports: Path, truth: dict[str, Any], name: str) -> None:
    survey = read(exports, name)
    told = {row["id"]: row for row in truth["responses"]}
    for column in (c["code"] for c in truth["columns"]):
        for row, kind in survey.missing[column].items():
            stored = told[row].get(column)
            expected = {None: ("not_asked", "not_reached"), "": ("no_answer",)}.get(stored)
            assert kind in expected if expected else pd.isna(kind), (column, row)
    assert survey.report.told_apart


@pytest.mark.parametrize("name", EXPORTS[2:])
def test_a_csv_says_what_it_cannot_tell_and_is_never_wrong(
    exports: Path, truth: dict[str, Any], name: str
) -> None:
    survey = read(exports, name)
    told = {row["id"]: row for row in truth["responses"]}
    sure = {"no_answer": "", "not_asked": None, "not_reached": None}
    for column in (c["code"] for c in truth["columns"]):
        for row, kind in survey.missing[column].items():
            if kind in sure:
                assert told[row].get(column) == sure[kind], (column, row)
    assert not survey.report.told_apart
    assert not survey.codebook["S"].missing_told_apart


def test_identifiers_never_reach_the_answers(exports: Path) -> None:
    survey = read(exports, "ls618fr_survey.lsa")
    assert not {"token", "ipaddr", "refurl", "email", "lastname"} & set(survey.columns)
    assert survey.participants is not None
    people = survey.participants.open()
    assert people.loc[people["id"] == 1, ["firstname", "attribute_1"]].to_numpy().tolist() == [
        ["Prénom1", "Service 2"]
    ]
    assert "agent1" not in repr(survey) + repr(survey.participants) + survey._repr_html_()


def test_timings_come_with_the_archive(exports: Path) -> None:
    survey = read(exports, "ls618fr_survey.lsa")
    assert survey.timings is not None
    assert survey.timings.loc[1, "interviewtime"] == 1500.37
