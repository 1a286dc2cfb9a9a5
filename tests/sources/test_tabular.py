"""Hand-kept tables, French CSV, Google and Microsoft Forms, Le Sphinx."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from optima_research.codebook import Codebook, ItemSet, Variable
from optima_research.errors import SourceError
from optima_research.sources import read_forms, read_sphinx, read_table

CSV = """Commune;Code INSEE;SIRET;Effectif;Budget;Satisfaction;Saisi le;Remarque;Courriel
Orthez;64430;20000000000001;1 234;1\u202f234,50 €;Plutôt satisfait;03/02/2026;NSP dit-il, mais content;a@example.org
Ambérieu;01053;00500000000002;12;3,5;NSP;13/02/2026;N/A;b@example.org
Ajaccio;2A004;20000000000003;NR;-2;Très satisfait;28/02/2026;;c@example.org
Lescar;64335;20000000000004;7;SO;Plutôt satisfait;01/03/2026;RAS;d@example.org
Mourenx;64410;20000000000005;9;0,75;Très satisfait;02/03/2026;Voir note;e@example.org
"""


def workbook(path: Path, rows: list[list[object]], *more: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    for number, content in enumerate((rows, *more)):
        sheet = book.active if number == 0 else book.create_sheet()
        for row in content:
            sheet.append(row)  # type: ignore[union-attr]
    book.save(path)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_french_csv_keeps_zeros_commas_and_day_first_dates(tmp_path: Path, encoding: str) -> None:
    text = CSV.replace("\u202f", "\xa0") if encoding == "cp1252" else CSV
    (tmp_path / "t.csv").write_text(text, encoding=encoding)
    survey = read_table(tmp_path / "t.csv")
    assert survey.answers["Code INSEE"].tolist()[1:3] == ["01053", "2A004"]
    assert survey.answers["Budget"].tolist()[:2] == [1234.5, 3.5]
    assert survey.answers["Saisi le"].iloc[0] == pd.Timestamp("2026-02-03")
    assert survey.answers["Effectif"].tolist()[0] == 1234
    assert survey.answers["Remarque"].tolist()[1] == "N/A"


def test_words_for_no_answer_are_kinds_of_missing_and_free_text_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(CSV, encoding="utf-8")
    survey = read_table(tmp_path / "t.csv")
    assert survey.missing["Effectif"].tolist()[2] == "no_answer"
    assert survey.missing["Budget"].tolist()[3] == "not_applicable"
    assert survey.missing["Satisfaction"].tolist()[1] == "dont_know"
    assert survey.codebook["Satisfaction"].is_ordered
    assert survey.answers["Remarque"].tolist()[0].startswith("NSP dit-il")


def test_identifying_columns_are_set_apart(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(CSV, encoding="utf-8")
    survey = read_table(tmp_path / "t.csv")
    assert "Courriel" not in survey.columns
    assert survey.participants is not None
    assert survey.participants.columns == ["id", "Courriel"]


def test_a_declared_codebook_decides(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("Q1;AGE\n1;34\nOui;NSP\n9;999\n3;41\n", encoding="utf-8")
    book = Codebook(
        [
            Variable("accord", source="Q1", values={1: "Oui", 2: "Non"}, missing={9: "refused"}),
            Variable("AGE", measure="ratio", missing={999: "no_answer"}),
        ]
    )
    survey = read_table(tmp_path / "t.csv", book)
    assert survey.answers["accord"].tolist()[:2] == [1, 1]
    assert survey.missing["accord"].tolist()[2:] == ["refused", "out_of_codes"]
    assert survey.report.unknown == {"accord": {"3": 1}}
    assert survey.missing["AGE"].tolist()[1:3] == ["dont_know", "no_answer"]


def test_a_column_the_file_does_not_have_is_refused_with_the_near_one(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("satisfaction;age\n1;2\n", encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read_table(tmp_path / "t.csv", Codebook([Variable("satisfation")]))
    assert "satisfaction" in str(caught.value.hint)


def test_titles_and_totals_of_a_hand_kept_sheet_are_set_apart_and_said(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "t.xlsx",
        [
            ["Tableau de suivi 2025"],
            [],
            ["Entreprise", "Effectif", "Vu le", "Oui ?"],
            ["Alpha", 12, dt.datetime(2026, 3, 2), True],
            ["Beta", 3.5, dt.datetime(2026, 3, 4), False],
            ["Total", 15.5, None, None],
        ],
    )
    survey = read_table(path)
    assert survey.n == 2
    assert survey.answers["Effectif"].tolist() == [12.0, 3.5]
    assert survey.answers["Vu le"].iloc[0] == pd.Timestamp("2026-03-02")
    assert len(survey.report.notes) == 2


def test_several_sheets_and_none_chosen_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["a", "b"], [1, 2]], [["c", "d"], [3, 4]])
    with pytest.raises(SourceError) as caught:
        read_table(path)
    assert "Sheet1" in str(caught.value.expected)
    assert read_table(path, sheet="Sheet1").columns == ["c", "d"]


def test_codes_rounded_by_a_spreadsheet_are_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("SIRET;n\n2,00027E+13;1\n", encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read_table(tmp_path / "t.csv")
    assert "SIRET" in str(caught.value.where)


def test_google_forms(tmp_path: Path) -> None:
    (tmp_path / "g.csv").write_text(
        '"Horodateur","Adresse e-mail","Votre service ?","Vos outils ?","Accord [Entraide]","Accord [Charge]"\n'
        '"03/02/2026 14:05:09","a@example.org","Voirie","Agenda;Visio","Jamais","Souvent"\n'
        '"04/02/2026 09:00:00","b@example.org","Écoles","Visio","Parfois","Jamais"\n'
        '"04/02/2026 10:00:00","c@example.org","Voirie","","Parfois",""\n',
        encoding="utf-8",
    )
    survey = read_forms(tmp_path / "g.csv")
    assert survey.columns == ["submitdate", "Q1", "Q2[1]", "Q2[2]", "Q3[1]", "Q3[2]"]
    assert survey.answers["submitdate"].iloc[0] == pd.Timestamp("2026-02-03 14:05:09")
    assert survey.frame("Q2[1]", "Q2[2]").iloc[0].tolist() == ["Oui", "Oui"]
    assert survey.codebook["Q2[1]"].label == "Visio"
    assert survey.missing["Q2[1]"].tolist()[2] == "not_asked_or_no_answer"
    assert list(survey.codebook["Q3[1]"].values) == ["Jamais", "Parfois"]
    assert survey.participants is not None


def test_microsoft_forms_with_its_trailing_semicolons(tmp_path: Path) -> None:
    header = ["ID", "Heure de début", "Heure de fin", "Adresse de messagerie", "Nom", "Vos\xa0outils", "Avis"]
    start = dt.datetime(2026, 2, 3, 9)
    rows: list[list[object]] = [
        header,
        [1, start, start, "a@example.org", "Anne", "Agenda;Visio;", "Très bien ; merci"],
        [3, start, start, "b@example.org", "Léa", "Visio;", None],
    ]
    survey = read_forms(workbook(tmp_path / "m.xlsx", rows))
    assert survey.answers.index.tolist() == [1, 3]
    assert survey.answers["Q1[1]"].tolist() == ["Y", "Y"]
    assert survey.codebook["Q1[1]"].label == "Visio"
    assert survey.answers["Q2"].tolist()[0] == "Très bien ; merci"
    assert survey.participants is not None
    assert survey.participants.columns == ["id", "Adresse de messagerie", "Nom"]


def test_sphinx_with_its_declared_codebook(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(
        "CLE;SEXE;OUTILS;AGE\n1;Une femme;Agenda;34\n2;Un homme;Non réponse;Non réponse\n".replace(
            "Agenda;34", '"Agenda;Visio";34'
        ),
        encoding="cp1252",
    )
    book = Codebook(
        [
            Variable("SEXE", values={1: "Un homme", 2: "Une femme"}),
            Variable("OUTILS[1]", label="Agenda", item_set="OUTILS"),
            Variable("OUTILS[2]", label="Visio", item_set="OUTILS"),
            Variable("AGE", measure="ratio"),
        ],
        [ItemSet("OUTILS", "multiple", ("OUTILS[1]", "OUTILS[2]"))],
    )
    survey = read_sphinx(tmp_path / "s.csv", book)
    assert survey.answers["SEXE"].tolist() == [2, 1]
    assert survey.answers["OUTILS[2]"].tolist()[0] == "Y"
    assert survey.missing["AGE"].tolist()[1] == "no_answer"


def test_a_table_is_no_form(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(CSV, encoding="utf-8")
    with pytest.raises(SourceError, match="Google"):
        read_forms(tmp_path / "t.csv")


def rezipped(path: Path, member: str, change: tuple[bytes, bytes]) -> Path:
    import zipfile

    with zipfile.ZipFile(path) as book:
        contents = {name: book.read(name) for name in book.namelist()}
    contents[member] = contents[member].replace(*change, 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in contents.items():
            book.writestr(name, content)
    return path


def test_entities_in_a_workbook_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["a", "b"], ["x", 2]])
    laughs = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><worksheet'
    with pytest.raises(SourceError):
        read_table(rezipped(path, "xl/worksheets/sheet1.xml", (b"<worksheet", laughs)))


def test_a_workbook_that_declares_a_million_columns_is_read_for_what_it_holds(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["a", "b"], ["x", 2], ["y", 3]])
    path = rezipped(path, "xl/worksheets/sheet1.xml", (b'ref="A1:B3"', b'ref="A1:XFD1048576"'))
    assert read_table(path).n == 2


def test_a_workbook_that_grows_out_of_proportion_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["a", "b"], ["x", 2]])
    with pytest.raises(SourceError) as caught:
        read_table(
            rezipped(path, "xl/styles.xml", (b"<styleSheet", b"<!--" + b" " * (90 << 20) + b"--><styleSheet"))
        )
    assert caught.value.hint


def test_formulas_typed_in_cells_stay_texts(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id;avis\n1;=1+1\n2;@SUM(A1)\n", encoding="utf-8")
    assert read_table(tmp_path / "t.csv").answers["avis"].tolist() == ["=1+1", "@SUM(A1)"]


def test_codes_under_their_heading_are_never_numbers_and_lost_zeros_are_said(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["SIRET", "Effectif"], [73282932000074, 3], [5500000000012, 4]])
    survey = read_table(path)
    assert survey.answers["SIRET"].tolist() == ["73282932000074", "5500000000012"]
    assert "restore_zeros" in survey.report.notes[0]
