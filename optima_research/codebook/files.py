"""Codebooks as files: YAML for the machine, a spreadsheet (xlsx, csv) that a non-programmer edits."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from optima_research.codebook.book import Codebook
from optima_research.codebook.checking import CHOICES, COLUMNS, checked_rows, join_names
from optima_research.codebook.scale import Scale
from optima_research.codebook.variable import ItemSet, Variable
from optima_research.errors import CodebookError
from optima_research.language import _
from optima_research.results.files import replacing, write_text

TEXT_FIELDS = ("question", "label", "universe", "condition", "group", "source", "kind", "unit")


def read_codebook(path: Path) -> Codebook:
    """Read a codebook file; the extension says which form."""
    read: Callable[[Path], Codebook] = _form(path, _READERS)
    return read(path)


def write_codebook(codebook: Codebook, path: Path) -> Path:
    """Write a codebook file, all or nothing."""
    write: Callable[[Codebook, Path], Path] = _form(path, _WRITERS)
    return write(codebook, path)


def as_plain(codebook: Codebook) -> dict[str, Any]:
    """The codebook as plain lists and dictionaries."""
    return {
        "title": codebook.title,
        "variables": [_plain_variable(variable) for variable in codebook],
        "sets": [
            {
                "name": s.name,
                "kind": str(s.kind),
                "label": s.label,
                "counted": s.counted,
                "members": list(s.members),
            }
            for s in codebook.sets
        ],
        "scales": [
            {
                "name": s.name,
                "label": s.label,
                "items": list(s.items),
                "reversed": list(s.reversed),
                "range": list(s.range),
                "min_valid": s.min_valid,
            }
            for s in codebook.scales
        ],
    }


def from_plain(content: Mapping[str, Any], where: str = "") -> Codebook:
    """A codebook from plain lists and dictionaries; an unknown key is an error that names it."""
    try:
        return Codebook(
            [Variable(**entry) for entry in content.get("variables") or []],
            [ItemSet(**entry) for entry in content.get("sets") or []],
            [Scale(**entry) for entry in content.get("scales") or []],
            content.get("title") or "",
        )
    except TypeError as error:
        raise CodebookError(
            _("The codebook file has an entry that is not understood."), where=where, got=error
        ) from error


def _plain_variable(variable: Variable) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": variable.name,
        "measure": str(variable.measure),
        "role": str(variable.role),
    }
    entry |= {name: getattr(variable, name) for name in TEXT_FIELDS if getattr(variable, name)}
    entry |= {name: dict(getattr(variable, name)) for name in ("values", "scores") if getattr(variable, name)}
    if variable.missing:
        entry["missing"] = {code: str(kind) for code, kind in variable.missing.items()}
    entry |= {
        name: value for name in ("identifier", "item_set") if (value := getattr(variable, name)) is not None
    }
    if not variable.missing_told_apart:
        entry["missing_told_apart"] = False
    return entry


def _read_yaml(path: Path) -> Codebook:
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise CodebookError(_("This file is not valid YAML."), where=path.name, got=error) from error
    return from_plain(content or {}, path.name)


def _write_yaml(codebook: Codebook, path: Path) -> Path:
    import yaml

    return write_text(
        path, yaml.safe_dump(as_plain(codebook), allow_unicode=True, sort_keys=False, width=120)
    )


def _sheets(codebook: Codebook) -> dict[str, pd.DataFrame]:
    plain = as_plain(codebook)
    variables = [
        {k: v for k, v in e.items() if k not in ("values", "scores", "missing")} for e in plain["variables"]
    ]
    values = [row for variable in codebook for row in _value_rows(variable)]
    joined = [{**entry, "members": join_names(entry["members"])} for entry in plain["sets"]]
    scales = [
        {
            **{k: entry[k] for k in ("name", "label", "min_valid")},
            "items": join_names(entry["items"]),
            "reversed": join_names(entry["reversed"]),
            "low": entry["range"][0],
            "high": entry["range"][1],
        }
        for entry in plain["scales"]
    ]
    rows = {"variables": variables, "values": values, "sets": joined, "scales": scales}
    rows["title"] = [{"title": codebook.title}] if codebook.title else []
    return {sheet: pd.DataFrame(rows[sheet], columns=list(columns)) for sheet, columns in COLUMNS.items()}


def _value_rows(variable: Variable) -> list[dict[str, Any]]:
    """A row an answer, then a row a code of missing, so that all of a question stands together."""
    answers = [
        {"variable": variable.name, "code": code, "label": label, "score": variable.scores.get(code)}
        for code, label in variable.values.items()
    ]
    kinds = [
        {"variable": variable.name, "code": code, "missing": str(kind)}
        for code, kind in variable.missing.items()
    ]
    return answers + kinds


def _from_sheets(sheets: Mapping[str, pd.DataFrame], where: str) -> Codebook:
    rows = checked_rows(sheets, where)
    by_variable: dict[str, list[dict[str, Any]]] = {}
    for row in rows["values"]:
        by_variable.setdefault(row["variable"], []).append(row)
    for row in rows["variables"]:
        answers = by_variable.get(row["name"], [])
        row["values"] = {a["code"]: a.get("label", "") for a in answers if "missing" not in a}
        row["missing"] = {a["code"]: a["missing"] for a in answers if "missing" in a}
        row["scores"] = {a["code"]: float(a["score"]) for a in answers if "score" in a}
    for row in rows["scales"]:
        row["range"] = (row.pop("low"), row.pop("high"))
    title = " ".join(row["title"] for row in rows["title"])
    return from_plain({**rows, "title": title}, where)


def _read_xlsx(path: Path) -> Codebook:
    try:
        sheets = pd.read_excel(path, sheet_name=None, dtype=object, keep_default_na=False, na_values=[""])
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise CodebookError(
            _("This file is not an Excel workbook."),
            where=path.name,
            got=error,
            hint=_("Save it again from Excel or LibreOffice as .xlsx."),
        ) from error
    return _from_sheets(sheets, path.name)


def _write_xlsx(codebook: Codebook, path: Path) -> Path:
    with replacing(path) as temporary, pd.ExcelWriter(temporary, engine="openpyxl") as book:
        for name, sheet in _sheets(codebook).items():
            sheet.to_excel(book, sheet_name=name, index=False, freeze_panes=(1, 1))
            _prepare(book.sheets[name], name)
    return path


def _prepare(sheet: Any, name: str) -> None:
    """Make a sheet easy to edit: lists of allowed words, wide columns, and texts that are never formulas."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    for cells in sheet.iter_rows():
        for cell in cells:
            if isinstance(cell.value, str):
                cell.data_type = "s"
    for place, column in enumerate(COLUMNS[name], start=1):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = (
            48 if column in ("question", "label", "members", "items") else 18
        )
        if (name, column) in CHOICES:
            words = ",".join(map(str, CHOICES[name, column]))
            choice = DataValidation(
                type="list", formula1=f'"{words}"', allow_blank=True, showErrorMessage=False
            )
            choice.add(f"{letter}2:{letter}{max(sheet.max_row, 2) + 500}")
            sheet.add_data_validation(choice)


def _read_csv(path: Path) -> Codebook:
    try:
        table = pd.read_csv(
            path, sep=";", dtype=object, keep_default_na=False, na_values=[""], encoding="utf-8-sig"
        )
    except (ValueError, OSError) as error:
        raise CodebookError(
            _("This file is not a codebook in CSV (UTF-8, semicolons)."), where=path.name, got=error
        ) from error
    if "sheet" not in table:
        raise CodebookError(
            _("This file is not a codebook in CSV (UTF-8, semicolons)."), where=path.name, expected="sheet"
        )
    parts = {
        name: part.drop(columns="sheet").dropna(axis=1, how="all") for name, part in table.groupby("sheet")
    }
    return _from_sheets({name: _typed(part) for name, part in parts.items()}, path.name)


def _typed(part: pd.DataFrame) -> pd.DataFrame:
    """Give the codes of a variable back their type where all are numbers, which a CSV file does not keep."""
    if not {"variable", "code"} <= set(part.columns):
        return part
    whole = part["code"].map(lambda code: code != code or _is_canonical_integer(code))
    numbers = set(part["variable"]) - set(part.loc[~whole.astype(bool), "variable"])
    codes = [
        int(code) if code == code and name in numbers else code
        for name, code in zip(part["variable"], part["code"], strict=True)
    ]
    return part.assign(code=pd.Series(codes, index=part.index, dtype=object))


def _is_canonical_integer(code: str) -> bool:
    """Whether a code is a number and not a text that looks like one: ``1`` is, ``01`` is not."""
    return code.removeprefix("-").isdecimal() and str(int(code)) == code


def _write_csv(codebook: Codebook, path: Path) -> Path:
    table = pd.concat(
        [sheet.astype(object).assign(sheet=name) for name, sheet in _sheets(codebook).items() if len(sheet)]
    )
    text = io.StringIO()
    table[["sheet", *table.columns.drop("sheet")]].to_csv(text, sep=";", index=False)
    return write_text(path, "\ufeff" + text.getvalue())


def _form(path: Path, forms: Mapping[str, Callable[..., Any]]) -> Callable[..., Any]:
    if path.suffix not in forms:
        raise CodebookError(
            _("« {suffix} » is not a form of codebook.", suffix=path.suffix),
            where=path.name,
            expected=" ".join(forms),
        )
    return forms[path.suffix]


_READERS: dict[str, Callable[[Path], Codebook]] = {
    ".yaml": _read_yaml, ".yml": _read_yaml, ".xlsx": _read_xlsx, ".csv": _read_csv,
}  # fmt: skip
_WRITERS: dict[str, Callable[[Codebook, Path], Path]] = {
    ".yaml": _write_yaml, ".yml": _write_yaml, ".xlsx": _write_xlsx, ".csv": _write_csv,
}  # fmt: skip
