"""What every renderer draws: texts and numbers already chosen, headings spanned, notes in order.

A :class:`PublicationTable` is laid out once; a renderer only knows its own format.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import groupby
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from optima_research.language import _
from optima_research.language.numbers import NBSP, SUPPRESSED
from optima_research.language.typography import typeset
from optima_research.results import Column, PublicationTable
from optima_research.results.table import Kind

T = TypeVar("T")

PAGE_CHARACTERS = 106
"""Characters on the 16 cm of an upright page, at the least size a table is printed in (8 points)."""
CELL_PADDING = 1.9
SHORT_LINE, TEXT_CELL = 14, 28
"""Characters of the shortest lines a text is cut into, and after which a cell holds a sentence."""

FIGURE_SPACE = "\u2007"
"""A blank as wide as a digit: it keeps decimal marks under each other in a right-aligned column."""


@dataclass(frozen=True)
class Heading:
    """A section title of a report; level 1 is the highest."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """Running text; ``kind`` is ``"text"``, ``"bullet"``, ``"lead"`` (the sentence to remember) or ``"small"``."""

    text: str
    kind: str = "text"


@dataclass(frozen=True)
class Indicator:
    """A number to remember: what it is, the number as printed, and a line under it (interval, threshold, verdict)."""

    label: str
    value: str
    detail: str = ""


@dataclass(frozen=True)
class Indicators:
    """A row of numbers to remember."""

    items: tuple[Indicator, ...]


@dataclass(frozen=True)
class Note:
    """One line under a table or a figure: ``name`` is *Lecture*, *Champ*, *Source* or *Note*."""

    name: str
    text: str

    @property
    def opening(self) -> str:
        """The name and its colon, spaced as the language wants."""
        return typeset(_("{name}: ", name=self.name)) if self.name else ""


@dataclass(frozen=True)
class Spanner:
    """A heading over ``width`` neighbouring columns; empty text where none stands."""

    text: str
    width: int


@dataclass(frozen=True)
class Head:
    """A printed column: its heading, and whether its cells are numbers."""

    text: str
    numeric: bool


@dataclass(frozen=True)
class Row:
    """A printed line; a ``heading`` line has no cells and names the lines under it."""

    label: str
    cells: tuple[str, ...]
    heading: bool = False
    indented: bool = False


@dataclass(frozen=True)
class DataColumn:
    """A column of a spreadsheet: numbers stay numbers, ``None`` is missing, ``"s"`` is hidden."""

    text: str
    group: str
    kind: Kind
    decimals: int
    values: tuple[float | str | None, ...]


@dataclass(frozen=True)
class TableLayout:
    """A table ready to be drawn.

    ``rows`` are for readers (text), ``labels`` and ``data`` for spreadsheets (one entry a line of the body).
    """

    title: str
    stub: str
    heads: tuple[Head, ...]
    spanners: tuple[Spanner, ...]
    rows: tuple[Row, ...]
    notes: tuple[Note, ...]
    labels: tuple[tuple[str, ...], ...]
    data: tuple[DataColumn, ...]
    alt: str
    number: int = 1

    @property
    def caption(self) -> str:
        """The name and number of the table, without its title."""
        return f"{_('Table')}{NBSP}{self.number}"

    @property
    def characters(self) -> list[tuple[int, int]]:
        """Characters each printed column needs, the stub first: (least, all on one line).

        A number is never cut; a label or a text is cut between words. Headings are bold, and cut between words.
        """
        lines = [row for row in self.rows if not row.heading]
        labels = [row.label + "  " * row.indented for row in lines]
        needs = [_text_width(self.stub, labels)]
        for position, head in enumerate(self.heads):
            cells = [row.cells[position] for row in lines]
            if head.numeric:
                width = max([_bold_word(head.text), 5, *map(len, cells)])
                needs.append((width, width))
            else:
                needs.append(_text_width(head.text, cells))
        return needs

    @property
    def is_prose(self) -> bool:
        """Whether some column holds sentences: rows then hang from their first line."""
        return any(
            not head.numeric
            and max((len(row.cells[at]) for row in self.rows if not row.heading), default=0) > TEXT_CELL
            for at, head in enumerate(self.heads)
        )

    @property
    def is_wide(self) -> bool:
        """Whether it needs a page turned on its side."""
        return sum(least + CELL_PADDING for least, _full in self.characters) > PAGE_CHARACTERS


@dataclass(frozen=True)
class Picture:
    """A figure ready to be drawn, in the three forms the formats need."""

    title: str
    alt: str
    notes: tuple[Note, ...]
    png: bytes
    svg: bytes
    pdf: bytes
    width_cm: float
    number: int = 1

    @property
    def caption(self) -> str:
        """The name and number of the figure, without its title."""
        return f"{_('Figure')}{NBSP}{self.number}"


Block = Heading | Paragraph | Indicators | TableLayout | Picture


@dataclass(frozen=True)
class Document:
    """Everything one exported file says; ``facts`` are the (name, value) pairs of its metadata sheet.

    ``one_page`` asks for a compact layout, and the PDF refuses to be longer.
    """

    title: str
    blocks: tuple[Block, ...]
    language: str = "fr"
    subtitle: str = ""
    author: str = ""
    is_report: bool = False
    one_page: bool = False
    facts: tuple[tuple[str, str], ...] = ()

    @property
    def tables(self) -> tuple[TableLayout, ...]:
        """Its tables, in order."""
        return tuple(block for block in self.blocks if isinstance(block, TableLayout))

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """Its figures, in order."""
        return tuple(block for block in self.blocks if isinstance(block, Picture))


def lay_out(table: PublicationTable) -> TableLayout:
    """Lay a publication table out in the language in force.

    Parameters
    ----------
    table : PublicationTable
        After disclosure control.

    Returns
    -------
    TableLayout

    Examples
    --------
    >>> table = PublicationTable(
    ...     "Titre", pd.DataFrame({"m": [3.214]}, index=["Culture"]), (Column("m", "Moyenne", decimals=2),))
    >>> lay_out(table).rows
    (Row(label='Culture', cells=('3,21',), heading=False, indented=False),)
    """
    title = typeset(table.title)
    notes = tuple(Note(name, typeset(text)) for name, text in table.notes())
    return TableLayout(
        title=title,
        stub=typeset(table.stub),
        heads=tuple(Head(typeset(column.label), column.is_numeric) for column in table.columns),
        spanners=_spanners(table.columns),
        rows=_rows(table),
        notes=notes,
        labels=tuple(tuple(map(_label, row)) for row in _index_levels(table.body.index)),
        data=tuple(column for printed in table.columns for column in _data_columns(table, printed)),
        alt=_alt(table, title),
    )


def _text_width(heading: str, cells: list[str]) -> tuple[int, int]:
    """Least width of a column of texts, that of its longest word or a short line, and its width uncut."""
    full = max(map(len, cells), default=0)
    word = max((len(word) for cell in cells for word in cell.split(" ")), default=0)
    least = max(_bold_word(heading), word, min(full, SHORT_LINE))
    return least, max(least, full)


def _bold_word(text: str) -> int:
    longest = max(map(len, text.split(" ")), default=1)
    return longest + 2 + longest // 8


def map_text(value: T, change: Callable[[str], str]) -> T:
    """Apply ``change`` to every text of a document, however deep; pictures' bytes stay as they are.

    Examples
    --------
    >>> map_text(Heading("Rezé", 2), lambda text: text.upper())
    Heading(text='REZÉ', level=2)
    """
    changed: Any = value
    if isinstance(value, str):
        changed = change(value)
    elif isinstance(value, tuple):
        changed = tuple(map_text(item, change) for item in value)
    elif is_dataclass(value) and not isinstance(value, type):
        changed = replace(
            value, **{item.name: map_text(getattr(value, item.name), change) for item in fields(value)}
        )
    return changed  # type: ignore[no-any-return]


def number_blocks(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Number tables and figures, each in its own series, in reading order."""
    counts = {TableLayout: 0, Picture: 0}
    numbered: list[Block] = []
    for block in blocks:
        if isinstance(block, (TableLayout, Picture)):
            counts[type(block)] += 1
            block = replace(block, number=counts[type(block)])
        numbered.append(block)
    return tuple(numbered)


def _spanners(columns: tuple[Column, ...]) -> tuple[Spanner, ...]:
    if not any(column.group for column in columns):
        return ()
    runs = groupby(columns, key=lambda column: column.group or "")
    return tuple(Spanner(typeset(name), len(list(members))) for name, members in runs)


def _rows(table: PublicationTable) -> tuple[Row, ...]:
    texts = [_aligned(table, column) for column in table.columns]
    levels = _index_levels(table.body.index)
    rows: list[Row] = []
    open_heading: tuple[str, ...] = ()
    for position, names in enumerate(levels):
        *above, last = map(_label, names)
        if tuple(above) != open_heading:
            open_heading = tuple(above)
            rows.append(Row(" – ".join(above), (), heading=True))
        cells = tuple(column[position] for column in texts)
        rows.append(Row(last, cells, indented=bool(above)))
    return tuple(rows)


def _index_levels(index: pd.Index) -> list[tuple[Any, ...]]:
    return [name if isinstance(name, tuple) else (name,) for name in index]


def _label(name: Any) -> str:
    return typeset(str(name))


def _aligned(table: PublicationTable, column: Column) -> list[str]:
    """The cells of a column, with blanks after the shorter decimals so that the marks line up."""
    texts = [table.cell(position, column) for position in range(len(table.body))]
    if not column.is_numeric or column.kind == "interval":
        return [typeset(text) if column.kind == "text" else text for text in texts]
    tails = [_tail(text) for text in texts]
    longest = max(tails, default=0)
    return [text + FIGURE_SPACE * (longest - tail) for text, tail in zip(texts, tails, strict=True)]


def _tail(text: str) -> int:
    """Characters from the decimal mark on; hidden and missing cells stand under the units."""
    mark = max(text.rfind(","), text.rfind(".")) if any(character.isdigit() for character in text) else -1
    if mark < 0:
        return 2 if text.endswith("%") else 0
    return len(text) - mark


def _data_columns(table: PublicationTable, column: Column) -> list[DataColumn]:
    names = [typeset(column.label)]
    if len(column.sources) == 2:
        names = [typeset(f"{column.label} – {bound}") for bound in (_("lower bound"), _("upper bound"))]
    hidden = [table.is_suppressed(label, column) for label in table.body.index]
    kind = "number" if column.kind == "interval" else column.kind
    return [
        DataColumn(
            name,
            typeset(column.group or ""),
            kind,
            _decimals(column, table.body[source]),
            tuple(
                SUPPRESSED if masked else _plain(value)
                for value, masked in zip(table.body[source], hidden, strict=True)
            ),
        )
        for name, source in zip(names, column.sources, strict=True)
    ]


def _decimals(column: Column, values: pd.Series) -> int:
    if column.decimals is not None:
        return column.decimals
    default = 0 if pd.api.types.is_integer_dtype(values) else 2
    return {"count": 0, "percent": 1, "p_value": 3}.get(column.kind, default)


def _plain(value: Any) -> float | str | None:
    if value is None or value is pd.NA or value != value:
        return None
    if isinstance(value, (bool, np.bool_)):
        return str(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(f"{float(value):.10g}") if np.isfinite(value) else str(value)
    return typeset(str(value))


def _alt(table: PublicationTable, title: str) -> str:
    text = _(
        "Table of {rows} rows and {columns} columns: {title}. Columns: {heads}. {reading}",
        rows=len(table.body),
        columns=len(table.columns),
        title=title,
        heads=", ".join(column.label for column in table.columns),
        reading=table.reading,
    )
    return typeset(text.strip())
