"""``read_xlsform``: Kobo and ODK data with the XLSForm that made them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from optima_research.codebook import ItemSet, ItemSetKind, Measure, MissingKind, Role, Variable
from optima_research.errors import SourceError
from optima_research.language import _
from optima_research.sources.fields import ANSWERED, KIND_CODES, Field, survey_of, ticks
from optima_research.sources.french import clean
from optima_research.sources.grids import read_grid
from optima_research.sources.identifiers import identifies
from optima_research.sources.report import ImportReport
from optima_research.sources.typed import Column, column_of, declared_field, guessed_field
from optima_research.sources.workbooks import read_workbook
from optima_research.sources.xlsform_form import Form, Item, read_form
from optima_research.survey import Survey

__all__ = ["read_xlsform"]

_META = {
    "start": "startdate", "end": "datestamp", "_submission_time": "submitdate", "_uuid": "_uuid",
    "_index": "_index", "_parent_index": "_parent_index", "_validation_status": "_validation_status",
    "__version__": "__version__",
}  # fmt: skip
_DIRECT = {"geopoint", "geotrace", "geoshape", "image", "audio", "video", "file", "phonenumber", "email", "deviceid",
           "username", "simserial", "subscriberid"}  # fmt: skip
_IDENTIFYING = re.compile(
    r"_geolocation|_submitted_by|_notes|_tags|.*_(?:latitude|longitude|altitude|precision)"
)
_MEASURES = {"integer": Measure.RATIO, "decimal": Measure.RATIO, "range": Measure.RATIO, "date": Measure.DATE,
             "datetime": Measure.DATE, "dateTime": Measure.DATE}  # fmt: skip
_TICKED = {"1", "true", "yes", "oui", "vrai"}
_EITHER = KIND_CODES[MissingKind.NOT_ASKED_OR_NO_ANSWER]
_NO_ANSWER = KIND_CODES[MissingKind.NO_ANSWER]


def read_xlsform(
    data: str | Path, form: str | Path, *, language: str | None = None, sheet: str | None = None
) -> Survey:
    """Read an export of KoboToolbox or ODK with its XLSForm.

    Parameters
    ----------
    data : str or Path
        CSV (``;`` or ``,``) or ``.xlsx``; headings are XML names (with or without groups) or labels.
    form : str or Path
        The XLSForm (``.xlsx``): sheets ``survey``, ``choices``, ``settings``.
    language : str, optional
        Language of the labels (``"Français (fr)"``, or ``"fr"``); the form's default language otherwise.
    sheet : str, optional
        Sheet of a workbook: the first by default; a repeat is a sheet of its own, linked by ``_parent_index``.

    Returns
    -------
    Survey
        Columns under the names of the form, without groups; multiple answers as ``name[option]`` holding ``"Y"``,
        whether the export wrote one summary column, one column an option, or both. Positions, devices, pictures and
        addresses are in the quarantine.

    Raises
    ------
    SourceError
        Damaged files, a form without its sheets, data that hold none of its questions.

    Examples
    --------
    >>> import openpyxl, tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> book = openpyxl.Workbook()
    >>> book.active.title = "survey"
    >>> for row in [["type", "name", "label"], ["integer", "age", "Votre âge ?"]]:
    ...     book.active.append(row)
    >>> book.save(folder / "form.xlsx")
    >>> _written = (folder / "data.csv").write_text("profil/age;_id\\n34;501\\n", encoding="utf-8")
    >>> survey = read_xlsform(folder / "data.csv", folder / "form.xlsx")
    >>> survey.codebook["age"].question, survey.answers["age"].to_dict()
    ('Votre âge ?', {501: 34})

    Notes
    -----
    An empty cell may be a question not asked or left blank: its kind is ``not_asked_or_no_answer``; an option is
    ``no_answer`` (shown, not ticked) where another option of its question is ticked.
    """
    described = read_form(form, language)
    path = Path(data)
    if sheet is None and path.suffix.lower() == ".xlsx":
        sheet = next((found.name for found in read_workbook(path)), None)
    grid = read_grid(path, sheet=sheet, tidy=False)
    table = _Table([column_of(name, cells) for name, cells in zip(grid.names, grid.columns, strict=True)])
    index = table.ids(grid.n)
    for item in described.items:
        table.take(item)
    if not table.matched:
        raise SourceError(
            _("The data hold none of the questions of this form."),
            where=grid.path.name,
            expected=", ".join(item.name for item in described.items[:5]),
            got=", ".join(grid.headings[:5]),
            hint=_("Give the form these data were collected with."),
        )
    table.take_rest()
    return survey_of(
        grid.path,
        table.fields,
        index=index,
        report=_report(grid.path.name, described, table),
        identifying=table.identifying,
        sets=table.sets,
        title=described.title,
    )


def _report(source: str, form: Form, table: _Table) -> ImportReport:
    return ImportReport(
        source,
        "XLSForm",
        language=form.language,
        matched=len(table.matched),
        extra=tuple(table.extra),
        absent=tuple(item.name for item in form.items if item.name not in table.matched),
        unknown=table.unknown,
        told_apart=False,
    )


@dataclass
class _Table:
    """The columns of the data, and what was made of them."""

    columns: list[Column]
    fields: list[Field] = field(default_factory=list)
    identifying: dict[str, object] = field(default_factory=dict)
    sets: list[ItemSet] = field(default_factory=list)
    unknown: dict[str, dict[str, int]] = field(default_factory=dict)
    matched: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def ids(self, n: int) -> pd.Index:
        """Kobo's ``_id`` where it tells responses apart, else row ranks."""
        column = next((c for c in self.columns if c.name == "_id"), None)
        if (
            column
            and len(column.distinct) == n
            and all(text.isascii() and text.isdigit() for text in column.distinct)
        ):
            self.used.add(column.name)
            ids = np.array([int(text[:18]) for text in column.distinct], dtype=np.int64)[column.codes]
            return pd.Index(ids)
        return pd.RangeIndex(1, n + 1)

    def find(self, *names: str) -> Column | None:
        """The column under one of these names: whole path, last part, or label."""
        wanted = {clean(name).casefold() for name in names if name}
        for column in self.columns:
            if (
                column.name not in self.used
                and {column.name.casefold(), _local(column.name).casefold()} & wanted
            ):
                return column
        return None

    def take(self, item: Item) -> None:
        """Make fields of one question of the form."""
        column = self.find(item.name, item.path, item.label)
        if item.multiple:
            self._take_multiple(item, column)
        elif column is not None and item.type in _DIRECT:
            self._set_apart(item.name, column)
            self.matched.append(item.name)
        elif column is not None:
            self.used.add(column.name)
            self.matched.append(item.name)
            found, odd = declared_field(column, _variable(item))
            self.fields.append(_unclear(found))
            self.unknown |= {item.name: odd} if odd else {}

    def take_rest(self) -> None:
        """Meta columns, identifiers, and columns the form does not know (an older version's, ``_other`` texts)."""
        for column in self.columns:
            name = _local(column.name)
            if column.name in self.used or any(f.variable.name == name for f in self.fields):
                continue
            if _IDENTIFYING.fullmatch(name) or name in _DIRECT or identifies(name, column.sample):
                self._set_apart(column.name, column)
                continue
            role = Role.META if name in _META else Role.OTHER_TEXT if name.endswith("_other") else Role.ITEM
            variable = Variable(_META.get(name, name), label=column.name, role=role, source=column.name)
            if any(f.variable.name == variable.name for f in self.fields):
                continue
            self.fields.append(_unclear(guessed_field(column, variable)))
            if role is Role.ITEM:
                self.extra.append(column.name)

    def _set_apart(self, name: str, column: Column) -> None:
        self.used.add(column.name)
        texts = np.array([text or None for text in column.distinct] or [None], dtype=object)[column.codes]
        self.identifying[name] = pd.array(texts, dtype="string")

    def _take_multiple(self, item: Item, summary: Column | None) -> None:
        """Options from their own columns where the export has them, else from the summary of names."""
        details = {
            option: self.find(f"{item.path}/{option}", f"{item.name}/{option}", f"{item.label}/{label}")
            for option, label in item.options.items()
        }
        if summary is None and not any(details.values()):
            return
        self.matched.append(item.name)
        self.used |= {c.name for c in (summary, *details.values()) if c is not None}
        # An option whose own column was deleted, in an export without summary, cannot be known.
        known = {
            o: label for o, label in item.options.items() if summary is not None or details[o] is not None
        }
        ticked = {option: _ticked(option, label, summary, details[option]) for option, label in known.items()}
        some = np.logical_or.reduce(list(ticked.values()))
        names = []
        for option, label in known.items():
            kinds = np.where(ticked[option], ANSWERED, np.where(some, _NO_ANSWER, _EITHER)).astype(np.int8)
            names.append(f"{item.name}[{option}]")
            variable = Variable(names[-1], f"{item.label} [{label}]", label, values={"Y": _("Yes")}, item_set=item.name,
                                condition=item.relevant, missing_told_apart=False, group=item.group,
                                source=item.path, kind="select_multiple")  # fmt: skip
            self.fields.append(Field(variable, ticks(ticked[option]), kinds))
        self.sets.append(ItemSet(item.name, ItemSetKind.MULTIPLE, tuple(names), item.label))


def _ticked(option: str, label: str, summary: Column | None, detail: Column | None) -> npt.NDArray[np.bool_]:
    if detail is not None:
        return _where(detail, lambda text: text.strip().casefold() in _TICKED)
    if summary is None:
        return np.zeros(0, dtype=bool)
    # The summary joins names with spaces; where it holds labels, they are joined with spaces too.
    return _where(summary, lambda text: option in text.split() or (" " in label and label in text))


def _where(column: Column, test: object) -> npt.NDArray[np.bool_]:
    flags = np.array([bool(test(text)) for text in column.distinct] or [False])  # type: ignore[operator]
    return np.asarray(flags[column.codes], dtype=bool)


def _variable(item: Item) -> Variable:
    measure = Measure.NOMINAL if item.options else _MEASURES.get(item.type, Measure.TEXT)
    values = {int(k) if _integers(item.options) else k: v for k, v in item.options.items()}
    return Variable(
        item.name,
        question=item.label,
        measure=Measure.ORDINAL if item.ordered else measure,
        values=values,
        condition=item.relevant,
        missing_told_apart=False,
        group=item.group,
        source=item.path,
        kind=item.type,
    )


def _integers(options: Sequence[str] | dict[str, str]) -> bool:
    return bool(options) and all(re.fullmatch(r"-?(?:0|[1-9]\d{0,15})", option) for option in options)


def _unclear(found: Field) -> Field:
    kinds = np.where(found.kinds == _NO_ANSWER, _EITHER, found.kinds)
    return Field(found.variable, found.values, kinds.astype(np.int8))


def _local(name: str) -> str:
    return name.rsplit("/", 1)[-1]
