"""``write_spss``: answers with their labels, levels of measurement and kinds of missing, for colleagues on SPSS."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from optima_research.codebook import Measure, MissingKind, Variable
from optima_research.errors import ExportError, PrivacyError
from optima_research.language import _
from optima_research.results.files import replacing
from optima_research.survey import Survey

__all__ = ["refuse_identifiers", "spss_names", "write_spss"]

_SECONDS = 120
_WORKER = Path(__file__).with_name("_statfile_write_worker.py")
_MEASURES = {Measure.NOMINAL: "nominal", Measure.ORDINAL: "ordinal", Measure.TEXT: "nominal"}
_RESERVED = {"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"}
_NAME_BYTES, _LABEL_BYTES, _VALUE_LABEL_BYTES = 64, 255, 120


def write_spss(survey: Survey, path: str | Path, *, timeout: float = _SECONDS) -> Path:
    """Write a survey as an SPSS file.

    Parameters
    ----------
    survey : Survey
        Without direct identifiers.
    path : str or Path
        ``.sav``.
    timeout : float
        Seconds given to the process that writes it.

    Returns
    -------
    Path

    Raises
    ------
    PrivacyError
        A column is declared a direct identifier.
    ExportError
        The suffix is not ``.sav``, or the file cannot be written.

    Notes
    -----
    In a numeric column, each kind of missing is a labelled code of a range declared missing (-91 to -98, or -991 to
    -998 where answers go that low), so that SPSS leaves it out and a reader sees why. SPSS has no such codes for
    long texts and dates: their holes are empty. Names are made valid for SPSS (``Q[SQ001]`` is ``Q_SQ001``); the
    label is the question, cut at 255 bytes, the limit of the format.

    Examples
    --------
    >>> from optima_research import Codebook
    >>> book = Codebook([Variable("q", "Satisfait ?", values={1: "Oui", 2: "Non"}, missing={9: "refused"})])
    >>> survey = Survey.build(pd.DataFrame({"q": [1, 2, 9]}), book)
    >>> from optima_research.sources import read_spss
    >>> again = read_spss(write_spss(survey, Path(tempfile.mkdtemp()) / "enquete.sav"))
    >>> again.frame("q")["q"].tolist(), again.missing["q"].tolist()
    (['Oui', 'Non', nan], [nan, nan, 'refused'])
    """
    target = Path(path)
    if target.suffix.lower() != ".sav":
        raise ExportError(
            _("An SPSS file has the suffix .sav."), parameter="path", expected=".sav", got=target.name
        )
    refuse_identifiers(survey)
    names = spss_names(survey.columns)
    columns: dict[str, Any] = {}
    options: dict[str, Any] = {
        "labels": {},
        "missing_ranges": {},
        "variable_measure": {},
        "column_labels": {},
        "file_label": _cut(survey.codebook.title or survey.name, 64),
    }
    for name, short in names.items():
        variable = survey.codebook[name]
        columns[short] = _column(survey, variable, short, options)
        options["column_labels"][short] = _cut(variable.question or variable.shown, _LABEL_BYTES)
        options["variable_measure"][short] = _MEASURES.get(Measure(variable.measure), "scale")
    _written(pa.table(columns), options, target, timeout)
    return target


def refuse_identifiers(survey: Survey) -> None:
    """Refuse to write answers one by one while a column says who gave them.

    Raises
    ------
    PrivacyError
        With the names of the columns.
    """
    direct = [name for name in survey.columns if survey.codebook[name].identifier == "direct"]
    if direct:
        raise PrivacyError(
            _("These columns identify persons directly: {names}.", names=", ".join(direct)),
            where=survey.name or None,
            hint=_('Leave them out first: survey.without([…], rule="without", reason="…").'),
        )


def spss_names(names: list[str]) -> dict[str, str]:
    """Name → a name SPSS takes: letters, digits, ``_ . $ # @``; 64 bytes; unique whatever the case.

    Examples
    --------
    >>> spss_names(["Q[SQ001]", "q_sq001", "2024", "to"])
    {'Q[SQ001]': 'Q_SQ001', 'q_sq001': 'q_sq001_2', '2024': 'v2024', 'to': 'vto'}
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        base = re.sub(r"[^\w.$#@]+", "_", name).strip("_.") or "v"
        base = base if base[0].isalpha() and base.casefold() not in _RESERVED else f"v{base}"
        base = _cut(base, _NAME_BYTES - 6)
        short, number = base, 1
        while short.casefold() in taken:
            number += 1
            short = f"{base}_{number}"
        taken.add(short.casefold())
        found[name] = short
    return found


def _column(survey: Survey, variable: Variable, short: str, options: dict[str, Any]) -> pa.Array:
    answers, kinds = survey.answers[variable.name], survey.missing[variable.name]
    labels = [(code, _cut(label, _VALUE_LABEL_BYTES)) for code, label in variable.values.items()]
    if pd.api.types.is_datetime64_any_dtype(answers.dtype):
        return pa.array(answers.astype("datetime64[ms]"), from_pandas=True)
    if not pd.api.types.is_numeric_dtype(answers.dtype):
        options["labels"][short] = [(str(code), label) for code, label in labels]
        return pa.array(answers.astype("string").fillna("").tolist(), pa.string())
    values = answers.to_numpy(dtype=float, na_value=np.nan)
    first = _missing_codes(values)
    used = kinds.cat.remove_unused_categories().cat.categories
    for kind in used:
        code = first - list(MissingKind).index(MissingKind(kind))
        values[(kinds == kind).to_numpy()] = code
        labels.append((code, MissingKind(kind).label))
    options["labels"][short] = labels
    if len(used):
        options["missing_ranges"][short] = [{"lo": first - len(MissingKind) + 1, "hi": first}]
    return pa.array(values)


def _missing_codes(values: npt.NDArray[np.float64]) -> int:
    """The highest code for a kind of missing, below every answer."""
    lowest = float(np.nanmin(values, initial=0))
    tried = (9 - int(f"1{'0' * zeros}") for zeros in range(2, 16))
    return next(code for code in tried if lowest > code)


def _cut(text: str, size: int) -> str:
    """A text cut at a number of bytes, never within a character."""
    return text.encode("utf-8")[:size].decode("utf-8", "ignore")


def _written(table: pa.Table, options: dict[str, Any], target: Path, timeout: float) -> None:
    with tempfile.TemporaryDirectory() as folder, replacing(target) as temporary:
        with (
            pa.OSFile(str(Path(folder, "data.arrow")), "wb") as sink,
            pa.ipc.new_file(sink, table.schema) as writer,
        ):
            writer.write_table(table)
        Path(folder, "meta.json").write_text(json.dumps(options, default=_plain), encoding="utf-8")
        command = [sys.executable, "-P", str(_WORKER), folder, str(temporary.resolve())]
        try:
            done = subprocess.run(command, capture_output=True, timeout=timeout, check=False)
        except subprocess.TimeoutExpired:
            raise ExportError(
                _(
                    "Writing the file takes more than {seconds} seconds: it was stopped.",
                    seconds=int(timeout),
                ),
                where=target.name,
                parameter="timeout",
            ) from None
        refusal = Path(folder, "error.json")
        if refusal.exists() or done.returncode:
            detail = json.loads(refusal.read_text(encoding="utf-8")) if refusal.exists() else done.returncode
            raise ExportError(
                _("The SPSS file could not be written."),
                where=target.name,
                got=str(detail)[:160],
                hint=_("Look for codes or labels that SPSS does not take, or write a data package instead."),
            )


def _plain(value: Any) -> Any:
    return value.item()
