"""``read_sphinx``: Le Sphinx, whose exports hold labels and need a declared codebook."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from optima_research.codebook import Codebook, ItemSet, ItemSetKind, Measure, Role, Variable
from optima_research.errors import SourceError, suggest
from optima_research.language import _
from optima_research.sources.fields import Field, survey_of
from optima_research.sources.forms import multiple_fields
from optima_research.sources.grids import read_grid
from optima_research.sources.report import ImportReport
from optima_research.sources.tabular import row_ids, set_apart
from optima_research.sources.typed import Column, declared_field, guessed_field
from optima_research.survey import Survey

__all__ = ["read_sphinx"]

_META = {"CLE": "cle", "DATE_SAISIE": "submitdate", "TEMPS_SAISIE": "interviewtime"}


def read_sphinx(path: str | Path, codebook: Codebook | str | Path, *, sheet: str | None = None) -> Survey:
    """Read an Excel or CSV export of Le Sphinx with the codebook of its questionnaire.

    Parameters
    ----------
    path : str or Path
        ``;`` and Windows encoding, or ``.xlsx``.
    codebook : Codebook, str or Path
        One variable a question. A question with several answers is a set of kind ``multiple`` whose options are
        declared as variables ``NAME[1]`` ..., in order, their label being what Le Sphinx writes.
    sheet : str, optional

    Returns
    -------
    Survey
        Labels turned back into the codes declared; ``Non réponse`` is ``no_answer``; several answers, joined by ``;``
        in one cell, become one column an option.

    Raises
    ------
    SourceError
        Damaged file, or declared columns that it does not have.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "sphinx.csv"
    >>> _written = path.write_text("CLE;SEXE\\n1;Une femme\\n2;Non réponse\\n", encoding="cp1252")
    >>> survey = read_sphinx(path, Codebook([Variable("SEXE", values={1: "Un homme", 2: "Une femme"})]))
    >>> survey.answers["SEXE"].tolist(), survey.missing["SEXE"].tolist()
    ([2, <NA>], [nan, 'no_answer'])

    Notes
    -----
    Written from the documentation of Le Sphinx and the habits of its users; no export of the tool itself was at hand.
    """
    grid = read_grid(path, sheet=sheet)
    book = Codebook.read(codebook) if isinstance(codebook, str | Path) else codebook
    index, columns = row_ids(grid)
    by_name = {column.name: column for column in columns}
    multiple = {
        group.name: group
        for group in book.sets
        if group.kind is ItemSetKind.MULTIPLE and group.name in by_name
    }
    options = {name for group in multiple.values() for name in group.members}
    plain = {variable.source or variable.name: variable for variable in book if variable.name not in options}
    _refuse_absent(plain, by_name, grid.path.name)
    columns, identifying = set_apart(columns, plain)
    fields: list[Field] = []
    unknown: dict[str, dict[str, int]] = {}
    for column in columns:
        if column.name in multiple:
            fields += _options(column, multiple[column.name], book)
            continue
        field, odd = _field(column, plain.get(column.name))
        fields.append(field)
        unknown |= {field.variable.name: odd} if odd else {}
    names = {field.variable.name for field in fields}
    extra = tuple(
        c.name for c in columns if c.name not in plain and c.name not in multiple and c.name not in _META
    )
    report = ImportReport(grid.path.name, "Le Sphinx", matched=len(plain) + len(multiple), extra=extra,
                          unknown=unknown, notes=tuple(grid.notes))  # fmt: skip
    return survey_of(
        grid.path,
        fields,
        index=index,
        report=report,
        identifying=identifying,
        sets=[group for group in book.sets if names.issuperset(group.members)],
        scales=[scale for scale in book.scales if names.issuperset(scale.items)],
        title=book.title,
    )


def _field(column: Column, declared: Variable | None) -> tuple[Field, dict[str, int]]:
    if declared is not None:
        return declared_field(column, declared)
    meta = _META.get(column.name.upper())
    role = Role.META if meta else Role.ITEM
    return guessed_field(
        column, Variable(meta or column.name, label=column.name, role=role, source=column.name)
    ), {}


def _options(column: Column, group: ItemSet, book: Codebook) -> list[Field]:
    declared = [book[name] for name in group.members]
    blank = {"non réponse", "non-réponse"}
    distinct = ["" if text.strip().casefold() in blank else text for text in column.distinct]
    labels = [variable.shown for variable in declared]
    found, _set = multiple_fields(
        Column(column.name, distinct, column.codes), group.name, group.label, separator=";", labels=labels
    )
    named = [replace(field, variable=variable) for field, variable in zip(found, declared, strict=False)]
    others = [
        replace(field, variable=replace(field.variable, measure=Measure.NOMINAL))
        for field in found[len(declared) :]
    ]
    return [*named, *others]


def _refuse_absent(declared: dict[str, Variable], present: dict[str, Column], where: str) -> None:
    absent = [name for name in declared if name not in present]
    if absent:
        raise SourceError(
            _(
                "The codebook declares columns that the file does not have: {names}.",
                names=", ".join(absent[:6]),
            ),
            where=where,
            parameter="codebook",
            got=", ".join(list(present)[:8]),
            hint=suggest(absent[0], present)
            or _("Give the heading of the column in the field « source » of the variable."),
        )
