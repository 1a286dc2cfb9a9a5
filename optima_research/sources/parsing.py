"""Many distinct texts parsed at once: plain forms by Arrow, and one by one only what people typed otherwise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api.extensions import ExtensionArray

from optima_research.codebook import Measure, MissingKind
from optima_research.sources.french import MISSING_WORDS, clean, date_of, is_code, missing_word, number_of

__all__ = ["all_dates", "all_numbers", "all_whole", "holds_codes", "whole_column", "words_in"]

_MANY = 2000
_PLAIN_NUMBER = r"^[+-]?\d{1,15}([.,]\d{1,15})?$"
_CODES = r"^\s*(0\d+|\d{1,2}[AB]\d+)\s*$"
_FORMATS = ("%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S")

T = TypeVar("T")


def whole_column(cells: pa.ChunkedArray) -> tuple[Measure, ExtensionArray, npt.NDArray[np.bool_]] | None:
    """A long column parsed at once where all its cells are plain numbers, plain dates, or free text.

    Returns
    -------
    (measure, values, blank) or None
        None where the column is short, takes few values, or holds what only a closer look can tell.
    """
    if len(cells) < _MANY or len(cells.slice(0, _MANY).unique()) < 0.5 * _MANY:
        return None
    blank = pc.equal(cells, "")
    if pc.any(pc.is_in(pc.utf8_lower(cells), pa.array(MISSING_WORDS, pa.string()))).as_py():
        return None
    filled = pc.if_else(blank, pa.scalar(None, pa.string()), cells)
    absent = np.asarray(blank.to_numpy(), dtype=bool)
    if not pc.any(pc.match_substring_regex(filled, _CODES)).as_py():
        if pc.all(pc.match_substring_regex(filled, _PLAIN_NUMBER)).as_py():
            return Measure.RATIO, _number_array(filled, absent), absent
        first = filled.slice(0, _MANY).drop_null()
        for form in _FORMATS:
            if pc.strptime(first, format=form, unit="s", error_is_null=True).null_count:
                continue
            stamps = pc.strptime(filled, format=form, unit="s", error_is_null=True)
            if stamps.null_count == int(absent.sum()):
                return Measure.DATE, pd.array(stamps.to_numpy(), dtype="datetime64[s]"), absent
    if any(
        number_of(text) is not None or date_of(text) is not None for text in cells.slice(0, 200).to_pylist()
    ):
        return None
    text = pd.arrays.ArrowStringArray(filled.cast(pa.large_string()), dtype=pd.StringDtype("pyarrow"))
    return Measure.TEXT, text, absent


def _number_array(filled: pa.ChunkedArray, absent: npt.NDArray[np.bool_]) -> ExtensionArray:
    numbers = pc.replace_substring(filled, ",", ".").cast(pa.float64()).fill_null(1.0).to_numpy()
    if np.all(np.mod(numbers, 1) == 0):
        return pd.arrays.IntegerArray(numbers.astype(np.int64), absent)
    return pd.arrays.FloatingArray(np.array(numbers), absent)


def words_in(texts: Sequence[str]) -> dict[str, MissingKind]:
    """The texts that stand for no answer, with their kind; empty ones are ``no_answer``."""
    if len(texts) > _MANY:
        array = pa.array(texts, pa.string())
        plain = pc.utf8_lower(pc.utf8_trim_whitespace(array))
        known = pa.array(["", *MISSING_WORDS], pa.string())
        texts = array.filter(pc.is_in(plain, known)).to_pylist()
    found: dict[str, MissingKind] = {}
    for text in texts:
        kind = missing_word(text) if clean(text) else MissingKind.NO_ANSWER
        if kind is not None:
            found[text] = kind
    return found


def holds_codes(texts: Sequence[str]) -> bool:
    """Whether one of the texts is a code that starts with a zero, or a Corsican one."""
    if len(texts) > _MANY:
        return bool(pc.any(pc.match_substring_regex(pa.array(texts, pa.string()), _CODES)).as_py())
    return any(is_code(text) for text in texts)


def all_numbers(texts: Sequence[str]) -> dict[str, float] | None:
    """Every text as a number, or None where one is none."""
    if len(texts) > _MANY:
        array = pa.array(texts, pa.string())
        if pc.all(pc.match_substring_regex(array, _PLAIN_NUMBER)).as_py():
            values = pc.replace_substring(array, ",", ".").cast(pa.float64()).to_pylist()
            return dict(zip(texts, values, strict=True))
    return _every(texts, number_of)


def all_whole(cells: pa.ChunkedArray) -> npt.NDArray[np.int64] | None:
    """Every cell as a whole number, or None where one is none."""
    text = pc.utf8_trim_whitespace(cells.cast(pa.string()))
    if text.null_count or not pc.all(pc.match_substring_regex(text, r"^[0-9]{1,17}$")).as_py():
        return None
    return np.asarray(text.cast(pa.int64()).to_numpy(), dtype=np.int64)


def all_dates(texts: Sequence[str]) -> dict[str, dt.datetime] | None:
    """Every text as a date, day first, or None where one is none."""
    if len(texts) > _MANY:
        array = pa.array(texts, pa.string())
        first = array.slice(0, 5)
        for form in _FORMATS:
            if pc.strptime(first, format=form, unit="s", error_is_null=True).null_count:
                continue
            stamps = pc.strptime(array, format=form, unit="s", error_is_null=True)
            if stamps.null_count == 0:
                return dict(zip(texts, stamps.to_pylist(), strict=True))
    return _every(texts, date_of)


def _every(texts: Sequence[str], parse: Callable[[str], T | None]) -> dict[str, T] | None:
    """Each text parsed, given up at the first that does not parse."""
    found: dict[str, T] = {}
    for text in texts:
        value = parse(text)
        if value is None:
            return None
        found[text] = value
    return found
