"""The WordprocessingML of one table: rules, spanned headings, widths, repeated header, alternative text."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from optima_research.publishing._column_widths import TEXT_WIDTH, column_widths
from optima_research.publishing.layout import Indicators, Row, TableLayout

ONE_PAGE = 32
"""Rows that surely fit one page with their caption and notes."""

THICK, THIN = 8, 4
"""Rules in eighths of a point: 1 pt above and below the table, 0.5 pt under the headings."""


def table_xml(table: TableLayout, namespaces: str, available: int = 0) -> str:
    """Write a table as one ``w:tbl``.

    Parameters
    ----------
    table : TableLayout
        What to write.
    namespaces : str
        Declarations of the ``w`` prefix.
    available : int
        Width between the margins, in twentieths of a point; by default that of our own pages.

    Returns
    -------
    str
        A table of fixed layout: header rows repeat on each page, no row is split, and the rows, the caption before
        and the notes after stay together.
    """
    widths, size = column_widths(table, available)
    head = "".join(_head_rows(table, widths, size))
    last = len(table.rows) - 1
    body = "".join(
        _breakable(_body_row(row, table, widths, size, last=position == last), row, table)
        for position, row in enumerate(table.rows)
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f"<w:tbl {namespaces}><w:tblPr>"
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="80" w:type="dxa"/><w:right w:w="80" w:type="dxa"/></w:tblCellMar>'
        '<w:tblLook w:val="00A0" w:firstRow="1" w:lastRow="0" w:firstColumn="1" w:lastColumn="0"'
        ' w:noHBand="1" w:noVBand="1"/>'
        f"<w:tblCaption w:val={quoteattr(table.title)}/><w:tblDescription w:val={quoteattr(table.alt)}/>"
        f"</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{head}{body}</w:tbl>"
    )


def indicators_xml(indicators: Indicators, namespaces: str) -> str:
    """Write a row of numbers to remember as a borderless table, one column a number."""
    width = TEXT_WIDTH // max(1, len(indicators.items))
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:tcBorders>'
        '<w:top w:val="single" w:sz="18" w:space="0" w:color="004488"/></w:tcBorders></w:tcPr>'
        f"{_line(item.value, 34, bold=True)}{_line(item.label, 20)}{_line(item.detail, 17)}</w:tc>"
        for item in indicators.items
    )
    grid = f'<w:gridCol w:w="{width}"/>' * len(indicators.items)
    title = quoteattr(" ; ".join(f"{item.label} {item.value}" for item in indicators.items))
    return (
        f'<w:tbl {namespaces}><w:tblPr><w:tblW w:w="{TEXT_WIDTH}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="120" w:type="dxa"/></w:tblCellMar>'
        f"<w:tblDescription w:val={title}/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>"
        f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr></w:tbl>"
    )


def _head_rows(table: TableLayout, widths: list[int], size: int) -> list[str]:
    rows = []
    if table.spanners:
        cells = [_cell("", widths[0], size, top=THICK)]
        at = 1
        for spanner in table.spanners:
            width = sum(widths[at : at + spanner.width])
            rule = THIN if spanner.text else 0
            cells.append(
                _cell(
                    spanner.text,
                    width,
                    size,
                    span=spanner.width,
                    align="center",
                    top=THICK,
                    bottom=rule,
                    bold=True,
                )
            )
            at += spanner.width
        rows.append(_row(cells, header=True))
    top = 0 if table.spanners else THICK
    cells = [_cell(table.stub, widths[0], size, top=top, bottom=THIN, bold=True)]
    for head, width in zip(table.heads, widths[1:], strict=True):
        align = "right" if head.numeric else "left"
        cells.append(_cell(head.text, width, size, align=align, top=top, bottom=THIN, bold=True))
    rows.append(_row(cells, header=True))
    return rows


def _body_row(row: Row, table: TableLayout, widths: list[int], size: int, *, last: bool) -> str:
    bottom = THICK if last else 0
    if row.heading:
        return _row([_cell(row.label, sum(widths), size, span=len(widths), italic=True)])
    cells = [_cell(row.label, widths[0], size, bottom=bottom, indent=row.indented)]
    for text, head, width in zip(row.cells, table.heads, widths[1:], strict=True):
        cells.append(_cell(text, width, size, align="right" if head.numeric else "left", bottom=bottom))
    row_xml = _row(cells)
    return (
        row_xml.replace('<w:vAlign w:val="bottom"/>', '<w:vAlign w:val="top"/>')
        if table.is_prose
        else row_xml
    )


def _breakable(xml: str, row: Row, table: TableLayout) -> str:
    """Rows of a table that fits a page stay together; a longer one may break, but not after a heading."""
    return xml if row.heading or len(table.rows) <= ONE_PAGE else xml.replace("<w:keepNext/>", "")


def _row(cells: list[str], *, header: bool = False) -> str:
    repeated = "<w:tblHeader/>" if header else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{''.join(cells)}</w:tr>"


def _line(text: str, half_points: int, *, bold: bool = False) -> str:
    face = f'{"<w:b/>" * bold}<w:sz w:val="{half_points}"/>'
    return (
        '<w:p><w:pPr><w:keepNext/><w:spacing w:before="0" w:after="0"/></w:pPr>'
        f'<w:r><w:rPr>{face}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'
    )


def _cell(
    text: str,
    width: int,
    size: int,
    *,
    span: int = 1,
    align: str = "left",
    top: int = 0,
    bottom: int = 0,
    bold: bool = False,
    italic: bool = False,
    indent: bool = False,
) -> str:
    merged = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    rules = "".join(
        f'<w:{side} w:val="single" w:sz="{weight}" w:space="0" w:color="000000"/>'
        for side, weight in (("top", top), ("bottom", bottom))
        if weight
    )
    borders = f"<w:tcBorders>{rules}</w:tcBorders>" if rules else ""
    shift = '<w:ind w:left="170"/>' if indent else ""
    face = f'{"<w:b/>" * bold}{"<w:i/>" * italic}<w:sz w:val="{2 * size}"/><w:szCs w:val="{2 * size}"/>'
    run = f'<w:r><w:rPr>{face}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>' if text else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{merged}{borders}<w:vAlign w:val="bottom"/></w:tcPr>'
        f'<w:p><w:pPr><w:keepNext/><w:spacing w:before="30" w:after="30"/>{shift}<w:jc w:val="{align}"/></w:pPr>'
        f"{run}</w:p></w:tc>"
    )
