"""Excel: numbers stay numbers under a format, notes below, a sheet that says where the table comes from."""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from optima_research.errors import ExportError
from optima_research.language import _
from optima_research.publishing.files import stable_zip
from optima_research.publishing.layout import DataColumn, Document, TableLayout

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

DATE = datetime(2000, 1, 1)
FONT = "Calibri"
LINE_HEIGHT = 15.5
FIRST_ROW = 3
"""Row of the first heading: the title stands alone on row 1."""


def render(document: Document, sheets: tuple[str, ...] = ()) -> bytes:
    """Render the tables of a document as an Excel workbook.

    Parameters
    ----------
    document : Document
        With at least one table.
    sheets : tuple of str
        Names of the tables' sheets; by default « Tableau n ».

    Returns
    -------
    bytes
        One sheet a table, then the metadata. Excel shows the formats in the language of its reader.

    Raises
    ------
    ExportError
        The document has no table.
    """
    from openpyxl import Workbook

    if not document.tables:
        raise ExportError(
            _("There is no table to write in a workbook."),
            hint=_("Leave “xlsx” out of the formats for a figure."),
        )
    book = Workbook()
    del book["Sheet"]
    for position, table in enumerate(document.tables):
        name = sheets[position] if sheets else f"{_('Table')} {table.number}"
        _table_sheet(book.create_sheet(name), table)
    _facts_sheet(book.create_sheet(_("Metadata")), document)
    book.properties.creator = book.properties.lastModifiedBy = document.author
    book.properties.title = document.title
    book.properties.created = DATE
    content = io.BytesIO()
    book.save(content)
    return stable_zip(content.getvalue(), change={"docProps/core.xml": _fixed_date})


def number_format(column: DataColumn) -> str:
    """The Excel format of a column.

    Examples
    --------
    >>> number_format(DataColumn("Part", "", "percent", 1, ()))
    '0.0\\\\ %'
    >>> number_format(DataColumn("Effectif", "", "count", 0, ()))
    '#,##0'
    """
    digits = "." + "0" * column.decimals if column.decimals else ""
    match column.kind:
        case "percent":
            return f"0{digits}\\ %"
        case "p_value":
            mark = _("<0.001")
            return f'[<0.001]"{mark}";0{digits}'
        case _:
            return f"#,##0{digits}"


def _fixed_date(content: bytes) -> bytes:
    stamp = f"{DATE:%Y-%m-%dT%H:%M:%SZ}".encode()
    return re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp, content)


def _table_sheet(sheet: Worksheet, table: TableLayout) -> None:
    from openpyxl.styles import Font

    sheet.cell(1, 1, f"{table.caption} – {table.title}").font = Font(name=FONT, bold=True, size=12)
    depth = max((len(labels) for labels in table.labels), default=1)
    top = _headings(sheet, table, depth)
    for row, labels in enumerate(table.labels, start=top):
        for column, label in enumerate(labels, start=1):
            _put(sheet, row, column, label).font = Font(name=FONT)
        for column, data in enumerate(table.data, start=depth + 1):
            _write(sheet, row, column, data, data.values[row - top])
    bottom = top + len(table.labels) - 1
    _rule(sheet, bottom, depth + len(table.data), "bottom", "medium")
    for row, note in enumerate(table.notes, start=bottom + 2):
        sheet.cell(row, 1, note.opening + note.text).font = Font(name=FONT, size=9)
    sheet.freeze_panes = sheet.cell(top, depth + 1).coordinate
    _widths(sheet, table, depth)
    sheet.page_setup.orientation = "landscape" if len(table.data) > 6 else "portrait"
    _fit_page(sheet)


def _headings(sheet: Worksheet, table: TableLayout, depth: int) -> int:
    """Write the one or two lines of headings; return the row under them."""
    from openpyxl.styles import Alignment, Font

    bold, width = Font(name=FONT, bold=True), depth + len(table.data)
    row = FIRST_ROW
    _rule(sheet, row, width, "top", "medium")
    if table.spanners:
        for start, length, text in _runs([column.group for column in table.data]):
            spanning = _put(sheet, row, depth + 1 + start, text or None)
            spanning.font, spanning.alignment = bold, Alignment(horizontal="center", wrap_text=True)
            if text and length > 1:
                sheet.merge_cells(
                    start_row=row,
                    end_row=row,
                    start_column=depth + 1 + start,
                    end_column=depth + start + length,
                )
        row += 1
    _put(sheet, row, depth, table.stub or None).font = bold
    for column, data in enumerate(table.data, start=depth + 1):
        cell = _put(sheet, row, column, data.text)
        side, indent = ("left", 1) if data.kind == "text" else ("right", 0)
        cell.font = bold
        cell.alignment = Alignment(horizontal=side, vertical="bottom", wrap_text=True, indent=indent)
    lines = max((_lines(data) for data in table.data), default=1)
    sheet.row_dimensions[row].height = LINE_HEIGHT * lines
    _rule(sheet, row, width, "bottom", "thin")
    return row + 1


def _lines(data: DataColumn) -> int:
    """Lines the heading of a column takes in its width."""
    width, lines, used = _width(data), 1, 0
    for word in data.text.split(" "):
        if used and used + 1 + len(word) > width - 1:
            lines, used = lines + 1, 0
        used += len(word) + (1 if used else 0)
    return lines


def _runs(names: list[str]) -> list[tuple[int, int, str]]:
    runs: list[tuple[int, int, str]] = []
    for position, name in enumerate(names):
        if runs and runs[-1][2] == name:
            start, length, _name = runs.pop()
            runs.append((start, length + 1, name))
        else:
            runs.append((position, 1, name))
    return runs


def _write(sheet: Worksheet, row: int, column: int, data: DataColumn, value: float | str | None) -> None:
    from openpyxl.styles import Alignment, Font

    cell = _put(sheet, row, column, value)
    cell.font = Font(name=FONT)
    if data.kind == "text":
        cell.alignment = Alignment(horizontal="left", indent=1)
    else:
        cell.number_format = number_format(data)
        cell.alignment = Alignment(horizontal="right")


def _put(sheet: Worksheet, row: int, column: int, value: float | str | None) -> Any:
    """Write a cell; a text that begins with an equals sign stays a text."""
    cell: Any = sheet.cell(row, column, value)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell


def _rule(sheet: Worksheet, row: int, width: int, side: str, weight: str) -> None:
    from copy import copy

    from openpyxl.styles import Side

    for column in range(1, width + 1):
        cell = sheet.cell(row, column)
        border: Any = copy(cell.border)
        setattr(border, side, Side(style=weight))  # type: ignore[arg-type]
        cell.border = border


def _widths(sheet: Worksheet, table: TableLayout, depth: int) -> None:
    from openpyxl.utils import get_column_letter

    for level in range(depth):
        longest = max((len(labels[level]) for labels in table.labels if level < len(labels)), default=8)
        sheet.column_dimensions[get_column_letter(level + 1)].width = min(
            max(longest, len(table.stub), 8) + 2, 48
        )
    for position, data in enumerate(table.data, start=depth + 1):
        sheet.column_dimensions[get_column_letter(position)].width = _width(data)


def _width(data: DataColumn) -> int:
    longest = max([len(word) for word in data.text.split()] + [9])
    if data.kind == "text":
        longest = max([longest, *(min(len(str(value or "")), 40) for value in data.values)])
    return longest + 3


def _facts_sheet(sheet: Worksheet, document: Document) -> None:
    from openpyxl.styles import Alignment, Font

    facts = [(_("Title"), document.title), *document.facts]
    for row, (name, value) in enumerate(facts, start=1):
        sheet.cell(row, 1, name).font = Font(name=FONT, bold=True)
        cell = sheet.cell(row, 2, value)
        cell.font, cell.alignment = Font(name=FONT), Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions["A"].width = 28
    sheet.column_dimensions["B"].width = 90
    _fit_page(sheet)


def _fit_page(sheet: Worksheet) -> None:
    """Print the sheet on the width of one A4 page."""
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
