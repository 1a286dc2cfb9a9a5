"""CSV for French Excel: semicolons, decimal commas, UTF-8 with its mark; one table, numbers as numbers."""

from __future__ import annotations

import csv
import io

from optima_research.errors import ExportError
from optima_research.language import _
from optima_research.publishing.layout import DataColumn, Document, TableLayout

MARKS = {"fr": (";", ","), "en": (",", ".")}
"""Separator and decimal mark of each language."""


def render(document: Document) -> bytes:
    """Render the table of a document as CSV.

    Parameters
    ----------
    document : Document
        With one table.

    Returns
    -------
    bytes
        UTF-8 with byte order mark (Excel needs it for accents). Shares are written as percentages, and their heading
        says so; an interval takes two columns; ``s`` is a hidden cell, an empty cell is a missing value.

    Raises
    ------
    ExportError
        The document has no table, or several.
    """
    if len(document.tables) != 1:
        raise ExportError(
            _("A CSV file holds one table; this document has {n}.", n=len(document.tables)),
            hint=_("Export each table by itself, or choose xlsx: one sheet a table."),
        )
    separator, decimal_mark = MARKS[document.language]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    writer.writerows(_lines(document.tables[0], decimal_mark))
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def heading(column: DataColumn) -> str:
    """The heading of a column on one line: its group, its name, and its unit.

    Examples
    --------
    >>> heading(DataColumn("Satisfaits", "Vague 2", "percent", 1, ()))
    'Vague 2 – Satisfaits (%)'
    """
    name = f"{column.group} – {column.text}" if column.group else column.text
    return f"{name} (%)" if column.kind == "percent" and "%" not in name else name


def _lines(table: TableLayout, decimal_mark: str) -> list[list[str]]:
    depth = max((len(labels) for labels in table.labels), default=1)
    stubs = [table.stub] if depth == 1 else [*[""] * (depth - 1), table.stub]
    lines = [[*stubs, *(heading(column) for column in table.data)]]
    for position, labels in enumerate(table.labels):
        cells = [_written(column.values[position], column.kind, decimal_mark) for column in table.data]
        lines.append([*map(_text, labels), *cells])
    return lines


def _text(text: str) -> str:
    """A text that Excel would take for a formula (« + de 50 ans ») gets an invisible blank before it."""
    return (
        f"\u200b{text}" if text[:1] in ("=", "+", "@") or (text[:1] == "-" and text[1:2].isalpha()) else text
    )


def _written(value: float | str | None, kind: str, decimal_mark: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return _text(value)
    number = 100 * value if kind == "percent" else value
    return f"{number:.10g}".replace(".", decimal_mark)
