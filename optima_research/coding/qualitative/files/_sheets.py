"""Tables that coding tools export: CSV of any separator and encoding, XLSX, headings in any language."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from optima_research.coding.qualitative.files._archive import Archive, decode_text
from optima_research.errors import SourceError
from optima_research.language import _

_MOST_BYTES = 500 << 20
_MOST_CELLS = 20_000_000
_MOST_ROWS = 1_048_576


def read_sheet(path: Path) -> pd.DataFrame:
    """The first sheet as text, headings as they are written.

    Raises
    ------
    SourceError
        Unreadable, empty, too large, or an old ``.xls``.
    """
    suffix = path.suffix.casefold()
    if suffix == ".xls":
        raise SourceError(
            _("Old .xls files are not read."),
            where=path.name,
            hint=_("Open it and save it as .xlsx or .csv."),
        )
    rows = _read_xlsx(path) if suffix == ".xlsx" else _read_csv(path)
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        raise SourceError(
            _("The table is empty."), where=path.name, hint=_("Export the project again from the tool.")
        )
    width = len(rows[0])
    body = [(row + [""] * width)[:width] for row in rows[1:]]
    return pd.DataFrame(body, columns=[cell.strip() for cell in rows[0]], dtype=object)


def headed(
    frame: pd.DataFrame, headings: Mapping[str, Sequence[str]], *, needed: Sequence[str], where: str
) -> pd.DataFrame:
    """The frame with our names for the headings that are known, in whatever language; the others are dropped.

    Raises
    ------
    SourceError
        A needed column is not found.
    """
    known = {plain(word): name for name, words in headings.items() for word in words}
    chosen: dict[str, int] = {}
    for position, heading in enumerate(frame.columns):
        name = known.get(plain(str(heading)))
        if name is not None and name not in chosen:
            chosen[name] = position
    missing = [name for name in needed if name not in chosen]
    if missing:
        raise SourceError(
            _("The table lacks a column for: {names}.", names=", ".join(missing)),
            where=where,
            expected=", ".join(headings[missing[0]]),
            got=", ".join(str(c)[:40] for c in frame.columns[:12]),
            hint=_("Rename the headings of the file, in French or in English."),
        )
    found = frame.iloc[:, list(chosen.values())]
    return found.set_axis(list(chosen), axis=1)


def plain(text: str) -> str:
    """A heading without accents, case, punctuation or doubled blanks."""
    bare = unicodedata.normalize("NFKD", text.replace("ł", "l").replace("Ł", "L"))
    letters = "".join(c if c.isalnum() else " " for c in bare if not unicodedata.combining(c))
    return " ".join(letters.casefold().split())


def _read_csv(path: Path) -> list[list[str]]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise SourceError(
                _("The file is too large."),
                where=path.name,
                hint=_("Export the project again from the tool."),
            )
        text, _encoding = decode_text(path.read_bytes())
    except OSError as error:
        raise SourceError(
            _("The file cannot be opened."), where=path.name, hint=_("Check the name and the folder.")
        ) from error
    text = text.removeprefix("\ufeff")
    first = re.split(r"[\r\n]", text, maxsplit=1)[0]
    separator = max(";,\t|", key=first.count)
    try:
        csv.field_size_limit(_MOST_BYTES)
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise SourceError(
            _("The table cannot be read: {reason}.", reason=str(error)),
            where=path.name,
            hint=_("Save it again as CSV or XLSX."),
        ) from error


def _read_xlsx(path: Path) -> list[list[str]]:
    from openpyxl import load_workbook

    with Archive(path) as archive:  # checks sizes, paths and compression before the workbook is opened
        for member in archive.members:
            archive.check(member)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(path, read_only=True, data_only=True)
            sheet = book.worksheets[0]
            if (sheet.max_row or 0) * (sheet.max_column or 0) > _MOST_CELLS:
                sheet.reset_dimensions()
            rows = _filled_rows(sheet.iter_rows(values_only=True), path.name)
            book.close()
    except SourceError:
        raise
    except Exception as error:  # a damaged workbook makes openpyxl raise nearly anything
        raise SourceError(
            _("The workbook cannot be read."), where=path.name, hint=_("Save it again as CSV or XLSX.")
        ) from error
    return rows


def _filled_rows(rows: Iterable[Sequence[object]], where: str) -> list[list[str]]:
    """Rows that hold something; a workbook may claim that its next row is the thousand millionth."""
    found = []
    cells = 0
    for number, row in enumerate(rows):
        cells += len(row)
        if number >= _MOST_ROWS or cells > _MOST_CELLS:
            raise SourceError(
                _("The file is too large."), where=where, hint=_("Export the project again from the tool.")
            )
        if any(cell is not None for cell in row):
            found.append(["" if cell is None else str(cell) for cell in row])
    return found
