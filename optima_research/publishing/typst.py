"""PDF by Typst: no TeX needed, tagged and accessible (PDF/UA-1, PDF/A-2a), the same bytes for the same content.

The template reads the document as JSON, so no text of a table can be taken for markup; the compiler refuses a picture
without alternative text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from optima_research.errors import ExportError
from optima_research.language import _
from optima_research.publishing._column_widths import column_widths
from optima_research.publishing.layout import Block, Document, Heading, Note, Picture, Row, TableLayout

Standard = Literal["a-2a", "ua-1"]
STANDARDS: tuple[Standard, ...] = ("a-2a", "ua-1")
TEMPLATES = Path(__file__).parent / "templates"
DATE = datetime(2000, 1, 1, tzinfo=UTC)


def render(document: Document) -> bytes:
    """Render a document as an accessible PDF.

    Parameters
    ----------
    document : Document
        Laid out, with the texts of its audience.

    Returns
    -------
    bytes
        A PDF/A-2a that is also PDF/UA-1, with its fonts.

    Raises
    ------
    ExportError
        Typst is not installed, or refuses the document; a one-page document takes more than a page.
    """
    pictures = {f"figure-{picture.number}.svg": picture.svg for picture in document.pictures}
    pdf = compile_template("document.typ", document_data(document), pictures)
    pages = re.search(rb"NPages>(\d+)<", pdf)
    if document.one_page and pages and int(pages[1]) > 1:
        raise ExportError(
            _("This one-page report takes {n} pages.", n=int(pages[1])),
            hint=_("Shorten it: fewer indicators or sentences, or a narrower figure (width=“column”)."),
        )
    return pdf


def compile_template(template: str, data: Any, files: Mapping[str, bytes] | None = None) -> bytes:
    """Compile a template of the package with its data.

    Parameters
    ----------
    template : str
        File name in ``publishing/templates``.
    data : object
        What the template reads as ``document.json``.
    files : mapping of str to bytes, optional
        Pictures it includes.

    Returns
    -------
    bytes
        The PDF.

    Raises
    ------
    ExportError
        Typst is not installed, or refuses the document.
    """
    try:
        import typst
    except ImportError as error:
        raise ExportError(
            _("PDF files need Typst, which is not installed here."),
            hint=_("Install it (pip install typst), or leave “pdf” out of the formats."),
        ) from error
    sources = {
        "main": (TEMPLATES / template).read_bytes(),
        "house.typ": (TEMPLATES / "house.typ").read_bytes(),
        "document.json": json.dumps(data, ensure_ascii=False).encode(),
        **(files or {}),
    }
    compiler: Any = typst  # its types do not know that several files may be given in memory
    try:
        # Only the fonts inside Typst: with the machine's own, the same study would give two different files.
        pdf: bytes = compiler.compile(
            sources, format="pdf", pdf_standards=list(STANDARDS), ignore_system_fonts=True, timestamp=DATE
        )
    except typst.TypstError as error:
        raise ExportError(
            _("The PDF could not be made: {reason}", reason=error.message),
            hint="; ".join(error.hints) or None,
        ) from error
    return pdf


def document_data(document: Document) -> dict[str, Any]:
    """What the template needs, as plain data.

    Examples
    --------
    >>> document_data(Document("Titre", ()))["language"]
    'fr'
    """
    return {
        "title": document.title,
        "subtitle": document.subtitle,
        "author": document.author,
        "language": document.language,
        "is_report": document.is_report,
        "one_page": document.one_page,
        "blocks": [block_data(block) for block in _stepped(document.blocks)],
    }


def block_data(block: Block) -> dict[str, Any]:
    """One block as plain data, with its kind."""
    if isinstance(block, TableLayout):
        widths, size = column_widths(block)
        return {
            "kind": "table",
            "caption": block.caption,
            "title": block.title,
            "alt": block.alt,
            "wide": block.is_wide,
            "prose": block.is_prose,
            "widths": widths if block.is_prose else [],
            "size": size,
            "stub": block.stub,
            "heads": [asdict(head) for head in block.heads],
            "spanners": [asdict(spanner) for spanner in block.spanners],
            "rows": [_row(row) for row in block.rows],
            "notes": _notes(block.notes),
        }
    if isinstance(block, Picture):
        return {
            "kind": "picture",
            "caption": block.caption,
            "title": block.title,
            "alt": block.alt,
            "file": f"figure-{block.number}.svg",
            "width": block.width_cm,
            "notes": _notes(block.notes),
        }
    return {**asdict(block), "style": getattr(block, "kind", ""), "kind": type(block).__name__.lower()}


def _stepped(blocks: tuple[Block, ...]) -> list[Block]:
    """The blocks with no heading more than one level below the one before: PDF/UA refuses a skipped level."""
    stepped, level = [], 0
    for block in blocks:
        if isinstance(block, Heading):
            level = min(block.level, level + 1)
            block = Heading(block.text, level)
        stepped.append(block)
    return stepped


def _row(row: Row) -> dict[str, Any]:
    return asdict(row)


def _notes(notes: tuple[Note, ...]) -> list[dict[str, str]]:
    return [{"name": note.opening, "text": note.text} for note in notes]
