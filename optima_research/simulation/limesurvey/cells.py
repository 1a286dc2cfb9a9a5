"""Simulated responses turned into the text LimeSurvey's database holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from optima_research.errors import SurveyError, suggest
from optima_research.language import _
from optima_research.simulation.limesurvey.questionnaire import Questionnaire
from optima_research.sources.limesurvey.columns import Column, columns_of
from optima_research.sources.limesurvey.structure import Structure

__all__ = ["Stored", "as_structure", "lookup", "meta_columns", "stored_cells"]

Stored = dict[str, np.ndarray]
"""Column name → array of text, None for NULL."""


def as_structure(questionnaire: Questionnaire | Structure) -> Structure:
    """The structure of a questionnaire, or the structure itself."""
    return questionnaire.structure if isinstance(questionnaire, Questionnaire) else questionnaire


def meta_columns(structure: Structure, responses: pd.DataFrame, *, table: bool = False) -> list[str]:
    """The meta columns of an export, in order; ``table`` is the order of the database (VV, archive)."""
    tokens = ["token"] if "token" in responses and not structure.setting("anonymized") else []
    first = ["id", *tokens, "submitdate"] if table else ["id", "submitdate"]
    rest = [] if table else tokens
    names = [*first, "lastpage", "startlanguage", "seed", *rest]
    if structure.setting("datestamp"):
        names += ["startdate", "datestamp"]
    return names + [name for name in ("ipaddr", "refurl") if structure.setting(name)]


def stored_cells(structure: Structure, responses: pd.DataFrame, *, table: bool = False) -> Stored:
    """Every cell of the responses table, as text.

    Parameters
    ----------
    structure : Structure
    responses : DataFrame
        Indexed by response id; columns as :meth:`Questionnaire.columns`, plus any of ``submitdate lastpage
        startlanguage seed token startdate datestamp ipaddr refurl``. A column left out is all NULL.
    table : bool
        Order of the database rather than of the CSV.

    Raises
    ------
    SurveyError
        A column that the questionnaire does not have.
    """
    columns = columns_of(structure)
    meta = meta_columns(structure, responses, table=table)
    _check(responses, [c.name for c in columns])
    cells: Stored = {"id": responses.index.astype(str).to_numpy(dtype=object)}
    for name in meta[1:]:
        cells[name] = _meta_text(responses, name, structure)
    for column in columns:
        cells[column.name] = (
            _text(responses[column.name], column) if column.name in responses else _nulls(responses)
        )
    return cells


def _check(responses: pd.DataFrame, names: Sequence[str]) -> None:
    meta = {
        "submitdate",
        "lastpage",
        "startlanguage",
        "seed",
        "token",
        "startdate",
        "datestamp",
        "ipaddr",
        "refurl",
    }
    for name in responses.columns:
        if name not in meta and name not in names:
            raise SurveyError(
                _("The questionnaire makes no column « {name} ».", name=name),
                hint=suggest(name, names) or None,
            )


def _meta_text(responses: pd.DataFrame, name: str, structure: Structure) -> np.ndarray:
    if name in responses:
        dated = name in ("submitdate", "startdate", "datestamp")
        return _dates(responses[name]) if dated else _plain(responses[name])
    default = {"startlanguage": structure.language, "refurl": ""}.get(name)
    return np.full(len(responses), default, dtype=object)


def _nulls(responses: pd.DataFrame) -> np.ndarray:
    return np.full(len(responses), None, dtype=object)


def _text(values: pd.Series, column: Column) -> np.ndarray:
    if column.type == "D":
        return _dates(values)
    if column.type in "NK":
        return _decimals(values)
    return _plain(values)


def _plain(values: pd.Series) -> np.ndarray:
    return _mapped(values, lambda value: str(int(value)) if _whole(value) else str(value))


def _decimals(values: pd.Series) -> np.ndarray:
    return _mapped(values, lambda value: value if value == "" else f"{float(value):.10f}")


def _dates(values: pd.Series) -> np.ndarray:
    return _mapped(values, lambda value: value if value == "" else f"{pd.Timestamp(value):%Y-%m-%d %H:%M:%S}")


def _mapped(values: pd.Series, convert: Callable[[Any], str]) -> np.ndarray:
    # Few distinct values: convert each once.
    codes, distinct = pd.factorize(values.astype(object), use_na_sentinel=True)
    return lookup([*(convert(v) for v in distinct), None], codes)


def lookup(texts: Sequence[str | None], codes: np.ndarray) -> np.ndarray:
    """The text of each code; ``-1`` takes the last one."""
    table = np.empty(len(texts), dtype=object)
    table[:] = texts
    return np.asarray(table[codes])


def _whole(value: object) -> bool:
    return isinstance(value, float | np.floating) and float(value).is_integer()
