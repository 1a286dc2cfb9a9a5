"""Why a cell is empty: filtered, not reached, left blank, or impossible to tell. Arrays in, arrays out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

import numpy as np
import numpy.typing as npt

from optima_research.codebook import MISSING_DTYPE, MissingKind
from optima_research.sources.limesurvey.columns import Column
from optima_research.sources.limesurvey.decoding import ANSWERED, EMPTY, HIDDEN, UNCLEAR, UNKNOWN, States

__all__ = ["kinds_of", "reach_of"]

_CODE = {kind: np.int8(place) for place, kind in enumerate(MISSING_DTYPE.categories)}
_NOT_ASKED = _CODE[MissingKind.NOT_ASKED]
_NOT_REACHED = _CODE[MissingKind.NOT_REACHED]
_NO_ANSWER = _CODE[MissingKind.NO_ANSWER]
_OUT_OF_CODES = _CODE[MissingKind.OUT_OF_CODES]
_EITHER = _CODE[MissingKind.NOT_ASKED_OR_NO_ANSWER]

Pages = npt.NDArray[np.int16]


def reach_of(
    columns: Sequence[Column],
    states: Mapping[str, States],
    *,
    last_page: npt.NDArray[np.int64] | None,
    submitted: npt.NDArray[np.bool_] | None,
) -> Pages | None:
    """The last page each respondent went through.

    Parameters
    ----------
    columns : sequence of Column
    states : mapping
        State of each cell, by column name.
    last_page : array of int, optional
        LimeSurvey's ``lastpage``, 0 where empty.
    submitted : array of bool, optional

    Returns
    -------
    array of int16 or None
        None when the export holds neither ``lastpage`` nor ``submitdate``: nothing can then be said.

    Notes
    -----
    Somebody who went back leaves a ``lastpage`` smaller than the last page answered: a page that holds anything
    typed, or a cell known to have been shown, was reached. A submitted response reached every page.
    """
    if last_page is None and submitted is None:
        return None
    n = len(next(iter(states.values()), ()))
    reach = (
        np.zeros(n, dtype=np.int16) if last_page is None else np.clip(last_page, 0, 30000).astype(np.int16)
    )
    for column in columns:
        touched = (states[column.name] == ANSWERED) | (states[column.name] == EMPTY)
        np.maximum(reach, np.where(touched, np.int16(column.page), np.int16(0)), out=reach)
    if submitted is not None:
        reach[submitted] = np.iinfo(np.int16).max
    return reach


def kinds_of(
    columns: Sequence[Column], states: Mapping[str, States], reach: Pages | None
) -> dict[str, npt.NDArray[np.int8]]:
    """The kind of missing of every cell, as codes of ``MISSING_DTYPE``; -1 where there is an answer.

    Notes
    -----
    Where the export writes "shown" and "not shown" alike, two things still tell them apart: a page that was not
    reached was not shown; and a question that holds one answer was shown, with all its rows and texts unless a
    filter hides rows.
    """
    found: dict[str, npt.NDArray[np.int8]] = {}
    for question, group in groupby(columns, key=lambda column: column.question):
        members = [column for column in group if column.name in states]
        if not members:
            continue
        shown, hidden = (None, None) if question.filters_rows else _seen([states[c.name] for c in members])
        beyond = None if reach is None else reach < members[0].page
        for column in members:
            found[column.name] = _kinds(states[column.name], shown, hidden, beyond)
    return found


_Flags = npt.NDArray[np.bool_]


def _seen(states: Sequence[States]) -> tuple[_Flags | None, _Flags | None]:
    """Rows where one cell proves the question shown, and rows where one proves it hidden."""
    if not any((column == UNCLEAR).any() for column in states):
        return None, None
    shown = np.zeros(len(states[0]), dtype=bool)
    hidden = np.zeros(len(states[0]), dtype=bool)
    for column in states:
        shown |= (column == ANSWERED) | (column == EMPTY) | (column == UNKNOWN)
        hidden |= column == HIDDEN
    return shown, hidden & ~shown


def _kinds(
    states: States, shown: _Flags | None, hidden: _Flags | None, beyond: _Flags | None
) -> npt.NDArray[np.int8]:
    table = np.array([-1, _NO_ANSWER, _NOT_ASKED, _OUT_OF_CODES, _EITHER], dtype=np.int8)
    kinds = table[states]
    unclear = states == UNCLEAR
    if shown is not None and hidden is not None:
        kinds[unclear & shown] = _NO_ANSWER
        kinds[unclear & hidden] = _NOT_ASKED
    if beyond is not None:
        kinds[beyond & ((kinds == _NOT_ASKED) | (kinds == _EITHER))] = _NOT_REACHED
    return kinds
