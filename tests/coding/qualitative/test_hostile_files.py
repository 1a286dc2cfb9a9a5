"""Damaged and hostile files end in a project or an OptimaError that says where and what to do."""

from __future__ import annotations

import random
import sqlite3
import zipfile

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import optima_research as opt
from optima_research.coding.qualitative.files._html_text import HtmlText
from optima_research.coding.qualitative.files.refi_qda_validate import validate
from optima_research.errors import OptimaError, SourceError
from tests.coding.qualitative import damage, refi_fixtures, tool_fixtures

HEAD = (
    '<?xml version="1.0" encoding="utf-8"?><Project xmlns="urn:QDA-XML:project:1.0" name="x" origin="NVivo">'
)
SETTINGS = settings(
    max_examples=40, deadline=5_000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _ends_well(read, path):
    """A project, a corpus, a table, or a complete refusal."""
    try:
        return read(path)
    except OptimaError as error:
        if not error.hint or not (error.where or error.parameter):
            pytest.fail(f"no place or no remedy: {error}")
        return None


def _qdpx(folder, xml, *, method=zipfile.ZIP_DEFLATED, **members):
    path = folder / "hostile.qdpx"
    with zipfile.ZipFile(path, "w", method) as file:
        file.writestr("project.qde", HEAD + xml)
        for name, data in members.items():
            file.writestr(f"sources/{name}.txt", data)
    return path


def _written(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


def _taguette(folder, *statements):
    path = tool_fixtures.taguette(folder / "hostile.sqlite3")
    base = sqlite3.connect(path)
    for statement, values in statements:
        base.execute(statement, values)
    base.commit()
    base.close()
    return path


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    folder = tmp_path_factory.mktemp("good")
    rows = "Entretien;Début;Fin;Code;Codeur\nE1;3;9;a/b;Anne\nE1;0;2;c;Bruno\n"
    sheet = "Nom du document;Groupe de documents;Code;Début;Fin;Segment\nE1;Élus;a > b;2;2;Le budget\n"
    corpus = "**** *rôle_élu *taille_\nÉLU : Le budget 😀.\n-*thème\nRien.\n0002 *rôle_dgs\r\nNon.\n"

    def placed(path):
        return opt.read_coded_table(path, texts={"E1": "Le budget est voté."})

    atlas = refi_fixtures.archive(folder, refi_fixtures.ATLAS, name="v.qdpx")
    matrix = _written(folder, "n.csv", ";1 : Élus\n1 : Budget;12\n")
    return {
        "qdpx": (refi_fixtures.archive(folder, refi_fixtures.NVIVO), opt.read_qdpx, damage.damaged_qdpx),
        "validate": (atlas, validate, damage.damaged_qdpx),
        "taguette": (tool_fixtures.taguette(folder / "t.sqlite3"), opt.read_taguette, damage.damaged_database),
        "qualcoder": (
            tool_fixtures.qualcoder(folder / "p.qda") / "data.qda", opt.read_qualcoder, damage.damaged_database,
        ),
        "maxqda": (_written(folder, "m.csv", sheet), opt.read_maxqda, damage.damaged_table),
        "table": (_written(folder, "c.csv", rows), placed, damage.damaged_table),
        "matrix": (matrix, opt.read_nvivo_matrix, damage.damaged_table),
        "iramuteq": (_written(folder, "i.txt", corpus), opt.read_iramuteq, damage.damaged_text),
    }  # fmt: skip


@pytest.mark.parametrize(
    "kind", ["qdpx", "validate", "taguette", "qualcoder", "maxqda", "table", "matrix", "iramuteq"]
)
@SETTINGS
@given(seed=st.integers(0, 2**32))
def test_any_damage_ends_in_a_project_or_a_complete_refusal(good, tmp_path, kind, seed):
    path, read, spoil = good[kind]
    target = tmp_path / path.name
    target.write_bytes(spoil(path.read_bytes(), random.Random(seed)))
    _ends_well(read, target)


@SETTINGS
@given(text=st.text(max_size=200), header=st.text(alphabet="*_ -aé01\t\r\n", max_size=40))
def test_any_text_is_a_corpus_or_a_refusal(tmp_path, text, header):
    path = _written(
        tmp_path, "c.txt", f"**** {header}\n".encode().decode() + text.encode("utf-8", "replace").decode()
    )
    corpus = _ends_well(opt.read_iramuteq, path)
    if corpus is not None:
        again = opt.read_iramuteq(opt.write_iramuteq(corpus, tmp_path / "again.txt"))
        pd.testing.assert_frame_equal(again.variables, corpus.variables)
        assert len(corpus.turns().texts) >= 0


@SETTINGS
@given(html=st.text(alphabet="<>/!?-=&;'\" abpré\n", max_size=80))
def test_html_never_loses_the_place(html):
    page = HtmlText(html)
    assert page.text.replace("\n", "") == page.counted.replace("\n", "")


@pytest.mark.parametrize("opening", ["<a ", "<!--", '<a b="', "<![CDATA[", "<![", "</a ", "<?", "<a b='\""])
def test_html_left_open_a_hundred_thousand_times_is_read_once(opening):
    HtmlText(opening * 100_000)


def test_memos_left_open_are_looked_for_once(tmp_path):
    with pytest.raises(SourceError):
        opt.read_qdpx(_qdpx(tmp_path, '<a b="&">' + "<Description>" * 60_000))


def test_an_empty_memo_does_not_swallow_what_follows(tmp_path):
    codes = '<CodeBook><Codes><Code guid="1" name="a"><Description/></Code><Code guid="2" name="b">'
    path = _qdpx(tmp_path, codes + "<Description>x & <y></Description></Code></Codes></CodeBook></Project>")
    found = opt.read_qdpx(path).codes.set_index("path")["description"]
    assert found.to_dict() == {"a": "", "b": "x & <y>"}


def test_a_name_as_long_as_a_book_is_not_repeated_in_every_code_below(tmp_path):
    inside = "".join(f'<Code guid="{i}" name="c"/>' for i in range(2, 3_000))
    xml = (
        f'<CodeBook><Codes><Code guid="1" name="{"a" * 500_000}">{inside}</Code></Codes></CodeBook></Project>'
    )
    path = _qdpx(tmp_path, xml, method=zipfile.ZIP_STORED)
    assert opt.read_qdpx(path).codes["path"].str.len().max() < 300


def test_a_text_covered_by_thousands_of_whole_spans_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("optima_research.coding.qualitative.projects.project._MOST_COPIED", 1_000)
    path = refi_fixtures.archive(tmp_path, refi_fixtures.NVIVO, texts={"E": "un budget " * 300})
    assert len(opt.read_qdpx(path).codings)
    with pytest.raises(SourceError, match="recouvrent"):
        opt.coded_project(
            pd.DataFrame({"name": ["E"], "text": ["a" * 900]}),
            pd.DataFrame({"source": "E", "start": [1, 2], "end": [900, 900], "code": "c"}),
        )


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_members_compressed_otherwise_are_refused(tmp_path, method):
    with pytest.raises(SourceError, match="inhabituelle"):
        opt.read_qdpx(_qdpx(tmp_path, "</Project>", method=method))


def test_a_reference_too_long_for_a_file_name_is_an_absent_text(tmp_path):
    source = f'<TextSource guid="s" name="s" plainTextPath="relative:///{"x" * 400}"/>'
    project = opt.read_qdpx(_qdpx(tmp_path, f"<Sources>{source}{source}</Sources></Project>"))
    assert project.text("s") == ""
    assert [message.count("« s (2) »") for message in project.report.warnings] == [0, 1]


@pytest.mark.parametrize("code", ["a/" * 50_000, "/".join(["é" * 400] * 90)])
def test_endless_paths_are_cut(tmp_path, code):
    path = _written(tmp_path, "c.csv", f"Entretien;Code;Texte\nE1;{code};x\n")
    for read in (opt.read_coded_table, opt.read_taguette):
        if read is opt.read_taguette:
            path = _taguette(tmp_path, ("UPDATE tags SET path = ? WHERE id = 1", (code,)))
        codes = read(path).codes["path"]
        assert codes.str.len().max() <= 1_000
        assert len(codes) < 80


def test_rows_without_code_or_document_are_told(tmp_path):
    path = _written(tmp_path, "c.csv", "Entretien;Code;Texte\nE1;;x\nE1; / ;y\n;b;z\n")
    project = opt.read_coded_table(path)
    assert project.codings[["source", "code"]].to_numpy().tolist() == [["document sans nom", "b"]]
    assert any("sans code" in message for message in project.report.lost)


def test_a_slash_in_a_name_is_no_level_when_another_separator_is_given(tmp_path):
    path = _written(tmp_path, "c.csv", "Entretien;Code;Texte\nE1;pilotage > coûts/recettes;x\n")
    assert opt.read_coded_table(path, separator=">").codings["code"].tolist() == ["pilotage/coûts∕recettes"]


def test_places_past_the_end_swapped_or_before_the_start_are_mended(tmp_path):
    rows = "E1;99999999999999999999;3;a\nE1;7;2;b\nE1;-4;2;c\nE1;5;5;d\n"
    path = _written(tmp_path, "c.csv", "Entretien;Début;Fin;Code\n" + rows)
    project = opt.read_coded_table(path, texts={"E1": "Le budget est voté."})
    found = project.codings.set_index("code")["text"].to_dict()
    assert found == {"a": "budget est voté.", "b": " budg", "c": "Le", "d": ""}
    assert len(project.report.of("repaired")) == 2


@pytest.mark.parametrize("place", ["inf", "nan", "2.5", "x", ""])
def test_places_that_are_no_whole_numbers_are_refused(tmp_path, place):
    path = _written(tmp_path, "c.csv", f"Entretien;Début;Fin;Code\nE1;{place};3;a\n")
    with pytest.raises(SourceError, match="lignes 2"):
        opt.read_coded_table(path, texts={"E1": "Le budget."})


def test_places_on_a_text_of_windows_follow_its_line_ends(tmp_path):
    text = "Bonjour 😀.\r\nLe budget est voté.\r\n"
    start = text.index("budget")
    path = _written(tmp_path, "c.csv", f"Entretien;Début;Fin;Code\nE1;{start};{start + 6};a\n")
    assert opt.read_coded_table(path, texts={"E1": text}).codings["text"].tolist() == ["budget"]


def test_a_table_whose_lines_end_as_on_old_macs_keeps_its_separator(tmp_path):
    path = _written(tmp_path, "c.csv", 'Entretien;Code;Texte\rE1;a;"b, c, d, e, f"\r')
    assert opt.read_coded_table(path).codings["text"].tolist() == ["b, c, d, e, f"]


def test_a_sheet_that_claims_a_thousand_million_rows_is_refused(tmp_path):
    path = tmp_path / "m.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["Nom du document", "Code", "Segment"])
    book.active.append(["E1", "a", "b"])
    book.save(path)
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    name = "xl/worksheets/sheet1.xml"
    sheet = members[name].replace(b"<dimension", b"<ignored").replace(b'<row r="2"', b'<row r="9999999999"')
    for cell in (b"A2", b"B2", b"C2"):
        sheet = sheet.replace(b' r="' + cell + b'"', b"")
    path.write_bytes(refi_fixtures.zipped(members | {name: sheet}))
    with pytest.raises(SourceError):
        opt.read_maxqda(path)


def test_a_maxqda_table_without_rows_is_an_empty_project(tmp_path):
    path = _written(tmp_path, "m.csv", "Nom du document;Code;Début;Fin;Segment\n")
    assert len(opt.read_maxqda(path).codings) == 0


def test_a_taguette_project_without_documents_or_tags_is_empty(tmp_path):
    for table in ("documents", "tags"):
        path = _taguette(tmp_path, (f"DELETE FROM {table}", ()))
        assert len(opt.read_taguette(path).codings) == 0
        path.unlink()


def test_tables_without_rowid_are_read_and_virtual_ones_are_not(tmp_path):
    statements = [
        ("CREATE TABLE d (id PRIMARY KEY, name, project_id, contents) WITHOUT ROWID", ()),
        ("INSERT INTO d SELECT id, name, project_id, contents FROM documents", ()),
        ("DROP TABLE documents", ()),
    ]
    path = _taguette(tmp_path, *statements, ("ALTER TABLE d RENAME TO documents", ()))
    assert len(opt.read_taguette(path).sources) == 2
    path.unlink()
    virtual = ("CREATE VIRTUAL TABLE documents USING fts5(id, name, project_id, contents)", ())
    with pytest.raises(SourceError, match="Taguette"):
        opt.read_taguette(_taguette(tmp_path, statements[2], virtual))


def test_pages_that_point_to_one_another_do_not_multiply_the_rows(tmp_path):
    many = ("INSERT INTO documents (name, contents) WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c "
            "WHERE x < 3000) SELECT x, hex(zeroblob(150)) FROM c")  # fmt: skip
    path = _taguette(tmp_path, (many, ()))
    base = sqlite3.connect(path)
    (root,) = base.execute("SELECT rootpage FROM sqlite_master WHERE name = 'documents'").fetchone()
    base.close()
    data = bytearray(path.read_bytes())
    size = int.from_bytes(data[16:18], "big")
    top = (root - 1) * size
    cells = [int.from_bytes(data[i : i + 2], "big") for i in range(top + 12, top + 18, 2)]
    pages = [int.from_bytes(data[top + c : top + c + 4], "big") for c in cells]
    n_cells = int.from_bytes(data[top + 3 : top + 5], "big")
    places = [int.from_bytes(data[i : i + 2], "big") for i in range(top + 12, top + 12 + 2 * n_cells, 2)]
    for page, child in ((pages[1], pages[0]), (pages[2], pages[1]), (root, pages[2])):
        copy = bytearray(data[top : top + size])
        for place in (*places, 8):
            copy[place : place + 4] = child.to_bytes(4, "big")
        data[(page - 1) * size : page * size] = copy
    path.write_bytes(data)
    with pytest.raises(SourceError, match="plus de lignes"):
        opt.read_taguette(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"a;b\n",
        b"variable,modalite,etoile\nrole,,r\nage,,r\n",
        b"variable,modalite,etoile\nr,,x\nr,,y\n",
        "variable,modalite,etoile\nrôle,,r\nâge,,r\n".encode("utf-16"),
    ],
)
def test_a_damaged_list_of_modalities_says_what_to_do(tmp_path, content):
    path = opt.write_iramuteq(opt.Corpus(["a", "b"], {"r": ["x", "y"], "s": ["z", "t"]}), tmp_path / "c.txt")
    (tmp_path / "c.modalites.csv").write_bytes(content)
    with pytest.raises(SourceError) as caught:
        opt.read_iramuteq(path)
    assert caught.value.hint


def test_a_list_of_modalities_saved_by_a_spreadsheet_is_still_read(tmp_path):
    path = opt.write_iramuteq(opt.Corpus(["a", "b"], {"rôle": ["chef·fe", "élu"]}), tmp_path / "c.txt")
    beside = tmp_path / "c.modalites.csv"
    beside.write_text(beside.read_text(encoding="utf-8").replace(",", ";"), encoding="cp1252", newline="\r\n")
    assert opt.read_iramuteq(path).variables["rôle"].tolist() == ["chef·fe", "élu"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_corpus_of_any_encoding_and_line_end(tmp_path, encoding, end):
    path = tmp_path / "c.txt"
    path.write_bytes(end.join(["**** *rôle_élu", "Été."]).encode(encoding))
    corpus = opt.read_iramuteq(path)
    assert corpus.variables["rôle"].tolist() == ["élu"]
    assert corpus.texts.tolist() == ["Été."]
    named = opt.read_iramuteq(path, encoding=encoding)
    assert named.texts.tolist() == ["Été."]


def test_an_empty_modality_comes_back(tmp_path):
    corpus = opt.Corpus(["a", "b"], {"age": ["", "40"]})
    again = opt.read_iramuteq(opt.write_iramuteq(corpus, tmp_path / "c.txt"))
    assert again.variables["age"].tolist() == ["", "40"]


def test_writing_where_one_cannot_is_an_export_error(tmp_path):
    corpus = opt.Corpus(["a"])
    with pytest.raises(opt.errors.ExportError, match=r"c\.txt"):
        opt.write_iramuteq(corpus, tmp_path / "absent" / "c.txt")


def test_a_text_without_speaking_turns_has_none_and_does_not_fail():
    assert opt.Corpus(["Rien du tout.", ""]).turns().texts.tolist() == ["Rien du tout."]


def test_changes_still_in_the_journal_of_the_tool_are_told(tmp_path):
    path = tool_fixtures.taguette(tmp_path / "t.sqlite3")
    base = sqlite3.connect(path)
    base.execute("PRAGMA journal_mode = WAL")
    base.execute("UPDATE documents SET name = 'E9' WHERE id = 1")
    base.commit()
    project = opt.read_taguette(path)
    base.close()
    assert any("t.sqlite3-wal" in message for message in project.report.warnings)
    assert not any("wal" in message for message in opt.read_taguette(path).report.warnings)


def test_codes_with_the_same_identifier_stay_two_and_nest(tmp_path):
    inner = '<Code guid="1" name="b"><Code name="c"><Code name="d"/></Code></Code>'
    spans = '<Coding guid="x"><CodeRef targetGUID="1"/></Coding>'
    path = _qdpx(
        tmp_path,
        f'<CodeBook><Codes><Code guid="1" name="a">{inner}</Code></Codes></CodeBook><Sources><TextSource guid="s" '
        f'name="s"><PlainTextContent>Texte</PlainTextContent>{spans}</TextSource></Sources></Project>',
    )
    project = opt.read_qdpx(path)
    assert project.codes["path"].tolist() == ["a", "a/b", "a/b/c", "a/b/c/d"]
    assert project.codings["code"].tolist() == ["a"]
    again = opt.read_qdpx(opt.write_qdpx(project, tmp_path / "again.qdpx"))
    assert again.codes["path"].tolist() == project.codes["path"].tolist()
    assert validate(tmp_path / "again.qdpx").empty


def test_a_tree_thousands_of_levels_deep_can_be_written_again(tmp_path):
    codes = "".join(f'<Code guid="{i}" name="c">' for i in range(3_000)) + "</Code>" * 3_000
    project = opt.read_qdpx(_qdpx(tmp_path, f"<CodeBook><Codes>{codes}</Codes></CodeBook></Project>"))
    assert len(opt.read_qdpx(opt.write_qdpx(project, tmp_path / "again.qdpx")).codes) == 3_000


def test_a_schema_that_is_no_text_is_a_refusal(tmp_path):
    path = tool_fixtures.taguette(tmp_path / "t.sqlite3")
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE tags", b"CREATE\xffTABLE tags"))
    with pytest.raises(SourceError):
        opt.read_taguette(path)


def test_highlights_repeated_a_thousand_times_do_not_multiply(tmp_path):
    twice = (
        "INSERT INTO highlight_tags SELECT a.highlight_id, a.tag_id FROM highlight_tags a, highlight_tags b",
        (),
    )
    copied = ("CREATE TABLE h AS SELECT a.* FROM highlights a, highlights b", ())
    path = _taguette(
        tmp_path, twice, copied, ("DROP TABLE highlights", ()), ("ALTER TABLE h RENAME TO highlights", ())
    )
    assert len(opt.read_taguette(path).codings) == 6


def test_one_text_for_thousands_of_sources_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("optima_research.coding.qualitative.files.refi_qda._MOST_REPEATED", 30)
    sources = "".join(f'<TextSource guid="{i}" name="s" plainTextPath="internal://t.txt"/>' for i in range(5))
    path = _qdpx(tmp_path, f"<Sources>{sources}</Sources></Project>", t="Un texte court")
    with pytest.raises(SourceError, match="partagent"):
        opt.read_qdpx(path)
    assert len(validate(path)) > 0


def test_cases_with_a_variable_each_are_one_table(tmp_path):
    n = 400
    known = "".join(f'<Variable guid="v{i}" name="v{i}" typeOfVariable="Integer"/>' for i in range(n))
    value = '<VariableValue><VariableRef targetGUID="v{0}"/><IntegerValue>{0}</IntegerValue></VariableValue>'
    cases = "".join(f'<Case guid="c{i}" name="c{i}">{value.format(i)}</Case>' for i in range(n))
    xml = f"<Variables>{known}</Variables><Cases>{cases}</Cases></Project>"
    frame = opt.read_qdpx(_qdpx(tmp_path, xml, method=zipfile.ZIP_STORED)).cases
    assert frame.shape == (n, n + 3)
    assert frame.loc[7, "v7"] == 7
    assert frame.loc[7].drop("v7").isna().sum() == n - 1


def test_headers_with_a_variable_each_are_refused_when_there_are_thousands(tmp_path, monkeypatch):
    monkeypatch.setattr("optima_research.coding.qualitative.words.iramuteq._MOST_CELLS", 50)
    path = _written(tmp_path, "c.txt", "".join(f"**** *v{i}_x\nt\n" for i in range(10)))
    with pytest.raises(SourceError, match="trop de variables"):
        opt.read_iramuteq(path)
