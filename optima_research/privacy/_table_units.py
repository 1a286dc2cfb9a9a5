"""Printed columns of a table that show the same numbers of respondents, and the one that is their total."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optima_research.privacy._suppression_kernels import Floats
from optima_research.results import PublicationTable


@dataclass(frozen=True)
class Unit:
    """Printed columns that show one column of respondents: a count and its percentage, a mean and its sd."""

    names: tuple[str, ...]
    numbers: Floats


def count_units(table: PublicationTable) -> list[Unit]:
    """Columns of equal counts are one unit when they are of different kinds: 40 respondents, and 52 %."""
    counts = table.counts if table.counts is not None else pd.DataFrame(index=table.body.index)
    kinds = {source: column.kind for column in table.columns for source in column.sources}
    units: list[tuple[list[str], set[str], Floats]] = []
    for name in counts.columns:
        numbers, kind = column_numbers(counts, name), kinds.get(name, "count")
        for names, known, theirs in units:
            if kind not in known and np.array_equal(numbers, theirs, equal_nan=True):
                names.append(name)
                known.add(kind)
                break
        else:
            units.append(([name], {kind}, numbers))
    return [Unit(tuple(names), numbers) for names, _kinds, numbers in units]


def base_units(table: PublicationTable) -> list[Unit]:
    """Columns of one printed heading are one unit; without heading, those that rest on the same numbers."""
    bases = table.bases if table.bases is not None else pd.DataFrame(index=table.body.index)
    headings = {source: column.group for column in table.columns for source in column.sources}
    units: dict[tuple[str | None, bytes], list[str]] = {}
    for name in bases.columns:
        units.setdefault((headings.get(name), column_numbers(bases, name).tobytes()), []).append(name)
    return [Unit(tuple(names), column_numbers(bases, names[0])) for names in units.values()]


def total_unit(table: PublicationTable, units: list[Unit]) -> Unit | None:
    """The columns of a total: declared, or equal to the sum of all the other columns."""
    for unit in units:
        if set(unit.names) & set(table.total_columns):
            return unit
    if len(units) > 2:
        whole = np.sum([np.nan_to_num(unit.numbers) for unit in units], axis=0)
        for unit in units:
            if unit.numbers.any() and np.array_equal(2 * np.nan_to_num(unit.numbers), whole):
                return unit
    return None


def with_neighbours(table: PublicationTable, names: list[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """With each column, those printed under the same heading that have no numbers of their own (its interval)."""
    covered = {name for group in names for name in group}
    result = []
    for group in names:
        headings = {
            column.group for column in table.columns if column.group and set(column.sources) & set(group)
        }
        beside = [
            source
            for column in table.columns
            if column.group in headings and column.kind != "text"
            for source in column.sources
            if source not in covered
        ]
        result.append(tuple(dict.fromkeys([*group, *beside])))
    return tuple(result)


def column_numbers(frame: pd.DataFrame, name: str) -> Floats:
    return np.asarray(pd.to_numeric(frame[name]).to_numpy(dtype=float, na_value=np.nan))
