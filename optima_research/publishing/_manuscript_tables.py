"""Tables of a living manuscript: a block control holding caption, table and notes, rebuilt from the object by id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree

from optima_research.publishing import _wordml as wordml
from optima_research.publishing._docx_table import table_xml
from optima_research.publishing.docx import NAMESPACES, caption_xml, note_xml
from optima_research.publishing.layout import lay_out
from optima_research.results import PublicationTable

PLACEHOLDER = re.compile(r"\s*\{\{\s*table:([A-Za-z][\w.-]*)\s*\}\}\s*")
W = wordml.W


def link_tables(part: Any, tables: Mapping[str, PublicationTable]) -> list[str]:
    """Replace each paragraph that is only ``{{table:id}}`` by its table in a block control; return the ids met."""
    met = []
    for paragraph in list(wordml.paragraphs(part)):
        found = PLACEHOLDER.fullmatch("".join(text.text or "" for text in paragraph.iter(f"{W}t")))
        if not found:
            continue
        met.append(found[1])
        if found[1] in tables:
            control = _block_control(f"{wordml.PREFIX}table:{found[1]}")
            fill_tables(control, tables[found[1]])
            paragraph.getparent().replace(paragraph, control)
    return met


def fill_tables(control: Any, table: PublicationTable) -> None:
    """Put a table, its caption and its notes in a block control, in place of what was there."""
    content = control.find(f"{W}sdtContent")
    for child in list(content):
        content.remove(child)
    layout = lay_out(table)
    pieces = [caption_xml(layout), table_xml(layout, NAMESPACES)]
    pieces += [note_xml(note, last=note is layout.notes[-1]) for note in layout.notes]
    for piece in pieces:
        content.append(etree.fromstring(piece))


def _block_control(name: str) -> Any:
    control = etree.Element(f"{W}sdt", nsmap=wordml.NAMESPACES)
    properties = etree.SubElement(control, f"{W}sdtPr")
    for kind in ("alias", "tag"):
        etree.SubElement(properties, f"{W}{kind}").set(f"{W}val", name)
    etree.SubElement(control, f"{W}sdtContent")
    return control
