"""Ratings of any type as integer codes on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.coders._agreement_kernels import Floats, Ints
from optima_research.errors import AnalysisError
from optima_research.language import _


def encode_ratings(
    frame: pd.DataFrame, categories: Sequence[Any] | None, level: str
) -> tuple[Ints, Floats, list[Any]]:
    """Codes (units × coders, -1 missing), the number each code stands for, and its label.

    Raises
    ------
    AnalysisError
        A value outside the declared categories; text without a declared order above nominal level; negative numbers
        at ratio level.
    """
    labels = list(categories) if categories is not None else _declared(frame)
    if labels is None:
        codes, labels = _met(frame)
    else:
        codes = _coded(frame, labels)
    numbers = _numbers(labels)
    if numbers is None:
        if level in {"interval", "ratio"} or (
            level == "ordinal" and categories is None and _declared(frame) is None
        ):
            raise AnalysisError(
                _(
                    "The ratings are text; their {level} level needs numbers or a declared order.",
                    level=level,
                ),
                parameter="level",
                hint=_("Give the scale in its order: categories=[…]."),
            )
        numbers = np.arange(len(labels), dtype=np.float64)
    if level == "ratio" and (numbers < 0).any():
        raise AnalysisError(
            _("A ratio scale has no negative value."), parameter="level", got=float(numbers.min())
        )
    return codes, numbers, labels


def _declared(frame: pd.DataFrame) -> list[Any] | None:
    """The categories common to categorical columns, else nothing."""
    kinds = [frame.dtypes.iloc[i] for i in range(frame.shape[1])]
    if all(isinstance(kind, pd.CategoricalDtype) for kind in kinds):
        first = list(kinds[0].categories)
        if all(list(kind.categories) == first for kind in kinds[1:]):
            return first
    return None


def _met(frame: pd.DataFrame) -> tuple[Ints, list[Any]]:
    if all(pd.api.types.is_numeric_dtype(kind) for kind in frame.dtypes):
        table = frame.to_numpy(dtype=np.float64, na_value=np.nan)
        present = ~np.isnan(table)
        found, inverse = np.unique(table[present], return_inverse=True)
        codes = np.full(table.shape, -1, dtype=np.int64)
        codes[present] = inverse
        return codes, [int(x) if float(x).is_integer() else float(x) for x in found]
    flat = pd.Series(frame.astype(object).to_numpy().ravel(), dtype=object)
    codes, found = pd.factorize(flat, use_na_sentinel=True)
    order = sorted(range(len(found)), key=lambda i: (str(type(found[i])), found[i]))
    rank = np.empty(len(found) + 1, dtype=np.int64)
    rank[order] = np.arange(len(found))
    rank[-1] = -1
    return rank[codes].reshape(frame.shape), [found[i] for i in order]


def _coded(frame: pd.DataFrame, labels: list[Any]) -> Ints:
    index = pd.Index(labels)
    columns = []
    for name, column in frame.items():
        codes = index.get_indexer(column.astype(object))
        unknown = column[(codes < 0) & column.notna().to_numpy()]
        if len(unknown):
            shown = ", ".join(dict.fromkeys(map(str, unknown.head(5))))
            raise AnalysisError(
                _("Values outside the declared categories: {values}.", values=shown),
                where=str(name),
                parameter="categories",
                expected=", ".join(map(str, labels)),
            )
        columns.append(np.where(column.isna(), -1, codes))
    return np.column_stack(columns).astype(np.int64)


def _numbers(labels: list[Any]) -> Floats | None:
    try:
        return np.array([float(label) for label in labels])
    except (TypeError, ValueError):
        return None
