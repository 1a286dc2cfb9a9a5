"""Every form of LimeSurvey export gives the same survey."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from optima_research.codebook import ItemSetKind
from optima_research.simulation.limesurvey import (
    Questionnaire,
    write_csv,
    write_lsa,
    write_participants,
    write_vv,
)
from optima_research.sources import read_limesurvey
from optima_research.survey import Survey


@pytest.fixture
def archive(form: Questionnaire, responses: pd.DataFrame, people: pd.DataFrame, tmp_path: Path) -> Survey:
    timings = pd.DataFrame({"interviewtime": [61.5, 30.0, 9.0]}, index=[1, 4, 99])
    return read_limesurvey(
        write_lsa(form, responses, tmp_path / "a.lsa", participants=people, timings=timings)
    )


def test_an_archive_tells_the_four_ways_of_being_empty(archive: Survey) -> None:
    kinds = archive.missing
    assert kinds.loc[4, "EQU"] == "not_asked"
    assert kinds.loc[4, "DIR"] == "no_answer"
    assert kinds.loc[7, "CLI[SQ001]"] == "not_reached"
    assert kinds.loc[9, "SEXE"] == "not_reached"
    assert pd.isna(kinds.loc[1, "SEXE"])


def test_codes_keep_their_zeros_and_integers_are_integers(archive: Survey) -> None:
    assert archive.answers["DIR"].tolist()[0] == "01"
    assert str(archive.answers["CLI[SQ001]"].dtype) == "Int64"
    assert archive.answers.loc[7, "AGE"] == 29.5
    assert archive.answers.loc[1, "OUT[other]"] == "=téléphone"


def test_options_are_ticked_or_not_and_the_view_says_oui_or_non(archive: Survey) -> None:
    assert archive.answers["OUT[SQ001]"].tolist()[:1] == ["Y"]
    assert archive.missing.loc[1, "OUT[SQ002]"] == "no_answer"
    view = archive.frame("OUT[SQ001]", "OUT[SQ002]")
    assert view.loc[1].tolist() == ["Oui", "Non"]
    assert view.loc[7].isna().all()


def test_sets_labels_and_universe_come_from_the_structure(archive: Survey) -> None:
    book = archive.codebook
    assert book.item_set("CLI").kind is ItemSetKind.GRID
    assert book.item_set("OUT").members == ("OUT[SQ001]", "OUT[SQ002]")
    assert book.item_set("PRI").kind is ItemSetKind.RANKING
    assert list(book["CLI[SQ001]"].values) == [1, 2, 3, 4]
    assert book["CLI[SQ001]"].is_ordered
    assert book["CLI[SQ001]"].question == "Climat [Entraide]"
    assert book["SEXE"].values["-oth-"] == "Autre"
    assert book["EQU"].universe == "répondants pour lesquels ENC = « Oui »"
    assert book["EQU"].condition == '((ENC.NAOK == "Y"))'


def test_people_invited_stay_in_quarantine_answered_or_not(archive: Survey) -> None:
    assert archive.participants is not None
    people = archive.participants.open().set_index("firstname")
    assert people.loc["Anne", "id"] == 1
    assert pd.isna(people.loc["Noé", "id"])
    assert archive.timings is not None
    assert archive.timings["interviewtime"].tolist()[:2] == [61.5, 30.0]


@pytest.mark.parametrize(
    ("headers", "answers", "separator"),
    [
        ("code", "short", ","),
        ("code", "long", ";"),
        ("expression", "short", "\t"),
        ("full", "long", "|"),
        ("full", "short", ";"),
        ("abbreviated", "long", ","),
        ("codetext", "long", ";"),
    ],
)
def test_every_csv_form_gives_the_answers_of_the_archive(
    archive: Survey,
    form: Questionnaire,
    responses: pd.DataFrame,
    structure: Path,
    tmp_path: Path,
    separator: str,
    headers: str,
    answers: str,
) -> None:
    path = write_csv(
        form, responses, tmp_path / "r.csv", headers=headers, answers=answers, separator=separator
    )  # type: ignore[arg-type]
    survey = read_limesurvey(path, structure)
    pd.testing.assert_frame_equal(survey.answers[archive.columns], archive.answers)
    assert survey.report.matched == len(form.columns)


@pytest.mark.parametrize("version", [1, 2])
def test_vv_gives_the_archive_itself(
    archive: Survey,
    form: Questionnaire,
    responses: pd.DataFrame,
    structure: Path,
    tmp_path: Path,
    version: int,
) -> None:
    survey = read_limesurvey(write_vv(form, responses, tmp_path / "v.txt", version=version), structure)  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(survey.answers[archive.columns], archive.answers)
    pd.testing.assert_frame_equal(survey.missing[archive.columns], archive.missing)


def test_a_csv_infers_only_what_is_certain(
    form: Questionnaire, responses: pd.DataFrame, structure: Path, tmp_path: Path
) -> None:
    survey = read_limesurvey(
        write_csv(form, responses, tmp_path / "r.csv", headers="code", answers="short"), structure
    )
    kinds = survey.missing
    assert kinds.loc[4, "EQU"] == "not_asked_or_no_answer"
    assert kinds.loc[4, "CLI[SQ001]"] == "no_answer"
    assert kinds.loc[7, "CLI[SQ001]"] == "not_reached"
    assert not survey.codebook["EQU"].missing_told_apart


def test_full_answers_keep_the_distinction_for_options(
    form: Questionnaire, responses: pd.DataFrame, structure: Path, tmp_path: Path
) -> None:
    survey = read_limesurvey(write_csv(form, responses, tmp_path / "r.csv"), structure)
    assert survey.missing.loc[4, "OUT[SQ001]"] == "no_answer"
    assert survey.missing.loc[7, "OUT[SQ001]"] == "not_reached"


def test_an_export_in_another_language_gives_the_same_codes(
    archive: Survey, form: Questionnaire, responses: pd.DataFrame, structure: Path, tmp_path: Path
) -> None:
    survey = read_limesurvey(write_csv(form, responses, tmp_path / "r.csv", language="en"), structure)
    pd.testing.assert_frame_equal(survey.answers[archive.columns], archive.answers)
    assert survey.report.language == "en"
    assert "« en »" in survey.report.notes[0]


@pytest.mark.parametrize("pair", [{"Y": "1", "N": "2"}, {"Y": "1", "N": "0"}, {"N": "2"}])
def test_converted_yes_and_no_are_undone_with_limesurveys_bug(
    archive: Survey,
    form: Questionnaire,
    responses: pd.DataFrame,
    structure: Path,
    tmp_path: Path,
    pair: dict[str, str],
) -> None:
    path = write_csv(form, responses, tmp_path / "r.csv", headers="code", answers="short", convert=pair)
    survey = read_limesurvey(path, structure)
    # LimeSurvey writes its "no" for a yes/no question left blank: that cell is lost, and the report says so.
    columns = [name for name in archive.columns if name != "ENC"]
    pd.testing.assert_frame_equal(survey.answers[columns], archive.answers[columns])
    assert survey.answers["ENC"].tolist()[:3] == ["Y", "N", "N"]
    assert "ENC" in survey.report.notes[0]


def test_a_choice_of_columns_is_read_and_the_rest_reported(
    form: Questionnaire, responses: pd.DataFrame, structure: Path, tmp_path: Path
) -> None:
    columns = ["id", "SEXE", "AGE", "CLI[SQ002]"]
    survey = read_limesurvey(write_csv(form, responses, tmp_path / "r.csv", columns=columns), structure)
    assert survey.columns == ["SEXE", "AGE", "CLI[SQ002]"]
    assert "LIB" in survey.report.absent


def test_participants_file_joins_by_access_code(
    form: Questionnaire, responses: pd.DataFrame, people: pd.DataFrame, structure: Path, tmp_path: Path
) -> None:
    tokens = write_participants(people, tmp_path / "tokens_111222.csv")
    path = write_csv(form, responses, tmp_path / "r.csv", headers="code", answers="short")
    survey = read_limesurvey(path, structure, tokens)
    assert survey.participants is not None
    found = survey.participants.open().set_index("id").loc[[1, 4], "attribute_1"]
    assert found.tolist() == ["Voirie", "Écoles"]
    assert "Voirie" not in repr(survey.participants)


def test_the_raw_file_is_not_changed(
    form: Questionnaire, responses: pd.DataFrame, structure: Path, tmp_path: Path
) -> None:
    path = write_csv(form, responses, tmp_path / "r.csv")
    path.chmod(0o444)
    before = path.read_bytes()
    read_limesurvey(path, structure)
    assert path.read_bytes() == before


def test_a_code_outside_its_list_is_kept_apart_and_counted(
    form: Questionnaire, responses: pd.DataFrame, structure: Path, tmp_path: Path
) -> None:
    odd = responses.assign(**{"CLI[SQ001]": ["9", None, None, None]})
    survey = read_limesurvey(
        write_csv(form, odd, tmp_path / "r.csv", headers="code", answers="short"), structure
    )
    assert survey.missing.loc[1, "CLI[SQ001]"] == "out_of_codes"
    assert survey.report.unknown == {"CLI[SQ001]": {"9": 1}}
