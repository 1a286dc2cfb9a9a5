"""What we write, we and an independent reader read back."""

from __future__ import annotations

import zipfile

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from optima_research.coding.qualitative.files.maxqda import read_maxqda
from optima_research.coding.qualitative.files.qualcoder import read_qualcoder
from optima_research.coding.qualitative.files.refi_qda import read_qdc, read_qdpx
from optima_research.coding.qualitative.files.refi_qda_validate import repair, validate
from optima_research.coding.qualitative.files.refi_qda_write import write_qdc, write_qdpx
from optima_research.coding.qualitative.files.taguette import read_taguette
from optima_research.coding.qualitative.projects.project import CodedProject, coded_project
from optima_research.language import using_language
from tests.coding.qualitative import refi_fixtures as make
from tests.coding.qualitative import tool_fixtures

PARTS = [
    "codes",
    "sources",
    "codings",
    "cases",
    "memberships",
    "variables",
    "notes",
    "sets",
    "regions",
    "users",
]
PROVENANCE = ["selection", "raw_start", "raw_end"]


def assert_same(before: CodedProject, after: CodedProject) -> None:
    for part in PARTS:
        left, right = getattr(before, part), getattr(after, part)
        if part == "codings":
            left, right = left.drop(columns=PROVENANCE), right.drop(columns=PROVENANCE)
        pd.testing.assert_frame_equal(left, right, check_dtype=False, obj=part)


def rich_archive(folder):
    """A project with everything a REFI-QDA file may hold."""
    variables = (
        f'<Variables><Variable guid="{make.guid("v")}" name="Statut" typeOfVariable="Text"/>'
        f'<Variable guid="{make.guid("w")}" name="Âge" typeOfVariable="Integer"/></Variables>'
        f'<Cases><Case guid="{make.guid("K")}" name="Mairie &amp; EPCI"><Description>Deux rôles</Description>'
        f'<VariableValue><VariableRef targetGUID="{make.guid("w")}"/><IntegerValue>52</IntegerValue></VariableValue>'
        f'<SourceRef targetGUID="{make.guid("E01 élue")}"/><SelectionRef targetGUID="{make.guid("sel")}"/>'
        f"</Case></Cases>"
    )
    extra = (
        f'<Notes><Note guid="{make.guid("n")}" name="Mémo"><PlainTextContent>Relire\n&amp; discuter</PlainTextContent>'
        f'</Note><Note guid="{make.guid("m")}" name="Sur un code"><PlainTextContent>Ambigu</PlainTextContent></Note>'
        f'</Notes><Sets><Set guid="{make.guid("s")}" name="Élus"><MemberCode targetGUID="{make.guid("freins")}"/>'
        f'<MemberSource targetGUID="{make.guid("E01 élue")}"/></Set></Sets>'
    )
    path = make.archive(
        folder,
        make.Tool("Essai", extra=extra),
        inner=variables,
        texts={"E01 élue": make.TEXT, "E02": "Rien."},
    )
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    own = (
        f'<PlainTextSelection guid="{make.guid("sel")}" startPosition="3" endPosition="9"/>'
        f'<PlainTextSelection guid="{make.guid("ann")}" name="a" startPosition="0" endPosition="9"><Description>ici'
        f'</Description></PlainTextSelection><PlainTextSelection guid="{make.guid("sn")}" startPosition="12" '
        f'endPosition="19"><NoteRef targetGUID="{make.guid("n")}"/></PlainTextSelection>'
        f'<Coding guid="{make.guid("whole")}"><CodeRef targetGUID="{make.guid("freins")}"/><NoteRef '
        f'targetGUID="{make.guid("m")}"/></Coding><VariableValue><VariableRef targetGUID="{make.guid("v")}"/>'
        f"<TextValue>titulaire</TextValue></VariableValue>"
    )
    qde = members["project.qde"].decode().replace("</TextSource>", own + "</TextSource>", 1)
    path.write_bytes(
        make.zipped(members | {"project.qde": qde.replace("</Sources>", pdf_xml() + "</Sources>")})
    )
    return path


def pdf_xml() -> str:
    """A page with a coded rectangle."""
    return (
        f'<PDFSource guid="{make.guid("pdf")}" name="DOB 2013" path="internal://dob.pdf"><PDFSelection '
        f'guid="{make.guid("ps")}" page="3" firstX="10" firstY="20" secondX="110" secondY="40"><Coding '
        f'guid="{make.guid("pc")}" creatingUser="{make.guid("Bruno")}"><CodeRef targetGUID="{make.guid("freins")}"/>'
        f"</Coding></PDFSelection></PDFSource>"
    )


def test_everything_survives_a_round_trip(tmp_path):
    before = read_qdpx(rich_archive(tmp_path))
    assert len(before.regions) == 1
    assert len(before.memberships) == 2
    assert set(before.notes["about"]) == {"selection", "coding", "annotation"}
    assert_same(before, read_qdpx(write_qdpx(before, tmp_path / "w.qdpx")))


@pytest.mark.parametrize(
    "tool", [make.NVIVO, make.ATLAS, make.QUALCODER, make.MAXQDA], ids=lambda t: t.origin
)
def test_every_tools_project_survives_a_round_trip(tmp_path, tool):
    before = read_qdpx(make.archive(tmp_path, tool))
    assert_same(before, read_qdpx(write_qdpx(before, tmp_path / "w.qdpx")))


def test_an_independent_reader_accepts_what_we_write(tmp_path):
    pyrefiqda = pytest.importorskip("pyrefiqda")
    project = read_qdpx(rich_archive(tmp_path))
    write_qdpx(project, tmp_path / "w.qdpx")
    model = pyrefiqda.RefiProject.load(tmp_path / "w.qdpx", extract_dir=str(tmp_path / "out"))
    selections = [s for source in model.sources.text_source for s in source.plain_text_selection]
    codings = [c for s in selections for c in s.coding]
    assert len(codings) == (~project.codings["whole_source"]).sum()
    first = selections[0]
    text = (tmp_path / "out" / "sources" / f"{model.sources.text_source[0].guid}.txt").read_text(
        encoding="utf-8"
    )
    assert text[first.start_position : first.end_position] == project.codings["text"].iloc[1]
    write_qdc(project, tmp_path / "w.qdc")
    assert pyrefiqda.RefiCodebook.load(tmp_path / "w.qdc").codes is not None


@pytest.mark.parametrize("reader", ["qualcoder", "taguette", "maxqda"])
def test_any_tools_project_becomes_valid_refi_qda(tmp_path, reader):
    pyrefiqda = pytest.importorskip("pyrefiqda")
    project = {
        "qualcoder": lambda: read_qualcoder(tool_fixtures.qualcoder(tmp_path / "p.qda")),
        "taguette": lambda: read_taguette(tool_fixtures.taguette(tmp_path / "t.sqlite3")),
        "maxqda": lambda: read_maxqda(tool_fixtures.maxqda(tmp_path / "s.xlsx", tool_fixtures.FRENCH)),
    }[reader]()
    path = write_qdpx(project, tmp_path / "w.qdpx")
    again = read_qdpx(path)
    keys = ["source", "case", "start", "end", "text", "code", "coder", "memo"]
    pd.testing.assert_frame_equal(again.codings[keys], project.codings[keys], check_dtype=False)
    assert len(again.regions) == len(project.regions)
    assert set(again.codes["path"]) == set(project.codes["path"])
    assert len(again.notes) == len(project.notes)
    assert validate(path).empty
    assert pyrefiqda.RefiProject.load(path, extract_dir=str(tmp_path / "out")).name


def test_a_page_with_its_text_survives(tmp_path):
    project = coded_project(
        pd.DataFrame(
            {"name": ["DOB"], "text": ["Le budget"], "kind": ["pdf"], "path": ["internal://dob.pdf"]}
        ),
        pd.DataFrame({"source": ["DOB"], "start": [3], "end": [9], "code": ["budget"], "coder": ["Anne"]}),
    )
    path = write_qdpx(project, tmp_path / "w.qdpx")
    again = read_qdpx(path)
    assert again.sources[["name", "text", "kind"]].to_numpy().tolist() == [["DOB", "Le budget", "pdf"]]
    assert again.codings["text"].tolist() == ["budget"]


def test_what_we_write_is_valid_and_what_tools_write_is_not(tmp_path):
    project = read_qdpx(rich_archive(tmp_path))
    assert validate(write_qdpx(project, tmp_path / "w.qdpx")).empty
    assert validate(write_qdc(project, tmp_path / "w.qdc")).empty
    rules = set(validate(make.archive(tmp_path, make.NVIVO))["rule"])
    assert rules == {"container", "text"}
    assert "namespace" in set(validate(make.archive(tmp_path, make.MAXQDA))["rule"])


def test_repair_gives_a_clean_file_with_the_same_codings(tmp_path):
    path = make.archive(tmp_path, make.NVIVO)
    clean = repair(path, tmp_path / "clean.qdpx")
    assert validate(clean).empty
    assert_same(read_qdpx(path), read_qdpx(clean))
    assert read_qdpx(clean).report.offsets["unit"].eq("codepoint").all()


def test_validation_names_the_fault(tmp_path):
    path = tmp_path / "x.qdc"
    path.write_text(
        '<CodeBook xmlns="urn:QDA-XML:codebook:1.0"><Codes><Code guid="1" name="a"/></Codes><Sets/></CodeBook>'
    )
    with using_language("en"):
        faults = validate(path)
    assert set(faults["rule"]) == {"attribute", "identifier", "structure"}
    assert "Attribute isCodable is missing." in set(faults["message"])


def test_the_same_project_gives_the_same_bytes(tmp_path):
    project = read_qdpx(make.archive(tmp_path, make.NVIVO))
    first = write_qdpx(project, tmp_path / "a.qdpx").read_bytes()
    assert write_qdpx(project, tmp_path / "b.qdpx").read_bytes() == first


def test_a_codebook_survives_a_round_trip(tmp_path):
    project = read_qdpx(make.archive(tmp_path, make.NVIVO))
    again = read_qdc(write_qdc(project, tmp_path / "w.qdc"))
    pd.testing.assert_frame_equal(project.codes, again.codes)


def test_our_own_files_are_taken_at_their_word(tmp_path):
    """Cuneiform beside digits: by the look of words alone, UTF-16 would seem likelier."""
    codings = pd.DataFrame({"source": ["E"], "start": [0], "end": [5], "code": ["c"], "coder": ["a"]})
    project = coded_project(pd.DataFrame({"name": ["E"], "text": ["000\U0001254400"]}), codings)
    assert read_qdpx(write_qdpx(project, tmp_path / "w.qdpx")).codings["end"].tolist() == [5]


words = st.text(
    st.characters(codec="utf-8", exclude_characters="/\r", exclude_categories=("Cc", "Cs", "Cn")),
    min_size=1,
    max_size=12,
)


@settings(
    max_examples=15,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_any_text_and_any_codes_survive(tmp_path, data):
    text = data.draw(
        st.text(
            st.characters(codec="utf-8", exclude_characters="\r\ufeff", exclude_categories=("Cs",)),
            max_size=60,
        )
    )
    places = st.integers(0, len(text))
    rows = data.draw(st.lists(st.tuples(places, places, words, words), max_size=6))
    codings = pd.DataFrame(
        [("é 1", min(a, b), max(a, b), " ".join(c.split()) or "c", d) for a, b, c, d in rows],
        columns=["source", "start", "end", "code", "coder"],
    ).drop_duplicates()
    project = coded_project(pd.DataFrame({"name": ["é 1"], "text": [text]}), codings)
    again = read_qdpx(write_qdpx(project, tmp_path / "w.qdpx"))
    assert again.sources["text"].tolist() == [text]
    keys = ["source", "start", "end", "text", "code", "coder"]
    pd.testing.assert_frame_equal(again.codings[keys], project.codings[keys], check_dtype=False)
