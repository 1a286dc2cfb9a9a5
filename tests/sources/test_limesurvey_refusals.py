"""Bad input ends in one clear error that says where and what to do, and nothing is lost on the way."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pandas as pd
import pytest

from optima_research.errors import SourceError
from optima_research.simulation.limesurvey import (
    Group,
    Question,
    Questionnaire,
    write_csv,
    write_lsa,
    write_lss,
)
from optima_research.sources import read_limesurvey


@pytest.fixture
def csv(form: Questionnaire, responses: pd.DataFrame, tmp_path: Path) -> Path:
    return write_csv(form, responses, tmp_path / "r.csv", headers="code", answers="short")


@pytest.fixture
def lsa(form: Questionnaire, responses: pd.DataFrame, tmp_path: Path) -> Path:
    return write_lsa(form, responses, tmp_path / "a.lsa")


def refused(*arguments: Path | None) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read_limesurvey(*arguments)  # type: ignore[arg-type]
    assert caught.value.hint, "an error without a way out"
    assert caught.value.where or caught.value.parameter
    return caught.value


def test_a_csv_of_another_survey_is_refused_by_name(csv: Path, tmp_path: Path) -> None:
    questions = [Question(f"AUTRE{n}", "S", f"Question {n}") for n in range(9)]
    other = write_lss(Questionnaire("Autre", [Group("G", questions)]), tmp_path / "autre.lss")
    error = refused(csv, other)
    assert "SEXE" in str(error.got)
    assert "AUTRE0" in str(error.expected)


def test_a_csv_of_texts_without_structure_asks_for_it(
    form: Questionnaire, responses: pd.DataFrame, tmp_path: Path
) -> None:
    assert refused(write_csv(form, responses, tmp_path / "t.csv")).parameter == "structure"


def test_a_file_that_is_not_there_proposes_the_near_name(csv: Path) -> None:
    assert "r.csv" in str(refused(csv.with_name("rr.csv")).hint)


def test_lost_zeros_are_refused(csv: Path, structure: Path) -> None:
    text = csv.read_text(encoding="utf-8-sig").replace('"', "").replace(",01,", ",1,").replace(",", ";")
    kept = [line for line in text.splitlines() if line.count(";") == text.splitlines()[0].count(";")]
    csv.write_text("\n".join(kept), encoding="cp1252")
    error = refused(csv, structure)
    assert "DIR" in str(error.where)
    assert error.expected == "01"


def test_dates_rewritten_by_a_spreadsheet_are_refused(csv: Path, structure: Path) -> None:
    csv.write_text(csv.read_text(encoding="utf-8-sig").replace("2026-03-02 11:56:00", "02/03/2026 11:56"))
    assert "submitdate" in str(refused(csv, structure).where)


def test_a_harmless_copy_is_read_and_said(csv: Path, structure: Path) -> None:
    csv.write_bytes(csv.read_bytes().removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n"))
    survey = read_limesurvey(csv, structure)
    assert survey.n == 4
    assert "fins de ligne Unix" in survey.report.notes[0]


def test_a_line_too_short_is_named_without_its_content(csv: Path, structure: Path) -> None:
    csv.write_bytes(csv.read_bytes() + b'"11","secret@example.org"\r\n')
    error = refused(csv, structure)
    assert error.got == 2
    assert "secret" not in str(error)


def test_a_csv_cut_within_a_cell_is_refused(csv: Path, structure: Path) -> None:
    csv.write_bytes(csv.read_bytes()[:-9])
    refused(csv, structure)


def test_ids_used_twice_are_refused(csv: Path, structure: Path) -> None:
    header, *lines = csv.read_bytes().split(b"\r\n")[:-1]
    csv.write_bytes(b"\r\n".join([header, *lines, *lines, b""]))
    assert "id" in str(refused(csv, structure).where)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_archive_is_refused(lsa: Path, share: float) -> None:
    data = lsa.read_bytes()
    lsa.write_bytes(data[: int(len(data) * share)])
    refused(lsa)


def rewrite(lsa: Path, **members: bytes) -> None:
    with zipfile.ZipFile(lsa) as archive:
        kept = {name: archive.read(name) for name in archive.namelist()}
    kept |= {f"survey_111222{suffix}": content for suffix, content in members.items()}
    with zipfile.ZipFile(lsa, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in kept.items():
            if content:
                archive.writestr(name, content)


def test_an_archive_without_responses_says_so(lsa: Path) -> None:
    rewrite(lsa, **{"_responses.lsr": b""})
    assert "responses.lsr" in str(refused(lsa))


def test_a_zip_bomb_is_refused_before_it_grows(lsa: Path) -> None:
    rewrite(lsa, **{"_responses.lsr": b"0" * (100 << 20)})
    refused(lsa)


@pytest.mark.parametrize("name", ["../evil.lss", "/etc/evil.lss", "C:\\evil.lss"])
def test_a_member_outside_the_archive_is_refused(lsa: Path, name: str) -> None:
    with zipfile.ZipFile(lsa, "a") as archive:
        archive.writestr(name, "x")
    refused(lsa)


@pytest.mark.parametrize(
    "declaration", ['<!DOCTYPE a [<!ENTITY b "c">]>', '<!DOCTYPE a SYSTEM "file:///etc/passwd">']
)
def test_entities_and_document_types_are_refused(
    structure: Path, csv: Path, tmp_path: Path, declaration: str
) -> None:
    text = structure.read_text(encoding="utf-8").replace("<document>", declaration + "<document>", 1)
    path = tmp_path / "e.lss"
    path.write_text(text, encoding="utf-8")
    assert path.name in str(refused(csv, path).where)


def test_a_null_byte_is_refused(csv: Path, structure: Path) -> None:
    csv.write_bytes(csv.read_bytes().replace(b"tok1", b"to\x001"))
    assert "r.csv" in str(refused(csv, structure).where)


def test_two_encodings_in_one_file_are_refused(csv: Path, structure: Path) -> None:
    csv.write_bytes(csv.read_bytes().removeprefix(b"\xef\xbb\xbf") + "é".encode("cp1252"))
    refused(csv, structure)


def test_a_wording_asked_twice_and_found_once_is_refused(tmp_path: Path) -> None:
    form = Questionnaire(
        "T", [Group("G", [Question(code, "S", "Pourquoi ?") for code in ("P1", "P2", "P3")])]
    )
    rows = pd.DataFrame({"P1": ["a"], "P2": ["b"], "P3": ["c"]}, index=[1])
    path = write_csv(form, rows, tmp_path / "r.csv", columns=["id", "P1", "P3"])
    assert "pourquoi" in str(refused(path, write_lss(form, tmp_path / "s.lss")).got)


def test_participants_without_access_code_are_refused(csv: Path, structure: Path, tmp_path: Path) -> None:
    people = tmp_path / "p.csv"
    people.write_text('"firstname","email"\n"Anne","a@example.org"\n', encoding="utf-8")
    assert "token" in str(refused(csv, structure, people))


def test_an_export_without_responses_says_so(form: Questionnaire, structure: Path, tmp_path: Path) -> None:
    path = write_csv(form, pd.DataFrame(index=[1]), tmp_path / "r.csv", headers="code", answers="short")
    header = path.read_bytes().split(b"\r\n")[0]
    for line in (b"", b",".join([b'""'] * (header.count(b'","') + 1)) + b"\r\n"):
        path.write_bytes(header + b"\r\n" + line)
        assert "aucune réponse" in str(refused(path, structure))


def test_the_structure_may_come_from_an_archive(csv: Path, lsa: Path) -> None:
    assert read_limesurvey(csv, lsa).n == 4


def test_meta_headings_in_a_language_we_do_not_know_are_taken_by_position(
    form: Questionnaire, responses: pd.DataFrame, structure: Path, tmp_path: Path
) -> None:
    path = write_csv(form, responses, tmp_path / "r.csv")
    text = path.read_text(encoding="utf-8-sig")
    words = {
        "ID de la réponse": "Antwort ID",
        "Date de soumission": "Datum",
        "Dernière page": "Letzte Seite",
        "Langue de départ": "Start-Sprache",
        "Tête de série": "Zufallsstartwert",
        "Code d'accès": "Zugangscode",
    }
    for known, unknown in words.items():
        text = text.replace(f'"{known}"', f'"{unknown}"')
    path.write_text(text, encoding="utf-8-sig", newline="")
    survey = read_limesurvey(path, structure)
    assert survey.answers.index.tolist() == [1, 4, 7, 9]
    assert survey.answers["lastpage"].tolist() == [3, 3, 1, 0]
    assert "Zugangscode" not in survey.columns


def test_a_first_column_that_cannot_be_named_and_a_column_of_addresses_are_set_apart(
    form: Questionnaire, responses: pd.DataFrame, structure: Path, tmp_path: Path
) -> None:
    path = write_csv(form, responses.assign(LIB="x"), tmp_path / "r.csv")
    header, *lines = path.read_text(encoding="utf-8-sig").splitlines()
    more = [
        f'"Zugang",{header},"Mon contact"',
        *(f'"abc{n}",{line},"a{n}@example.org"' for n, line in enumerate(lines)),
    ]
    path.write_text("\r\n".join(more) + "\r\n", encoding="utf-8-sig", newline="")
    survey = read_limesurvey(path, structure)
    assert not {"Zugang", "Mon contact"} & set(survey.columns)
    assert survey.participants is not None
    assert {"Zugang", "Mon contact"} <= set(survey.participants.columns)
