"""``read_qualtrics``: Qualtrics CSV exports, with three header rows, or two in the older form."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from optima_research.codebook import ItemSet, ItemSetKind, MissingKind, Role, Variable
from optima_research.errors import SourceError
from optima_research.language import _
from optima_research.sources.fields import ANSWERED, KIND_CODES, Field, survey_of, ticks
from optima_research.sources.files import require_file
from optima_research.sources.forms import multiple_fields
from optima_research.sources.grids import Grid, read_grid
from optima_research.sources.limesurvey.wording import flatten
from optima_research.sources.report import ImportReport
from optima_research.sources.tabular import set_apart
from optima_research.sources.typed import Column, column_of, guessed_field
from optima_research.survey import Survey

__all__ = ["read_qualtrics"]

_META = {
    "StartDate": "startdate", "EndDate": "datestamp", "RecordedDate": "submitdate", "Status": "Status",
    "Progress": "Progress", "Duration (in seconds)": "interviewtime", "Finished": "Finished",
    "DistributionChannel": "DistributionChannel", "UserLanguage": "startlanguage", "ResponseSet": "ResponseSet",
}  # fmt: skip
_IDENTIFYING = {"IPAddress", "RecipientLastName", "RecipientFirstName", "RecipientEmail", "ExternalReference",
                "LocationLatitude", "LocationLongitude", "ResponseId", "ResponseID", "Name", "EmailAddress",
                "ExternalDataReference"}  # fmt: skip
_PREVIEW = {"survey preview", "survey test", "1", "aperçu de l'enquête", "spam", "8", "16"}
_IMPORT_ID = re.compile(r"(?P<question>(?:\d+_)?QID\d+)(?P<rest>.*)")
_JOINED = re.compile(r"\d{1,3}(?:,\d{1,3})*")
_SEEN_UNANSWERED = "-99"


def read_qualtrics(path: str | Path) -> Survey:
    """Read a Qualtrics export (CSV, or tab-separated UTF-16).

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Survey
        Columns under Qualtrics' short names; the wording is that of the second header row; rows of one question are
        a grid, options of one question a multiple answer (told by the identifiers of the third row). ``-99`` (seen,
        unanswered) is ``no_answer``; an empty cell is ``not_asked_or_no_answer``. Addresses, positions and response
        codes are in the quarantine. Previews and tests are kept, and counted in the report.

    Raises
    ------
    SourceError
        No header row of Qualtrics.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "qualtrics.csv"
    >>> text = "StartDate,ResponseId,IPAddress,Q1\\nDate,Code,Adresse,Votre avis ?\\n2026-03-02,R_1,192.0.2.1,Oui\\n"
    >>> _written = path.write_text(text, encoding="utf-8")
    >>> survey = read_qualtrics(path)
    >>> survey.columns, survey.codebook["Q1"].question
    (['startdate', 'Q1'], 'Votre avis ?')
    """
    path = require_file(path)
    grid = read_grid(path, header_rows=3, tidy=False, separators=",\t;")
    ids = _import_ids(grid)
    if ids is None:
        grid = read_grid(path, header_rows=2, tidy=False, separators=",\t;")
        _refuse_stranger(grid)
    texts = grid.header[1]
    columns = [column_of(name, cells) for name, cells in zip(grid.names, grid.columns, strict=True)]
    wording = {c.name: flatten(text).strip() for c, text in zip(columns, texts, strict=True)}
    identifier = dict(zip(grid.names, ids or grid.names, strict=True))
    # The older form ends each line with a comma, which makes a last column of nothing.
    columns = [c for c in columns if wording[c.name] or any(c.distinct)]
    people = {
        c.name: _texts(c) for c in columns if c.name in _IDENTIFYING or identifier[c.name] in _IDENTIFYING
    }
    shown, more = set_apart([c for c in columns if c.name not in people])
    notes = _previews(shown)
    fields, sets = _fields(shown, wording, identifier)
    report = ImportReport(
        path.name, "Qualtrics", matched=len(fields), told_apart=False, notes=(*grid.notes, *notes)
    )
    index = pd.RangeIndex(1, grid.n + 1)
    return survey_of(path, fields, index=index, report=report, identifying={**people, **more}, sets=sets)


def _import_ids(grid: Grid) -> list[str] | None:
    """The identifiers of the third header row, the stable key of each column."""
    found = []
    for cell in grid.header[2] if len(grid.header) > 2 else ():
        try:
            content = json.loads(cell)
        except (ValueError, RecursionError):
            return None
        if not isinstance(content, dict) or "ImportId" not in content:
            return None
        found.append(str(content["ImportId"]))
    return found or None


def _refuse_stranger(grid: Grid) -> None:
    known = set(_META) | _IDENTIFYING
    if len(known & set(grid.header[0])) < 3:
        raise SourceError(
            _("This file has no header row of Qualtrics."),
            where=grid.path.name,
            expected="StartDate, EndDate, Status, ResponseId",
            got=", ".join(grid.headings[:4]),
            hint=_(
                "Export it from Qualtrics: Data & Analysis > Export > CSV, or use read_table for another table."
            ),
        )


def _texts(column: Column) -> object:
    cells = np.array([text or None for text in column.distinct] or [None], dtype=object)[column.codes]
    return pd.array(cells, dtype="string")


def _previews(columns: Sequence[Column]) -> list[str]:
    status = next((c for c in columns if c.name == "Status"), None)
    if status is None:
        return []
    counts = status.counts
    n = int(sum(k for t, k in zip(status.distinct, counts, strict=True) if t.strip().casefold() in _PREVIEW))
    return (
        [_("{n} responses are previews, tests or spam (column Status): drop them with a reason.", n=n)]
        if n
        else []
    )


def _fields(
    columns: Sequence[Column], wording: dict[str, str], identifier: dict[str, str]
) -> tuple[list[Field], list[ItemSet]]:
    fields: list[Field] = []
    sets: list[ItemSet] = []
    for question, group in groupby(columns, key=lambda column: _question(identifier[column.name])):
        members = list(group)
        main = [c for c in members if not c.name.endswith("_TEXT")]
        if question and len(main) > 1:
            made, item_set = _set(main, wording)
            fields += made
            sets.append(item_set)
        else:
            for column in main:
                made, found = _one(column, wording[column.name])
                fields += made
                sets += found
        fields += [_guessed(c, wording[c.name], Role.OTHER_TEXT) for c in members if c.name.endswith("_TEXT")]
    return fields, sets


def _question(import_id: str) -> str:
    """The question a column belongs to; each column of meta data is its own."""
    found = _IMPORT_ID.fullmatch(import_id)
    return found["question"] if found else ""


def _one(column: Column, wording: str) -> tuple[list[Field], list[ItemSet]]:
    if column.name not in _META and _joins_codes(column.sample) and _joins_codes(column.distinct):
        made, found = multiple_fields(column, column.name, wording, separator=",")
        return made, [found]
    meta = _META.get(column.name)
    field = _guessed(column, wording, Role.META if meta else Role.ITEM)
    return [field], []


def _joins_codes(texts: Sequence[str]) -> bool:
    codes = [text for text in texts if text]
    return any("," in text for text in codes) and all(_JOINED.fullmatch(text) for text in codes)


def _set(columns: list[Column], wording: dict[str, str]) -> tuple[list[Field], ItemSet]:
    """Columns of one question: a multiple answer where each holds one text only, else a grid."""
    stem = columns[0].name.rsplit("_", 1)[0]
    question = wording[columns[0].name].split(" - ")[0]
    names = tuple(column.name for column in columns)
    filled = [[t for t in column.distinct if t and t != _SEEN_UNANSWERED] for column in columns]
    if all(len(texts) <= 1 for texts in filled) and any(filled):
        some = np.logical_or.reduce([_chosen(column) for column in columns])
        fields = [_option(column, wording[column.name], stem, some) for column in columns]
        return fields, ItemSet(stem, ItemSetKind.MULTIPLE, names, question)
    fields = [_guessed(column, wording[column.name], Role.ITEM, item_set=stem) for column in columns]
    return fields, ItemSet(stem, ItemSetKind.GRID, names, question)


def _chosen(column: Column) -> np.ndarray:
    flags = np.array([bool(t) and t != _SEEN_UNANSWERED for t in column.distinct] or [False])
    return np.asarray(flags[column.codes], dtype=bool)


def _option(column: Column, wording: str, stem: str, some: np.ndarray) -> Field:
    ticked = _chosen(column)
    seen = some | np.array([t == _SEEN_UNANSWERED for t in column.distinct] or [False])[column.codes]
    holes = np.where(seen, KIND_CODES[MissingKind.NO_ANSWER], KIND_CODES[MissingKind.NOT_ASKED_OR_NO_ANSWER])
    label = wording.rsplit(" - ", 1)[-1]
    variable = Variable(column.name, question=wording, label=label, values={"Y": _("Yes")}, item_set=stem,
                        missing_told_apart=False, source=column.name)  # fmt: skip
    return Field(variable, ticks(ticked), np.where(ticked, ANSWERED, holes).astype(np.int8))


def _guessed(column: Column, wording: str, role: Role, item_set: str | None = None) -> Field:
    variable = Variable(_META.get(column.name, column.name), question=wording, role=role, item_set=item_set,
                        missing_told_apart=False, source=column.name)  # fmt: skip
    # A long column where every cell differs is parsed whole; it is taken apart only if it holds the code.
    if column.cells is not None and not pc.any(pc.equal(column.cells, _SEEN_UNANSWERED)).as_py():
        seen, plain = np.zeros(len(column.cells), dtype=bool), column
    else:
        seen = np.array([t == _SEEN_UNANSWERED for t in column.distinct] or [False])[column.codes]
        plain = Column(
            column.name, ["" if t == _SEEN_UNANSWERED else t for t in column.distinct], column.codes
        )
    found = guessed_field(plain, variable)
    no_answer = KIND_CODES[MissingKind.NO_ANSWER]
    kinds = np.where(found.kinds == no_answer, KIND_CODES[MissingKind.NOT_ASKED_OR_NO_ANSWER], found.kinds)
    return Field(found.variable, found.values, np.where(seen, no_answer, kinds).astype(np.int8))
