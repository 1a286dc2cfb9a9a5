"""Columns of text given the type their cells or their declaration call for; each distinct text is looked at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pandas.api.extensions import ExtensionArray

from optima_research.codebook import Measure, MissingKind, Variable
from optima_research.sources.fields import ANSWERED, KIND_CODES, Field, kinds_where
from optima_research.sources.french import clean, date_of, heads_codes, missing_word, number_of, ordered_scale
from optima_research.sources.parsing import all_dates, all_numbers, holds_codes, whole_column, words_in

__all__ = ["Column", "column_of", "declared_field", "guessed_field"]

_STRING = pd.StringDtype("pyarrow")
_CLOSED = 30
_LONG = 80


class Column:
    """A column of text: its distinct texts, and the place of each cell among them.

    Parameters
    ----------
    name : str
    distinct : list of str
    codes : array of int
    cells : pyarrow.ChunkedArray, optional
        The cells themselves, instead: distinct texts are then sought only when asked for, since a column where every
        cell differs is better parsed as a whole.
    """

    def __init__(
        self,
        name: str,
        distinct: list[str] | None = None,
        codes: npt.NDArray[np.int32] | None = None,
        *,
        cells: pa.ChunkedArray | None = None,
    ) -> None:
        self.name = name
        self.cells = cells
        self._known = (distinct, codes) if distinct is not None and codes is not None else None

    @property
    def distinct(self) -> list[str]:
        """The distinct texts, in order of appearance."""
        return self._factorised[0]

    @property
    def codes(self) -> npt.NDArray[np.int32]:
        """The place of each cell among them."""
        return self._factorised[1]

    @cached_property
    def _factorised(self) -> tuple[list[str], npt.NDArray[np.int32]]:
        if self._known is not None:
            return self._known
        return _factorised(self.cells)

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """Number of cells of each distinct text."""
        return np.bincount(self.codes, minlength=len(self.distinct))

    @property
    def sample(self) -> list[str]:
        """Some of its texts."""
        return self.distinct if self.cells is None else self.cells.slice(0, 2000).unique().to_pylist()


def column_of(name: str, cells: pa.ChunkedArray | Sequence[str]) -> Column:
    """A column, from Arrow text or a list; null counts as empty."""
    if not isinstance(cells, pa.ChunkedArray):
        cells = pa.chunked_array([pa.array(cells, pa.string())])
    if pa.types.is_dictionary(cells.type):
        return Column(name, *_factorised(cells))
    return Column(name, cells=cells.fill_null("") if cells.null_count else cells)


def _factorised(cells: pa.ChunkedArray) -> tuple[list[str], npt.NDArray[np.int32]]:
    if not pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_encode()
    cells = cells.unify_dictionaries()
    if not cells.num_chunks:
        return [], np.empty(0, dtype=np.int32)
    codes = np.concatenate([chunk.indices.to_numpy() for chunk in cells.chunks]).astype(np.int32)
    return cells.chunk(0).dictionary.to_pylist(), codes


def guessed_field(column: Column, variable: Variable) -> Field:
    """A column nobody declared: number, date, closed list or text, whichever every cell fits.

    Parameters
    ----------
    column : Column
    variable : Variable
        Its name and wording; measure and values are completed.

    Notes
    -----
    Texts that start with a zero, or stand under a heading such as SIRET, are codes, never numbers. Words such as NSP or
    SO are kinds of missing among numbers, dates and closed answers; in free text they stay what was typed.
    """
    coded = heads_codes(variable.source or column.name)
    whole = None if column.cells is None or coded else whole_column(column.cells)
    if whole is not None:
        measure, values, blank = whole
        return Field(replace(variable, measure=measure), values, kinds_where(blank, MissingKind.NO_ANSWER))
    kinds = words_in(column.distinct)
    answers = [text for text in column.distinct if text not in kinds] if kinds else column.distinct
    if answers and not coded and not holds_codes(answers):
        numbers = all_numbers(answers)
        if numbers is not None:
            return _numbers(column, variable, numbers, kinds)
        dates = all_dates(answers)
        if dates is not None:
            return Field(
                replace(variable, measure=Measure.DATE), _dates(column, dates), _layer(column, kinds)
            )
    closed = _closed(column, answers)
    if not closed:
        kinds = {text: MissingKind.NO_ANSWER for text in kinds if not clean(text)}
        return Field(
            replace(variable, measure=Measure.TEXT), _texts(column, {}, kinds), _layer(column, kinds)
        )
    ordered = ordered_scale(answers)
    labels = ordered or sorted(answers, key=lambda text: clean(text).casefold())
    measure = Measure.ORDINAL if ordered else Measure.NOMINAL
    variable = replace(variable, measure=measure, values={clean(text): clean(text) for text in labels})
    return Field(
        variable, _texts(column, {text: clean(text) for text in answers}, kinds), _layer(column, kinds)
    )


def declared_field(column: Column, variable: Variable) -> tuple[Field, dict[str, int]]:
    """A column read as its codebook declares it: codes or labels, numbers, dates, text.

    Returns
    -------
    Field, mapping
        And the texts that fit nothing declared, with their counts; their cells are ``out_of_codes``.
    """
    declared = {clean(str(code)): kind for code, kind in variable.missing.items()}
    kinds: dict[str, MissingKind] = {}
    answers: dict[str, object] = {}
    for text in column.distinct:
        plain = clean(text)
        value = _declared_value(plain, variable)
        if plain in declared:
            kinds[text] = MissingKind(declared[plain])
        elif value is not None:
            answers[text] = value
        else:
            found = _kind(text)
            kinds[text] = MissingKind.OUT_OF_CODES if found is None else found
    counts = column.counts
    unknown = {
        t: int(counts[i]) for i, t in enumerate(column.distinct) if kinds.get(t) is MissingKind.OUT_OF_CODES
    }
    return _declared(column, variable, answers, kinds), unknown


def _declared_value(text: str, variable: Variable) -> object:
    if not text:
        return None
    if variable.values:
        by_text = {clean(str(code)): code for code in variable.values}
        by_label = {clean(label).casefold(): code for code, label in variable.values.items()}
        return by_text.get(text, by_label.get(text.casefold()))
    if variable.measure in (Measure.INTERVAL, Measure.RATIO):
        return number_of(text)
    if variable.measure is Measure.DATE:
        return date_of(text)
    return text


def _declared(
    column: Column, variable: Variable, answers: dict[str, object], kinds: dict[str, MissingKind]
) -> Field:
    layer = _layer(column, kinds)
    if variable.measure is Measure.DATE:
        return Field(variable, _dates(column, answers), layer)
    if variable.measure in (Measure.INTERVAL, Measure.RATIO) and not variable.values:
        return _numbers(
            column, variable, {t: v for t, v in answers.items() if isinstance(v, float)}, kinds, guess=False
        )
    if variable.values and all(isinstance(v, int) and not isinstance(v, bool) for v in variable.values):
        numbers = {t: float(v) for t, v in answers.items()}  # type: ignore[arg-type]
        return _numbers(column, variable, numbers, kinds, guess=False)
    return Field(variable, _texts(column, {t: str(v) for t, v in answers.items()}, kinds), layer)


def _kind(text: str) -> MissingKind | None:
    plain = clean(text)
    return MissingKind.NO_ANSWER if not plain else missing_word(plain)


def _closed(column: Column, answers: Sequence[str]) -> bool:
    if not answers or len(answers) > _CLOSED or any(len(text) > _LONG for text in answers):
        return False
    filled = int(sum(n for t, n in zip(column.distinct, column.counts, strict=True) if clean(t)))
    return len(answers) <= 2 or len(answers) <= 0.5 * filled


def _numbers(
    column: Column,
    variable: Variable,
    numbers: Mapping[str, float | None],
    kinds: dict[str, MissingKind],
    *,
    guess: bool = True,
) -> Field:
    parsed = [numbers.get(text) for text in column.distinct]
    table = np.array([1.0 if value is None else value for value in parsed] or [1.0])
    layer = _layer(column, kinds)
    absent = layer != ANSWERED
    if guess:
        variable = replace(variable, measure=Measure.RATIO)
    if all(value is None or (value.is_integer() and abs(value) < 2**53) for value in parsed):
        integers = table.astype(np.int64)[column.codes]
        return Field(variable, pd.arrays.IntegerArray(integers, absent), layer)
    return Field(variable, pd.arrays.FloatingArray(table[column.codes], absent), layer)


def _dates(column: Column, dates: Mapping[str, object]) -> ExtensionArray:
    stamps = pd.array([dates.get(text) for text in column.distinct], dtype="datetime64[s]")
    return stamps.take(column.codes) if len(stamps) else stamps


def _texts(column: Column, answers: dict[str, str], kinds: dict[str, MissingKind]) -> ExtensionArray:
    table = pa.array(
        [None if t in kinds else answers.get(t, t) for t in column.distinct] or [None], pa.large_string()
    )
    return pd.arrays.ArrowStringArray(pa.chunked_array([table.take(pa.array(column.codes))]), dtype=_STRING)


def _layer(column: Column, kinds: dict[str, MissingKind]) -> npt.NDArray[np.int8]:
    table = np.array(
        [KIND_CODES[kinds[t]] if t in kinds else ANSWERED for t in column.distinct] or [ANSWERED], np.int8
    )
    return table[column.codes]
