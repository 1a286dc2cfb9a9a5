"""A flat table as cells and equations: the sums that a reader of the table, or of the whole report, can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from optima_research.privacy._suppression_kernels import Equations, Flags, Floats, Ints


@dataclass(frozen=True)
class Grid:
    """A two-way table of non-negative numbers with its margins, shown or not.

    Parameters
    ----------
    inside : (r, c) floats
        Cells that are nobody's sum.
    sections : (r,) ints
        Rows of one section add up to the same kind of total (all zeros: one total row).
    adds_rows, adds_columns : bool
        Whether summing down a column, or along a row, means something.
    """

    inside: Floats
    sections: Ints
    adds_rows: bool
    adds_columns: bool

    @cached_property
    def values(self) -> Floats:
        """Inside cells row by row, row totals, then for each section its column totals and grand total."""
        parts = [self.inside.ravel(), self.inside.sum(axis=1)]
        for section in np.unique(self.sections):
            block = self.inside[self.sections == section]
            parts += [block.sum(axis=0), np.array([block.sum()])]
        return np.concatenate(parts)

    @cached_property
    def cells(self) -> Ints:
        """(r, c) positions of the inside cells in ``values``."""
        rows, columns = self.inside.shape
        return np.arange(rows * columns).reshape(rows, columns)

    @cached_property
    def row_totals(self) -> Ints:
        """(r,) positions of the row totals."""
        rows, columns = self.inside.shape
        return np.asarray(rows * columns + np.arange(rows), dtype=np.int64)

    def column_totals(self, section: int) -> Ints:
        """(c,) positions of a section's column totals; its grand total is the next position."""
        rows, columns = self.inside.shape
        first = rows * columns + rows + section * (columns + 1)
        return np.asarray(first + np.arange(columns), dtype=np.int64)

    @cached_property
    def grand_totals(self) -> Ints:
        """Positions of the grand totals."""
        return np.array([self.column_totals(section)[-1] + 1 for section in range(self.n_sections)])

    @property
    def n_sections(self) -> int:
        """Number of sections."""
        return len(np.unique(self.sections))

    @cached_property
    def equations(self) -> Equations:
        """Sums that hold: parts +1, total -1."""
        sums: list[tuple[Ints, int]] = []
        if self.adds_columns:
            sums += [(self.cells[row], int(self.row_totals[row])) for row in range(len(self.inside))]
        if self.adds_rows:
            for position, section in enumerate(np.unique(self.sections)):
                members = np.flatnonzero(self.sections == section)
                totals = self.column_totals(position)
                sums += [(self.cells[members, column], int(total)) for column, total in enumerate(totals)]
                if self.adds_columns:
                    sums.append((self.row_totals[members], int(self.grand_totals[position])))
                    sums.append((totals, int(self.grand_totals[position])))
        return equations_of(sums, self.values.size)


def equations_of(sums: Sequence[tuple[npt.NDArray[np.int64], int]], size: int) -> Equations:
    """One sparse row for each (parts, total)."""
    columns = [np.append(parts, total) for parts, total in sums]
    data = [np.append(np.ones(len(parts)), -1.0) for parts, _total in sums]
    pointers = np.concatenate([[0], np.cumsum([len(part) for part in columns])]).astype(np.int64)
    if not columns:
        return sparse.csr_array((0, size), dtype=float)
    return sparse.csr_array(
        (np.concatenate(data), np.concatenate(columns), pointers), shape=(len(columns), size)
    )


@dataclass(frozen=True)
class Sensitive:
    """Cells that must not be known: which, and how far below and above its value each must seem to be able to lie."""

    primary: Flags
    down: Floats
    up: Floats


def too_small(values: Floats, threshold: int) -> Sensitive:
    """Cells of one to ``threshold - 1`` respondents: anything from nobody to the threshold must stay possible."""
    small = (values > 0) & (values < threshold)
    return Sensitive(small, np.where(small, values, 0.0), np.where(small, threshold - values, 0.0))


def whole_small_group(values: Floats, bases: Floats, threshold: int) -> Sensitive:
    """Every cell of a group under the threshold, the empty ones included."""
    inside = (bases > 0) & (bases < threshold)
    up = np.where(inside, np.maximum(threshold - values, 1.0), 0.0)
    return Sensitive(inside, np.where(inside, values, 0.0), up)


def small_complement(values: Floats, bases: Floats, threshold: int) -> Sensitive:
    """Cells that leave fewer than ``threshold`` respondents of their group outside: as telling as a small cell."""
    outside = bases - values
    small = (outside > 0) & (outside < threshold)
    down = np.where(small, np.minimum(threshold - outside, values), 0.0)
    return Sensitive(small, down, np.where(small, outside, 0.0))


def homogeneous(values: Floats, bases: Floats, threshold: int, *, empty_too: bool) -> Sensitive:
    """Groups that all gave the same answer (and, for a column read alone, groups where nobody gave it)."""
    everybody = (bases > 0) & (values == bases)
    nobody = (bases > 0) & (values == 0) & empty_too
    down = np.where(everybody, np.minimum(threshold, values), 0.0)
    up = np.where(nobody, np.minimum(threshold, bases), 0.0)
    return Sensitive(everybody | nobody, down, up)


def either(*parts: Sensitive) -> Sensitive:
    """Cells that one rule or another protects, each as far as the most demanding rule asks."""
    return Sensitive(
        np.logical_or.reduce([part.primary for part in parts]),
        np.maximum.reduce([part.down for part in parts]),
        np.maximum.reduce([part.up for part in parts]),
    )
