"""A publication table as an accessible HTML fragment: no script, no outside resource, readable on light and dark."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from optima_research.language.typography import typeset

if TYPE_CHECKING:
    from optima_research.results.table import Column, PublicationTable

TABLE_STYLE = (
    "border-collapse:collapse;border-top:2px solid currentColor;border-bottom:2px solid currentColor"
)
CELL_STYLE = "padding:.2em .7em;text-align:{align};white-space:{wrap}"
# A column of sentences (definitions, quotations) keeps room to be read beside columns of numbers.
LONG_TEXT, ROOM = 60, ";min-width:12em"


def table_html(table: PublicationTable) -> str:
    """The table with its caption, column groups and notes, for a notebook or a page.

    Examples
    --------
    >>> import pandas as pd
    >>> from optima_research.results import Column, PublicationTable
    >>> table = PublicationTable("Titre", pd.DataFrame({"n": [12]}, index=["A"]), (Column("n", "n", kind="count"),))
    >>> "<caption" in table_html(table)
    True
    """
    caption = f'<caption style="text-align:left;font-weight:bold">{_text(table.title)}</caption>'
    head = "".join(_head_rows(table))
    body = "".join(_body_rows(table))
    notes = "".join(
        f'<p style="margin:.1em 0;font-size:90%"><em>{_text(name)}{_text(" : ")}</em>{_text(text)}</p>'
        for name, text in table.notes()
    )
    return (
        f'<div class="optima-table"><table style="{TABLE_STYLE}">{caption}<thead>{head}</thead>'
        f"<tbody>{body}</tbody></table>{notes}</div>"
    )


def _head_rows(table: PublicationTable) -> list[str]:
    rule = "border-bottom:1px solid currentColor"
    rows = []
    if any(column.group for column in table.columns):
        cells = ["<th></th>"]
        for name, members in groupby(table.columns, key=lambda column: column.group):
            style = f"{CELL_STYLE.format(align='center', wrap='normal')};{rule if name else ''}"
            cells.append(
                f'<th scope="colgroup" colspan="{len(list(members))}" style="{style}">{_text(name or "")}</th>'
            )
        rows.append(f"<tr>{''.join(cells)}</tr>")
    style = f"{CELL_STYLE.format(align='left', wrap='normal')};{rule}"
    cells = [f'<th scope="col" style="{style}">{_text(table.stub)}</th>']
    for column in table.columns:
        align = "right" if column.is_numeric else "left"
        style = (
            f"{CELL_STYLE.format(align=align, wrap='normal')};{rule}{ROOM if _is_long(table, column) else ''}"
        )
        cells.append(f'<th scope="col" style="{style}">{_text(column.label)}</th>')
    rows.append(f"<tr>{''.join(cells)}</tr>")
    return rows


def _body_rows(table: PublicationTable) -> list[str]:
    rows = []
    for position, label in enumerate(table.body.index):
        stub = CELL_STYLE.format(align="left", wrap="normal") + ";font-weight:normal"
        cells = [f'<th scope="row" style="{stub}">{_text(row_label(label))}</th>']
        for column in table.columns:
            align, wrap = ("right", "nowrap") if column.is_numeric else ("left", "normal")
            style = CELL_STYLE.format(align=align, wrap=wrap)
            cells.append(f'<td style="{style}">{escape(table.cell(position, column))}</td>')
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return rows


def _is_long(table: PublicationTable, column: Column) -> bool:
    cells = range(len(table.body)) if column.kind == "text" else ()
    return any(len(table.cell(position, column)) > LONG_TEXT for position in cells)


def row_label(label: object) -> str:
    """The printed label of a row; the levels of a multiple index are joined."""
    return " – ".join(map(str, label)) if isinstance(label, tuple) else str(label)


def _text(text: str) -> str:
    return escape(typeset(text))
