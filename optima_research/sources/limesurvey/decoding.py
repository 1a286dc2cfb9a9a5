"""Cells of one column turned into values and states: arrays in, arrays out, each distinct text looked at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api.extensions import ExtensionArray

from optima_research.sources.limesurvey.coding import Coding

__all__ = ["ANSWERED", "EMPTY", "HIDDEN", "UNCLEAR", "UNKNOWN", "Decoded", "decode", "text_array"]

ANSWERED, EMPTY, HIDDEN, UNKNOWN, UNCLEAR = 0, 1, 2, 3, 4
"""States of a cell: answered; shown and empty; not shown; a code that is not in the list; empty or not shown."""

States = npt.NDArray[np.int8]
_STRING = pd.StringDtype("pyarrow")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?(?:[eE][+-]?[0-9]{1,3})?|[+-]?[.,][0-9]+")


@dataclass(frozen=True)
class Decoded:
    """One column: its values, the state of each cell, and the texts that fit no code (text → count)."""

    values: ExtensionArray
    states: States
    unknown: dict[str, int] = field(default_factory=dict)
    unmasked: int = 0


def decode(column: pa.ChunkedArray, coding: Coding, *, exact: bool, masked: bool = False) -> Decoded:
    """Decode one column.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        Text or dictionary; null is a cell the database holds as NULL.
    coding : Coding
    exact : bool
        The format tells NULL from empty: an empty text was shown. Otherwise an empty text may be either.
    masked : bool
        A text that starts with ``'=`` was masked by LimeSurvey, and is unmasked.

    Returns
    -------
    Decoded
    """
    if coding.storage == "text":
        return _text(column, coding, exact=exact, masked=masked)
    if coding.storage == "date":
        return _dates(column, exact=exact)
    distinct, codes = _coded(column)
    convert = {"integer_codes": _integers, "text_codes": _codes, "number": _numbers}[coding.storage]
    states, build = convert(distinct, coding, exact)
    # The last place stands for null (code -1).
    looked_up = np.array([*states, HIDDEN if exact else UNCLEAR], dtype=np.int8)
    cells = looked_up[codes]
    unknown = {}
    if UNKNOWN in states:
        counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
        unknown = {distinct[i]: int(counts[i]) for i, s in enumerate(states) if s == UNKNOWN and counts[i]}
    return Decoded(build(codes, cells), cells, unknown)


def text_array(column: pa.ChunkedArray | pa.Array) -> ExtensionArray:
    """Arrow text as a nullable pandas array, without a copy of its characters."""
    if isinstance(column, pa.Array):
        column = pa.chunked_array([column])
    return pd.arrays.ArrowStringArray(column.cast(pa.large_string()), dtype=_STRING)


Build = Callable[[npt.NDArray[np.int32], States], ExtensionArray]
_Converted = tuple[list[int], Build]


def _coded(column: pa.ChunkedArray) -> tuple[list[str], npt.NDArray[np.int32]]:
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    column = column.unify_dictionaries()
    if column.num_chunks == 0:
        return [], np.empty(0, dtype=np.int32)
    distinct = column.chunk(0).dictionary.to_pylist()
    codes = np.concatenate([chunk.indices.fill_null(-1).to_numpy() for chunk in column.chunks])
    if None in distinct:
        codes = np.where(
            np.isin(codes, [i for i, text in enumerate(distinct) if text is None]), np.int32(-1), codes
        )
        distinct = [text or "" for text in distinct]
    return distinct, codes


def _state(text: str, coding: Coding, exact: bool) -> int | None:
    """The state of a text that is no answer, or None for one that should be."""
    if text in coding.hidden:
        return HIDDEN
    if text in coding.empty:
        return EMPTY
    if text in coding.unclear:
        return UNCLEAR
    if text == "":
        return EMPTY if exact else UNCLEAR
    return None


def _states(distinct: Sequence[str], coding: Coding, exact: bool) -> list[int]:
    return [
        ANSWERED if text in coding.accepts else UNKNOWN if (s := _state(text, coding, exact)) is None else s
        for text in distinct
    ]


def _integers(distinct: Sequence[str], coding: Coding, exact: bool) -> _Converted:
    states = _states(distinct, coding, exact)
    known = [int(coding.accepts[t]) if s == ANSWERED else 1 for t, s in zip(distinct, states, strict=True)]
    table = np.array([*known, 1], dtype=np.int64)
    return states, lambda codes, cells: pd.arrays.IntegerArray(table[codes], cells != ANSWERED)


def _codes(distinct: Sequence[str], coding: Coding, exact: bool) -> _Converted:
    states = _states(distinct, coding, exact)
    names = pa.array([coding.accepts.get(t) for t in distinct] or [None], pa.large_string())

    def build(codes: npt.NDArray[np.int32], cells: States) -> ExtensionArray:
        return text_array(names.take(pa.array(codes, mask=codes < 0)))

    return states, build


def _numbers(distinct: Sequence[str], coding: Coding, exact: bool) -> _Converted:
    parsed = [_number(text) for text in distinct]
    states = [
        s if (s := _state(text, coding, exact)) is not None else UNKNOWN if value is None else ANSWERED
        for text, value in zip(distinct, parsed, strict=True)
    ]
    whole = all(value is None or (value.is_integer() and abs(value) < 2**53) for value in parsed)
    table = np.array([*(1.0 if v is None else v for v in parsed), 1.0])
    if whole:
        integers = table.astype(np.int64)
        return states, lambda codes, cells: pd.arrays.IntegerArray(integers[codes], cells != ANSWERED)
    return states, lambda codes, cells: pd.arrays.FloatingArray(table[codes], cells != ANSWERED)


def _number(text: str) -> float | None:
    text = text.strip().replace("\xa0", "").replace("\u202f", "")
    if not _NUMBER.fullmatch(text):
        return None
    return float(text.replace(",", "."))


def _text(column: pa.ChunkedArray, coding: Coding, *, exact: bool, masked: bool) -> Decoded:
    text = column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
    unmasked = 0
    if masked:
        hit = pc.starts_with(text, "'=")
        unmasked = pc.sum(hit).as_py() or 0
        if unmasked:
            text = pc.if_else(hit, pc.utf8_slice_codeunits(text, 1), text)
    empty = pc.equal(text, "")
    for word in coding.unclear:
        empty = pc.or_(empty, pc.equal(text, word))
    blank = _flags(pc.fill_null(empty, False))
    states = np.where(blank, np.int8(EMPTY if exact else UNCLEAR), np.int8(ANSWERED)).astype(np.int8)
    if text.null_count:
        states[_flags(pc.is_null(text))] = HIDDEN if exact else UNCLEAR
    if blank.any():
        text = pc.if_else(empty, pa.scalar(None, pa.string()), text)
    return Decoded(text_array(text), states, unmasked=unmasked)


def _dates(column: pa.ChunkedArray, *, exact: bool) -> Decoded:
    text = column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
    null = _flags(pc.is_null(text))
    blank = _flags(pc.fill_null(pc.equal(text, ""), False))
    stamps = _stamps(pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text))
    values = stamps.to_numpy().astype("datetime64[s]")
    states = np.where(np.isnat(values), np.int8(UNKNOWN), np.int8(ANSWERED)).astype(np.int8)
    states[blank] = EMPTY if exact else UNCLEAR
    states[null] = HIDDEN if exact else UNCLEAR
    unknown: dict[str, int] = {}
    if (states == UNKNOWN).any():
        odd = text.filter(pa.array(states == UNKNOWN)).value_counts()
        unknown = {pair["values"].as_py(): pair["counts"].as_py() for pair in odd[:50]}
    return Decoded(pd.array(values, dtype="datetime64[s]"), states, unknown)


def _stamps(text: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        return text.cast(pa.timestamp("s"))
    except pa.ArrowInvalid:
        # One odd date must not spoil the others: those that do not parse become null, and are counted.
        whole = pc.strptime(text, format="%Y-%m-%d %H:%M:%S", unit="s", error_is_null=True)
        short = pc.strptime(text, format="%Y-%m-%d", unit="s", error_is_null=True)
        return pc.coalesce(whole, short)


def _flags(values: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    return np.asarray(values.to_numpy(), dtype=bool)
