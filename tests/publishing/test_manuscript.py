"""The author's own Word file: numbers linked by id, refreshed in place, audited; nothing else in it moves."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml

from optima_research.errors import ExportError
from optima_research.publishing import PublicationFigure, Register, manuscript
from optima_research.publishing import _wordml as wordml
from optima_research.results import Estimate, PublicationTable

W = wordml.W
NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def make_register(satisfaction: float = 3.214) -> Register:
    register = Register("demo")
    register.note("satisfaction", Estimate(satisfaction, 3.02, 3.40, se=0.095, n=52))
    register.note("part", 0.652, unit="%")
    return register


def make_manuscript(path: Path, *paragraphs: Any) -> Path:
    """A Word file; a paragraph is a text, or a list of runs (as Word cuts them)."""
    document = docx.Document()
    for runs in paragraphs:
        paragraph = document.add_paragraph()
        for position, text in enumerate([runs] if isinstance(runs, str) else runs):
            paragraph.add_run(text).bold = position == 0 and not isinstance(runs, str)
    document.save(str(path))
    return path


def texts(path: Path) -> list[str]:
    """What a reader reads, paragraph by paragraph (python-docx leaves out what is in controls)."""
    body = docx.Document(str(path)).element.body
    return ["".join(text.text or "" for text in paragraph.iter(f"{W}t")) for paragraph in body.iter(f"{W}p")]


def test_a_placeholder_becomes_a_control_wherever_word_cut_it(tmp_path: Path) -> None:
    path = make_manuscript(tmp_path / "a.docx", ["Moyenne : {", "{satis", "faction}", "} ; part : {{part}}."])
    report = manuscript.link(path, make_register())
    assert report.path == tmp_path / "a-optima.docx"
    assert texts(report.path) == ["Moyenne : 3,21 ; part : 65,2\u00a0%."]
    assert sorted(finding.id for finding in report.findings) == ["part", "satisfaction"]
    assert texts(path) == ["Moyenne : {{satisfaction}} ; part : {{part}}."]


def test_a_control_carries_its_id_twice_for_libreoffice(tmp_path: Path) -> None:
    path = make_manuscript(tmp_path / "a.docx", "{{satisfaction}}")
    report = manuscript.link(path, make_register(), output=tmp_path / "b.docx")
    (control,) = docx.Document(str(report.path)).element.body.iter(f"{W}sdt")
    names = [control.find(f"{W}sdtPr/{W}{kind}").get(f"{W}val") for kind in ("alias", "tag")]
    assert names == ["optima:satisfaction"] * 2
    assert control.find(f"{W}sdtPr/{W}id") is not None


def test_the_value_keeps_the_format_of_the_word_it_replaces(tmp_path: Path) -> None:
    path = make_manuscript(tmp_path / "a.docx", ["{{satisfaction}}", " sur 5"])
    report = manuscript.link(path, make_register())
    (control,) = docx.Document(str(report.path)).element.body.iter(f"{W}sdt")
    assert control.find(f"{W}sdtContent/{W}r/{W}rPr/{W}b") is not None


def test_values_follow_the_register_and_the_report_says_so(tmp_path: Path) -> None:
    linked = manuscript.link(
        make_manuscript(tmp_path / "a.docx", "{{satisfaction|ic}} et {{part}}"), make_register()
    )
    report = manuscript.refresh(linked.path, make_register(3.244))
    assert texts(tmp_path / "a-optima.docx") == ["3,24 [3,02\u202f; 3,40] et 65,2\u00a0%"]
    assert [finding.status for finding in report.findings] == ["updated", "ok"]
    assert "MIS À JOUR  satisfaction|ic 3,21" in repr(report)
    assert (tmp_path / "a-optima.docx.bak").exists()
    again = manuscript.refresh(linked.path, make_register(3.244))
    assert [finding.status for finding in again.findings] == ["ok", "ok"]


def test_an_unknown_id_is_left_as_typed_with_its_neighbour(tmp_path: Path) -> None:
    report = manuscript.link(make_manuscript(tmp_path / "a.docx", "{{satisfation}}"), make_register())
    assert texts(report.path) == ["{{satisfation}}"]
    assert not report.ok
    assert "« satisfaction »" in report.findings[0].hint


def test_a_control_under_revision_is_left_to_its_author(tmp_path: Path) -> None:
    linked = manuscript.link(make_manuscript(tmp_path / "a.docx", "{{part}}"), make_register())
    document = docx.Document(str(linked.path))
    (content,) = document.element.body.iter(f"{W}sdtContent")
    content.append(parse_xml(f"<w:ins {NAMESPACE}><w:r><w:t> environ</w:t></w:r></w:ins>"))
    document.save(str(linked.path))
    report = manuscript.refresh(linked.path, make_register())
    assert [finding.status for finding in report.findings] == ["tracked"]
    assert texts(linked.path) == ["65,2\u00a0% environ"]


def test_a_table_is_replaced_by_id_not_by_rank(tmp_path: Path, table: PublicationTable) -> None:
    path = make_manuscript(tmp_path / "a.docx", "Avant", "{{table:t1}}", "Après")
    linked = manuscript.link(path, make_register(), tables={"t1": table})
    body = docx.Document(str(linked.path)).element.body
    assert len(list(body.iter(f"{W}tbl"))) == 1
    changed = table.body.assign(mean=table.body["mean"] + 0.5)
    from dataclasses import replace

    report = manuscript.refresh(linked.path, make_register(), tables={"t1": replace(table, body=changed)})
    assert [finding.status for finding in report.findings] == ["updated"]
    text = texts(linked.path)
    assert (text[0], text[-1]) == ("Avant", "Après")
    assert "3,71" in text


def test_a_figure_is_replaced_by_id_with_its_words(tmp_path: Path, ax: Any) -> None:
    path = make_manuscript(tmp_path / "a.docx", "Avant", "{{figure:f1}}", "Après")

    def figure(alt: str) -> PublicationFigure:
        return PublicationFigure(ax, alt=alt, title="Une figure")

    linked = manuscript.link(path, make_register(), figures={"f1": figure("Deux barres")})
    first = docx.Document(str(linked.path))
    assert [picture.width.cm for picture in first.inline_shapes] == [pytest.approx(10.16, abs=0.01)]
    assert first.element.body.xpath(".//wp:docPr/@descr") == ["Deux barres"]
    again = manuscript.refresh(linked.path, make_register(), figures={"f1": figure("Deux barres")})
    assert [finding.status for finding in again.findings] == ["ok"]
    ax.patches[0].set_width(1.0)
    report = manuscript.refresh(linked.path, make_register(), figures={"f1": figure("Deux autres barres")})
    assert [finding.status for finding in report.findings] == ["updated"]
    second = docx.Document(str(linked.path))
    assert second.element.body.xpath(".//wp:docPr/@descr") == ["Deux autres barres"]
    assert len(second.inline_shapes) == 1


def test_the_rest_of_the_file_is_kept(tmp_path: Path) -> None:
    path = make_manuscript(tmp_path / "a.docx", "Texte sans nombre")
    report = manuscript.link(path, make_register())
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(report.path) as after:
        assert before.namelist() == after.namelist()
        for name in before.namelist():
            if name != "word/document.xml":
                assert before.read(name) == after.read(name), name


def test_the_audit_finds_what_is_stale_typed_by_hand_or_impossible(tmp_path: Path) -> None:
    path = make_manuscript(
        tmp_path / "a.docx",
        "La moyenne est de {{satisfaction}}, la part de {{part}} et {{pctt}}.",
        "Comme 65,2 % des agents en 2013 (intervalle à 95 %), 3 directions (n = 52), art. 12.",
        "Le test conclut (t(40) = 1,10 ; p = 0,030).",
    )
    linked = manuscript.link(path, make_register())
    report = manuscript.check(linked.path, make_register(3.244))
    found = {(finding.status, finding.id, finding.before) for finding in report.findings}
    assert ("stale", "satisfaction", "3,21") in found
    assert ("ok", "part", "65,2\u00a0%") in found
    assert ("unknown", "pctt", "{{pctt}}") in found
    assert ("orphan", "part", "65,2 %") in found
    assert ("orphan", "", "52") in found
    assert any(status == "inconsistent" for status, _id, _before in found)
    assert not any("2013" in before or "95" in before or before == "12" for _status, _id, before in found)


def test_footnotes_and_tables_are_read_too(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_table(1, 1).cell(0, 0).text = "{{part}}"
    document.sections[0].footer.paragraphs[0].text = "{{satisfaction}}"
    document.save(str(tmp_path / "a.docx"))
    assert manuscript.link(tmp_path / "a.docx", make_register()).count("linked") == 2


def test_characters_are_counted_as_journals_do(tmp_path: Path) -> None:
    path = make_manuscript(tmp_path / "a.docx", "Dix signes", ["cinq", "!"])
    assert manuscript.characters(path) == 15


def test_another_file_is_not_a_manuscript(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(b"%PDF")
    with pytest.raises(ExportError, match="Word"):
        manuscript.check(tmp_path / "a.docx", make_register())
    with pytest.raises(ExportError, match="manuscrit"):
        manuscript.check(tmp_path / "b.docx", make_register())


def test_tabs_and_breaks_beside_a_placeholder_are_kept(tmp_path: Path) -> None:
    document = docx.Document()
    run = document.add_paragraph().add_run("Part\t{{part}}")
    run.add_break()
    run.add_text("Moyenne {{satisfaction}}.")
    document.save(str(tmp_path / "a.docx"))
    report = manuscript.link(tmp_path / "a.docx", make_register())
    body = docx.Document(str(report.path)).element.body
    assert texts(report.path) == ["Part65,2\u00a0%Moyenne 3,21."]
    assert len(list(body.iter(f"{W}tab"))) == 1
    assert len(list(body.iter(f"{W}br"))) == 1
    assert [finding.id for finding in report.findings] == ["part", "satisfaction"]


def test_a_table_or_figure_that_is_not_given_is_unknown(
    tmp_path: Path, table: PublicationTable, ax: Any
) -> None:
    path = make_manuscript(tmp_path / "a.docx", "{{table:t1}}", "{{figure:f1}}")
    assert manuscript.link(path, make_register()).count("unknown") == 2
    linked = manuscript.link(
        path, make_register(), tables={"t1": table}, figures={"f1": PublicationFigure(ax, alt="Deux barres")}
    )
    assert manuscript.refresh(linked.path, make_register()).count("unknown") == 2
    assert manuscript.check(linked.path, make_register()).ok


def test_a_control_whose_result_is_gone_is_unknown(tmp_path: Path) -> None:
    linked = manuscript.link(make_manuscript(tmp_path / "a.docx", "{{part}}"), make_register())
    empty = Register("demo")
    for report in (manuscript.check(linked.path, empty), manuscript.refresh(linked.path, empty)):
        assert [finding.status for finding in report.findings] == ["unknown"]
    assert report.frame()["before"].tolist() == ["65,2\u00a0%"]
