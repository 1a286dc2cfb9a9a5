"""``read_table``: hand-kept workbooks and French CSV files, with or without a declared codebook."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from optima_research.codebook import Codebook, Variable
from optima_research.errors import SourceError, suggest
from optima_research.language import _
from optima_research.sources.fields import Field, survey_of
from optima_research.sources.french import heads_codes
from optima_research.sources.grids import Grid, read_grid
from optima_research.sources.identifiers import identifies
from optima_research.sources.parsing import all_whole
from optima_research.sources.report import ImportReport
from optima_research.sources.typed import Column, column_of, declared_field, guessed_field
from optima_research.survey import Survey

__all__ = ["read_table", "row_ids", "set_apart"]

_ID_NAMES = ("id", "identifiant", "id réponse", "id reponse", "response id", "n°", "numéro")


def read_table(
    path: str | Path, codebook: Codebook | str | Path | None = None, *, sheet: str | None = None
) -> Survey:
    """Read a table kept by hand, or exported by a tool we do not know.

    Parameters
    ----------
    path : str or Path
        CSV (any separator; UTF-8 or Windows encoding) or ``.xlsx``. Opened read-only.
    codebook : Codebook, str or Path, optional
        What the columns are: found by their name or ``source``. Without it, types are guessed.
    sheet : str, optional
        Sheet of a workbook that has several.

    Returns
    -------
    Survey
        Numbers as French people type them (``1 234,5 €``), days before months; texts with a leading zero stay
        texts (INSEE codes, SIRET, telephone); NSP, NR, refus and sans objet are kinds of missing, among declared or
        closed answers only. Columns that identify people go to the quarantine. Index: a column called ``id`` with
        distinct whole numbers, else the rank of the row.

    Raises
    ------
    SourceError
        Damaged file, several sheets and none chosen, digits lost by a spreadsheet, declared columns that are absent.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "effectifs.csv"
    >>> text = "commune;insee;effectif;avis\\nBourg;01053;1 234,5;NSP\\nPau;64445;12;NSP\\n"
    >>> _written = path.write_text(text, encoding="utf-8")
    >>> survey = read_table(path)
    >>> survey.answers["effectif"].tolist(), survey.answers["insee"].tolist()
    ([1234.5, 12.0], ['01053', '64445'])
    """
    grid = read_grid(path, sheet=sheet)
    book = Codebook.read(codebook) if isinstance(codebook, str | Path) else codebook
    index, columns = row_ids(grid)
    fields: list[Field] = []
    unknown: dict[str, dict[str, int]] = {}
    declared = _declared(grid, book) if book else {}
    columns, identifying = set_apart(columns, declared)
    for column in columns:
        variable = declared.get(column.name)
        if variable is None:
            fields.append(
                guessed_field(column, Variable(column.name, question=column.name, source=column.name))
            )
            continue
        field, odd = declared_field(column, variable)
        fields.append(field)
        if odd:
            unknown[variable.name] = odd
    grid.notes += [note for column in columns if column.name not in declared and (note := _shortened(column))]
    undeclared = tuple(c.name for c in columns if c.name not in declared) if book else ()
    report = ImportReport(
        source=grid.path.name,
        form=grid.form,
        matched=len(declared),
        extra=undeclared,
        unknown=unknown,
        notes=tuple(grid.notes),
    )
    names = {field.variable.name for field in fields}
    return survey_of(
        grid.path,
        fields,
        index=index,
        report=report,
        identifying=identifying,
        sets=[s for s in book.sets if names.issuperset(s.members)] if book else (),
        scales=[s for s in book.scales if names.issuperset(s.items)] if book else (),
        title=book.title if book else "",
    )


def row_ids(grid: Grid) -> tuple[pd.Index, list[Column]]:
    """Response ids, and the other columns: a column called ``id`` with distinct whole numbers, else row ranks."""
    columns = [column_of(name, cells) for name, cells in zip(grid.names, grid.columns, strict=True)]
    for place, column in enumerate(columns):
        if column.name.casefold() not in _ID_NAMES:
            continue
        ids = all_whole(grid.columns[place])
        if ids is not None and len(pd.unique(ids)) == len(ids) > 0:
            return pd.Index(ids, name="id"), columns[:place] + columns[place + 1 :]
    return pd.RangeIndex(1, grid.n + 1, name="id"), columns


def set_apart(
    columns: list[Column], declared: dict[str, Variable] | None = None
) -> tuple[list[Column], dict[str, object]]:
    """Columns that may be shown, and those that identify people, as text.

    A codebook decides for the columns it declares: those it classes as direct identifiers are set apart.
    """
    shown: list[Column] = []
    identifying: dict[str, object] = {}
    for column in columns:
        variable = (declared or {}).get(column.name)
        hidden = variable.identifier == "direct" if variable else identifies(column.name, column.sample)
        if hidden:
            table = np.array([*column.distinct, ""], dtype=object)
            texts = pd.array(table[column.codes], dtype="string")
            identifying[column.name] = pd.Series(texts).replace("", pd.NA).array
        else:
            shown.append(column)
    return shown, identifying


def _shortened(column: Column) -> str:
    """What to say of SIRET or INSEE codes whose leading zeros a spreadsheet took."""
    widths = {"siret": 14, "siren": 9, "insee": 5}
    kind = next((kind for kind in widths if heads_codes(column.name) and kind in column.name.casefold()), "")
    texts = [text.strip() for text in column.distinct] if kind else []
    short = [text for text in texts if text.isdigit() and len(text) < widths[kind]]
    if not short:
        return ""
    return _(
        "« {name} »: {n} codes are shorter than {width} digits, their first zeros are lost: "
        "sources.collectivites.restore_zeros gives back those that are certain.",
        name=column.name,
        n=len(short),
        width=widths[kind],
    )


def _declared(grid: Grid, book: Codebook) -> dict[str, Variable]:
    """Heading → variable, by source or by name."""
    by_heading = {variable.source or variable.name: variable for variable in book} | {v.name: v for v in book}
    found = {name: by_heading[name] for name in grid.names if name in by_heading}
    absent = [v for v in book if v.name not in {f.name for f in found.values()}]
    if absent:
        first = absent[0]
        raise SourceError(
            _("The codebook declares columns that the file does not have: {names}.",
              names=", ".join(v.name for v in absent[:6])),
            where=grid.path.name,
            parameter="codebook",
            got=", ".join(grid.names[:8]),
            hint=suggest(first.source or first.name, grid.names)
            or _("Give the heading of the column in the field « source » of the variable."),
        )  # fmt: skip
    return found
