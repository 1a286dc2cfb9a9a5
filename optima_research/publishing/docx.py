"""Word: native tables with APA rules, captions that renumber themselves, alternative texts, A4, French.

Tables are written as WordprocessingML rather than through python-docx cells: merged cells of python-docx keep an
empty paragraph that doubles the height of the heading.
"""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from optima_research.language import _
from optima_research.publishing._docx_table import indicators_xml, table_xml
from optima_research.publishing.files import stable_zip
from optima_research.publishing.layout import (
    Document,
    Heading,
    Indicators,
    Note,
    Paragraph,
    Picture,
    TableLayout,
)

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.section import Section

LANGUAGES = {"fr": "fr-FR", "en": "en-GB"}
FONT = "Calibri"
MARGIN, ONE_PAGE_MARGIN = 2.5, 2.0
DATE = datetime(2000, 1, 1)
"""Date in the file's properties: the day of the export is not part of the result."""

_ITALIC = '<w:b w:val="0"/><w:i/>'
NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)

_LEAD_BORDER = (
    f'<w:pBdr {NAMESPACES}><w:left w:val="single" w:sz="18" w:space="8" w:color="004488"/></w:pBdr>'
)


def render(document: Document) -> bytes:
    """Render a document as a Word file.

    Parameters
    ----------
    document : Document
        Laid out, with the texts of its audience.

    Returns
    -------
    bytes
        A ``.docx``: A4, margins of 2.5 cm, Calibri 11, tables as tables; equal documents give equal bytes.
    """
    import docx

    word = docx.Document()
    margin = ONE_PAGE_MARGIN if document.one_page else MARGIN
    _page(
        word.sections[0],
        margin,
        wide=not document.is_report and any(table.is_wide for table in document.tables),
    )
    _styles(word, document.language)
    _properties(word, document)
    if document.is_report:
        word.add_paragraph(document.title, style="Title")
        for line in filter(None, (document.subtitle, document.author)):
            word.add_paragraph(line, style="Subtitle")
        _page_numbers(word)
    for block in document.blocks:
        if document.is_report and isinstance(block, TableLayout) and block.is_wide:
            _turned(word, block)
        else:
            _add(word, block)
    content = io.BytesIO()
    word.save(content)
    return stable_zip(content.getvalue())


def caption_xml(block: TableLayout | Picture) -> str:
    """The caption paragraph: « Tableau n – Titre », where n is a field that Word renumbers.

    Parameters
    ----------
    block : TableLayout or Picture
        What is captioned.

    Returns
    -------
    str
        One ``w:p``, kept with what follows.
    """
    name = _("Table") if isinstance(block, TableLayout) else _("Figure")
    title = f" – {block.title}" if block.title else ""
    return (
        f'<w:p {NAMESPACES}><w:pPr><w:pStyle w:val="Caption"/><w:keepNext/></w:pPr>'
        f"{_run(name + chr(0xA0))}"
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> SEQ {name} \\* ARABIC </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        f"{_run(str(block.number))}"
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        f"{_run(title, _ITALIC)}</w:p>"
    )


def _add(word: WordDocument, block: Any) -> None:
    from docx.oxml import parse_xml

    if isinstance(block, Heading):
        word.add_heading(block.text, level=block.level)
        return
    if isinstance(block, Paragraph):
        style = {"bullet": "List Bullet", "lead": "Lead", "small": "Table Note"}.get(block.kind, "Normal")
        word.add_paragraph(block.text, style=style)
        return
    body = word.element.body
    if isinstance(block, Indicators):
        body.insert(len(body) - 1, parse_xml(indicators_xml(block, NAMESPACES)))
        word.add_paragraph()
        return
    _captioned(word, block)


def _captioned(word: WordDocument, block: TableLayout | Picture) -> None:
    """A table or a figure between its caption and its notes."""
    from docx.oxml import parse_xml

    body = word.element.body
    body.insert(len(body) - 1, parse_xml(caption_xml(block)))  # the last child holds the page's dimensions
    if isinstance(block, TableLayout):
        body.insert(len(body) - 1, parse_xml(table_xml(block, NAMESPACES)))
    else:
        _picture(word, block)
    for position, note in enumerate(block.notes):
        body.insert(len(body) - 1, parse_xml(note_xml(note, last=position == len(block.notes) - 1)))
    if not block.notes:
        word.add_paragraph(style="Table Note")


def _picture(word: WordDocument, picture: Picture) -> None:
    from docx.shared import Cm

    word.add_picture(io.BytesIO(picture.png), width=Cm(picture.width_cm))
    paragraph = word.paragraphs[-1]
    paragraph.paragraph_format.keep_with_next = True
    properties = paragraph._p.xpath(".//wp:docPr")[0]
    properties.set("name", picture.caption)
    properties.set("descr", picture.alt)
    for inner in paragraph._p.xpath(".//pic:cNvPr"):
        inner.set("name", f"figure-{picture.number}.png")
        inner.set("descr", picture.alt)


def note_xml(note: Note, *, last: bool) -> str:
    """One line under a table, kept with the next one but for the last."""
    keep = "" if last else "<w:keepNext/>"
    spacing = '<w:spacing w:after="240"/>' if last else ""
    return (
        f'<w:p {NAMESPACES}><w:pPr><w:pStyle w:val="TableNote"/>{keep}{spacing}</w:pPr>'
        f"{_run(note.opening, '<w:i/>')}{_run(note.text)}</w:p>"
    )


def _run(text: str, properties: str = "") -> str:
    if not text:
        return ""
    style = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{style}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _page(section: Section, margin: float, *, wide: bool) -> None:
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm

    short, long = Cm(21), Cm(29.7)
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (long, short) if wide else (short, long)
    section.left_margin = section.right_margin = Cm(margin)
    section.top_margin = section.bottom_margin = Cm(margin)


def _turned(word: WordDocument, block: Any) -> None:
    """A wide table of a report on a page of its own, turned on its side."""
    from docx.enum.section import WD_SECTION

    _page(word.add_section(WD_SECTION.NEW_PAGE), MARGIN, wide=True)
    _captioned(word, block)
    _page(word.add_section(WD_SECTION.NEW_PAGE), MARGIN, wide=False)


def _styles(word: WordDocument, language: str) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml import parse_xml
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    styles = word.styles
    defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for old in defaults.findall(qn("w:lang")):
        defaults.remove(old)
    tag = quoteattr(LANGUAGES[language])
    defaults.append(parse_xml(f'<w:lang {NAMESPACES} w:val={tag} w:eastAsia={tag} w:bidi="ar-SA"/>'))
    for unused in styles.element.xpath("./w:style[@w:type='table' and not(@w:default)]"):
        styles.element.remove(unused)  # a hundred coloured table styles that nobody asked for
    for name in ("Table Note", "Lead"):
        styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = styles["Normal"]
    sizes = {"Normal": 11, "Caption": 11, "Table Note": 9, "Title": 20, "Subtitle": 12}
    sizes |= {"Heading 1": 14, "Heading 2": 12, "Heading 3": 11, "Lead": 12, "List Bullet": 11}
    for name, size in sizes.items():
        style = styles[name]
        style.font.name, style.font.size = FONT, Pt(size)
        style.font.color.rgb = RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for slot in [slot for slot in fonts.attrib if slot.endswith("Theme")]:
            del fonts.attrib[slot]  # a theme font would win over Calibri
        for slot in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(slot), FONT)
    _spacing(styles)


def _spacing(styles: Any) -> None:
    from docx.oxml import parse_xml
    from docx.shared import Pt

    rules = {
        "Normal": (0, 6),
        "Caption": (12, 4),
        "Table Note": (2, 0),
        "Title": (0, 4),
        "Subtitle": (0, 6),
        "Heading 1": (18, 6),
        "Heading 2": (14, 4),
        "Heading 3": (10, 4),
        "Lead": (4, 8),
    }
    for name, (before, after) in rules.items():
        spacing = styles[name].paragraph_format
        spacing.space_before, spacing.space_after, spacing.line_spacing = Pt(before), Pt(after), 1.0
    styles["Caption"].font.bold = styles["Title"].font.bold = True
    styles["Subtitle"].font.italic = False
    for name in ("Title", "Subtitle"):
        for old in styles[name].element.xpath("./w:pPr/w:pBdr | ./w:rPr/w:spacing | ./w:rPr/w:kern"):
            old.getparent().remove(old)
    properties = styles["Lead"].element.get_or_add_pPr()
    properties.insert_element_before(parse_xml(_LEAD_BORDER), "w:spacing", "w:ind", "w:jc")


def _properties(word: WordDocument, document: Document) -> None:
    properties = word.core_properties
    properties.title = document.title
    properties.author = properties.last_modified_by = document.author
    properties.comments = properties.subject = properties.keywords = properties.category = ""
    properties.language = LANGUAGES[document.language]
    properties.created = properties.modified = DATE
    properties.revision = 1
    # python-docx's own first page as a picture, and a second copy of the styles for Word 2010.
    for relations, useless in (
        (word.part.package.rels, "/thumbnail"),
        (word.part.rels, "/stylesWithEffects"),
    ):
        for key in [key for key, relation in relations.items() if relation.reltype.endswith(useless)]:
            del relations[key]


def _page_numbers(word: WordDocument) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import parse_xml

    paragraph = word.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    field = f'<w:fldSimple {NAMESPACES} w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    paragraph._p.append(parse_xml(re.sub(r"\s+", " ", field)))
