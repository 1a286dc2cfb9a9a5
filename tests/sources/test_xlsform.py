"""Kobo and ODK data read with their form."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from optima_research.errors import SourceError
from optima_research.sources import read_xlsform
from optima_research.survey import Survey

SURVEY = [
    ["type", "name", "label::Français (fr)", "label::English (en)", "relevant"],
    ["start", "start", "", "", ""],
    ["begin group", "profil", "Profil", "Profile", ""],
    ["select_one accord", "avis", "Votre <b>avis</b> ?", "Your view?", ""],
    ["integer", "age", "Âge", "Age", "${avis} = '1'"],
    ["end group", "", "", "", ""],
    ["select_multiple outils", "outils", "Vos outils ?", "Your tools?", ""],
    ["geopoint", "lieu", "Où ?", "Where?", ""],
    ["text", "libre", "Autre chose ?", "Anything else?", ""],
]
CHOICES = [
    ["list_name", "name", "label::Français (fr)", "label::English (en)"],
    ["accord", "1", "Pas du tout d'accord", "Not at all"],
    ["accord", "2", "Tout à fait d'accord", "Fully"],
    ["outils", "agenda", "Agenda partagé", "Shared diary"],
    ["outils", "visio", "Visio", "Video"],
]
BOTH = """"start";"profil/avis";"profil/age";"outils";"outils/agenda";"outils/visio";"lieu";"libre";"_id"
"2026-03-02T08:00:00.000+01:00";"1";"034";"agenda visio";"1";"1";"43.3 -0.37 0 0";"N/A";"501"
"2026-03-02T09:00:00.000+01:00";"2";"";"visio";"0";"1";"";"";"503"
"2026-03-02T10:00:00.000+01:00";"";"";"";"";"";"";"";"502"
"""


@pytest.fixture
def form(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    sheets = {"survey": SURVEY, "choices": CHOICES, "settings": [["form_title"], ["Visite"]]}
    for number, (name, rows) in enumerate(sheets.items()):
        sheet = book.active if number == 0 else book.create_sheet()
        sheet.title = name  # type: ignore[union-attr]
        for row in rows:
            sheet.append(row)  # type: ignore[union-attr]
    book.save(tmp_path / "form.xlsx")
    return tmp_path / "form.xlsx"


def data(tmp_path: Path, text: str) -> Path:
    (tmp_path / "data.csv").write_text(text, encoding="utf-8-sig")
    return tmp_path / "data.csv"


@pytest.fixture
def survey(form: Path, tmp_path: Path) -> Survey:
    return read_xlsform(data(tmp_path, BOTH.replace("034", "34")), form)


def test_names_labels_and_groups_come_from_the_form(survey: Survey) -> None:
    book = survey.codebook
    assert survey.answers.index.tolist() == [501, 503, 502]
    assert survey.name == "Visite"
    assert book["avis"].question == "Votre avis ?"
    assert book["avis"].values == {1: "Pas du tout d'accord", 2: "Tout à fait d'accord"}
    assert book["avis"].is_ordered
    assert book["age"].condition == "${avis} = '1'"
    assert book["age"].group == "Profil"
    assert survey.answers["libre"].iloc[0] == "N/A"


def test_positions_are_set_apart(survey: Survey) -> None:
    assert survey.participants is not None
    assert survey.participants.columns == ["id", "lieu"]


@pytest.mark.parametrize("kept", ["both", "summary", "details"])
def test_multiple_answers_in_the_three_forms_are_the_same(form: Path, tmp_path: Path, kept: str) -> None:
    rows = [line.split(";") for line in BOTH.splitlines()]
    drop = {"both": (), "summary": (4, 5), "details": (3,)}[kept]
    text = "\n".join(";".join(cell for n, cell in enumerate(row) if n not in drop) for row in rows)
    survey = read_xlsform(data(tmp_path, text + "\n"), form)
    assert survey.answers["outils[agenda]"].fillna("").tolist() == ["Y", "", ""]
    assert survey.missing["outils[agenda]"].tolist()[1:] == ["no_answer", "not_asked_or_no_answer"]
    assert survey.codebook.item_set("outils").members == ("outils[agenda]", "outils[visio]")


def test_labels_in_another_language(form: Path, tmp_path: Path) -> None:
    survey = read_xlsform(data(tmp_path, BOTH), form, language="en")
    assert survey.codebook["avis"].question == "Your view?"


def test_an_unknown_language_is_refused(form: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        read_xlsform(data(tmp_path, BOTH), form, language="es")
    assert "Français (fr)" in str(caught.value.expected)


def test_data_of_another_form_are_refused(form: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        read_xlsform(data(tmp_path, '"x";"y"\n"1";"2"\n'), form)
    assert "avis" in str(caught.value.expected)


def test_a_workbook_that_is_no_form_is_refused(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "vide.xlsx")
    with pytest.raises(SourceError):
        read_xlsform(data(tmp_path, BOTH), tmp_path / "vide.xlsx")
