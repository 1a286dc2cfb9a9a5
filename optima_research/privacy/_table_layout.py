"""From a publication table to the grids its numbers form, and back from hidden cells to hidden printed cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.privacy._cells import Grid
from optima_research.privacy._suppression_kernels import Flags, Floats, Ints
from optima_research.privacy._table_units import (
    Unit,
    base_units,
    column_numbers,
    count_units,
    total_unit,
    with_neighbours,
)
from optima_research.results import PublicationTable

if TYPE_CHECKING:
    from optima_research.privacy.disclosure import HiddenCells


@dataclass(frozen=True)
class Layout:
    """One grid of a table and the printed columns that show it.

    Parameters
    ----------
    grid : Grid
    bases : (r, c) floats
        Respondents of the group each inside cell belongs to.
    counts_cells : bool
        Whether the grid holds numbers of respondents in each cell (else: in each group).
    rows, totals : positions in the body of the grid's rows, and of each section's total row (-1: none)
    names : tuple of tuple of str
        Body columns hidden with each grid column.
    row_totals, rest : tuple of str
        Body columns that show the row totals; columns hidden wherever something in their row is.
    dominant : (r, c) floats, optional
        Share of the largest unit in each cell, for tables of values; ``dominant_totals`` in each total row.
    """

    table: PublicationTable
    grid: Grid
    bases: Floats
    counts_cells: bool
    rows: Ints
    totals: Ints
    names: tuple[tuple[str, ...], ...]
    row_totals: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()
    dominant: Floats | None = None
    dominant_totals: Floats | None = None

    @property
    def rows_are_answers(self) -> bool:
        """Whether the rows of each column are the answers of one group (one-way tables, column percentages)."""
        return len(self.bases) > 1 and bool(np.array_equal(self.grid.inside.sum(axis=0), self.bases[0]))

    @property
    def shows_row_totals(self) -> bool:
        """Whether the table prints the size of its rows."""
        return bool(self.row_totals)

    @property
    def shows_column_totals(self) -> bool:
        """Whether the table prints a total row."""
        return bool((self.totals >= 0).any())

    def bases_of_cells(self) -> Floats:
        """Size of the group each cell of the grid belongs to; zero for the totals that are groups themselves."""
        bases = np.zeros(self.grid.values.size)
        bases[self.grid.cells] = self.bases
        if self.rows_are_answers:
            return bases
        for section in range(self.grid.n_sections):
            bases[self.grid.column_totals(section)] = self._section_bases(section)
        return bases

    def _section_bases(self, section: int) -> Floats:
        position = self.totals[section]
        if position >= 0 and self.table.bases is not None:
            own = [[name for name in names if name in self.table.bases.columns] for names in self.names]
            if all(own):
                return np.array([column_numbers(self.table.bases, names[0])[position] for names in own])
        members = self.grid.sections == np.unique(self.grid.sections)[section]
        return np.asarray(
            self.bases[members].sum(axis=0) if self.grid.adds_rows else self.bases[members].max(axis=0)
        )

    def spread(self, hidden: HiddenCells) -> pd.DataFrame:
        """Which printed cells the hidden cells of the grid take with them."""
        shown = pd.DataFrame(False, index=self.table.body.index, columns=self.table.body.columns)
        flags = shown.to_numpy(copy=True)
        at = {name: position for position, name in enumerate(shown.columns)}
        sections = np.unique(self.grid.sections)
        lines: list[tuple[int, Flags, bool]] = [
            (int(row), hidden.inside[position], bool(hidden.rows[position]))
            for position, row in enumerate(self.rows)
        ]
        lines += [
            (int(row), hidden.columns[position], bool(hidden.grand[position]))
            for position, row in enumerate(self.totals[: len(sections)])
            if row >= 0
        ]
        for row, cells, total in lines:
            for position, names in enumerate(self.names):
                for name in names:
                    if name in at:
                        flags[row, at[name]] |= bool(cells[position])
            for name in self.row_totals:
                flags[row, at[name]] |= total
            for name in self.rest:
                flags[row, at[name]] |= bool(cells.any()) or total
        return pd.DataFrame(flags, index=shown.index, columns=shown.columns)


def layouts(table: PublicationTable) -> list[Layout]:
    """The grids of a table: of its counts where it has them, of its bases elsewhere, one for each column of values."""
    every = np.arange(len(table.body))
    if table.counts is None:
        return [*_value_layouts(table), *_base_layouts(table, every)]
    numbers = table.counts.apply(pd.to_numeric).to_numpy(dtype=float, na_value=np.nan)
    # A row of means among rows of percentages has no count, and rests on its bases alone.
    counted = np.isfinite(numbers).all(axis=1)
    found = [_count_layout(table, np.flatnonzero(counted))] if counted.any() else []
    if not counted.all() and table.bases is not None:
        found += _base_layouts(table, np.flatnonzero(~counted))
    return [*_value_layouts(table), *found]


def _count_layout(table: PublicationTable, lines: Ints) -> Layout:
    units = count_units(table)
    total = total_unit(table, units)
    parts = [unit for unit in units if unit is not total]
    rows, sections, totals = _rows(table, np.column_stack([unit.numbers for unit in units]), lines)
    inside = np.column_stack([unit.numbers for unit in parts])[rows]
    bases = _group_sizes(table, parts, rows)
    adds_columns = bool(
        table.attributes.get("additive_columns", total is not None or _is_partition(inside, bases))
    )
    grid = Grid(
        inside, sections, bool(table.attributes.get("additive_rows", True)), adds_columns and len(parts) > 1
    )
    names = with_neighbours(table, [unit.names for unit in parts])
    taken = {name for group in names for name in group}
    whole = with_neighbours(table, [total.names])[0] if total is not None else ()
    row_totals = (*whole, *_size_columns(table, inside, bases, rows, taken | set(whole)))
    rest = _rest(table, taken | set(row_totals))
    return Layout(table, grid, bases, True, rows, totals, names, row_totals, rest)


def _base_layouts(table: PublicationTable, lines: Ints) -> list[Layout]:
    units = base_units(table)
    if not units:
        return []
    total = total_unit(table, units)
    parts = [unit for unit in units if unit is not total]
    rows, sections, totals = _rows(table, np.column_stack([unit.numbers for unit in units]), lines)
    adds_columns = bool(table.attributes.get("additive_columns", total is not None))
    together = [parts] if adds_columns and len(parts) > 1 else [[unit] for unit in parts]
    whole = with_neighbours(table, [total.names])[0] if total is not None else ()
    everything = with_neighbours(table, [unit.names for unit in parts])
    rest = _rest(table, {name for group in everything for name in group} | set(whole))
    shares = table.attributes.get("largest_share")
    values = set(shares.columns) if isinstance(shares, pd.DataFrame) else set()
    found = []
    for block in together:
        inside = np.nan_to_num(np.column_stack([unit.numbers for unit in block])[rows])
        adds_rows = bool(table.attributes.get("additive_rows", len(block) == 1))
        grid = Grid(inside, sections, adds_rows, len(block) > 1)
        # Columns of values have a grid of their own; here they would only be hidden for the sake of a number of units.
        names = tuple(
            tuple(name for name in group if name not in values)
            for group in with_neighbours(table, [unit.names for unit in block])
        )
        found.append(Layout(table, grid, inside, False, rows, totals, names, whole, rest))
    return found


def _value_layouts(table: PublicationTable) -> list[Layout]:
    shares = table.attributes.get("largest_share")
    if not isinstance(shares, pd.DataFrame) or table.bases is None:
        return []
    found = []
    for name in shares.columns:
        units = column_numbers(table.bases, name)
        rows, sections, totals = _rows(table, units[:, None], np.arange(len(table.body)))
        values = np.abs(np.nan_to_num(column_numbers(table.body, name)))[rows][:, None]
        grid = Grid(values, sections, bool(table.attributes.get("additive_rows", True)), adds_columns=False)
        largest = np.nan_to_num(column_numbers(shares, name))
        in_totals = np.array([largest[position] if position >= 0 else 0.0 for position in totals])
        bases = np.nan_to_num(units)[rows][:, None]
        shown = ((str(name),),)
        found.append(
            Layout(
                table,
                grid,
                bases,
                False,
                rows,
                totals,
                shown,
                dominant=largest[rows][:, None],
                dominant_totals=in_totals,
            )
        )
    return found


def _rows(table: PublicationTable, numbers: Floats, lines: Ints) -> tuple[Ints, Ints, Ints]:
    """Among ``lines``, the rows that are no total, their section, and the total row of each section (-1: none)."""
    index = table.body.index
    declared = np.array([_is_total(label, table.totals) for label in index], dtype=bool)
    if not table.totals and table.attributes.get("additive_rows", True):
        declared = _sum_row(numbers)
    among = np.zeros(len(index), dtype=bool)
    among[lines] = True
    rows = np.flatnonzero(~declared & among)
    keys = np.asarray([label[0] if isinstance(label, tuple) else "" for label in index], dtype=object)
    sections, names = pd.factorize(keys[rows])
    totals = np.full(len(names), -1)
    for position in np.flatnonzero(declared & among):
        section = np.flatnonzero(names == keys[position])
        totals[section if section.size else slice(None)] = position
    return rows.astype(np.int64), sections.astype(np.int64), totals.astype(np.int64)


def _is_total(label: object, totals: tuple[object, ...]) -> bool:
    return label in totals or (isinstance(label, tuple) and label[-1] in totals)


def _sum_row(numbers: Floats) -> Flags:
    """A first or last row that is the sum of all the others is a total, even if nobody said so."""
    values = np.nan_to_num(numbers)
    flags = np.zeros(len(values), dtype=bool)
    if len(values) > 2 and values.shape[1]:
        for position in (len(values) - 1, 0):
            if values[position].any() and np.array_equal(2 * values[position], values.sum(axis=0)):
                flags[position] = True
                break
    return flags


def _group_sizes(table: PublicationTable, parts: list[Unit], rows: Ints) -> Floats:
    """Size of the group of each cell: its own base, the only base there is, else the sum of its row or column."""
    bases = table.bases
    if bases is not None:
        own = [[name for name in unit.names if name in bases.columns] for unit in parts]
        if all(own):
            return np.nan_to_num(np.column_stack([column_numbers(bases, names[0]) for names in own])[rows])
        distinct = {column_numbers(bases, name).tobytes(): name for name in bases.columns}
        if len(distinct) == 1:
            size = np.nan_to_num(column_numbers(bases, next(iter(distinct.values()))))[rows]
            return np.repeat(size[:, None], len(parts), axis=1)
    inside = np.column_stack([unit.numbers for unit in parts])[rows]
    if len(parts) == 1:
        return np.full_like(inside, inside.sum())
    return np.repeat(inside.sum(axis=1, keepdims=True), len(parts), axis=1)


def _is_partition(inside: Floats, bases: Floats) -> bool:
    """Whether each row's cells are the whole of its group, or (column percentages) each column's cells of its own."""
    rows = np.array_equal(inside.sum(axis=1), bases[:, 0])
    return bool(rows or (len(bases) > 1 and np.array_equal(inside.sum(axis=0), bases[0])))


def _size_columns(
    table: PublicationTable, inside: Floats, bases: Floats, rows: Ints, taken: set[str]
) -> tuple[str, ...]:
    """Printed columns that show the size of the rows without saying so."""
    sizes = (
        bases[:, 0]
        if np.array_equal(bases, np.repeat(bases[:, :1], bases.shape[1], axis=1))
        else inside.sum(axis=1)
    )
    return tuple(
        str(name)
        for name in table.body.columns
        if name not in taken
        and name not in table.attributes.get("public", ())
        and pd.api.types.is_numeric_dtype(table.body[name].dtype)
        and np.array_equal(column_numbers(table.body, name)[rows], sizes)
    )


def _rest(table: PublicationTable, taken: set[str]) -> tuple[str, ...]:
    apart = {source for column in table.columns if column.kind == "text" for source in column.sources}
    apart |= set(table.attributes.get("public", ()))
    return tuple(str(name) for name in table.body.columns if name not in taken and name not in apart)
