"""``read_forms``: Google Forms and Microsoft Forms, told apart by their first columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from optima_research.codebook import ItemSet, ItemSetKind, MissingKind, Role, Variable
from optima_research.errors import SourceError
from optima_research.language import _
from optima_research.sources.fields import ANSWERED, KIND_CODES, Field, survey_of, ticks
from optima_research.sources.french import clean
from optima_research.sources.grids import Grid, read_grid
from optima_research.sources.report import ImportReport
from optima_research.sources.tabular import row_ids, set_apart
from optima_research.sources.typed import Column, guessed_field
from optima_research.survey import Survey

__all__ = ["multiple_fields", "read_forms"]

_GOOGLE = ("horodateur", "timestamp")
_MICROSOFT = ("heure de début", "start time")
_META = {
    "horodateur": "submitdate", "timestamp": "submitdate", "heure de fin": "submitdate",
    "completion time": "submitdate", "heure de début": "startdate", "start time": "startdate",
    "langue": "language", "language": "language",
    "heure de la dernière modification": "datestamp", "last modified time": "datestamp",
}  # fmt: skip
_ROW = re.compile(r"(?P<question>.+?) ?\[(?P<row>[^\[\]]+)\]")
_OPTIONS = 40


def read_forms(path: str | Path, *, sheet: str | None = None) -> Survey:
    """Read the answers of a Google Form (CSV or Sheets) or of a Microsoft Form (Excel).

    Parameters
    ----------
    path : str or Path
    sheet : str, optional
        Sheet of a workbook that has several.

    Returns
    -------
    Survey
        Columns ``Q1``, ``Q2`` ... in the order of the form (headings are whole questions: they are the wording);
        rows of a grid ``Q3[1]`` ..., options of a multiple answer ``Q4[1]`` ... holding ``"Y"``. Names and addresses
        are in the quarantine, times are ``startdate`` and ``submitdate``.

    Raises
    ------
    SourceError
        The first columns are those of neither tool.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "reponses.csv"
    >>> text = "Horodateur,Vos outils ?\\n03/02/2026 14:05:09,Agenda;Visio\\n04/02/2026 09:00:00,Visio\\n"
    >>> _written = path.write_text(text, encoding="utf-8")
    >>> read_forms(path).frame("Q1").rename(columns={"Q1[1]": "Visio", "Q1[2]": "Agenda"}).to_numpy().tolist()
    [['Oui', 'Oui'], ['Oui', 'Non']]

    Notes
    -----
    These tools write labels, not codes, and nothing for a question that was skipped or not shown: kinds of missing
    are ``not_asked_or_no_answer``. Checked answers are joined by ``;`` (Microsoft, Google CSV) or by a comma (Google
    Sheets); an option that holds a comma cannot be told from two options, and the report names such questions.
    """
    grid = read_grid(path, sheet=sheet, tidy=False, separators=",;\t")
    first = {name.casefold() for name in grid.headings[:6]}
    google, microsoft = bool(first & set(_GOOGLE)), bool(first & set(_MICROSOFT))
    if not google and not microsoft:
        raise SourceError(
            _("The first columns are neither those of Google Forms nor those of Microsoft Forms."),
            where=grid.path.name,
            expected="Horodateur | ID, Heure de début, Heure de fin",
            got=", ".join(grid.headings[:3]),
            hint=_("Use read_table for another table."),
        )
    index, columns = row_ids(grid)
    columns, identifying = set_apart(columns)
    fields, sets = _fields(columns, grid, comma=google)
    form = _("Google Forms") if google else _("Microsoft Forms")
    report = ImportReport(
        grid.path.name, form, matched=len(fields), told_apart=False, notes=tuple(grid.notes)
    )
    return survey_of(grid.path, fields, index=index, report=report, identifying=identifying, sets=sets)


def multiple_fields(
    column: Column, name: str, question: str, *, separator: str, labels: Sequence[str] = ()
) -> tuple[list[Field], ItemSet]:
    """One field an option of a multiple answer whose cells join several labels.

    Parameters
    ----------
    column : Column
    name, question : str
        Code and wording of the question.
    separator : str
    labels : sequence of str, optional
        The options offered, in order; those met, most chosen first, where not given.
    """
    chosen = [[clean(part) for part in text.split(separator) if clean(part)] for text in column.distinct]
    met = Counter(dict.fromkeys(labels, 0))
    for parts, count in zip(chosen, column.counts, strict=True):
        met.update({part: int(count) for part in parts})
    options = [*labels, *sorted(set(met) - set(labels), key=lambda label: (-met[label], label))]
    blank = np.array([not parts for parts in chosen] or [True])[column.codes]
    kinds = np.where(blank, KIND_CODES[MissingKind.NOT_ASKED_OR_NO_ANSWER], KIND_CODES[MissingKind.NO_ANSWER])
    fields = []
    for number, label in enumerate(options, start=1):
        ticked = np.array([label in parts for parts in chosen] or [False])[column.codes]
        variable = Variable(
            f"{name}[{number}]", question=f"{question} [{label}]", label=label, values={"Y": _("Yes")}, item_set=name,
            source=column.name, missing_told_apart=False,
        )  # fmt: skip
        fields.append(Field(variable, ticks(ticked), np.where(ticked, ANSWERED, kinds).astype(np.int8)))
    return fields, ItemSet(name, ItemSetKind.MULTIPLE, tuple(f.variable.name for f in fields), question)


def _fields(columns: Sequence[Column], grid: Grid, *, comma: bool) -> tuple[list[Field], list[ItemSet]]:
    fields: list[Field] = []
    sets: list[ItemSet] = []
    rows: dict[str, list[Field]] = {}
    numbers: dict[str, int] = {}
    for column in columns:
        meta = _META.get(column.name.casefold())
        if meta and meta not in {field.variable.name for field in fields}:
            fields.append(
                guessed_field(column, Variable(meta, label=column.name, role=Role.META, source=column.name))
            )
            continue
        found = _ROW.fullmatch(column.name)
        question = found["question"] if found else column.name
        name = f"Q{numbers.setdefault(question if found else column.name, len(numbers) + 1)}"
        separator = None if found else _separator(column, comma=comma)
        if separator:
            options, item_set = multiple_fields(column, name, question, separator=separator)
            fields += options
            sets.append(item_set)
            if separator == ",":
                grid.notes.append(
                    _("« {question} »: answers joined by commas; an option that holds one was split.",
                      question=question[:60])
                )  # fmt: skip
            continue
        fields.append(_single(column, name, question, found["row"] if found else "", rows))
    sets += [
        ItemSet(name, ItemSetKind.GRID, tuple(f.variable.name for f in members), members[0].variable.question)
        for name, members in rows.items()
    ]
    return fields, sets


def _single(column: Column, name: str, question: str, row: str, rows: dict[str, list[Field]]) -> Field:
    members = rows.setdefault(name, []) if row else []
    if row:
        place = f"{name}[{len(members) + 1}]"
        wording = f"{question} [{row}]"
        variable = Variable(place, wording, row, item_set=name, source=column.name, missing_told_apart=False)
    else:
        variable = Variable(name, question=question, source=column.name, missing_told_apart=False)
    field = _either(guessed_field(column, variable))
    if row:
        rows[name].append(field)
    return field


def _either(field: Field) -> Field:
    """These tools write nothing for a question skipped or not shown."""
    blank = KIND_CODES[MissingKind.NO_ANSWER]
    kinds = np.where(field.kinds == blank, KIND_CODES[MissingKind.NOT_ASKED_OR_NO_ANSWER], field.kinds)
    return Field(field.variable, field.values, kinds.astype(np.int8))


def _separator(column: Column, *, comma: bool) -> str | None:
    """What joins the checked answers of a multiple question, or None for a question with one answer."""
    texts = [text for text in column.distinct if clean(text)]
    if not texts:
        return None
    if any(";" in text for text in texts) and _repeats(texts, ";"):
        return ";"
    return "," if comma and any(", " in text for text in texts) and _repeats(texts, ", ") else None


def _repeats(texts: Sequence[str], separator: str) -> bool:
    """Whether the parts come back, as options do and words of a sentence do not."""
    parts = Counter(clean(part) for text in texts for part in text.split(separator) if clean(part))
    joined = sum(separator in text.rstrip("; ") for text in texts)
    trailing = all(text.rstrip().endswith(";") for text in texts)
    if trailing and separator == ";":
        return len(parts) <= _OPTIONS
    again = sum(count > 1 for count in parts.values())
    return joined > 0 and len(parts) <= _OPTIONS and again >= 0.5 * len(parts)
