"""The social security number (NIR) never enters the store: a file that holds one is refused as it is read."""

from __future__ import annotations

import pandas as pd

from optima_research.codebook.identifiers import IdentifierKind, find_identifiers
from optima_research.errors import PrivacyError
from optima_research.language import _
from optima_research.survey import Survey

__all__ = ["count_nir", "refuse_nir"]

_LIKELY = r"[12378](?:[ .]?\d){4}[ .]?(?:\d{2}|2[AB])(?:[ .]?\d){8}"
_SMALLEST = 10**12


def refuse_nir(survey: Survey) -> Survey:
    """The survey, if neither its answers nor its quarantine hold a social security number.

    Raises
    ------
    PrivacyError
        A column holds numbers with a right NIR key: they may not enter the store, even pseudonymised.
    """
    layers = [survey.answers] if survey.participants is None else [survey.answers, survey.participants.open()]
    found = {
        str(name): n
        for layer in layers
        for name in layer.columns
        if (n := count_nir(_cells(survey, name, layer[name])))
    }
    if found:
        raise PrivacyError(
            _("Social security numbers (NIR) were found: {n} cells.", n=sum(found.values())),
            where=", ".join(found),
            hint=_("Ask the partner for the file again without that column; do not keep a copy of this one."),
        )
    return survey


def _cells(survey: Survey, name: str, column: pd.Series) -> pd.Series:
    """What may hold a number: the cells, or for a closed question its few answers."""
    if name not in survey.codebook or not survey.codebook[name].values:
        return column
    return pd.Series(
        [str(text) for pair in survey.codebook[name].values.items() for text in pair], dtype="string"
    )


def count_nir(column: pd.Series) -> int:
    """Cells of a column that hold a number with a right NIR key.

    Examples
    --------
    >>> count_nir(pd.Series(["rien", "2 55 08 14 168 025 38"]))
    1
    """
    if not _may_hold_one(column):
        return 0
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pa.array(column.astype("string").array)
    likely = pc.filter(texts, pc.match_substring_regex(texts, _LIKELY))
    return sum(any(hit.kind is IdentifierKind.NIR for hit in find_identifiers(str(text))) for text in likely)


def _may_hold_one(column: pd.Series) -> bool:
    if pd.api.types.is_bool_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype):
        return False
    if pd.api.types.is_numeric_dtype(column.dtype):
        return bool((column.dropna().abs() >= _SMALLEST).any())
    return True
