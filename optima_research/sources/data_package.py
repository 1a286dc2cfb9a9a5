"""``write_data_package``: a plain CSV file, and beside it the JSON that says what it means (Frictionless)."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pandas as pd

from optima_research.codebook import Measure, MissingKind, Variable
from optima_research.codebook.files import as_plain
from optima_research.errors import ExportError
from optima_research.language import _, current_language
from optima_research.results.files import write_bytes, write_text
from optima_research.sources.statfile_writing import refuse_identifiers
from optima_research.survey import Survey

__all__ = ["write_data_package"]

_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_MARK = "#"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_data_package(survey: Survey, path: str | Path) -> list[Path]:
    """Write a survey as CSV with its Data Package descriptor.

    Parameters
    ----------
    survey : Survey
        Without direct identifiers.
    path : str or Path
        The ``.csv``; the descriptor is ``<name>.datapackage.json`` beside it.

    Returns
    -------
    list of Path
        The CSV file and the descriptor.

    Raises
    ------
    PrivacyError
        A column is declared a direct identifier.
    ExportError
        The suffix is not ``.csv``.

    Notes
    -----
    Table Schema of Data Package 2.0: ``categories`` (value and label), ``categoriesOrdered`` for an ordinal item, and
    ``missingValues`` with labels: an empty answer is written with its kind (``#not_asked``, ``#refused``…), so that no
    kind is lost. UTF-8, commas, decimal points. A free text that a spreadsheet would run as a formula gets an
    apostrophe before it, and the field says so (``optima:masked``). The whole codebook is in ``optima:codebook``.

    Examples
    --------
    >>> import tempfile
    >>> from optima_research.codebook import Codebook
    >>> book = Codebook([Variable("q", "Satisfait ?", values={1: "Oui"}, missing={9: "refused"})])
    >>> survey = Survey.build(pd.DataFrame({"q": [1, 9]}), book)
    >>> table, descriptor = write_data_package(survey, Path(tempfile.mkdtemp()) / "enquete.csv")
    >>> table.read_text(encoding="utf-8").split()
    ['id,q', '0,1', '1,#refused']
    """
    target = Path(path)
    if target.suffix.lower() != ".csv":
        raise ExportError(
            _("The table of a data package has the suffix .csv."),
            parameter="path",
            expected=".csv",
            got=target.name,
        )
    refuse_identifiers(survey)
    index = "id" if "id" not in survey.columns else "response_id"
    written = pd.DataFrame(
        {name: _cells(survey, name) for name in survey.columns}, index=survey.answers.index
    )
    content = written.to_csv(index_label=index, lineterminator="\n").encode("utf-8")
    descriptor = _descriptor(survey, target, content, index)
    write_bytes(target, content)
    text = json.dumps(descriptor, ensure_ascii=False, indent=2, default=_plain) + "\n"
    return [target, write_text(target.with_suffix(".datapackage.json"), text)]


def _cells(survey: Survey, name: str) -> pd.Series:
    answers, kinds = survey.answers[name], survey.missing[name]
    if pd.api.types.is_datetime64_any_dtype(answers.dtype):
        cells = answers.dt.strftime("%Y-%m-%dT%H:%M:%S").astype("string")
    else:
        cells = answers.astype("string")
    if pd.api.types.is_bool_dtype(answers.dtype):
        cells = cells.str.lower()
    if _may_be_masked(survey, name):
        cells = cells.mask(cells.str.startswith((*_FORMULA, "'", _MARK)).fillna(False), "'" + cells)
    return cells.where(answers.notna(), _MARK + kinds.astype("string"))


def _may_be_masked(survey: Survey, name: str) -> bool:
    return pd.api.types.is_string_dtype(survey.answers[name].dtype) and not survey.codebook[name].values


def _descriptor(survey: Survey, target: Path, content: bytes, index: str) -> dict[str, Any]:
    ids = "integer" if pd.api.types.is_integer_dtype(survey.answers.index.dtype) else "string"
    schema = {
        "fields": [{"name": index, "type": ids}, *(_field(survey, name) for name in survey.columns)],
        "primaryKey": [index],
        "missingValues": [{"value": f"{_MARK}{kind}", "label": kind.label} for kind in MissingKind],
    }
    name = _slug(target.stem)
    resource = {
        "name": name,
        "path": target.name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "dialect": {"delimiter": ",", "lineTerminator": "\n"},
        "schema": schema,
    }
    title = survey.codebook.title or survey.name
    plain = as_plain(survey.codebook)
    # JSON has no numbers as keys: codes and what they mean travel as pairs.
    for entry in plain["variables"]:
        entry |= {key: list(entry[key].items()) for key in ("values", "scores", "missing") if key in entry}
    return {
        "$schema": _PROFILE,
        "name": name,
        **({"title": title} if title else {}),
        "resources": [resource],
        "optima:language": current_language(),
        "optima:fingerprint": survey.fingerprint,
        "optima:codebook": plain,
    }


def _field(survey: Survey, name: str) -> dict[str, Any]:
    variable = survey.codebook[name]
    told: dict[str, Any] = {"name": name, "type": _type(survey.answers[name]), "title": variable.shown}
    if variable.question:
        told["description"] = variable.question
    if variable.values:
        told["categories"] = _categories(variable, told["type"])
        told["categoriesOrdered"] = variable.is_ordered
    told["optima:measure"] = str(Measure(variable.measure))
    told["optima:role"] = str(variable.role)
    if variable.unit:
        told["unit"] = variable.unit
    if variable.universe:
        told["optima:universe"] = variable.universe
    if _may_be_masked(survey, name):
        told["optima:masked"] = True
    return told


def _type(answers: pd.Series) -> str:
    kind = answers.dtype
    if pd.api.types.is_datetime64_any_dtype(kind):
        return "datetime"
    if pd.api.types.is_bool_dtype(kind):
        return "boolean"
    if pd.api.types.is_integer_dtype(kind):
        return "integer"
    return "number" if pd.api.types.is_numeric_dtype(kind) else "string"


def _categories(variable: Variable, kind: str) -> list[dict[str, Any]]:
    texts = kind == "string"
    return [
        {"value": str(code) if texts else code, "label": label or str(code)}
        for code, label in variable.values.items()
    ]


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9._-]+", "-", plain).strip("-") or "data"


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else str(value)
