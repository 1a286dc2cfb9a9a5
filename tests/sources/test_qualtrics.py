"""Qualtrics exports, three header rows and two."""

from __future__ import annotations

from pathlib import Path

import pytest

from optima_research.errors import SourceError
from optima_research.sources import read_qualtrics

NAMES = (
    "StartDate,Status,IPAddress,Progress,ResponseId,LocationLatitude,Q1,Q2_1,Q2_2,Q3_1,Q3_2,Q4,Q4_3_TEXT,Q5"
)
TEXTS = (
    "Date de début,Type de réponse,Adresse IP,Progression,ID,Latitude,Votre avis ?,Accord - Entraide,Accord - Charge,"
    "Outils - Agenda,Outils - Visio,Pourquoi ?,Pourquoi ? - Autre,Trois choix"
)
IDS = ["startDate", "status", "ipAddress", "progress", "_recordId", "locationLatitude", "QID1", "QID2_1", "QID2_2",
       "QID3_1", "QID3_2", "QID4", "QID4_3_TEXT", "QID5"]  # fmt: skip
ROWS = """2026-03-02 08:00:00,IP Address,192.0.2.1,100,R_1,43.3,Parfois,Jamais,Souvent,Agenda,,Temps,,"1,3"
2026-03-02 09:00:00,Survey Preview,192.0.2.2,50,R_2,43.3,Souvent,Souvent,-99,,,Argent,texte,3
2026-03-02 09:30:00,IP Address,192.0.2.3,50,R_3,43.3,Parfois,Jamais,Jamais,Agenda,Visio,Temps,,1
2026-03-02 09:40:00,IP Address,192.0.2.4,50,R_4,43.3,Parfois,,,,,Temps,,
"""


def three_rows(tmp_path: Path) -> Path:
    ids = ",".join(f'"{{""ImportId"":""{name}""}}"' for name in IDS)
    (tmp_path / "q.csv").write_text("\n".join([NAMES, TEXTS, ids, ROWS]), encoding="utf-8")
    return tmp_path / "q.csv"


def test_wording_sets_and_kinds(tmp_path: Path) -> None:
    survey = read_qualtrics(three_rows(tmp_path))
    assert survey.n == 4
    assert survey.codebook["Q1"].question == "Votre avis ?"
    assert survey.codebook.item_set("Q2").kind == "grid"
    assert survey.codebook.item_set("Q3").kind == "multiple"
    assert survey.missing["Q2_2"].tolist()[1] == "no_answer"
    assert survey.missing["Q2_1"].tolist()[3] == "not_asked_or_no_answer"
    assert survey.frame("Q3_1", "Q3_2").iloc[0].tolist() == ["Oui", "Non"]
    assert survey.codebook["Q4_3_TEXT"].role == "other_text"


def test_choices_joined_by_commas_are_a_set(tmp_path: Path) -> None:
    survey = read_qualtrics(three_rows(tmp_path))
    assert survey.answers["Q5[1]"].fillna("").tolist() == ["Y", "", "Y", ""]
    assert survey.codebook.item_set("Q5").members == ("Q5[1]", "Q5[2]")


def test_addresses_positions_and_codes_are_set_apart_and_previews_counted(tmp_path: Path) -> None:
    survey = read_qualtrics(three_rows(tmp_path))
    assert survey.participants is not None
    assert survey.participants.columns == ["id", "IPAddress", "ResponseId", "LocationLatitude"]
    assert survey.report.notes[0].startswith("1 ")


def test_the_older_form_with_two_rows_and_a_trailing_comma(tmp_path: Path) -> None:
    rows = "\n".join(f"{line}," for line in [NAMES, TEXTS, *ROWS.strip().splitlines()])
    (tmp_path / "q.csv").write_text(rows + "\n", encoding="utf-8")
    survey = read_qualtrics(tmp_path / "q.csv")
    assert survey.n == 4
    assert survey.codebook["Q1"].question == "Votre avis ?"


def test_another_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n3,4\n5,6\n", encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read_qualtrics(tmp_path / "t.csv")
    assert caught.value.hint
