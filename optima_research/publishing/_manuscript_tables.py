"""Tables of a living manuscript: a block control holding caption, table and notes, rebuilt from the object by id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from optima_research.publishing import _wordml as wordml
from optima_research.publishing._docx_table import table_xml
from optima_research.publishing.docx import NAMESPACES, caption_xml, note_xml
from optima_research.publishing.layout import lay_out
from optima_research.results import PublicationTable

PLACEHOLDER = re.compile(r"\s*\{\{\s*table:([A-Za-z][\w.-]*)\s*\}\}\s*")


def link_tables(part: Any, tables: Mapping[str, PublicationTable]) -> list[str]:
    """Replace each paragraph that is only ``{{table:id}}`` by its table in a block control; return the ids met."""
    met = []
    for id_, paragraph in wordml.placeholders(part, PLACEHOLDER):
        met.append(id_)
        if id_ in tables:
            control = wordml.block_control(f"table:{id_}")
            fill_table(control, tables[id_], wordml.text_width(part))
            paragraph.getparent().replace(paragraph, control)
    return met


def fill_table(control: Any, table: PublicationTable, width: int) -> None:
    """Put a table, its caption and its notes in a block control, in place of what was there.

    Parameters
    ----------
    control : Element
        A block control.
    table : PublicationTable
        What it is to hold.
    width : int
        Between the margins of the author's page, in twentieths of a point.
    """
    layout = lay_out(table)
    notes = [note_xml(note, last=note is layout.notes[-1]) for note in layout.notes]
    wordml.fill_block(control, [caption_xml(layout), table_xml(layout, NAMESPACES, width), *notes])
