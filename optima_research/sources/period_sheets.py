"""``read_period_sheets``: a follow-up kept by hand, one sheet a quarter, whose headings change as hands change."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from optima_research.errors import SourceError, suggest
from optima_research.language import _
from optima_research.language.numbers import format_count
from optima_research.results import Column, PublicationTable
from optima_research.sources.french import clean, missing_word, number_of
from optima_research.sources.workbooks import Sheet, cell_text, read_workbook

__all__ = ["PeriodSheets", "read_period_sheets"]

_YEAR = r"(?P<year>(?:19|20)\d\d)"
_QUARTER = (
    rf"(?:t|trim(?:estre)?\.? ?|q)(?P<q>[1-4])\W*{_YEAR}",
    rf"(?P<q>[1-4])(?:er|e|ème|è)? ?(?:t\b|trim\w*)\.?\W*{_YEAR}",
    rf"{_YEAR}\W*(?:t|trim(?:estre)?\.? ?|q)(?P<q>[1-4])",
)
_PERIODS = tuple(re.compile(rf"\W*(?:{form})\W*", re.IGNORECASE) for form in _QUARTER)
_WHOLE_YEAR = re.compile(rf"\W*(?:année |bilan )?{_YEAR}\W*", re.IGNORECASE)


@dataclass(frozen=True, eq=False, repr=False)
class PeriodSheets:
    """Every sheet of a follow-up, stacked.

    Parameters
    ----------
    table : DataFrame
        One row a line of a sheet: ``period`` (pandas Period, quarters or years), the columns asked for, and one
        ``<column>_text`` with the cell as typed for each column of numbers.
    headings : DataFrame
        Period × column: the heading it had in that sheet.
    words : DataFrame
        ``column text n``: what stood where a number was expected, and was read as missing.
    colours : DataFrame
        ``colour n``: fills used in the sheets; they are counted, never interpreted.
    other_headings : tuple of str
        Headings nobody asked for.
    """

    table: pd.DataFrame
    headings: pd.DataFrame
    words: pd.DataFrame
    colours: pd.DataFrame
    other_headings: tuple[str, ...]

    @property
    def gaps(self) -> dict[str, list[str]]:
        """Column → periods of the sheets where no heading stands for it: its values are missing there."""
        absent = self.headings.isna()
        return {str(n): [period_label(p) for p in absent.index[absent[n]]] for n in absent if absent[n].any()}

    def report(self) -> PublicationTable:
        """One line a column: the headings it bore, and the cells that were no number."""
        rows = {}
        for name in self.headings:
            used = self.headings[name].dropna()
            absent = self.words.loc[self.words["column"] == name]
            rows[name] = {
                "headings": " ; ".join(f"« {h} »" for h in dict.fromkeys(used)),
                "sheets": len(used),
                "missing": int(absent["n"].sum()),
                "words": ", ".join(f"« {text} »" if text else _("empty") for text in absent["text"]) or "–",
            }
        columns = (
            Column("headings", _("Headings it bore"), kind="text"),
            Column("sheets", _("Sheets"), kind="count"),
            Column("missing", _("Cells without a number"), kind="count"),
            Column("words", _("What stood there"), kind="text"),
        )
        note = repr(self)
        if len(self.colours):
            note += " " + _(
                "Colours carry something in {n} cells: what they mean is written nowhere, they are not read.",
                n=format_count(int(self.colours["n"].sum())),
            )
        return PublicationTable(
            title=_("How the sheets were read"), body=pd.DataFrame.from_dict(rows, orient="index"),
            columns=columns, stub=_("Column"), note=note, name="period_sheets",
        )  # fmt: skip

    def __repr__(self) -> str:
        first, last = (period_label(self.headings.index[place]) for place in (0, -1))
        said = _(
            "{rows} rows in {sheets} sheets, {first} to {last}.",
            rows=format_count(len(self.table)), sheets=format_count(len(self.headings)), first=first, last=last,
        )  # fmt: skip
        for name, periods in self.gaps.items():
            said += " " + _(
                "No heading stands for « {name} » in {sheets}: its values are missing there.",
                name=name, sheets=", ".join(periods),
            )  # fmt: skip
        return said

    def _repr_html_(self) -> str:
        return str(self.report()._repr_html_())


def read_period_sheets(
    path: str | Path,
    columns: Mapping[str, Sequence[str]],
    *,
    key: str,
    numbers: Sequence[str] = (),
    missing: Sequence[str] = (),
) -> PeriodSheets:
    """Stack the sheets of a hand-kept workbook, one sheet a quarter or a year.

    Parameters
    ----------
    path : str or Path
        ``.xlsx``, opened read-only. Sheets are found by their name: « T1 2012 », « 1er trim. 2012 », « 2012-T1 »,
        « 2012 »; the others (notes, lists) are left out.
    columns : mapping
        Name wanted → the headings it has had. Case, spaces and line ends do not matter; accents do.
    key : str
        The wanted column that names the line; rows without it (blank lines, section titles) are left out.
    numbers : sequence of str
        Columns that hold numbers as French people type them. « n.d. », « - » and empty cells are missing; the cell as
        typed stays in ``<column>_text``.
    missing : sequence of str
        Other words of this workbook for a missing number (« à venir », « en cours »); case does not matter.

    Returns
    -------
    PeriodSheets

    Raises
    ------
    SourceError
        No sheet named after a period, two for the same one, a sheet without the key, two headings for one column, the
        same key twice in a sheet, or a text that is neither a number nor a word for missing.

    Notes
    -----
    A colour is no data: its meaning lives in one head. Fills are counted, and said, so that the researcher asks.

    Examples
    --------
    >>> import tempfile
    >>> from openpyxl import Workbook
    >>> book = Workbook()
    >>> for name, heading, value in (("T1 2012", "Valeur", 12), ("2e trim. 2012", "Réalisé", "n.d.")):
    ...     sheet = book.create_sheet(name)
    ...     sheet.append(["Suivi"]); sheet.append(["N°", heading]); sheet.append(["I1", value])
    >>> path = Path(tempfile.mkdtemp()) / "suivi.xlsx"
    >>> book.save(path)
    >>> sheets = read_period_sheets(path, {"id": ["N°"], "value": ["Valeur", "Réalisé"]}, key="id", numbers=["value"])
    >>> sheets.table["period"].astype(str).tolist(), sheets.table["value"].tolist()
    (['2012Q1', '2012Q2'], [12.0, nan])
    """
    path = Path(path)
    if key not in columns:
        raise SourceError(
            _("The key is not among the columns."), parameter="key", got=key, hint=suggest(key, columns)
        )
    for name in numbers:
        if name not in columns:
            raise SourceError(
                _("« {name} » is in numbers= but not among the columns.", name=name),
                parameter="numbers",
                hint=suggest(name, columns) or None,
            )
    known = {_plain(heading): name for name, headings in columns.items() for heading in (name, *headings)}
    dated = _dated(path)
    frames, used, others = [], {}, dict[str, None]()
    for period, sheet in dated:
        where = f"{path.name}, {sheet.name}"
        top, places, unknown = _header(sheet, known, key, where)
        frames.append(_rows(sheet, top, places, key, where).assign(period=period))
        used[period] = {name: clean(cell_text(sheet.rows[top][place])) for name, place in places.items()}
        others.update(dict.fromkeys(unknown))
    table = pd.concat(frames, ignore_index=True)
    table = table.reindex(columns=["period", *columns])
    wanted = [name for name in columns if name in set(numbers)]
    table, words = _typed(table, wanted, {_plain(word) for word in missing}, path.name)
    headings = (
        pd.DataFrame.from_dict(used, orient="index").reindex(columns=list(columns)).rename_axis("period")
    )
    return PeriodSheets(
        table, headings, words, _colours(path, {sheet.name for _period, sheet in dated}), tuple(others)
    )


def period_label(period: pd.Period) -> str:
    """A quarter or a year as French readers write it.

    Examples
    --------
    >>> period_label(pd.Period("2012Q1")), period_label(pd.Period("2012", "Y"))
    ('T1 2012', '2012')
    """
    if period.freqstr.startswith("Q"):
        return _("Q{quarter} {year}", quarter=period.quarter, year=period.year)
    return str(period.year)


def _plain(heading: str) -> str:
    return clean(heading).casefold().replace("’", "'")


def _dated(path: Path) -> list[tuple[pd.Period, Sheet]]:
    """Sheets named after a period, in the order of time."""
    dated: dict[pd.Period, Sheet] = {}
    for sheet in read_workbook(path):
        period = _period_of(sheet.name)
        if period is None:
            continue
        if period in dated:
            raise SourceError(
                _("Two sheets are of the same period."),
                where=path.name,
                got=f"{dated[period].name}, {sheet.name}",
            )
        dated[period] = sheet
    if not dated:
        raise SourceError(
            _("No sheet is named after a quarter or a year."),
            where=path.name,
            expected="T1 2012, 2012-T1, 2012",
        )
    return sorted(dated.items(), key=lambda item: (item[0].year, item[0].start_time))


def _period_of(name: str) -> pd.Period | None:
    name = clean(name)
    for form in _PERIODS:
        if found := form.fullmatch(name):
            return pd.Period(f"{found['year']}Q{found['q']}")
    found = _WHOLE_YEAR.fullmatch(name)
    return pd.Period(found["year"], "Y") if found else None


def _header(
    sheet: Sheet, known: Mapping[str, str], key: str, where: str
) -> tuple[int, dict[str, int], list[str]]:
    """Row of the headings (the one that has most of them), place of each column, and headings nobody asked for."""
    plain = [[_plain(cell_text(cell)) for cell in row] for row in sheet.rows[:20]]
    found = [sum(cell in known for cell in row) for row in plain]
    top = found.index(max(found, default=0)) if found else 0
    places: dict[str, int] = {}
    for place, cell in enumerate(plain[top] if plain else []):
        name = known.get(cell)
        if name in places:
            raise SourceError(
                _("Two headings of this sheet stand for « {name} ».", name=name),
                where=where,
                parameter="columns",
            )
        if name is not None:
            places[name] = place
    if key not in places:
        headings = [clean(cell_text(cell)) for row in sheet.rows[:20] for cell in row if cell_text(cell)]
        raise SourceError(
            _("This sheet has no heading for « {name} ».", name=key), where=where, got=", ".join(headings[:8]),
            hint=_("Add the heading it has there to columns."),
        )  # fmt: skip
    unknown = [clean(cell_text(c)) for c in sheet.rows[top] if _plain(cell_text(c)) not in {*known, ""}]
    return top, places, unknown


def _rows(sheet: Sheet, top: int, places: Mapping[str, int], key: str, where: str) -> pd.DataFrame:
    """Lines of a sheet that have a key and something beside it, as text."""
    rows = [{name: clean(cell_text(row[p])) for name, p in places.items()} for row in sheet.rows[top + 1 :]]
    kept = [row for row in rows if row[key] and any(text for name, text in row.items() if name != key)]
    frame = pd.DataFrame(kept, columns=list(places), dtype="string")
    double = frame.loc[frame[key].duplicated(), key]
    if len(double):
        raise SourceError(
            _("The same line stands twice in this sheet."), where=where, got=", ".join(double.unique()[:5]),
            hint=_("Correct the workbook with those who keep it: nobody else knows which line is right."),
        )  # fmt: skip
    return frame


def _typed(
    table: pd.DataFrame, numbers: Sequence[str], missing: set[str], file: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Columns of numbers, what was typed kept beside them, and a count of the words read as missing."""
    words = []
    for name in numbers:
        typed = table[name].astype("string").fillna("")
        value = {text: number_of(text) for text in typed.unique()}
        absent = typed.map(lambda text, value=value: value[text] is None)
        counted = typed[absent].value_counts(sort=False)
        odd = [
            text
            for text in counted.index
            if text and missing_word(text) is None and _plain(text) not in missing
        ]
        if odd:
            where = _("{file}, column « {column} »", file=file, column=name)
            raise SourceError(
                _("A column of numbers holds text that is no number."), where=where, got=", ".join(odd[:5]),
                hint=_(
                    "Say what means missing: missing=[…]; else leave the column out of numbers=, or have the cells "
                    "corrected."
                ),
            )  # fmt: skip
        words += [
            {"column": name, "text": str(text), "n": int(n)} for text, n in counted.sort_index().items()
        ]
        table = table.assign(**{name: typed.map(value).astype("float64"), f"{name}_text": typed})
    return table, pd.DataFrame(words, columns=["column", "text", "n"])


def _colours(path: Path, names: set[str]) -> pd.DataFrame:
    """Fills of the cells that hold something, most used first."""
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    counted: dict[str, int] = {}
    try:
        for sheet in book.worksheets:
            if str(sheet.title) not in names:
                continue
            sheet.reset_dimensions()
            for row in sheet.iter_rows():
                for colour in filter(None, map(_fill, row)):
                    counted[colour] = counted.get(colour, 0) + 1
    finally:
        book.close()
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return pd.DataFrame(ranked, columns=["colour", "n"])


def _fill(cell: Any) -> str | None:
    if cell.value is None or getattr(cell, "fill", None) is None or cell.fill.fill_type != "solid":
        return None
    colour = cell.fill.fgColor
    return str(colour.rgb)[-6:] if colour.type == "rgb" else f"{colour.type}:{colour.value}"
