"""Every tool's archive gives the right words to the right coder, and the report says what was decided."""

from __future__ import annotations

import zipfile
from dataclasses import replace

import numpy as np
import pytest

from optima_research.coding.qualitative.files.refi_qda import read_qdc, read_qdpx
from optima_research.errors import OptimaError, SourceError
from optima_research.language import using_language
from tests.coding.qualitative import refi_fixtures as make

TOOLS = [make.NVIVO, make.ATLAS, make.QUALCODER, make.MAXQDA, make.QC]


@pytest.mark.parametrize("tool", TOOLS, ids=lambda t: t.origin)
def test_every_span_has_its_words(tmp_path, tool):
    project = read_qdpx(make.archive(tmp_path, tool))
    found = project.codings[project.codings["coder"] == "Bruno"]
    assert dict(zip(found["text"], found["code"], strict=True)) == make.SPANS
    assert project.coders == ["Anne", "Bruno"]
    assert "\r" not in project.sources["text"].iloc[0]
    assert not project.sources["text"].iloc[0].startswith("\ufeff")


def test_nvivo_counts_utf16_units_and_the_report_says_so(tmp_path):
    project = read_qdpx(make.archive(tmp_path, make.NVIVO))
    row = project.report.offsets.iloc[0]
    assert (row["unit"], row["newlines"], row["bom"]) == ("utf16", "crlf", "stripped")
    raw = project.codings["raw_start"] - project.codings["start"]
    assert raw.iloc[-1] > 3  # line ends and emoji before the last span


def test_a_tool_that_changes_its_habit_is_followed_by_evidence(tmp_path):
    honest = replace(make.NVIVO, utf16=False)
    project = read_qdpx(make.archive(tmp_path, honest))
    assert project.codings["text"].tolist() == [phrase for phrase in make.SPANS for _coder in "ab"]
    assert not project.report.offsets["follows_prior"].iloc[0]
    assert project.report.of("decision")


def test_an_unknown_tool_that_counts_utf16_is_found_out(tmp_path):
    stranger = make.Tool("Autre outil", utf16=True)
    project = read_qdpx(make.archive(tmp_path, stranger))
    assert project.report.offsets["unit"].iloc[0] == "utf16"
    assert set(project.codings["text"]) == set(make.SPANS)


def test_the_coder_is_the_codings_not_the_selections(tmp_path):
    project = read_qdpx(make.archive(tmp_path, make.NVIVO))
    assert (project.codings["coder"] == "Bruno").sum() == len(make.SPANS)
    with using_language("en"):
        assert "coding was followed" in read_qdpx(make.archive(tmp_path, make.NVIVO)).report


def test_a_coding_without_user_falls_back_on_the_selection_then_the_project(tmp_path):
    path = make.archive(tmp_path, make.QC)
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    bruno = f'creatingUser="{make.guid("Bruno")}"'.encode()
    members["project.qde"] = members["project.qde"].replace(bruno, b"")
    path.write_bytes(make.zipped(members))
    assert set(read_qdpx(path).codings["coder"]) == {"Anne"}


def test_one_name_under_two_parents_is_two_codes(tmp_path):
    codes = ["pratiques", "pratiques/citoyenneté", "valeurs", "valeurs/citoyenneté"]
    spans = {"un budget": "pratiques/citoyenneté", "manquent de temps": "valeurs/citoyenneté"}
    project = read_qdpx(make.archive(tmp_path, make.QC, spans=spans, codes=codes))
    assert set(project.codings["code"]) == {"pratiques/citoyenneté", "valeurs/citoyenneté"}
    assert project.codes["name"].tolist().count("citoyenneté") == 2


def test_braces_and_case_of_identifiers_do_not_matter(tmp_path):
    braced = replace(make.QC, braces=True)
    assert set(read_qdpx(make.archive(tmp_path, braced)).codings["code"]) == set(make.SPANS.values())


def test_two_sources_of_one_name_are_told_apart(tmp_path):
    path = make.archive(tmp_path, make.QC, texts={"Répondant A": make.TEXT, "Répondant B": make.TEXT})
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    qde = members["project.qde"].decode().replace('name="Répondant B"', 'name="Répondant A"')
    path.write_bytes(make.zipped(members | {"project.qde": qde}))
    project = read_qdpx(path)
    assert project.sources["name"].tolist() == ["Répondant A", "Répondant A (2)"]
    assert len(project.codings) == 20


CASES = (
    f'<Variables><Variable guid="{make.guid("v")}" name="Cases:Âge" typeOfVariable="Integer"/></Variables>'
    f'<Cases><Case guid="{make.guid("DGS de B")}" name="DGS de B"><VariableValue><VariableRef '
    f'targetGUID="{make.guid("v")}"/><IntegerValue>52</IntegerValue></VariableValue>'
    f'<SourceRef targetGUID="{make.guid("E01 élue")}"/></Case></Cases>'
)


def test_cases_and_their_variables_reach_the_codings(tmp_path):
    project = read_qdpx(make.archive(tmp_path, make.QC, inner=CASES))
    assert set(project.codings["case"]) == {"DGS de B"}
    assert project.cases["Âge"].tolist() == [52]
    assert project.attribute("Âge").unique().tolist() == [52]


def test_a_nameless_case_with_one_source_takes_its_name(tmp_path):
    project = read_qdpx(make.archive(tmp_path, make.MAXQDA, inner=CASES.replace('name="DGS de B"', "")))
    assert project.cases["name"].tolist() == ["E01 élue"]
    assert set(project.codings["case"]) == {"E01 élue"}


def test_an_nvivo_case_that_is_also_a_code_becomes_a_membership(tmp_path):
    case = f'<Cases><Case guid="{make.guid("freins")}" name="Mairie de B"/></Cases>'
    project = read_qdpx(make.archive(tmp_path, make.NVIVO, inner=case))
    assert "freins" not in set(project.codes["path"])
    members = project.memberships.iloc[0]
    assert members["case"] == "Mairie de B"
    start, end = int(members["start"]), int(members["end"])
    assert project.text("E01 élue")[start:end] == "manquent de temps"


def test_whole_source_codings_annotations_notes_and_sets_are_kept(tmp_path):
    note = (
        f'<Notes><Note guid="{make.guid("n")}" name="Mémo"><PlainTextContent>Relire &amp; discuter</PlainTextContent>'
        f'</Note></Notes><Links><Link guid="{make.guid("l")}" direction="OneWay" originGUID="{make.guid("n")}" '
        f'targetGUID="{make.guid("E01 élue")}"/></Links><Sets><Set guid="{make.guid("s")}" name="Élus">'
        f'<MemberSource targetGUID="{make.guid("E01 élue")}"/></Set></Sets>'
    )
    path = make.archive(tmp_path, replace(make.QC, extra=note))
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    whole = (
        f'<PlainTextSelection guid="{make.guid("a")}" startPosition="0" endPosition="9"><Description>ici</Description>'
        f'</PlainTextSelection><Coding guid="{make.guid("w")}"><CodeRef targetGUID="{make.guid("freins")}"/></Coding>'
    )
    qde = members["project.qde"].decode().replace("</TextSource>", whole + "</TextSource>")
    path.write_bytes(make.zipped(members | {"project.qde": qde}))
    project = read_qdpx(path)
    (coding,) = project.codings[project.codings["whole_source"]].itertuples()
    assert (coding.start, coding.end, coding.code) == (0, len(project.text("E01 élue")), "freins")
    assert set(project.notes["about"]) == {"source", "annotation"}
    assert "Relire & discuter" in set(project.notes["text"])
    assert project.sets[["set", "member"]].to_numpy().tolist() == [["Élus", "E01 élue"]]


def test_pdf_coordinates_are_kept_as_written(tmp_path):
    pdf = (
        f'<PDFSource guid="{make.guid("pdf")}" name="DOB 2013" path="internal://dob.pdf"><PDFSelection '
        f'guid="{make.guid("ps")}" page="3" firstX="10" firstY="20" secondX="110" secondY="40"><Coding '
        f'guid="{make.guid("pc")}"><CodeRef targetGUID="{make.guid("freins")}"/></Coding></PDFSelection></PDFSource>'
    )
    path = make.archive(tmp_path, make.QC)
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    qde = members["project.qde"].decode().replace("</Sources>", pdf + "</Sources>")
    path.write_bytes(make.zipped(members | {"project.qde": qde}))
    (region,) = read_qdpx(path).regions.itertuples()
    assert (region.source, region.code, region.page, region.x2) == ("DOB 2013", "freins", 3.0, 110.0)


def test_a_missing_text_and_a_zero_length_span_are_reported_not_fatal(tmp_path):
    path = make.archive(tmp_path, make.QC)
    with zipfile.ZipFile(path) as file:
        qde = file.read("project.qde")
    path.write_bytes(make.zipped({"project.qde": qde}))
    project = read_qdpx(path)
    assert project.report.warnings
    assert set(project.codings["text"]) == {""}


def test_unescaped_memos_are_mended(tmp_path):
    path = make.archive(tmp_path, make.QUALCODER)
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    qde = members["project.qde"].decode()
    note = f'<Notes><Note guid="{make.guid("n")}"><PlainTextContent>élus & agents <3</PlainTextContent></Note></Notes>'
    path.write_bytes(make.zipped(members | {"project.qde": qde.replace("</Project>", note + "</Project>")}))
    project = read_qdpx(path)
    assert "élus & agents <3" in set(project.notes["text"])
    assert project.report.of("repaired")


@pytest.mark.parametrize("member", ["../evil.txt", "/etc/evil", "C:/evil.txt", "sources\\..\\..\\evil"])
def test_paths_that_leave_the_archive_are_refused(tmp_path, member):
    path = tmp_path / "x.qdpx"
    path.write_bytes(make.zipped({"project.qde": "<Project/>", member: "x"}))
    with pytest.raises(SourceError):
        read_qdpx(path)


def test_a_bomb_is_refused_before_it_is_unzipped(tmp_path):
    path = tmp_path / "x.qdpx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("project.qde", "<Project/>")
        file.writestr("sources/a.txt", b"0" * (60 << 20))
    with pytest.raises(SourceError):
        read_qdpx(path)


def test_atlas_texts_beside_the_archive_are_found_and_nothing_else_is_read(tmp_path):
    path = make.archive(tmp_path, make.QC)
    with zipfile.ZipFile(path) as file:
        qde = file.read("project.qde").decode()
    name = f"{make.guid('E01 élue')}.txt"
    (tmp_path / name).write_bytes(make.TEXT.replace("\r\n", "\n").encode())
    beside = qde.replace("internal://", "relative:///")
    path.write_bytes(make.zipped({"project.qde": beside}))
    assert set(read_qdpx(path).codings["text"]) == set(make.SPANS)
    (tmp_path / "inner").mkdir()
    elsewhere = tmp_path / "inner" / "p.qdpx"
    elsewhere.write_bytes(make.zipped({"project.qde": qde.replace("internal://", "relative:///../")}))
    assert set(read_qdpx(elsewhere).codings["text"]) == {""}


def test_entities_are_refused(tmp_path):
    bomb = '<!DOCTYPE p [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Project name="&b;"/>'
    path = tmp_path / "x.qdpx"
    for declared in ("utf-8", "utf-16-le", "utf-32"):
        data = f'<?xml version="1.0" encoding="{declared}"?>{bomb}'.encode(declared)
        for mark in (b"", b"\xef\xbb\xbf", 2 * b"\xef\xbb\xbf"):
            path.write_bytes(make.zipped({"project.qde": mark + data}))
            with pytest.raises(SourceError):
                read_qdpx(path)


@pytest.mark.parametrize(
    "members", [{}, {"a.qde": "<Project/>", "b.qde": "<Project/>"}, {"project.qde": "<Autre/>"}]
)
def test_an_archive_that_is_no_project_is_refused(tmp_path, members):
    path = tmp_path / "x.qdpx"
    path.write_bytes(make.zipped(members))
    with pytest.raises(SourceError):
        read_qdpx(path)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9, 0.999])
def test_a_truncated_archive_is_a_clear_error(tmp_path, share):
    path = make.archive(tmp_path, make.NVIVO)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(OptimaError):
        read_qdpx(path)


def test_a_codebook_of_any_namespace_is_read(tmp_path):
    for name in ("urn:QDA-XML:codebook:1.0", "urn:QDA-XML:codebook:0:4", "urn:QDA-XML:codebook:1:0"):
        path = tmp_path / "grille.qdc"
        inner = make.code_xml(make.ALL_CODES, make.QC).removeprefix("<CodeBook>").removesuffix("</CodeBook>")
        path.write_text(f'<CodeBook xmlns="{name}" origin="x">{inner}<Sets/></CodeBook>', encoding="utf-8")
        assert read_qdc(path).codes["path"].tolist() == make.ALL_CODES


def test_a_tree_thousands_of_levels_deep_is_no_crash(tmp_path):
    path = tmp_path / "deep.qdc"
    depth = 20_000
    path.write_text(
        '<CodeBook xmlns="urn:QDA-XML:codebook:1.0"><Codes>'
        + "".join(f'<Code guid="{i}" name="c">' for i in range(depth))
        + "</Code>" * depth
        + "</Codes></CodeBook>",
        encoding="utf-8",
    )
    assert len(read_qdc(path).codes) == depth


def test_positions_far_beyond_the_text_are_cut(tmp_path):
    path = make.archive(tmp_path, make.QC)
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    qde = members["project.qde"].decode()
    broken = qde.replace('endPosition="', 'endPosition="9999999999999999999', 1).replace(
        'startPosition="', 'startPosition="-', 1
    )
    path.write_bytes(make.zipped(members | {"project.qde": broken}))
    project = read_qdpx(path)
    assert np.isfinite(project.codings["end"].to_numpy(dtype=float)).all()
    assert project.report.of("repaired")
