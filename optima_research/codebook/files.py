"""Codebooks as files: YAML for the machine, a spreadsheet (xlsx, csv) that a non-programmer edits."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from optima_research.codebook.book import Codebook
from optima_research.codebook.scale import Scale
from optima_research.codebook.variable import ItemSet, Variable
from optima_research.errors import CodebookError
from optima_research.language import _
from optima_research.results.files import replacing, write_text

TEXT_FIELDS = ("question", "label", "universe", "condition", "group", "source", "kind", "unit")
SHEETS = ("variables", "values", "sets", "scales")
_NAMED = ["name", "label", "question", "measure", "role", "identifier", "item_set", "missing_told_apart"]
_VARIABLE_COLUMNS = [*_NAMED, *TEXT_FIELDS[2:]]


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
    values = [
        {"variable": v.name, "code": code, "label": label, "score": v.scores.get(code), "missing": None}
        for v in codebook
        for code, label in v.values.items()
    ] + [
        {"variable": v.name, "code": code, "label": None, "score": None, "missing": str(kind)}
        for v in codebook
        for code, kind in v.missing.items()
    ]
    joined = [{**entry, "members": " ".join(entry["members"])} for entry in plain["sets"]]
    scales = [
        {
            **{k: entry[k] for k in ("name", "label", "min_valid")},
            "items": " ".join(entry["items"]),
            "reversed": " ".join(entry["reversed"]),
            "low": entry["range"][0],
            "high": entry["range"][1],
        }
        for entry in plain["scales"]
    ]
    return {
        "variables": pd.DataFrame(variables, columns=_VARIABLE_COLUMNS),
        "values": pd.DataFrame(values, columns=["variable", "code", "label", "score", "missing"]),
        "sets": pd.DataFrame(joined, columns=["name", "kind", "label", "counted", "members"]),
        "scales": pd.DataFrame(
            scales, columns=["name", "label", "items", "reversed", "low", "high", "min_valid"]
        ),
    }


def _from_sheets(sheets: Mapping[str, pd.DataFrame], where: str) -> Codebook:
    by_variable: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(sheets.get("values")):
        by_variable.setdefault(str(row["variable"]), []).append(row)
    variables = []
    for row in _rows(sheets.get("variables")):
        answers = by_variable.get(str(row["name"]), [])
        row["values"] = {a["code"]: str(a["label"]) for a in answers if "missing" not in a}
        row["missing"] = {a["code"]: a["missing"] for a in answers if "missing" in a}
        row["scores"] = {a["code"]: float(a["score"]) for a in answers if "score" in a}
        variables.append(row)
    sets = [{**row, "members": str(row["members"]).split()} for row in _rows(sheets.get("sets"))]
    scales = [
        {
            **{k: row[k] for k in ("name", "label", "min_valid") if k in row},
            "items": str(row["items"]).split(),
            "reversed": str(row.get("reversed", "")).split(),
            "range": (row["low"], row["high"]),
        }
        for row in _rows(sheets.get("scales"))
    ]
    return from_plain({"variables": variables, "sets": sets, "scales": scales}, where)


def _rows(sheet: pd.DataFrame | None) -> list[dict[str, Any]]:
    if sheet is None:
        return []
    return [{k: v for k, v in row.items() if v is not None and v == v} for row in sheet.to_dict("records")]


def _read_xlsx(path: Path) -> Codebook:
    sheets = pd.read_excel(path, sheet_name=None, dtype=object, keep_default_na=False, na_values=[""])
    return _from_sheets(sheets, path.name)


def _write_xlsx(codebook: Codebook, path: Path) -> Path:
    with replacing(path) as temporary, pd.ExcelWriter(temporary, engine="openpyxl") as book:
        for name, sheet in _sheets(codebook).items():
            sheet.to_excel(book, sheet_name=name, index=False, freeze_panes=(1, 1))
    return path


def _read_csv(path: Path) -> Codebook:
    table = pd.read_csv(
        path, sep=";", dtype=object, keep_default_na=False, na_values=[""], encoding="utf-8-sig"
    )
    parts = {
        name: part.drop(columns="sheet").dropna(axis=1, how="all") for name, part in table.groupby("sheet")
    }
    return _from_sheets({name: _typed(part) for name, part in parts.items()}, path.name)


def _typed(part: pd.DataFrame) -> pd.DataFrame:
    """Give numbers and truth values back their type, which a CSV file does not keep."""
    part = part.copy()
    for name in part.columns.intersection(["low", "high", "min_valid", "score"]):
        part[name] = pd.to_numeric(part[name])
    if "missing_told_apart" in part:
        part["missing_told_apart"] = part["missing_told_apart"].map({"True": True, "False": False})
    if "code" in part:
        whole = part.groupby("variable")["code"].transform(
            lambda codes: codes.map(_is_canonical_integer).all()
        )
        part["code"] = [
            int(code) if number else code for code, number in zip(part["code"], whole, strict=True)
        ]
    return part


def _is_canonical_integer(code: str) -> bool:
    """Whether a code is a number and not a text that looks like one: ``1`` is, ``01`` is not."""
    return code.lstrip("-").isdigit() and str(int(code)) == code


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
