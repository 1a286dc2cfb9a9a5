"""``read_spss`` and ``read_stata``: value labels, user-missing values as kinds, multiple-response sets."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from optima_research.codebook import ItemSet, ItemSetKind, Measure, MissingKind, Variable
from optima_research.errors import SourceError
from optima_research.language import _
from optima_research.sources.fields import ANSWERED, KIND_CODES, Field, survey_of, ticks
from optima_research.sources.files import require_file
from optima_research.sources.french import missing_word
from optima_research.sources.identifiers import identifies
from optima_research.sources.report import ImportReport
from optima_research.survey import Survey

__all__ = ["read_spss", "read_stata"]

_SECONDS = 60
_WORKER = Path(__file__).with_name("_statfile_worker.py")
_DATES = re.compile(r"(?:S|A|E)?DATE|DATETIME|YMDHMS|JDATE|%t?[dcDC]")
_SPSS_EPOCH = np.datetime64("1582-10-14", "s")
_STATA_EPOCH = np.datetime64("1960-01-01", "s")
_MEASURES = {"nominal": Measure.NOMINAL, "ordinal": Measure.ORDINAL, "scale": Measure.RATIO}
_EITHER = KIND_CODES[MissingKind.NOT_ASKED_OR_NO_ANSWER]


def read_spss(path: str | Path, *, timeout: float = _SECONDS) -> Survey:
    """Read an SPSS file (``.sav``, ``.zsav``, ``.por``).

    Parameters
    ----------
    path : str or Path
    timeout : float
        Seconds given to the process that reads it. It is a process of its own: some files kill it.

    Returns
    -------
    Survey
        Codes with their labels; codes declared missing are kinds (by their label: NSP is ``dont_know``, refus is
        ``refused``, else ``no_answer``); system-missing cells are ``not_asked_or_no_answer``, since SPSS writes both
        alike. Dichotomous multiple-response sets become sets of options holding ``"Y"``.

    Raises
    ------
    SourceError
        Damaged file, a file that kills or blocks the reading process.

    Examples
    --------
    >>> import tempfile
    >>> import pyreadstat
    >>> path = Path(tempfile.mkdtemp()) / "enquete.sav"
    >>> labels = {"q1": {1: "Oui", 2: "Non", 9: "Refus"}}
    >>> frame = pd.DataFrame({"q1": [1.0, 9.0]})
    >>> pyreadstat.write_sav(frame, path, variable_value_labels=labels, missing_ranges={"q1": [9]})
    >>> survey = read_spss(path)
    >>> survey.frame("q1")["q1"].tolist(), survey.missing["q1"].tolist()
    (['Oui', nan], [nan, 'refused'])

    Notes
    -----
    A ``.por`` file loses, through the only library that reads it, which codes were declared missing: the report
    says so.
    """
    return _read(path, timeout, (".sav", ".zsav", ".por"), _SPSS_EPOCH, "SPSS")


def read_stata(path: str | Path, *, timeout: float = _SECONDS) -> Survey:
    """Read a Stata file (``.dta``); tagged missing values ``.a`` to ``.z`` are kinds, named by their label.

    Parameters
    ----------
    path : str or Path
    timeout : float
        Seconds given to the process that reads it.

    Returns
    -------
    Survey

    Raises
    ------
    SourceError
        Damaged file, a file that kills or blocks the reading process.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "enquete.dta"
    >>> pd.DataFrame({"age": [34, 41]}).to_stata(path, write_index=False)
    >>> read_stata(path).answers["age"].tolist()
    [34, 41]
    """
    return _read(path, timeout, (".dta",), _STATA_EPOCH, "Stata")


@dataclass
class _Loaded:
    path: Path
    table: pa.Table
    meta: Mapping[str, Any]
    epoch: np.datetime64
    notes: list[str] = field(default_factory=list)

    def cells(self, place: int) -> pa.ChunkedArray:
        return self.table.column(f"v{place}")

    def tags(self, place: int) -> npt.NDArray[np.object_] | None:
        name = f"t{place}"
        return (
            np.array(self.table.column(name).to_pylist(), dtype=object)
            if name in self.table.column_names
            else None
        )


def _read(
    path: str | Path, timeout: float, suffixes: tuple[str, ...], epoch: np.datetime64, tool: str
) -> Survey:
    path = require_file(path)
    if path.suffix.lower() not in suffixes:
        raise SourceError(
            _("This is not a {tool} file.", tool=tool),
            where=path.name,
            expected=" ".join(suffixes),
            hint=_("Rename the file if its extension is wrong, or use the reader of its tool."),
        )
    loaded = _loaded(path, timeout, epoch)
    if path.suffix.lower() == ".por":
        loaded.notes.append(
            _("A .por file does not say which codes were declared missing: declare them again.")
        )
    sets = _dichotomous(loaded)
    fields: list[Field] = []
    identifying: dict[str, object] = {}
    for place, name in enumerate(loaded.meta["names"]):
        label = loaded.meta["labels"].get(name) or ""
        texts = (
            loaded.cells(place).unique().to_pylist()[:200]
            if pa.types.is_string(loaded.cells(place).type)
            else []
        )
        if identifies(name, texts) or identifies(label, []):
            identifying[name] = pd.array(loaded.cells(place).cast(pa.string()).to_pylist(), dtype="string")
        else:
            fields.append(_field(loaded, place, name, label, sets))
    report = ImportReport(path.name, tool, matched=len(fields), told_apart=False, notes=tuple(loaded.notes))
    known = {field.variable.name for field in fields}
    return survey_of(
        path,
        fields,
        index=pd.RangeIndex(1, loaded.table.num_rows + 1),
        report=report,
        identifying=identifying,
        sets=[group for group, _c in sets.values() if known.issuperset(group.members)],
        title=loaded.meta["title"],
    )


def _loaded(path: Path, timeout: float, epoch: np.datetime64) -> _Loaded:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-P", str(_WORKER), str(path.resolve()), folder]
        try:
            done = subprocess.run(command, capture_output=True, timeout=timeout, check=False)
        except subprocess.TimeoutExpired:
            raise SourceError(
                _(
                    "Reading the file takes more than {seconds} seconds: it was stopped.",
                    seconds=int(timeout),
                ),
                where=path.name,
                parameter="timeout",
                hint=_("Give more time with timeout=, or save the file again from the program that made it."),
            ) from None
        refusal = Path(folder, "error.json")
        if refusal.exists():
            raise _damaged(path, json.loads(refusal.read_text(encoding="utf-8")))
        if done.returncode or not Path(folder, "meta.json").exists():
            raise _damaged(path, _("the reading process died (code {code})", code=done.returncode))
        meta = json.loads(Path(folder, "meta.json").read_text(encoding="utf-8"))
        with pa.OSFile(str(Path(folder, "data.arrow"))) as source:
            table = pa.ipc.open_file(source).read_all()
    return _Loaded(path, table, meta, epoch)


def _damaged(path: Path, detail: str) -> SourceError:
    return SourceError(
        _("The file is damaged, or was written by a program that does not follow the format."),
        where=path.name,
        got=detail[:160],
        hint=_(
            "Save it again from SPSS or Stata; from LimeSurvey, export the archive (.lsa) rather than .sav."
        ),
    )


def _dichotomous(loaded: _Loaded) -> dict[str, tuple[ItemSet, float]]:
    """Member → its multiple-response set, and the value counted."""
    found: dict[str, tuple[ItemSet, float]] = {}
    for name, described in loaded.meta["sets"].items():
        members = tuple(described.get("variable_list") or ())
        counted = described.get("counted_value")
        if str(described.get("type", "")).upper().startswith("D") and members and _is_number(counted):
            group = ItemSet(name, ItemSetKind.MULTIPLE, members, described.get("label") or "")
            found |= dict.fromkeys(members, (group, float(counted)))
        else:
            loaded.notes.append(
                _("The multiple-response set « {name} » counts categories: kept as columns.", name=name)
            )
    return found


def _is_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return True


def _field(
    loaded: _Loaded, place: int, name: str, label: str, sets: Mapping[str, tuple[ItemSet, float]]
) -> Field:
    cells = loaded.cells(place)
    measure = _MEASURES.get(loaded.meta["measures"].get(name, ""), Measure.NOMINAL)
    variable = Variable(name, question=label, label=label, source=name, missing_told_apart=False)
    if pa.types.is_string(cells.type):
        return _text_field(loaded, cells, variable)
    values = cells.to_numpy().astype(float)
    if _DATES.match(loaded.meta["formats"].get(name) or ""):
        return _date_field(values, variable, loaded, loaded.meta["formats"][name])
    if name in sets:
        group, counted = sets[name]
        return _option(values, variable, group, counted)
    return _number_field(loaded, place, values, variable, measure)


def _text_field(loaded: _Loaded, cells: pa.ChunkedArray, variable: Variable) -> Field:
    texts = pd.Series(cells.to_pylist(), dtype="string").str.rstrip()
    labels = {str(code).rstrip(): text for code, text in loaded.meta["values"].get(variable.name, [])}
    blank = texts.isna() | texts.eq("")
    kinds = np.where(blank, _EITHER, ANSWERED).astype(np.int8)
    measure = Measure.NOMINAL if labels else Measure.TEXT
    described = replace(variable, measure=measure, values=labels)
    return Field(described, texts.mask(blank).array, kinds)


def _date_field(values: npt.NDArray[np.float64], variable: Variable, loaded: _Loaded, form: str) -> Field:
    # Stata counts days (%td) or milliseconds (%tc) from 1960; SPSS seconds from the Gregorian calendar's first day.
    unit = 1.0
    if loaded.epoch == _STATA_EPOCH:
        unit = 0.001 if form.lower().startswith("%tc") else 86400.0
    absent = np.isnan(values) | (np.abs(values) > 1e15)
    seconds = np.where(absent, 0, values * unit).astype("int64").astype("timedelta64[s]")
    stamps = loaded.epoch + seconds
    stamps[absent] = np.datetime64("NaT", "s")
    kinds = np.where(absent, _EITHER, ANSWERED).astype(np.int8)
    return Field(replace(variable, measure=Measure.DATE), pd.array(stamps, dtype="datetime64[s]"), kinds)


def _option(values: npt.NDArray[np.float64], variable: Variable, group: ItemSet, counted: float) -> Field:
    ticked = values == counted
    kinds = np.where(np.isnan(values), _EITHER, KIND_CODES[MissingKind.NO_ANSWER])
    described = replace(variable, values={"Y": _("Yes")}, item_set=group.name)
    return Field(described, ticks(ticked), np.where(ticked, ANSWERED, kinds).astype(np.int8))


def _number_field(
    loaded: _Loaded, place: int, values: npt.NDArray[np.float64], variable: Variable, measure: Measure
) -> Field:
    pairs = loaded.meta["values"].get(variable.name, [])
    labels = {_code(code): str(label) for code, label in pairs}
    tags = loaded.tags(place)
    missing = _declared_missing(values, loaded.meta["ranges"].get(variable.name, []), labels)
    kinds = np.where(np.isnan(values), _EITHER, ANSWERED).astype(np.int8)
    for code, kind in missing.items():
        kinds[values == code] = KIND_CODES[kind]
    for tag in sorted({t for t in tags if t}) if tags is not None else ():
        kind = missing_word(str(labels.get(tag, ""))) or MissingKind.NO_ANSWER
        kinds[tags == tag] = KIND_CODES[kind]
    absent = kinds != ANSWERED
    valid = {code: text for code, text in labels.items() if code not in missing and not isinstance(code, str)}
    whole = bool(np.all(np.mod(values[~absent], 1) == 0)) and bool(np.all(np.abs(values[~absent]) < 2**53))
    # Labels on a few values of a measured number (0 "none") do not make it a list.
    coded = bool(valid) and measure is not Measure.RATIO
    described = replace(
        variable,
        measure=measure if coded else Measure.RATIO,
        values=valid if coded else {},
        missing={code: str(kind) for code, kind in missing.items()},
    )
    filled = np.where(absent, 1, values)
    if whole and all(isinstance(code, int) for code in valid):
        return Field(described, pd.arrays.IntegerArray(filled.astype(np.int64), absent), kinds)
    return Field(described, pd.arrays.FloatingArray(filled, absent), kinds)


def _declared_missing(
    values: npt.NDArray[np.float64], ranges: Any, labels: Mapping[Any, str]
) -> dict[Any, MissingKind]:
    found: dict[Any, MissingKind] = {}
    written = {kind.label: kind for kind in MissingKind}
    for declared in ranges:
        if not (_is_number(declared.get("lo")) and _is_number(declared.get("hi"))):
            continue
        low, high = float(declared["lo"]), float(declared["hi"])
        present = np.unique(values[(values >= low) & (values <= high)]).tolist()
        labelled = [code for code in labels if not isinstance(code, str) and low <= code <= high]
        for code in {_code(value) for value in [*present, *labelled]}:
            label = labels.get(code, "")
            # The labels write_spss gives come back as the kinds they were.
            found[code] = missing_word(label) or written.get(label) or MissingKind.NO_ANSWER
    return found


def _code(value: Any) -> Any:
    if isinstance(value, str) and not _is_number(value):
        return value
    number = float(value)
    return int(number) if number.is_integer() else number
