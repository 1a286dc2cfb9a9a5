"""Each format is what its readers expect: native Word tables, numbers in Excel, booktabs, accessible HTML and PDF."""

from __future__ import annotations

import csv
import io
from html.parser import HTMLParser
from typing import Any

import docx
import openpyxl
import pandas as pd
import pytest

from optima_research.errors import ExportError
from optima_research.language import using_language
from optima_research.publishing import csv as csv_format
from optima_research.publishing import docx as docx_format
from optima_research.publishing import html, latex, typst, xlsx
from optima_research.publishing._column_widths import LANDSCAPE_WIDTH, TEXT_WIDTH, column_widths
from optima_research.publishing.layout import Document, Heading, Paragraph, Picture, TableLayout, lay_out
from optima_research.results import Column, PublicationTable
from tests.publishing.conftest import make_table

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="50" height="50"><rect width="20" height="20"/></svg>'


@pytest.fixture
def document() -> Document:
    return Document("Titre", (lay_out(make_table()),), author="")


def word(document: Document) -> Any:
    return docx.Document(io.BytesIO(docx_format.render(document)))


def test_word_tables_are_native_with_repeated_heads_and_whole_rows(document: Document) -> None:
    (table,) = word(document).element.body.findall(f"{W}tbl")
    rows = table.findall(f"{W}tr")
    assert len(rows) == 2 + 4
    assert [row.find(f"{W}trPr/{W}tblHeader") is not None for row in rows] == [True] * 2 + [False] * 4
    assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)
    assert table.find(f"{W}tblPr/{W}tblDescription").get(f"{W}val").startswith("Tableau de 4 lignes")


def test_word_tables_have_three_rules_and_no_verticals(document: Document) -> None:
    table = word(document).element.body.find(f"{W}tbl")
    rows = table.findall(f"{W}tr")

    def rules(row: Any, side: str) -> set[str]:
        return {
            border.get(f"{W}sz") for border in row.iter(f"{W}{side}") if border.get(f"{W}val") == "single"
        }

    assert rules(rows[0], "top") == {"8"}
    assert rules(rows[1], "bottom") == {"4"}
    assert rules(rows[-1], "bottom") == {"8"}
    assert not rules(table, "left")
    assert not rules(table, "right")


def test_word_spanners_leave_no_empty_paragraph_behind(document: Document) -> None:
    table = word(document).element.body.find(f"{W}tbl")
    assert [cell.find(f"{W}tcPr/{W}gridSpan").get(f"{W}val") for cell in spanned(table)] == ["2", "3"]
    assert all(len(cell.findall(f"{W}p")) == 1 for cell in table.iter(f"{W}tc"))


def spanned(table: Any) -> list[Any]:
    return [cell for cell in table.iter(f"{W}tc") if cell.find(f"{W}tcPr/{W}gridSpan") is not None]


def test_word_captions_renumber_themselves_and_notes_follow_in_order(document: Document) -> None:
    paragraphs = word(document).paragraphs
    assert " SEQ Tableau \\* ARABIC " in paragraphs[0]._p.xpath("string(.//w:instrText)")
    assert (
        paragraphs[0].text.replace("\u00a0", " ") == "Tableau 1 – Satisfaction des agents de la Ville de Rezé"
    )
    assert [paragraph.text.split("\u00a0")[0] for paragraph in paragraphs[1:5]] == [
        "Lecture",
        "Champ",
        "Source",
        "Note",
    ]


def test_word_pages_are_a4_in_french_and_calibri(document: Document) -> None:
    page = word(document)
    assert (round(page.sections[0].page_width.cm, 1), round(page.sections[0].page_height.cm, 1)) == (
        21.0,
        29.7,
    )
    assert page.styles.element.xpath("//w:docDefaults//w:lang/@w:val") == ["fr-FR"]
    assert page.styles["Normal"].font.name == "Calibri"
    assert page.styles["Normal"].font.size.pt == 11


def test_word_columns_have_widths_that_fit_the_page(document: Document) -> None:
    widths, size = column_widths(document.tables[0])
    assert sum(widths) <= TEXT_WIDTH
    assert size >= 8
    grid = word(document).element.body.findall(f".//{W}gridCol")
    assert [int(column.get(f"{W}w")) for column in grid] == widths


def make_wide() -> TableLayout:
    body = pd.DataFrame({f"c{i}": [1234.5] for i in range(16)}, index=["Ligne"])
    return lay_out(PublicationTable("Large", body, tuple(Column(name, name) for name in body)))


def test_a_wide_table_turns_the_page_on_its_side() -> None:
    wide = make_wide()
    assert wide.is_wide
    assert TEXT_WIDTH < sum(column_widths(wide)[0]) <= LANDSCAPE_WIDTH
    page = word(Document("Large", (wide,))).sections[0]
    assert page.page_width > page.page_height
    assert typst.render(Document("Large", (wide,)))


def test_a_wide_table_of_a_report_turns_its_own_page_only(document: Document) -> None:
    blocks = (Paragraph("Avant"), *document.blocks, make_wide(), Paragraph("Après"))
    pages = word(Document("Rapport", blocks, is_report=True)).sections
    assert [page.page_width > page.page_height for page in pages] == [False, True, False]
    assert typst.render(Document("Rapport", blocks, is_report=True))


def test_decimal_marks_line_up() -> None:
    cells = [row.cells[1] for row in lay_out(make_table()).rows]
    assert cells == ["3,21", "2,90", "s\u2007\u2007\u2007", "–\u2007\u2007\u2007"]


def test_rows_of_two_levels_are_headed_by_the_first() -> None:
    index = pd.MultiIndex.from_tuples([("Sexe", "Femme"), ("Sexe", "Homme"), ("Âge", "< 30")])
    layout = lay_out(PublicationTable("T", pd.DataFrame({"n": [1, 2, 3]}, index=index), (Column("n", "n"),)))
    assert [(row.label, row.heading, row.indented) for row in layout.rows] == [
        ("Sexe", True, False),
        ("Femme", False, True),
        ("Homme", False, True),
        ("Âge", True, False),
        ("< 30", False, True),
    ]
    for renderer in (docx_format, html, latex, typst, xlsx, csv_format):
        assert renderer.render(Document("T", (layout,)))


def test_excel_keeps_numbers_as_numbers_under_a_format(document: Document) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx.render(document)))["Tableau 1"]
    assert [sheet.cell(5, column).value for column in range(1, 8)] == [
        "Culture",
        52,
        3.214,
        3.02,
        3.4,
        0.652,
        0.0004,
    ]
    assert [sheet.cell(5, column).number_format for column in (2, 3, 6)] == ["#,##0", "#,##0.00", "0.0\\ %"]
    assert sheet.cell(7, 2).value == "s"
    assert sheet.cell(8, 3).value is None
    assert sheet.cell(10, 1).value.startswith("Lecture")


def test_excel_never_takes_a_label_for_a_formula(document: Document) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx.render(document)))["Tableau 1"]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert sheet.cell(6, 8).value == "=SUM(A1)"
    assert "\u200b=SUM(A1)" in csv_format.render(document).decode("utf-8-sig")


def test_french_csv_opens_in_french_excel(document: Document) -> None:
    content = csv_format.render(document)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][:3] == ["Direction", "Répondants", "Satisfaction (1 à 5) – Moyenne"]
    assert rows[0][5] == "Satisfaits (%)"
    assert rows[2][:7] == ["Voirie & propreté", "1231", "2,9", "2,61", "3,19", "48,12", "0,036"]
    assert rows[3][1] == "s"


def test_a_csv_holds_one_table(document: Document) -> None:
    with pytest.raises(ExportError, match="un seul tableau"):
        csv_format.render(Document("T", document.blocks * 2))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("65,2\u00a0%", r"65,2~\%"),
        ("1\u202f234", r"1\,234"),
        ("\u22123", "$-$3"),
        (r"a\b", r"a\textbackslash{}b"),
        ("R_1 & #2 {x} $5 ~ ^", r"R\_1 \& \#2 \{x\} \$5 \textasciitilde{} \textasciicircum{}"),
        ("p < 0,001", r"p \textless{} 0,001"),
        ("χ² ≥ α", r"$\chi$\textsuperscript{2} $\geq$ $\alpha$"),
    ],
)
def test_latex_prints_every_character_as_it_is(text: str, written: str) -> None:
    assert latex.escape(text) == written


def test_latex_tables_are_booktabs_and_brackets_do_not_follow_a_line_break(document: Document) -> None:
    text = latex.render(document).decode()
    for command in ("toprule", "midrule", "bottomrule", "cmidrule(lr){3-4}", "caption", "label{tab:1}"):
        assert f"\\{command}" in text
    assert "{[3,02\\,; 3,40]}" in text
    assert "|" not in text.partition("tabular")[2].partition("\n")[0]


class Headings(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.scopes: list[str | None] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "th":
            self.scopes.append(dict(attrs).get("scope"))


def test_html_is_accessible_and_fetches_nothing(document: Document) -> None:
    page = html.render(Document("T", (*document.blocks, picture("Deux barres < trois")))).decode()
    parser = Headings()
    parser.feed(page)
    assert "caption" in parser.tags
    assert "script" not in parser.tags
    assert parser.scopes.count("row") == 4
    assert None not in parser.scopes
    assert 'alt="Deux barres &lt; trois"' in page
    assert "http" not in page.replace("http://www.w3.org", "")


def picture(alt: str) -> Picture:
    return Picture("Titre", alt, (), b"", SVG, b"", 8.0)


def test_pdf_is_tagged_archivable_and_in_french(document: Document) -> None:
    report = Document("Rapport", (Heading("Un"), Paragraph("Du #texte* _tel_ quel", "lead"), *document.blocks,
                                  picture("Un carré")), is_report=True)  # fmt: skip
    content = typst.render(report)
    assert content.startswith(b"%PDF")
    assert b"/Lang(fr-FR)" in content
    assert b"pdfuaid" in content
    assert b"pdfaid" in content
    assert all(tag in content for tag in (b"/S/Table", b"/S/TH", b"/S/Caption", b"/S/Figure", b"/S/H1"))
    assert typst.render(report) == content


def test_pdf_refuses_a_picture_without_words() -> None:
    with pytest.raises(ExportError, match="PDF"):
        typst.compile_template("document.typ", {**typst.document_data(Document("T", ())), "blocks": [
            {**typst.block_data(picture("x")), "alt": None}]}, {"figure-1.svg": SVG})  # fmt: skip


def test_english_tables_are_english_throughout() -> None:
    with using_language("en"):
        table: TableLayout = lay_out(make_table())
        assert table.caption == "Table\u00a01"
        assert table.rows[1].cells[0] == "1,231"
        assert table.notes[0].opening == "Reading: "
