"""Disclosure control of a publication table: hide small cells, then enough others, then check by linear programming.

It works on unweighted numbers of respondents before anything is formatted, so every output shows the same « s ».
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from optima_research.errors import DisclosureError
from optima_research.language import _
from optima_research.privacy._cells import (
    Grid,
    Sensitive,
    either,
    homogeneous,
    small_complement,
    too_small,
    whole_small_group,
)
from optima_research.privacy._suppression_kernels import Flags, Floats, complementary_cells, exposed_cells
from optima_research.privacy._table_layout import Layout, layouts
from optima_research.privacy.policies import Policy, named_policy
from optima_research.results import PublicationTable, Result

# Margins carry the whole table; they are given up last.
MARGIN_COST = 5.0


Shown = TypeVar("Shown", PublicationTable, Result)


def protect(thing: Shown, policy: Policy | str, *, floor: Policy | str | None = None) -> Shown:
    """The table, or the whole result, as it may be shown under a policy.

    Parameters
    ----------
    thing : PublicationTable or Result
        A result comes back with its table protected, and with a sentence and a figure that tell nothing the table
        hides. A table comes with ``bases`` (respondents behind each cell) or ``counts`` (respondents in each
        cell). ``totals`` and ``total_columns`` name its margins. ``attributes`` may say what the numbers cannot:
        ``additive_rows=False`` (rows are items of a battery, their sum is nobody's), ``additive_columns=False``
        (answers that may be given together), ``largest_share`` (DataFrame: share of the largest unit in each value),
        ``public`` (columns that tell nothing of anybody, and are never hidden).
    policy : Policy or str
        ``insee_entreprises``, ``onze``, ``cinq``, ``interne``, or the study's own.
    floor : Policy or str, optional
        The study's policy; a policy below it is refused.

    Returns
    -------
    PublicationTable or Result
        Hidden cells are NaN in the body, flagged in ``suppressed`` and absent from ``bases`` and ``counts``; the note
        names the policy. A reading that quotes a hidden cell is taken away.

    Raises
    ------
    PrivacyError
        Unknown policy, or policy below the floor.
    DisclosureError
        The table has neither bases nor counts, or no choice of cells protects it.

    Notes
    -----
    Primary cells: a group or a cell under the threshold, a cell whose complement is, a group that answered as one
    (0 % and 100 %), a value that one unit dominates. Totals are taken as known to the reader even where the table does
    not print them, since another table of the report does. Secondary cells: mixed-integer programme, cheapest first.
    Audit: for every primary cell the published numbers must leave possible anything from nobody to the threshold.

    Examples
    --------
    >>> from optima_research.results import Column
    >>> n = pd.DataFrame({"n": [40, 7, 23, 70]}, index=["Culture", "Finances", "Voirie", "Ensemble"])
    >>> table = PublicationTable("Répondants", n, (Column("n", "n", kind="count"),), bases=n, totals=("Ensemble",))
    >>> protect(table, "onze").formatted()["n"].tolist()
    ['40', 's', 's', '70']
    """
    chosen = named_policy(policy, floor)
    if isinstance(thing, Result):
        return thing.protected(lambda table: _protect_table(table, chosen))
    return _protect_table(thing, chosen)


def _protect_table(table: PublicationTable, chosen: Policy) -> PublicationTable:
    if chosen.hides_nothing:
        return replace(table, policy=chosen.name, note=_joined(table.note, chosen.sentence()))
    printed = {source for column in table.columns for source in column.sources}
    if table.body.empty or printed <= set(table.attributes.get("public", ())):
        return replace(table, policy=chosen.name)
    if table.bases is None and table.counts is None:
        raise DisclosureError(
            _("The table does not say how many respondents its cells rest on."),
            where=table.title,
            hint=_("Build it with bases= (or counts=), so that disclosure control can read them."),
        )
    hidden = pd.DataFrame(False, index=table.body.index, columns=table.body.columns)
    for layout in layouts(table):
        mask = _hidden_cells(layout, chosen, table)
        hidden |= layout.spread(mask)
    hidden |= _percentages_on_small_bases(table, chosen)
    return _masked(table, hidden, chosen)


@dataclass(frozen=True)
class HiddenCells:
    """Cells of a grid that are hidden: inside, row totals, column totals (one row a section), grand totals."""

    inside: Flags
    rows: Flags
    columns: Flags
    grand: Flags


def _hidden_cells(layout: Layout, policy: Policy, table: PublicationTable) -> HiddenCells:
    grid = layout.grid
    if layout.dominant is None and 0 < grid.values[grid.grand_totals].min() < policy.n_min_group:
        return _everything(grid)
    sensitive = _sensitive(layout, policy)
    frozen = _frozen(layout, sensitive.primary)
    cost = 1.0 + np.log1p(np.abs(grid.values))
    cost[grid.cells.size :] *= MARGIN_COST
    hidden = complementary_cells(
        grid.values, grid.equations, sensitive.primary, sensitive.down, sensitive.up, cost, frozen
    )
    hidden = _audited(grid, sensitive, hidden, frozen, table)
    columns = np.array([hidden[grid.column_totals(section)] for section in range(grid.n_sections)])
    return HiddenCells(hidden[grid.cells], hidden[grid.row_totals], columns, hidden[grid.grand_totals])


def _frozen(layout: Layout, primary: Flags) -> Flags:
    """Totals that stay known: the grand totals, and margins the table does not print but another one does.

    Where one of those unprinted margins is itself too small to be known, the other table hides it with others; which
    ones cannot be told from here, so none of them is taken as known.
    """
    grid = layout.grid
    frozen = np.zeros(grid.values.size, dtype=bool)
    if layout.dominant is not None:
        return frozen  # a total of values is no public number; it is only dearer to hide
    frozen[grid.grand_totals] = True
    families = [(grid.row_totals, layout.shows_row_totals)]
    for section in range(grid.n_sections):
        shown = layout.shows_column_totals and grid.inside.shape[1] > 1
        families.append((grid.column_totals(section), shown))
    for family, shown in families:
        frozen[family] |= not shown and (grid.inside.shape[1] == 1 or not primary[family].any())
    return frozen & ~primary


def _everything(grid: Grid) -> HiddenCells:
    rows, columns = grid.inside.shape
    return HiddenCells(
        np.ones((rows, columns), dtype=bool),
        np.ones(rows, dtype=bool),
        np.ones((grid.n_sections, columns), dtype=bool),
        np.ones(grid.n_sections, dtype=bool),
    )


def _audited(
    grid: Grid, sensitive: Sensitive, hidden: Flags, frozen: Flags, table: PublicationTable
) -> Flags:
    """The cells hidden, or everything that may be where that choice fails; an error where even that is not enough."""
    for attempt in (hidden, ~frozen | sensitive.primary):
        if not exposed_cells(grid.values, grid.equations, attempt, sensitive.down, sensitive.up).size:
            return attempt
    raise DisclosureError(
        _("No choice of hidden cells protects this table."),
        where=table.title,
        hint=_("Merge small rows or columns first: cleaning.collapse, privacy.propose_merges."),
    )


def _sensitive(layout: Layout, policy: Policy) -> Sensitive:
    grid = layout.grid
    values = grid.values
    if layout.dominant is not None:
        return _dominated(layout, policy)
    bases = layout.bases_of_cells()
    parts = [too_small(values, policy.n_min_cell if layout.counts_cells else policy.n_min_group)]
    if layout.counts_cells:
        parts.append(whole_small_group(values, bases, policy.n_min_group))
        parts.append(small_complement(values, bases, policy.n_min_cell))
        if policy.homogeneous:
            lone = not grid.adds_columns and not layout.rows_are_answers
            parts.append(homogeneous(values, bases, policy.n_min_cell, empty_too=lone))
    return either(*parts)


def _dominated(layout: Layout, policy: Policy) -> Sensitive:
    """Values of too few units, or of which one unit holds too much; nobody may come near them."""
    grid = layout.grid
    primary = np.zeros(grid.values.size, dtype=bool)
    small = (layout.bases > 0) & (layout.bases < policy.n_min_cell)
    shares = np.zeros_like(layout.bases) if layout.dominant is None else layout.dominant
    if layout.dominant_totals is not None and policy.dominance < 1:
        for section, share in enumerate(layout.dominant_totals):
            primary[grid.column_totals(section)] = share >= policy.dominance
    primary[grid.cells] = small | (shares >= policy.dominance if policy.dominance < 1 else False)
    margin = np.where(primary, (1.0 - min(policy.dominance, 0.85)) * np.abs(grid.values), 0.0)
    return Sensitive(primary, margin, margin)


def _percentages_on_small_bases(table: PublicationTable, policy: Policy) -> pd.DataFrame:
    hidden = pd.DataFrame(False, index=table.body.index, columns=table.body.columns)
    if table.bases is None or not policy.n_min_percent:
        return hidden
    for column in table.columns:
        for source in column.sources:
            if column.kind == "percent" and source in table.bases.columns:
                base = pd.to_numeric(table.bases[source])
                hidden[source] |= ((base > 0) & (base < policy.n_min_percent)).to_numpy()
    return hidden


def _masked(table: PublicationTable, hidden: pd.DataFrame, policy: Policy) -> PublicationTable:
    if not hidden.to_numpy().any():
        return replace(
            table, policy=policy.name, suppressed=hidden, note=_joined(table.note, policy.sentence())
        )
    secrets = {
        table.cell(row, column)
        for column in table.columns
        for row in range(len(table.body))
        if column.is_numeric and hidden.iloc[row][list(column.sources)].any()
    }
    quoted = any(len(text) > 1 and text in table.reading for text in secrets)
    body = table.body.copy()
    for name in body.columns:
        if hidden[name].any():
            body[name] = _blank(body[name], hidden[name].to_numpy())
    lost = [str(label) for label in table.body.index[hidden.any(axis=1).to_numpy()]]
    return replace(
        table,
        body=body,
        suppressed=hidden,
        bases=_where_shown(table.bases, hidden),
        counts=_where_shown(table.counts, hidden),
        policy=policy.name,
        reading="" if quoted or any(label in table.reading for label in lost) else table.reading,
        note=_joined(table.note, policy.sentence()),
        attributes={name: value for name, value in table.attributes.items() if name != "largest_share"},
    )


def _where_shown(numbers: pd.DataFrame | None, hidden: pd.DataFrame) -> pd.DataFrame | None:
    if numbers is None:
        return None
    masks = {name: hidden[name] if name in hidden.columns else hidden.any(axis=1) for name in numbers.columns}
    return pd.DataFrame(
        {name: _blank(numbers[name], mask.to_numpy()) for name, mask in masks.items()}, index=numbers.index
    )


def _blank(column: pd.Series, mask: Any) -> pd.Series:
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.astype("float64").mask(mask)
    return column.astype(object).mask(mask)


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def group_sizes_hidden(sizes: pd.Series, policy: Policy | str) -> pd.Series:
    """Which groups a figure may not show: too small, or needed to protect one that is.

    Parameters
    ----------
    sizes : Series
        Respondents by group, without a total.
    policy : Policy or str

    Examples
    --------
    >>> group_sizes_hidden(pd.Series({"Culture": 40, "Finances": 7, "Voirie": 23}), "onze").tolist()
    [False, True, True]
    """
    chosen = named_policy(policy)
    counts: Floats = sizes.to_numpy(dtype=float)[:, None]
    grid = Grid(counts, np.zeros(len(sizes), dtype=np.int64), adds_rows=True, adds_columns=False)
    sensitive = too_small(grid.values, chosen.n_min_group)
    frozen = np.zeros(grid.values.size, dtype=bool)
    frozen[len(sizes) :] = True
    frozen &= ~sensitive.primary
    hidden = complementary_cells(
        grid.values,
        grid.equations,
        sensitive.primary,
        sensitive.down,
        sensitive.up,
        1.0 + np.log1p(grid.values),
        frozen,
    )
    if exposed_cells(grid.values, grid.equations, hidden, sensitive.down, sensitive.up).size:
        hidden[:] = True
    return pd.Series(hidden[grid.cells[:, 0]], index=sizes.index)
