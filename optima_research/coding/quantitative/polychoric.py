"""Polychoric correlations: what ordinal answers say of the continuous opinions behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.coding.quantitative import _polychoric_kernels as kernels
from optima_research.coding.quantitative._item_moments import FloatArray
from optima_research.coding.quantitative.items import read_items
from optima_research.errors import ScaleError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_number
from optima_research.results import Column, Estimate, PublicationTable, Result

if TYPE_CHECKING:
    from optima_research.results.frames import Data

MOST_CATEGORIES = 12


def polychoric(data: Data, items: Sequence[str]) -> Polychoric:
    """Polychoric correlations by two-step maximum likelihood.

    Parameters
    ----------
    data : DataFrame or Survey
        Rows complete on the items are used.
    items : list of str
        Ordinal items with at most twelve categories.

    Returns
    -------
    Polychoric
        ``correlations`` (DataFrame), ``thresholds`` (item -> cut points), ``empty_cells`` (pairs whose table has cells
        nobody is in, with their number), ``corrected`` (pairs of two-category items where 0.5 was added), ``smoothed``
        (whether the matrix had to be made positive definite), ``n``, ``n_missing``.

    Raises
    ------
    ScaleError
        A constant item, an item with more categories than can be ordinal.

    Notes
    -----
    Thresholds from the margins, then the correlation at which the score of the pair's table is zero (to 1e-12). Cells
    nobody is in are left as they are, as lavaan does; only a 2 x 2 table with an empty cell, whose correlation would be
    one, gets 0.5 in that cell at constant margins. psych adds 0.5 to every empty cell and stops its search early.
    Agrees with lavaan 0.6-14 ``lavCor`` to 1e-7 (``tests/reference/reliability.R``).

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"a": [1, 1, 2, 2, 3, 3, 1, 3], "b": [1, 2, 2, 3, 3, 3, 1, 2]})
    >>> print(round(polychoric(answers, ["a", "b"]).correlations.loc["a", "b"], 2))
    0.87
    """
    read = read_items(data, items)
    moments = read.moments()
    codes, sizes = coded(read.names, read.rows())
    cuts = [
        kernels.thresholds(np.bincount(column, minlength=k).astype(float))
        for column, k in zip(codes, sizes, strict=True)
    ]
    matrix, empty, corrected = np.eye(len(sizes)), [], []
    for i, j in combinations(range(len(sizes)), 2):
        table = np.bincount(codes[i] * sizes[j] + codes[j], minlength=sizes[i] * sizes[j]).reshape(
            sizes[i], sizes[j]
        )
        holes = int((table == 0).sum())
        if holes:
            empty.append({"first": read.names[i], "second": read.names[j], "empty_cells": holes})
        filled = _filled(table.astype(float))
        if filled is not None:
            corrected.append((read.names[i], read.names[j]))
        used = table.astype(float) if filled is None else filled
        matrix[i, j] = matrix[j, i] = kernels.polychoric_correlation(used, cuts[i], cuts[j])
    repaired, smoothed = kernels.smoothed(matrix)
    return Polychoric(
        n=moments.n,
        n_missing=moments.n_rows - moments.n,
        correlations=pd.DataFrame(repaired, index=list(read.names), columns=list(read.names)),
        thresholds={name: tuple(cut.tolist()) for name, cut in zip(read.names, cuts, strict=True)},
        empty_cells=pd.DataFrame(empty, columns=["first", "second", "empty_cells"]),
        corrected=tuple(corrected),
        smoothed=smoothed,
    )


@dataclass(frozen=True, eq=False, repr=False)
class Polychoric(Result):
    """Polychoric correlation matrix; see :func:`polychoric`."""

    n: int
    n_missing: int
    correlations: pd.DataFrame
    thresholds: dict[str, tuple[float, ...]]
    empty_cells: pd.DataFrame
    corrected: tuple[tuple[str, str], ...]
    smoothed: bool

    def table(self) -> PublicationTable:
        """The matrix."""
        return PublicationTable(
            title=_("Polychoric correlations"),
            body=self.correlations,
            columns=tuple(Column(name, name, decimals=2) for name in self.correlations.columns),
            stub=_("Scale item"),
            bases=pd.DataFrame(self.n, index=self.correlations.index, columns=self.correlations.columns),
            reading=_(
                "« {first} » and « {second} » have a polychoric correlation of {r}.",
                first=self.correlations.index[0],
                second=self.correlations.columns[1],
                r=format_number(self.correlations.iloc[0, 1], 2),
            ),
            scope=_(
                "respondents who answered every item ({n} kept, {dropped} left out).",
                n=format_count(self.n),
                dropped=format_count(self.n_missing),
            ),
            note=self.sentence(),
            name="polychoric",
        )

    def sentence(self) -> str:
        """Range of the correlations, and what was done to obtain them."""
        off = self.correlations.to_numpy()[np.triu_indices(len(self.correlations), 1)]
        said = [
            _(
                "Polychoric correlations go from {low} to {high} (n = {n}).",
                low=format_number(float(off.min()), 2),
                high=format_number(float(off.max()), 2),
                n=format_count(self.n),
            )
        ]
        if len(self.empty_cells):
            said.append(
                _(
                    "{n} pairs of items have combinations of answers nobody gave.",
                    n=format_count(len(self.empty_cells)),
                )
            )
        if self.corrected:
            pairs = ", ".join(f"{first} × {second}" for first, second in self.corrected)
            said.append(_("Half an answer was added to the empty cell of {pairs}.", pairs=pairs))
        if self.smoothed:
            said.append(_("The matrix was not positive definite and was smoothed."))
        return " ".join(said)

    def statistics(self) -> dict[str, Estimate | float]:
        """Each correlation."""
        names = list(self.correlations.columns)
        return {f"{a}_{b}": float(self.correlations.loc[a, b]) for a, b in combinations(names, 2)}


def coded(
    names: Sequence[str], rows: FloatArray
) -> tuple[list[np.ndarray[tuple[int], np.dtype[np.intp]]], list[int]]:
    """Each column as ranks of its categories, and their number; refuses what cannot be ordinal."""
    codes, sizes = [], []
    for name, column in zip(names, rows.T, strict=True):
        values, ranks = np.unique(column, return_inverse=True)
        if len(values) > MOST_CATEGORIES:
            raise ScaleError(
                _(
                    "« {item} » has {k} different values: it is not an ordinal item.",
                    item=name,
                    k=len(values),
                ),
                hint=_("Use ordinary correlations for numbers, or group the values."),
            )
        codes.append(ranks)
        sizes.append(len(values))
    return codes, sizes


def _filled(table: FloatArray) -> FloatArray | None:
    """A 2 x 2 table with half an answer moved into its empty cell, margins unchanged; None where that is not needed."""
    if table.shape != (2, 2) or (table == 0).sum() != 1:
        return None
    row, column = np.argwhere(table == 0)[0]
    moved = np.full((2, 2), -0.5)
    moved[row, column] = moved[1 - row, 1 - column] = 0.5
    filled: FloatArray = table + moved
    return filled
