"""Exports read whole: workbooks, JSON, the pairs for SPSS and R, and CSV files without their structure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from optima_research.errors import SourceError
from optima_research.language import _
from optima_research.sources.delimited import column_text, probe, read_cells
from optima_research.sources.limesurvey.answer_forms import raw_of
from optima_research.sources.limesurvey.inference import Described, bracket_name, infer_structure
from optima_research.sources.limesurvey.matching import match_columns
from optima_research.sources.limesurvey.raw import Raw
from optima_research.sources.limesurvey.statistical import Labelled, read_r_pair, read_spss_pair
from optima_research.sources.limesurvey.structure import Structure
from optima_research.sources.workbooks import cell_text, read_workbook

__all__ = ["read_bare_csv", "read_json", "read_r", "read_spss", "read_xlsx"]

_DAY_FIRST = re.compile(r"(\d\d)-(\d\d)-(\d{4})( \d\d:\d\d:\d\d)")


def read_xlsx(path: Path, structure: Structure | None) -> Raw:
    """Read the workbook LimeSurvey calls an Excel export (one sheet, header first)."""
    sheets = read_workbook(path)
    if len(sheets) != 1 or len(sheets[0].rows) < 1:
        raise SourceError(
            _("LimeSurvey writes one sheet, and this workbook has {n}.", n=len(sheets)),
            where=path.name,
            got=", ".join(sheet.name for sheet in sheets[:5]) or None,
            hint=_("Give the workbook as LimeSurvey wrote it."),
        )
    header, *rows = ([cell_text(value) for value in row] for row in sheets[0].rows)
    columns = _columns([list(row) for row in rows], len(header))
    return _raw(path, _("LimeSurvey workbook"), header, columns, structure, exact=False)


def read_json(path: Path, structure: Structure | None) -> Raw:
    """Read a JSON export; NULL and empty are told apart where the file holds both."""
    try:
        content = json.loads(path.read_bytes().decode("utf-8-sig"))
        responses = _responses(content)
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(
            _("This JSON file is not an export of LimeSurvey's responses."),
            where=path.name,
            expected='{"responses": [{"id": …}]}',
            got=str(error)[:80],
            hint=_("Export it again: Responses > Export > JSON."),
        ) from None
    names = list(dict.fromkeys(name for response in responses for name in response))
    columns = [[_cell(response.get(name)) for response in responses] for name in names]
    exact = any(cell is None for column in columns for cell in column)
    return _raw(path, _("LimeSurvey JSON"), names, columns, structure, exact=exact)


def read_spss(path: Path, structure: Structure | None) -> Raw:
    """Read an SPSS pair (``.sps`` and ``.dat``)."""
    return _statistical(read_spss_pair(path), _("LimeSurvey SPSS pair"), structure)


def read_r(path: Path, structure: Structure | None) -> Raw:
    """Read an R pair (syntax and data)."""
    return _statistical(read_r_pair(path), _("LimeSurvey R pair"), structure)


def read_bare_csv(path: Path) -> Raw:
    """Read a CSV without its structure: types are guessed, and the report says so."""
    found = probe(path)
    cells = read_cells(found)
    columns = [column_text(cells[place]).to_pylist() for place in range(found.width)]
    return _raw(path, _("LimeSurvey CSV"), list(found.header[0]), columns, None, exact=False)


_Cells = list[list[str | None]]


def _columns(rows: list[list[str]], width: int) -> _Cells:
    return [[row[place] for row in rows] for place in range(width)]


def _raw(
    path: Path, form: str, header: Sequence[str], columns: _Cells, structure: Structure | None, *, exact: bool
) -> Raw:
    known = structure or infer_structure(_described(header, columns), where=path.name)
    match = match_columns(header, known, where=path.name)
    raw = raw_of(path, form, known, match, _arrow(columns), exact=exact)
    if structure is None:
        raw.notes.append(_without_structure())
    return raw


def _statistical(found: Labelled, form: str, structure: Structure | None) -> Raw:
    header = [name.replace("#", "_") for name in found.names]
    columns = [
        [_DAY_FIRST.sub(r"\3-\2-\1\4", cell) for cell in column] for column in zip(*found.cells, strict=True)
    ]
    if structure is None:
        header = [name if name in _PEOPLE else bracket_name(name) for name in found.names]
        described = [
            Described(
                name, sorted(set(filter(None, column))), found.labels.get(n, ""), found.values.get(n, {})
            )
            for n, (name, column) in enumerate(zip(header, columns, strict=True))
        ]
        known = infer_structure([d for d in described if d.name not in _PEOPLE], where=found.path.name)
    else:
        known = structure
    match = match_columns(header, known, where=found.path.name)
    raw = Raw(
        path=found.path,
        form=form,
        structure=known,
        match=match,
        cells=_arrow(columns),
        exact=False,
        answers="recoded",
        language=known.language,
    )
    if structure is None:
        raw.notes.append(_without_structure())
    return raw


_PEOPLE = {
    "firstname", "lastname", "email", "emailstatus", "language", "sent", "remindersent", "remindercount", "usesleft",
    "completed", "validfrom", "validuntil", "blacklisted", "mpid", "participant_id", "tid",
    *(f"attribute_{n}" for n in range(1, 100)),
}  # fmt: skip


def _described(header: Sequence[str], columns: _Cells) -> list[Described]:
    return [
        Described(name, sorted({cell for cell in column if cell}))
        for name, column in zip(header, columns, strict=True)
        if name not in _PEOPLE
    ]


def _arrow(columns: Sequence[Sequence[str | None]]) -> dict[int, pa.ChunkedArray]:
    return {n: pa.chunked_array([pa.array(column, pa.string())]) for n, column in enumerate(columns)}


def _responses(content: object) -> list[dict[str, object]]:
    listed = content["responses"]  # type: ignore[index]
    if isinstance(listed, dict):
        listed = list(listed.values())
    responses = []
    for response in listed:
        # Before version 6, each response stood under its own id.
        inner = next(iter(response.values())) if len(response) == 1 else response
        responses.append(dict(inner if isinstance(inner, dict) else response))
    if not responses:
        raise ValueError("responses: []")
    return responses


def _cell(value: object) -> str | None:
    if isinstance(value, dict | list):
        raise TypeError("a cell holds a list")
    return None if value is None else cell_text(value)


def _without_structure() -> str:
    return _(
        "Read without its structure: types, labels and sets are guessed from codes and cells, conditions and pages are "
        "unknown. Give the .lss file as structure= to know them."
    )
