"""Response exports: CSV in every form of the export screen, and VV."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from optima_research.simulation.limesurvey.cells import as_structure, lookup, stored_cells
from optima_research.simulation.limesurvey.questionnaire import Questionnaire
from optima_research.sources.limesurvey.columns import Column, columns_of
from optima_research.sources.limesurvey.headings import Headers, heading, meta_heading
from optima_research.sources.limesurvey.structure import Structure
from optima_research.sources.limesurvey.wording import META, fixed_labels, flatten, pick, word

__all__ = ["write_csv", "write_vv"]


def write_csv(
    questionnaire: Questionnaire | Structure,
    responses: pd.DataFrame,
    path: str | Path,
    *,
    headers: Headers = "full",
    answers: Literal["short", "long"] = "long",
    separator: str = ",",
    language: str | None = None,
    code_separator: str = ". ",
    convert: Mapping[str, str] | None = None,
    columns: Sequence[str] | None = None,
) -> Path:
    """Write the responses as LimeSurvey's CSV export does; the defaults are those of its screen.

    Parameters
    ----------
    questionnaire : Questionnaire or Structure
    responses : DataFrame
        One row a response, indexed by response id; see
        :func:`optima_research.simulation.limesurvey.cells.stored_cells`.
        Missing cells (not shown) and ``""`` (shown, unanswered) are both written as ``""``, as LimeSurvey does.
    path : str or Path
    headers : {"code", "expression", "full", "abbreviated", "codetext"}
    answers : {"short", "long"}
        Codes, or full answers.
    separator : str
    language : str, optional
        Language of the export; the base language by default.
    code_separator : str
        Between code and text with ``headers="codetext"``.
    convert : mapping, optional
        ``{"Y": "1", "N": "2"}``: LimeSurvey's conversion of yes and no, with its bug on texts of multiple choices.
    columns : sequence of str, optional
        Only these columns, by bracket name.

    Returns
    -------
    Path
    """
    structure = as_structure(questionnaire)
    language = language or structure.language
    known = {column.name: column for column in columns_of(structure)}
    cells = stored_cells(structure, responses)
    names = [name for name in cells if columns is None or name in columns]
    table = [_export(cells[n], known.get(n), structure, answers, language, convert or {}) for n in names]
    titles = [_title(n, known, structure, headers, language, code_separator) for n in names]
    path = Path(path)
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        out.write(separator.join(map(_quoted, titles)) + "\r\n")
        for row in zip(*table, strict=True):
            out.write(separator.join(row) + "\r\n")
    return path


def write_vv(
    questionnaire: Questionnaire | Structure,
    responses: pd.DataFrame,
    path: str | Path,
    *,
    version: Literal[1, 2] = 2,
) -> Path:
    """Write a VV file: two header lines, tabs, codes, NULL and empty told apart.

    Parameters
    ----------
    questionnaire, responses, path
        As :func:`write_csv`.
    version : {1, 2}
        Second header line: stored names (1) or ExpressionScript codes (2).
    """
    structure = as_structure(questionnaire)
    known = {column.name: column for column in columns_of(structure)}
    cells = stored_cells(structure, responses, table=True)
    form: Headers = "expression" if version == 2 else "sgqa"
    lines = [
        [_title(n, known, structure, "vv", structure.language, "") for n in cells],
        [_title(n, known, structure, form, structure.language, "") for n in cells],
        *zip(*(_escaped(values) for values in cells.values()), strict=True),
    ]
    path = Path(path)
    text = "".join("\t".join(map(_php_field, line)) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8", newline="")
    return path


def _title(
    name: str,
    known: Mapping[str, Column],
    structure: Structure,
    headers: Headers,
    language: str,
    separator: str,
) -> str:
    if name in META:
        return meta_heading(name, headers, language=language, separator=separator)
    return heading(known[name], headers, language=language, base=structure.language, separator=separator)


def _export(
    values: np.ndarray,
    column: Column | None,
    structure: Structure,
    answers: Literal["short", "long"],
    language: str,
    convert: Mapping[str, str],
) -> np.ndarray:
    """One column as quoted cells. Few distinct values, so each is turned into text once."""
    codes, distinct = pd.factorize(values, use_na_sentinel=True)
    shown = [*map(str, distinct), None]
    if column is not None:
        if column.type in "NK":
            shown = [None if text is None else _trimmed(text) for text in shown]
        if answers == "long":
            labels = _labels(column, structure, language)
            shown = [_long(text, column, labels, language) for text in shown]
        shown = [_converted(text, column, convert) for text in shown]
        shown = [f"'{text}" if text is not None and text.startswith("=") else text for text in shown]
    return lookup([_quoted(text or "") for text in shown], codes)


def _trimmed(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number


def _labels(column: Column, structure: Structure, language: str) -> dict[str, str]:
    base = structure.language
    if column.is_text:
        return {}
    if column.role in ("main", "sub", "rank", "scale1", "scale2") and column.question.answers:
        found = column.question.answers_on(column.scale)
        labels = {a.code: flatten(pick(a.labels, language, base)).strip(" ") for a in found}
        return labels | ({"-oth-": word("Other", language)} if column.question.other else {})
    return fixed_labels(column.type, language)


def _long(text: str | None, column: Column, labels: Mapping[str, str], language: str) -> str | None:
    if column.is_option:
        return word("N/A", language) if text is None else word("Yes" if text == "Y" else "No", language)
    if column.type in "YG" and not text:
        return word("N/A", language)
    if not labels or not text:
        return text
    return labels.get(text, "")


def _converted(text: str | None, column: Column, convert: Mapping[str, str]) -> str | None:
    if column.type not in "MPY" or text is None:
        return text
    if text in ("N", ""):
        return convert.get("N", text)
    return convert.get("Y", text) if text == "Y" else text


def _quoted(text: str) -> str:
    text = re.sub(r"\r\n|[\n\v\f\r\u0085\u2028\u2029]", "\n", text).replace('"', '""')
    return f'"{text}"'


def _escaped(values: np.ndarray) -> np.ndarray:
    codes, distinct = pd.factorize(values, use_na_sentinel=True)
    texts = [*(_vv(str(text).strip(" \t\n\r\0\v")) for text in distinct), "{question_not_shown}"]
    return lookup(texts, codes)


def _vv(text: str) -> str:
    text = (
        text.replace("{", "{lbrace}").replace("\t", "{tab}").replace("\r", "{cr}").replace("\n", "{newline}")
    )
    return "{quote}" + text[1:] if text.startswith('"') else text


def _php_field(text: str) -> str:
    # PHP's fputcsv encloses on delimiter, quote, newline, tab, space or backslash.
    if any(c in text for c in '\t" \n\r\\'):
        return '"' + text.replace('"', '""') + '"'
    return text
