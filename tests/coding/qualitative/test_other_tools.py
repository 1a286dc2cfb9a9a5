"""Taguette, QualCoder, MAXQDA, NVivo tables and plain tables give the same tidy project."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest

from optima_research.coding.qualitative.files.coded_table import read_coded_table, read_nvivo_matrix
from optima_research.coding.qualitative.files.maxqda import read_maxqda
from optima_research.coding.qualitative.files.qualcoder import read_qualcoder
from optima_research.coding.qualitative.files.taguette import read_taguette
from optima_research.errors import OptimaError, SourceError
from tests.coding.qualitative import tool_fixtures as make


def test_taguette_offsets_are_bytes_and_the_author_is_in_the_log(tmp_path):
    project = read_taguette(make.taguette(tmp_path / "p.sqlite3"))
    found = sorted(map(tuple, project.codings[["source", "text", "code", "coder"]].to_numpy().tolist()))
    expected = sorted((d, t, c, u) for d, t, codes, u in make.HIGHLIGHTS for c in codes)
    assert found == expected
    assert project.coders == ["anne", "bruno"]
    assert not project.report.warnings or "différ" not in " ".join(project.report.warnings)


def test_taguette_read_as_characters_would_be_wrong(tmp_path):
    project = read_taguette(make.taguette(tmp_path / "p.sqlite3"))
    late = project.codings[project.codings["text"] == "la réunion"].iloc[0]
    text = make.bare(make.HTML["Élue 1"])
    assert text[late["raw_start"] : late["raw_end"]] != "la réunion"


def test_taguette_blocks_do_not_run_together(tmp_path):
    project = read_taguette(make.taguette(tmp_path / "p.sqlite3"))
    assert project.text("DGS 2") == "Nous n’avons pas le temps 🚒.\nLa confiance, ça se mérite."
    assert project.text("Élue 1").startswith("Entretien\nC’est")


def test_taguette_untagged_highlights_stay_and_ids_are_taguettes(tmp_path):
    project = read_taguette(make.taguette(tmp_path / "p.sqlite3"))
    (note,) = project.notes.itertuples()
    assert project.text("DGS 2")[int(note.start) : int(note.end)] == "mérite"
    guid = project.codes.set_index("path")["guid"]
    assert guid["freins"].isupper()
    assert project.codes.set_index("path").loc["pilotage", "codable"] == False  # noqa: E712


def test_a_server_with_several_projects_asks_which(tmp_path):
    path = make.taguette(tmp_path / "p.sqlite3", projects=2)
    with pytest.raises(SourceError, match="Projet 2"):
        read_taguette(path)
    assert len(read_taguette(path, project="Projet 1").sources) == 2
    assert len(read_taguette(path, project=2).sources) == 0


def test_without_log_there_is_no_coder_and_it_is_said(tmp_path):
    project = read_taguette(make.taguette(tmp_path / "p.sqlite3", log=False))
    assert project.coders == []
    assert project.report.lost


def test_the_last_to_edit_a_highlight_is_its_coder(tmp_path):
    path = make.taguette(tmp_path / "p.sqlite3")
    base = sqlite3.connect(path)
    base.execute(
        """INSERT INTO commands VALUES (NULL, '2014', 'chloé', 1, 1, '{"type":"highlight_add","highlight_id":3}')"""
    )
    base.execute("INSERT INTO commands VALUES (NULL, '2014', 'x', 1, 1, '[[[')")
    base.commit()
    base.close()
    project = read_taguette(path)
    assert project.codings.set_index("text").loc["la réunion", "coder"] == "chloé"


@pytest.mark.parametrize("headings", ["id;document;tag;content", "document;tag;content"])
def test_taguette_tables_old_and_new(tmp_path, headings):
    rows = [("1", "E01", "a/b", "Le budget"), ("1", "E01", "c", "Le budget"), ("2", "E02", "c", "Rien")]
    width = headings.count(";") + 1
    lines = [headings, *(";".join(row[-width:]) for row in rows)]
    path = tmp_path / "highlights.csv"
    path.write_text("\n".join(lines), encoding="utf-8-sig")
    project = read_taguette(path)
    first = project.codings[project.codings["source"] == "E01"]
    assert first["code"].tolist() == ["a/b", "c"]
    assert first[["start", "end"]].drop_duplicates().to_numpy().tolist() == [[0, 9]]


@pytest.mark.parametrize("version", [8, 10, 14, 17])
def test_qualcoder_of_every_version(tmp_path, version):
    project = read_qualcoder(make.qualcoder(tmp_path / "p.qda", version=version))
    found = project.codings[["text", "code", "coder", "case", "memo"]].to_numpy().tolist()
    assert found == [
        ["un budget", "pilotage/budget", "anne", "Mairie de B", "à revoir"],
        ["un budget", "pilotage/budget", "bruno", "Mairie de B", ""],
        ["confiance", "confiance", "anne", "Mairie de B", ""],
    ]
    assert not project.codes.set_index("path").loc["pilotage", "codable"]
    assert project.cases["Habitants"].tolist() == [12000.0]
    assert project.memberships["start"].isna().all()
    assert set(project.notes["about"]) == {"annotation", "project"}
    assert project.regions[["source", "code", "x2", "y2"]].to_numpy().tolist() == [
        ["plan.png", "confiance", 15.0, 26.0]
    ]
    assert project.report.lost
    if version >= 16:
        assert "confiance/sous-code" in set(project.codes["path"])


def test_qualcoders_database_is_not_touched(tmp_path):
    folder = make.qualcoder(tmp_path / "p.qda")
    before = (folder / "data.qda").read_bytes()
    read_qualcoder(folder / "data.qda")
    assert (folder / "data.qda").read_bytes() == before
    assert [f.name for f in folder.iterdir()] == ["data.qda"]


@pytest.mark.parametrize("headings", [make.FRENCH, make.POLISH, make.GERMAN], ids=["fr", "pl", "de"])
def test_maxqda_headings_in_any_language(tmp_path, headings):
    project = read_maxqda(make.maxqda(tmp_path / "segments.xlsx", headings))
    assert project.codings["code"].tolist() == ["pilotage/budget", "usage", "pilotage/réunions"]
    assert project.codings["coder"].tolist() == ["Anne", "Anne", "Bruno"]
    assert project.codings["memo"].tolist() == ["central", "", ""]
    assert project.codings["start"].tolist()[:2] == [0, 0]
    assert project.attribute("Groupe de documents").tolist() == ["Élus", "Élus", "DGS"]
    assert any("poids" in m.casefold() or "weight" in m.casefold() for m in project.report.lost)


def test_a_maxqda_database_says_what_to_export(tmp_path):
    path = tmp_path / "projet.mx22"
    path.write_bytes(b"SQLite format 3\x00")
    with pytest.raises(SourceError, match="REFI-QDA"):
        read_maxqda(path)


def test_unknown_headings_are_an_error_that_lists_them(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("foo,bar\n1,2\n", encoding="utf-8")
    with pytest.raises(SourceError, match="foo"):
        read_maxqda(path)


def test_plain_tables_with_and_without_positions(tmp_path):
    path = tmp_path / "codages.csv"
    path.write_text("Entretien;Début;Fin;Code;Codeur\nE1;3;9;pilotage>budget;Anne\n", encoding="cp1252")
    project = read_coded_table(path, texts={"E1": "Le budget est voté."}, separator=">")
    assert project.codings[["text", "code", "coder"]].to_numpy().tolist() == [
        ["budget", "pilotage/budget", "Anne"]
    ]
    with pytest.raises(SourceError, match="E1"):
        read_coded_table(path, texts={"E2": ""})


def test_nvivo_matrices_lose_their_numbers(tmp_path):
    path = tmp_path / "matrice.csv"
    path.write_text(
        "\ufeff;1 : Élus;2 : DGS\n1 : Pilotage;12;3\n2 : Freins;0;1 205\n".replace("1 205", "1\u202f205"),
        encoding="utf-8",
    )
    matrix = read_nvivo_matrix(path)
    assert matrix.loc["Freins", "DGS"] == 1205
    assert list(matrix.columns) == ["Élus", "DGS"]


@pytest.mark.parametrize("reader", [read_taguette, read_qualcoder])
def test_broken_databases_are_clear_errors(tmp_path, reader):
    good = (
        make.taguette(tmp_path / "g.sqlite3")
        if reader is read_taguette
        else make.qualcoder(tmp_path / "g") / "data.qda"
    )
    data = good.read_bytes()
    for cut in (0, 10, 100, len(data) // 2, len(data) - 100):
        path = tmp_path / f"cut{cut}.db"
        path.write_bytes(data[:cut])
        with contextlib.suppress(OptimaError):
            reader(path)


@pytest.mark.parametrize("reader", [read_taguette, read_qualcoder])
def test_another_database_is_refused(tmp_path, reader):
    path = tmp_path / "autre.sqlite3"
    base = sqlite3.connect(path)
    base.execute(
        "CREATE VIEW documents AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x FROM c) SELECT x FROM c"
    )
    base.commit()
    base.close()
    with pytest.raises(SourceError):
        reader(path)
