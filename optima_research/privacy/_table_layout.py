"""From a publication table to the grids its numbers form, and back from hidden cells to hidden printed cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.privacy._cells import Grid
from optima_research.privacy._suppression_kernels import Flags, Floats, Ints
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
        Share of the largest unit in each cell, for tables of values.
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
    dominant: Floats | None = field(default=None)

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
            found = _numbers(self.table.bases, [names[0] for names in self.names])
            if found is not None:
                return np.asarray(found[position], dtype=float)
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
                    flags[row, at[name]] |= bool(cells[position])
            for name in self.row_totals:
                flags[row, at[name]] |= total
            for name in self.rest:
                flags[row, at[name]] |= bool(cells.any()) or total
        return pd.DataFrame(flags, index=shown.index, columns=shown.columns)


def layouts(table: PublicationTable) -> list[Layout]:
    """The grids of a table: of its counts where it has them, else of its bases, and one for each column of values."""
    found = _value_layouts(table)
    if table.counts is not None:
        return [*found, _count_layout(table)]
    return [*found, *_base_layouts(table)]


def _count_layout(table: PublicationTable) -> Layout:
    counts = table.counts if table.counts is not None else pd.DataFrame(index=table.body.index)
    rows, sections, totals = _rows(table, counts)
    families = _families(table, counts)
    parts = families[0]
    numbers = counts[parts].apply(pd.to_numeric).to_numpy(dtype=float, na_value=0.0)
    inside = np.nan_to_num(numbers[rows])
    names = [[name] for name in parts]
    for family in families[1:]:
        for position, name in enumerate(family):
            names[position].append(name)
    bases = _group_sizes(table, parts, inside, rows)
    adds_columns = bool(table.attributes.get("additive_columns", _is_partition(table, inside, bases)))
    grid = Grid(
        inside, sections, bool(table.attributes.get("additive_rows", True)), adds_columns and len(parts) > 1
    )
    aliases = _with_neighbours(table, names)
    taken = {name for group in aliases for name in group}
    row_totals = _row_total_columns(table, inside, bases, rows, taken)
    return Layout(
        table, grid, bases, True, rows, totals, aliases, row_totals, _rest(table, taken | set(row_totals))
    )  # fmt: skip


def _base_layouts(table: PublicationTable) -> list[Layout]:
    bases = table.bases if table.bases is not None else pd.DataFrame(index=table.body.index)
    rows, sections, totals = _rows(table, bases)
    numbers = {
        name: np.nan_to_num(pd.to_numeric(bases[name]).to_numpy(dtype=float)) for name in bases.columns
    }
    shared: dict[bytes, list[str]] = {}
    for name, column in numbers.items():
        if name in table.body.columns:
            shared.setdefault(column.tobytes(), []).append(name)
    groups = [names for names in shared.values() if names]
    total = _total_group(table, groups, numbers)
    parts = [names for names in groups if names is not total]
    adds_rows = table.attributes.get("additive_rows")
    adds_columns = bool(table.attributes.get("additive_columns", total is not None))
    together = [parts] if adds_columns and len(parts) > 1 else [[names] for names in parts]
    taken = {name for names in groups for name in names}
    rest = _rest(table, {name for group in _with_neighbours(table, groups) for name in group} | taken)
    found = []
    for block in together:
        inside = np.column_stack([numbers[names[0]][rows] for names in block])
        additive = len(block) == 1 if adds_rows is None else bool(adds_rows)
        grid = Grid(inside, sections, additive, len(block) > 1)
        found.append(
            Layout(
                table,
                grid,
                inside,
                False,
                rows,
                totals,
                _with_neighbours(table, block),
                tuple(total or ()),
                rest,
            )
        )
    return found


def _value_layouts(table: PublicationTable) -> list[Layout]:
    shares = table.attributes.get("largest_share")
    if not isinstance(shares, pd.DataFrame) or table.bases is None:
        return []
    rows, sections, totals = _rows(table, table.bases)
    found = []
    for name in shares.columns:
        values = np.abs(np.nan_to_num(pd.to_numeric(table.body[name]).to_numpy(dtype=float)))[rows][:, None]
        units = np.nan_to_num(pd.to_numeric(table.bases[name]).to_numpy(dtype=float))[rows][:, None]
        grid = Grid(values, sections, bool(table.attributes.get("additive_rows", True)), adds_columns=False)
        dominant = np.nan_to_num(shares[name].to_numpy(dtype=float))[rows][:, None]
        found.append(Layout(table, grid, units, False, rows, totals, ((name,),), dominant=dominant))
    return found


def _rows(table: PublicationTable, numbers: pd.DataFrame) -> tuple[Ints, Ints, Ints]:
    """Positions of the rows that are no total, their section, and the total row of each section (-1: none)."""
    index = table.body.index
    declared = np.array([_is_total(label, table.totals) for label in index], dtype=bool)
    if not table.totals and table.attributes.get("additive_rows", True):
        declared = _sum_row(numbers)
    rows = np.flatnonzero(~declared)
    keys = np.asarray([label[0] if isinstance(label, tuple) else "" for label in index], dtype=object)
    sections, names = pd.factorize(keys[rows])
    totals = np.full(len(names), -1)
    for position in np.flatnonzero(declared):
        section = np.flatnonzero(names == keys[position])
        totals[section if section.size else slice(None)] = position
    return rows.astype(np.int64), sections.astype(np.int64), totals.astype(np.int64)


def _is_total(label: object, totals: tuple[object, ...]) -> bool:
    return label in totals or (isinstance(label, tuple) and label[-1] in totals)


def _sum_row(numbers: pd.DataFrame) -> Flags:
    """A first or last row that is the sum of all the others is a total, even if nobody said so."""
    values = np.nan_to_num(numbers.apply(pd.to_numeric).to_numpy(dtype=float))
    flags = np.zeros(len(values), dtype=bool)
    if len(values) > 2 and values.shape[1]:
        for position in (len(values) - 1, 0):
            if values[position].any() and np.array_equal(2 * values[position], values.sum(axis=0)):
                flags[position] = True
                break
    return flags


def _families(table: PublicationTable, counts: pd.DataFrame) -> list[list[str]]:
    """Columns of one kind (counts, percentages) that show the same cells, totals set aside."""
    by_kind: dict[str, list[str]] = {}
    kinds = {source: column.kind for column in table.columns for source in column.sources}
    for name in counts.columns:
        if name not in table.total_columns:
            by_kind.setdefault(kinds.get(name, "count"), []).append(name)
    families = list(by_kind.values())
    first = counts[families[0]].to_numpy(dtype=float, na_value=np.nan)
    same = [
        family
        for family in families[1:]
        if len(family) == len(families[0])
        and np.array_equal(counts[family].to_numpy(dtype=float, na_value=np.nan), first, equal_nan=True)
    ]
    if len(same) == len(families) - 1:
        return families
    return [[name for family in families for name in family]]


def _group_sizes(table: PublicationTable, parts: list[str], inside: Floats, rows: Ints) -> Floats:
    found = _numbers(table.bases, parts) if table.bases is not None else None
    if found is not None:
        return found[rows]
    if table.bases is not None and table.bases.shape[1] == 1:
        return np.repeat(np.nan_to_num(table.bases.to_numpy(dtype=float)[rows]), len(parts), axis=1)
    return np.repeat(inside.sum(axis=1, keepdims=True), len(parts), axis=1)


def _is_partition(table: PublicationTable, inside: Floats, bases: Floats) -> bool:
    """Whether each row's cells are the whole of its group (or the table prints their total)."""
    return (
        bool(table.total_columns)
        or bool(np.array_equal(inside.sum(axis=1), bases[:, 0]))
        or (
            # Column percentages: every column is a group whose rows are its answers.
            len(bases) > 1 and np.array_equal(inside.sum(axis=0), bases[0])
        )
    )


def _row_total_columns(
    table: PublicationTable, inside: Floats, bases: Floats, rows: Ints, taken: set[str]
) -> tuple[str, ...]:
    found = [name for name in table.total_columns if name in table.body.columns]
    sizes = bases[:, 0] if len(set(map(tuple, bases.T))) == 1 else inside.sum(axis=1)
    for name in table.body.columns:
        if name not in taken and name not in found and pd.api.types.is_numeric_dtype(table.body[name].dtype):
            column = table.body[name].to_numpy(dtype=float, na_value=np.nan)[rows]
            if np.array_equal(column, sizes):
                found.append(name)
    return tuple(found)


def _total_group(
    table: PublicationTable, groups: list[list[str]], numbers: dict[str, Floats]
) -> list[str] | None:
    """The columns of a total: declared, or whose base is the sum of all the other bases."""
    for names in groups:
        if set(names) & set(table.total_columns):
            return names
    if len(groups) > 2:
        whole = np.sum([numbers[names[0]] for names in groups], axis=0)
        for names in groups:
            if np.array_equal(2 * numbers[names[0]], whole):
                return names
    return None


def _with_neighbours(table: PublicationTable, names: list[list[str]]) -> tuple[tuple[str, ...], ...]:
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


def _rest(table: PublicationTable, taken: set[str]) -> tuple[str, ...]:
    printed_text = {source for column in table.columns if column.kind == "text" for source in column.sources}
    return tuple(str(name) for name in table.body.columns if name not in taken and name not in printed_text)


def _numbers(frame: pd.DataFrame | None, names: list[str]) -> Floats | None:
    if frame is None or not set(names) <= set(frame.columns):
        return None
    return np.asarray(np.nan_to_num(frame[names].apply(pd.to_numeric).to_numpy(dtype=float)))
