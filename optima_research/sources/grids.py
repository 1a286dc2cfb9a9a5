"""Tables of text from a delimited file or a workbook: header found, titles and totals set apart, nothing typed yet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from optima_research.errors import SourceError, suggest
from optima_research.language import _
from optima_research.sources.delimited import probe, read_cells
from optima_research.sources.files import require_file
from optima_research.sources.french import clean
from optima_research.sources.workbooks import cell_text, read_workbook

__all__ = ["Grid", "read_grid"]

_TOTAL = re.compile(r"(?:sous[- ]?)?total(?: .{0,40})?|ensemble|moyenne(?: .{0,40})?", re.IGNORECASE)
_LOST = r"^\s*\d[,.]\d+E\+\d\d+\s*$"


@dataclass
class Grid:
    """A table of text: unique headings, the headings as written, one Arrow column each, and what was set apart."""

    path: Path
    form: str
    names: list[str]
    headings: list[str]
    columns: list[pa.ChunkedArray]
    header: tuple[tuple[str, ...], ...] = ()
    notes: list[str] = field(default_factory=list)

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.columns[0]) if self.columns else 0


def read_grid(
    path: str | Path,
    *,
    sheet: str | None = None,
    header_rows: int = 1,
    tidy: bool = True,
    separators: str = ";,\t|",
) -> Grid:
    """Read a delimited file or a sheet of a workbook as a table of text.

    Parameters
    ----------
    path : str or Path
    sheet : str, optional
        Sheet of a workbook; needed where it has several with data.
    header_rows : int
        Rows above the data, once titles are set apart.
    tidy : bool
        Set apart title rows above the header and rows of totals below the data, and say so.
    separators : str

    Raises
    ------
    SourceError
        Damaged, several sheets and none chosen, no header, or digits a spreadsheet has lost (``2,0E+13``).
    """
    path = require_file(path)
    with path.open("rb") as stream:
        start = stream.read(4)
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        grid = _from_workbook(path, sheet, header_rows, tidy)
    else:
        grid = _from_text(path, header_rows, separators)
    _refuse_lost_digits(grid)
    return grid


def _from_text(path: Path, header_rows: int, separators: str) -> Grid:
    found = probe(path, header_rows=header_rows, separators=separators)
    cells = read_cells(found, coded=found.narrow)
    headings = [clean(name) for name in found.header[0]]
    grid = Grid(path, _("delimited text"), _unique(headings), headings, list(cells.columns), found.header)
    if any("Ã©" in name or "â€™" in name for row in found.header for name in row):
        grid.notes.append(
            _("Accents look spoiled (Ã© for é): the file was decoded twice before it came here.")
        )
    return grid


def _from_workbook(path: Path, sheet: str | None, header_rows: int, tidy: bool) -> Grid:
    sheets = {found.name: found for found in read_workbook(path)}
    if (sheet is not None and sheet not in sheets) or (sheet is None and len(sheets) != 1):
        message = _("The workbook has no sheet « {sheet} ».", sheet=sheet) if sheet else ""
        raise SourceError(
            message or _("The workbook has {n} sheets with data, and none was chosen.", n=len(sheets)),
            where=path.name,
            parameter="sheet",
            expected=", ".join(sheets),
            hint=suggest(sheet, sheets)
            if sheet and suggest(sheet, sheets)
            else _("Give the name of one in sheet=."),
        )
    rows = [
        [cell_text(value) for value in row]
        for row in (sheets[sheet] if sheet else next(iter(sheets.values()))).rows
    ]
    notes: list[str] = []
    if tidy:
        rows = _without_titles(rows, notes)
        rows = [*rows[:header_rows], *_without_totals(rows[header_rows:], notes)]
    if len(rows) < header_rows:
        raise SourceError(
            _("The sheet has no header."), where=path.name, hint=_("Put the headings in the first row.")
        )
    header = tuple(tuple(row) for row in rows[:header_rows])
    headings = [clean(name) for name in header[0]]
    columns = [
        pa.chunked_array([pa.array([row[place] for row in rows[header_rows:]], pa.string())])
        for place in range(len(headings))
    ]
    kept = [place for place, name in enumerate(headings) if name or any(columns[place].unique().to_pylist())]
    headings = [headings[place] for place in kept]
    header = tuple(tuple(row[place] for place in kept) for row in header)
    return Grid(path, _("workbook"), _unique(headings), headings, [columns[p] for p in kept], header, notes)


def _without_titles(rows: list[list[str]], notes: list[str]) -> list[list[str]]:
    """Rows above the header hold a title or nothing: one or two cells filled where the table fills many."""
    width = max((sum(bool(cell) for cell in row) for row in rows[:50]), default=0)
    for number, row in enumerate(rows[:20]):
        filled = sum(bool(cell) for cell in row)
        if filled >= max(1, 0.6 * width) and (width <= 2 or filled > 2):
            if number:
                notes.append(_("{n} rows of title above the header were set apart.", n=number))
            return rows[number:]
    return rows


def _without_totals(rows: list[list[str]], notes: list[str]) -> list[list[str]]:
    kept: list[list[str]] = []
    apart: list[list[str]] = []
    for row in rows:
        first = next((cell for cell in row if cell), "")
        if not first:
            continue
        (apart if _TOTAL.fullmatch(clean(first)) else kept).append(row)
    if apart:
        names = ", ".join(dict.fromkeys(clean(next(cell for cell in row if cell)) for row in apart))
        notes.append(_("{n} rows of totals were set apart: {names}.", n=len(apart), names=names[:80]))
    return kept


def _unique(headings: Sequence[str]) -> list[str]:
    """Names that tell columns apart: a heading met again gets a number, an empty one its place."""
    seen: dict[str, int] = {}
    names = []
    for place, heading in enumerate(headings, start=1):
        name = heading or f"colonne_{place}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def _refuse_lost_digits(grid: Grid) -> None:
    """``2,00027E+13`` was a SIRET: fourteen digits of which a spreadsheet kept six."""
    for name, column in zip(grid.names, grid.columns, strict=True):
        distinct = column
        if pa.types.is_dictionary(column.type) and column.num_chunks:
            distinct = column.unify_dictionaries().chunk(0).dictionary
        lost = distinct.filter(pc.match_substring_regex(distinct, _LOST))
        if len(lost):
            raise SourceError(
                _("A spreadsheet turned long codes into rounded numbers: their last digits are lost."),
                where=_("{file}, column « {column} »", file=grid.path.name, column=name),
                got=lost[0].as_py(),
                hint=_(
                    "Go back to the original file; in a spreadsheet, give such a column the format Text first."
                ),
            )
