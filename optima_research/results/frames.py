"""Columns of a DataFrame or of a Survey as an analysis needs them: numbers, ordered categories, labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from optima_research.errors import SurveyError, suggest
from optima_research.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from optima_research.survey import Survey

Data: TypeAlias = "pd.DataFrame | Survey"


def as_frame(data: Data, names: Iterable[str], *, labels: bool = False) -> pd.DataFrame:
    """The columns asked for, from a frame or a survey.

    Parameters
    ----------
    data : DataFrame or Survey
    names : iterable of str
    labels : bool
        For a survey, labelled categories instead of codes.

    Raises
    ------
    SurveyError
        A column does not exist; near names are proposed.
    """
    names = list(names)
    require(data, names)
    if isinstance(data, pd.DataFrame):
        return data[names]
    return data.frame(*names, labels=labels)


def require(data: Data, names: Iterable[str]) -> None:
    """Check that every column exists, or say which does not and what was probably meant."""
    known = column_names(data)
    missing = [name for name in names if name not in known]
    if missing:
        raise SurveyError(
            _("There is no column {names}.", names=", ".join(f"« {name} »" for name in missing)),
            parameter=", ".join(map(str, missing)),
            hint=suggest(missing[0], known)
            or _("Known columns: {names}.", names=", ".join(map(str, known[:12]))),
        )


def column_names(data: Data) -> list[str]:
    """Names of the columns of a frame or a survey."""
    return list(data.columns if isinstance(data, pd.DataFrame) else data.answers.columns)


def numeric(data: Data, name: str) -> pd.Series:
    """One column as float64, NaN where there is no valid answer.

    A survey's coded answers are numbers when their codes are; otherwise their declared scores, and text that
    is no number is refused.
    """
    require(data, [name])
    if not isinstance(data, pd.DataFrame):
        return data.numeric(name)
    column = data[name]
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = _category_numbers(column, name)
    try:
        return pd.to_numeric(column).astype("float64")
    except (ValueError, TypeError) as error:
        raise SurveyError(
            _("Column « {name} » does not hold numbers.", name=name),
            hint=_("Recode it first, or analyse it as categories."),
        ) from error


def categories(data: Data, name: str) -> pd.Series:
    """One column as a categorical series of labels; ordered where the item is ordinal.

    Text and numbers of a plain frame become unordered categories in sorted order; unused categories are kept, since
    an answer nobody chose is a result.
    """
    require(data, [name])
    if not isinstance(data, pd.DataFrame):
        labelled = data.frame(name, labels=True)[name]
    else:
        labelled = data[name]
    if isinstance(labelled.dtype, pd.CategoricalDtype):
        return labelled
    # One pass over the column: converting to a declared list of categories would look every value up again.
    codes, present = pd.factorize(labelled)
    order = sorted(range(len(present)), key=lambda place: (str(type(present[place])), present[place]))
    rank = np.full(len(present) + 1, -1)
    rank[order] = np.arange(len(present))
    ordered = pd.Categorical.from_codes(rank[codes], categories=present[order])
    return pd.Series(ordered, index=labelled.index, name=name)


def label_of(data: Data, name: str) -> str:
    """What a reader calls the column: its label, else its question, else its name."""
    if isinstance(data, pd.DataFrame) or name not in data.codebook:
        return str(name)
    variable = data.codebook[name]
    return variable.label or variable.question or variable.name


def measure_of(data: Data, name: str) -> str:
    """Level of measurement: from the codebook of a survey, else read off the type of the column."""
    if not isinstance(data, pd.DataFrame) and name in data.codebook:
        return str(data.codebook[name].measure)
    require(data, [name])
    column: Any = data[name] if isinstance(data, pd.DataFrame) else data.answers[name]
    if isinstance(column.dtype, pd.CategoricalDtype):
        return "ordinal" if column.cat.ordered else "nominal"
    if pd.api.types.is_bool_dtype(column.dtype):
        return "nominal"
    return "interval" if pd.api.types.is_numeric_dtype(column.dtype) else "nominal"


def _category_numbers(column: pd.Series, name: str) -> pd.Series:
    if pd.api.types.is_numeric_dtype(column.cat.categories.dtype):
        return column.astype(column.cat.categories.dtype)
    if column.cat.ordered:
        codes = column.cat.codes.astype("float64") + 1
        return codes.where(codes > 0)
    raise SurveyError(
        _("Column « {name} » does not hold numbers.", name=name),
        hint=_("Recode it first, or analyse it as categories."),
    )
