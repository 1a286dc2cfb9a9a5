"""Excel workbooks read as text, cell by cell, with their size watched."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optima_research.errors import SourceError
from optima_research.language import _
from optima_research.sources.files import require_file
from optima_research.sources.zips import open_zip

__all__ = ["Sheet", "cell_text", "is_workbook", "read_workbook"]

_CELLS = 50_000_000


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, and its rows of values as the workbook holds them (None where a cell is empty)."""

    name: str
    rows: list[tuple[Any, ...]]


def read_workbook(path: str | Path) -> list[Sheet]:
    """Read every visible sheet of a workbook; formulas give the value the spreadsheet last computed.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    list of Sheet
        Rows without their empty tail; sheets without any cell are left out.

    Raises
    ------
    SourceError
        Not a workbook, damaged, protected by a password, in the old ``.xls`` form, or growing out of proportion.
    """
    path = require_file(path)
    with path.open("rb") as stream:
        start = stream.read(8)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise SourceError(
            _("This workbook is in the old .xls form, or protected by a password."),
            where=path.name,
            hint=_("Open it in Excel or LibreOffice and save it as .xlsx, without password."),
        )
    with open_zip(path):
        pass
    try:
        return list(_sheets(path))
    except SourceError:
        raise
    except Exception as error:
        # openpyxl lets every kind of error through on a damaged workbook; all mean the same thing to a reader.
        raise SourceError(
            _("The workbook is damaged."),
            where=path.name,
            got=f"{type(error).__name__}: {error}"[:120],
            hint=_("Open it in Excel or LibreOffice and save it again as .xlsx, or export it again."),
        ) from None


def is_workbook(path: Path) -> bool:
    """Whether a zip is an Excel workbook."""
    with open_zip(path) as archive:
        return "xl/workbook.xml" in archive.namelist()


def cell_text(value: Any) -> str:
    """A cell as text, as a French researcher would type it back: whole numbers without a decimal part, ISO dates.

    Examples
    --------
    >>> import datetime
    >>> [cell_text(v) for v in (None, 3.0, 0.5, True, datetime.datetime(2026, 3, 2, 11, 56))]
    ['', '3', '0.5', 'VRAI', '2026-03-02 11:56:00']
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "VRAI" if value else "FAUX"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


def _sheets(path: Path) -> Iterator[Sheet]:
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            for sheet in book.worksheets:
                if sheet.sheet_state != "visible":
                    continue
                # The size a sheet declares is not to be trusted: it may be missing, or enormous.
                sheet.reset_dimensions()
                rows = _rows(sheet.iter_rows(values_only=True), f"{path.name}, {sheet.title}")
                if rows:
                    yield Sheet(str(sheet.title), rows)
        finally:
            book.close()


def _rows(rows: Iterator[tuple[Any, ...]], where: str) -> list[tuple[Any, ...]]:
    kept: list[tuple[Any, ...]] = []
    last = seen = 0
    for number, row in enumerate(rows, start=1):
        seen += len(row)
        if seen > _CELLS or number > 1_100_000:
            raise SourceError(
                _("The sheet holds too many cells to be a table of responses."),
                where=where,
                hint=_("Delete the empty rows and columns that the sheet declares, and save it again."),
            )
        kept.append(row)
        if any(value is not None and value != "" for value in row):
            last = number
    width = max((len(row) for row in kept[:last]), default=0)
    return [(*row, *(None,) * (width - len(row))) for row in kept[:last]]
