"""A codebook edited in a spreadsheet, checked on the way back: every fault, with its sheet, row and column."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

import pandas as pd

from optima_research.codebook.kinds import ItemSetKind, Measure, MissingKind, Role
from optima_research.codebook.variable import IDENTIFIER_CLASSES
from optima_research.errors import CodebookError, suggest
from optima_research.language import _

Row = dict[str, Any]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "variables": (
        "name", "label", "question", "measure", "role", "identifier", "item_set", "missing_told_apart",
        "universe", "condition", "group", "source", "kind", "unit",
    ),
    "values": ("variable", "code", "label", "score", "missing"),
    "sets": ("name", "kind", "label", "counted", "members"),
    "scales": ("name", "label", "items", "reversed", "low", "high", "min_valid"),
    "title": ("title",),
}  # fmt: skip
"""Sheets of the spreadsheet and their columns, in order."""

CHOICES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("variables", "measure"): tuple(Measure),
    ("variables", "role"): tuple(Role),
    ("variables", "identifier"): IDENTIFIER_CLASSES,
    ("values", "missing"): tuple(MissingKind),
    ("sets", "kind"): tuple(ItemSetKind),
}
"""Columns that take a word of a closed list."""

_REQUIRED = {
    "variables": ("name",),
    "values": ("variable", "code"),
    "sets": ("name", "kind", "members"),
    "scales": ("name", "items", "low", "high"),
}
_TRUE, _FALSE = {"true", "vrai", "oui", "yes", "1"}, {"false", "faux", "non", "no", "0"}
_SHOWN = 20


def checked_rows(sheets: Mapping[str, pd.DataFrame], where: str) -> dict[str, list[Row]]:
    """The rows of each sheet with their cells in the right type.

    Parameters
    ----------
    sheets : mapping of str to DataFrame
        As read, cells untouched; the index counts rows from 0 under the heading.
    where : str
        Name of the file.

    Returns
    -------
    dict of str to list of dict
        Rows without their empty cells; ``members``, ``items`` and ``reversed`` are lists of names.

    Raises
    ------
    CodebookError
        One error for the whole file, that lists every fault with its sheet, row and column.
    """
    faults = _Faults()
    faults.check_sheets(sheets)
    rows = {name: faults.rows(name, sheets.get(name)) for name in COLUMNS}
    known = [str(row["name"]) for _number, row in rows["variables"] if "name" in row]
    faults.check_unique("variables", rows["variables"], ("name",))
    faults.check_values(rows["values"], known)
    for sheet, lists in (("sets", ("members",)), ("scales", ("items", "reversed"))):
        faults.check_unique(sheet, rows[sheet], ("name",))
        faults.check_lists(sheet, rows[sheet], lists, known)
    faults.check_scales(rows["scales"])
    faults.raise_if_any(where)
    return {sheet: [row for _number, row in numbered] for sheet, numbered in rows.items()}


@dataclass
class _Faults:
    """What is wrong so far, as lines a person can look up in the spreadsheet."""

    found: list[str] = field(default_factory=list)

    def add(self, sheet: str, row: int | None, column: str | None, message: str) -> None:
        place = [_("sheet « {name} »", name=sheet)]
        place += [_("row {row}", row=row)] if row is not None else []
        place += [_("column « {name} »", name=column)] if column is not None else []
        self.found.append(f"{', '.join(place)} : {message}")

    def raise_if_any(self, where: str) -> None:
        if self.found:
            shown = self.found[:_SHOWN]
            more = [_("… and {n} more.", n=len(self.found) - _SHOWN)] if len(self.found) > _SHOWN else []
            raise CodebookError(
                _("The codebook has {n} faults.", n=len(self.found)),
                where=where,
                got="\n    " + "\n    ".join([*shown, *more]),
                hint=_("Correct these cells in the spreadsheet, save it and read it again."),
            )

    def check_sheets(self, sheets: Mapping[str, pd.DataFrame]) -> None:
        if "variables" not in sheets:
            self.add("variables", None, None, _("the sheet is missing"))
        lacking = [name for name in COLUMNS if name not in sheets]
        for name in sheets:
            # A sheet of notes is welcome; a renamed sheet would lose what it holds.
            if name not in COLUMNS and (meant := suggest(name, lacking)):
                self.add(name, None, None, _("unknown sheet.") + f" {meant}")
        for sheet, columns in COLUMNS.items():
            for column in sheets[sheet].columns if sheet in sheets else ():
                if str(column) not in columns:
                    hint = suggest(str(column), columns) or _("Expected: {names}.", names=", ".join(columns))
                    self.add(sheet, 1, str(column), f"{_('unknown column.')} {hint}")

    def rows(self, sheet: str, frame: pd.DataFrame | None) -> list[tuple[int, Row]]:
        if frame is None:
            return []
        known = [column for column in frame.columns if column in COLUMNS[sheet]]
        numbered = []
        for index, cells in zip(frame.index, frame[known].to_dict("records"), strict=True):
            number = int(index) + 2
            row = {str(column): cell for column, cell in cells.items() if not _is_empty(cell)}
            if row:
                read = {column: self._cell(sheet, number, column, cell) for column, cell in row.items()}
                for column in _REQUIRED.get(sheet, ()):
                    if column not in read:
                        self.add(sheet, number, column, _("the cell is empty"))
                numbered.append((number, {k: v for k, v in read.items() if v is not None}))
        return numbered

    def _cell(self, sheet: str, row: int, column: str, cell: Any) -> Any:
        if (sheet, column) in CHOICES:
            return self._choice(sheet, row, column, cell)
        if column in ("score", "low", "high", "min_valid"):
            return self._read(_number, _("a number is expected"), sheet, row, column, cell)
        if column == "missing_told_apart":
            return self._read(_truth, _("yes or no is expected"), sheet, row, column, cell)
        if isinstance(cell, date | time):
            self.add(sheet, row, column, _("the spreadsheet turned this cell into a date: format it as text"))
            return None
        if column == "code":
            return int(cell) if isinstance(cell, float) and cell.is_integer() else cell
        return str(cell)

    def _read(
        self, read: Callable[[Any], Any], message: str, sheet: str, row: int, column: str, cell: Any
    ) -> Any:
        value = read(cell)
        if value is None:
            self.add(sheet, row, column, f"{message} (« {cell} »)")
        return value

    def _choice(self, sheet: str, row: int, column: str, cell: Any) -> str | None:
        allowed = CHOICES[sheet, column]
        word = str(cell).strip().casefold()
        # A person may write the kind as the tables show it (« refusé ») rather than its code.
        labels = {kind.label.casefold(): str(kind) for kind in allowed if isinstance(kind, MissingKind)}
        found = labels.get(word, word)
        if found in allowed:
            return str(found)
        hint = suggest(word, allowed) or _("Expected: {names}.", names=", ".join(map(str, allowed)))
        self.add(sheet, row, column, _("« {value} » is not a known value here.", value=cell) + f" {hint}")
        return None

    def check_unique(self, sheet: str, rows: list[tuple[int, Row]], keys: tuple[str, ...]) -> None:
        first: dict[tuple[Any, ...], int] = {}
        for number, row in rows:
            if not all(key in row for key in keys):
                continue
            told = tuple(row[key] for key in keys)
            if told in first:
                message = _("« {value} » is already in row {row}", value=told[-1], row=first[told])
                self.add(sheet, number, keys[-1], message)
            first.setdefault(told, number)

    def check_values(self, rows: list[tuple[int, Row]], known: list[str]) -> None:
        self.check_unique("values", rows, ("variable", "code"))
        for number, row in rows:
            self._check_known(
                "values", number, "variable", [row["variable"]] if "variable" in row else [], known
            )

    def check_lists(
        self, sheet: str, rows: list[tuple[int, Row]], columns: tuple[str, ...], known: list[str]
    ) -> None:
        for number, row in rows:
            for column in columns:
                row[column] = split_names(row.get(column, ""), known)
                self._check_known(sheet, number, column, row[column], known)

    def _check_known(self, sheet: str, row: int, column: str, names: Iterable[str], known: list[str]) -> None:
        for name in names:
            if name not in known:
                message = _("there is no variable « {name} ».", name=name)
                self.add(sheet, row, column, f"{message} {suggest(name, known)}".strip())

    def check_scales(self, rows: list[tuple[int, Row]]) -> None:
        for number, row in rows:
            strangers = [name for name in row["reversed"] if name not in row["items"]]
            if strangers:
                message = _("not items of the scale: {names}", names=", ".join(strangers))
                self.add("scales", number, "reversed", message)
            if len(set(row["items"])) < len(row["items"]):
                self.add("scales", number, "items", _("an item is named twice"))
            if "low" in row and "high" in row and not row["low"] < row["high"]:
                self.add("scales", number, "high", _("must be greater than « low »"))
            if not 0 < row.get("min_valid", 1) <= 1:
                self.add("scales", number, "min_valid", _("must lie between 0 and 1"))


def join_names(names: Iterable[str]) -> str:
    """Names in one cell: separated by blanks, or one a line where a name holds blanks."""
    told = list(names)
    return "\n".join(told) if any(len(name.split()) != 1 or ";" in name for name in told) else " ".join(told)


def split_names(text: str, known: Iterable[str]) -> list[str]:
    """The names of a cell, separated by line breaks, semicolons or blanks.

    Examples
    --------
    >>> split_names("CLI1 ; CLI2", []), split_names("Votre âge", ["Votre âge"])
    (['CLI1', 'CLI2'], ['Votre âge'])
    """
    if text in known:
        return [text]
    mark = next((mark for mark in ("\n", ";") if mark in text), None)
    return [part for piece in text.split(mark) if (part := piece.strip())]


def _is_empty(cell: Any) -> bool:
    return cell is None or cell is pd.NaT or cell != cell or cell == ""


def _number(cell: Any) -> float | None:
    if isinstance(cell, bool):
        return None
    try:
        number = cell if isinstance(cell, int) else float(str(cell).strip().replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _truth(cell: Any) -> bool | None:
    word = str(cell).strip().casefold().removesuffix(".0")
    return True if word in _TRUE else False if word in _FALSE else None
