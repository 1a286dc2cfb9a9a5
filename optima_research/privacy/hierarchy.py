"""Tables of one to three ways whose categories nest (direction < pôle < collectivité), protected as one system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from optima_research.errors import DisclosureError, PrivacyError
from optima_research.language import _
from optima_research.language.numbers import format_count
from optima_research.privacy._cells import (
    Sensitive,
    either,
    equations_of,
    homogeneous,
    small_complement,
    too_small,
)
from optima_research.privacy._suppression_kernels import (
    Equations,
    Flags,
    Floats,
    Ints,
    complementary_cells,
    feasible_intervals,
)
from optima_research.privacy.policies import Policy, named_policy
from optima_research.results import Column, Estimate, PublicationTable, Result
from optima_research.results.frames import Data, categories, require

WAYS = 3
Nesting = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Dimension:
    """One way of a table: its nodes, leaves first, and what each total adds up.

    Parameters
    ----------
    name : str
    nodes : tuple of str
        Leaves (the categories), then intermediate totals, then the grand total.
    parts : mapping
        Position of a total → positions of the nodes it adds up.
    """

    name: str
    nodes: tuple[str, ...]
    parts: Mapping[int, tuple[int, ...]]

    @property
    def n_leaves(self) -> int:
        """Number of categories that are no total."""
        return len(self.nodes) - len(self.parts)


@dataclass(frozen=True, eq=False, repr=False)
class ProtectedCube(Result):
    """Counts of a table with all its margins, some hidden, and what an attacker could still deduce.

    Attributes
    ----------
    dimensions : tuple of Dimension
    published : ndarray
        Counts, NaN where hidden; one axis a dimension, totals included.
    low, high : ndarray
        Feasible interval of every cell, given what is published (the count itself where it is).
    primary : int
        Cells hidden for themselves; the others protect them.
    policy : Policy
    """

    dimensions: tuple[Dimension, ...]
    published: Floats
    low: Floats
    high: Floats
    primary: int
    policy: Policy

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row a cell: nodes, ``count`` (NaN hidden), ``low``, ``high``."""
        index = pd.MultiIndex.from_product(
            [d.nodes for d in self.dimensions], names=[d.name for d in self.dimensions]
        )
        columns = {"count": self.published.ravel(), "low": self.low.ravel(), "high": self.high.ravel()}
        return pd.DataFrame(columns, index=index)

    @property
    def hidden(self) -> Flags:
        """Which cells are hidden."""
        return np.isnan(self.published)

    def table(self) -> PublicationTable:
        """The first way down, the others across."""
        first, *others = self.dimensions
        across = (
            [" – ".join(nodes) for nodes in pd.MultiIndex.from_product([d.nodes for d in others])]
            if others
            else ["n"]
        )
        if len(others) == 1:
            across = list(others[0].nodes)
        flat = self.published.reshape(len(first.nodes), -1)
        body = pd.DataFrame(flat, index=pd.Index(first.nodes), columns=across)
        return PublicationTable(
            title=" × ".join(d.name for d in self.dimensions),
            body=body,
            columns=tuple(Column(name, name, kind="count") for name in across),
            stub=first.name,
            counts=body,
            suppressed=body.isna(),
            policy=self.policy.name,
            note=self.policy.sentence(),
            reading=self.sentence(),
        )

    def sentence(self) -> str:
        """How many cells are hidden and what remains knowable."""
        hidden = int(self.hidden.sum())
        if not hidden:
            return _("No cell of this table needs to be hidden.")
        width = float((self.high - self.low)[self.hidden].min())
        return _(
            "{hidden} cells out of {n} are hidden, {primary} for themselves; what is published leaves at least {width} "
            "respondents of doubt on each.",
            hidden=format_count(hidden),
            n=format_count(self.published.size),
            primary=format_count(self.primary),
            width=format_count(np.floor(width)),
        )

    def statistics(self) -> dict[str, Estimate | float]:
        """Cells hidden."""
        return {"hidden_cells": float(self.hidden.sum()), "primary_cells": float(self.primary)}


def protected_counts(
    data: Data,
    by: Sequence[str],
    policy: Policy | str,
    *,
    nested: Mapping[str, Nesting] | None = None,
    floor: Policy | str | None = None,
) -> ProtectedCube:
    """Count respondents by one to three columns with every margin, and hide what must be.

    Parameters
    ----------
    data : Survey or DataFrame
    by : sequence of str
        One to three columns; rows with a missing answer in one of them are left out.
    policy : Policy or str
    nested : mapping, optional
        For a column, the intermediate totals: ``{"direction": {"Pôle technique": ["Voirie", "Bâtiments"]}}``; a total
        may add up other totals named before it.
    floor : Policy or str, optional
        The study's floor.

    Raises
    ------
    PrivacyError
        More than three ways, a nesting that names an unknown category, or one twice.
    DisclosureError
        No choice of cells protects the table.

    Examples
    --------
    >>> cats = (["x"] * 9 + ["y"]) * 8 + list("xxyy")
    >>> staff = pd.DataFrame({"dir": ["A"] * 30 + ["B"] * 24 + ["C"] * 30, "cat": cats})
    >>> cube = protected_counts(staff, ["dir", "cat"], "cinq")
    >>> bool(cube.hidden[0, 1]), bool((cube.high - cube.low)[cube.hidden].min() >= 5)
    (True, True)
    """
    if not 1 <= len(by) <= WAYS:
        raise PrivacyError(
            _("A table has one to three ways, not {n}.", n=len(by)),
            hint=_("Split it, or leave a column out."),
        )
    require(data, by)
    chosen = named_policy(policy, floor)
    columns = [categories(data, name) for name in by]
    dimensions = [
        _dimension(name, column, (nested or {}).get(name, {}))
        for name, column in zip(by, columns, strict=True)
    ]
    codes = np.column_stack([column.cat.codes.to_numpy(dtype=np.int64) for column in columns])
    leaves = np.zeros([d.n_leaves for d in dimensions])
    np.add.at(leaves, tuple(codes[(codes >= 0).all(axis=1)].T), 1)
    return protect_cube(leaves, dimensions, chosen)


def protect_cube(leaves: Floats, dimensions: Sequence[Dimension], policy: Policy) -> ProtectedCube:
    """Hide what must be in a table of counts given by its leaves (one axis a dimension)."""
    full = _with_totals(leaves, dimensions)
    values = full.ravel()
    equations = _equations(dimensions)
    sensitive = _sensitive(full, dimensions, policy)
    frozen = np.zeros(values.size, dtype=bool)
    frozen[-1] = not sensitive.primary[-1]
    cost = (1.0 + np.log1p(values)) * _levels(dimensions)
    hidden = complementary_cells(
        values, equations, sensitive.primary, sensitive.down, sensitive.up, cost, frozen
    )
    low, high = feasible_intervals(values, equations, hidden)
    if _too_narrow(low, high, values, sensitive):
        hidden = ~frozen
        low, high = feasible_intervals(values, equations, hidden)
        if _too_narrow(low, high, values, sensitive):
            raise DisclosureError(
                _("No choice of hidden cells protects this table."),
                where=" × ".join(d.name for d in dimensions),
                hint=_("Merge small rows or columns first: cleaning.collapse, privacy.propose_merges."),
            )
    published = np.where(hidden, np.nan, values)
    shape = full.shape
    return ProtectedCube(
        tuple(dimensions),
        published.reshape(shape),
        low.reshape(shape),
        high.reshape(shape),
        int(sensitive.primary.sum()),
        policy,
    )


def _too_narrow(low: Floats, high: Floats, values: Floats, sensitive: Sensitive) -> bool:
    """Whether the audit fails: some sensitive cell cannot be as low or as high as it must seem to be."""
    slack = 1e-6
    return bool(((low > values - sensitive.down + slack) | (high < values + sensitive.up - slack)).any())


def _dimension(name: str, column: pd.Series, nesting: Nesting) -> Dimension:
    nodes = [str(label) for label in column.cat.categories]
    parts: dict[int, tuple[int, ...]] = {}
    covered: set[int] = set()
    for total, members in nesting.items():
        positions = []
        for member in members:
            if str(member) not in nodes:
                raise PrivacyError(
                    _(
                        "« {member} », in the total « {total} », is no category of « {name} ».",
                        member=member,
                        total=total,
                        name=name,
                    ),
                    expected=", ".join(nodes),
                )
            position = nodes.index(str(member))
            if position in covered:
                raise PrivacyError(_("« {member} » is counted in two totals.", member=member), where=name)
            covered.add(position)
            positions.append(position)
        parts[len(nodes)] = tuple(positions)
        nodes.append(str(total))
    top = tuple(position for position in range(len(nodes)) if position not in covered)
    parts[len(nodes)] = top
    nodes.append(_("Total"))
    return Dimension(name, tuple(nodes), parts)


def _with_totals(leaves: Floats, dimensions: Sequence[Dimension]) -> Floats:
    full = leaves
    for axis, dimension in enumerate(dimensions):
        for members in dimension.parts.values():
            total = np.take(full, list(members), axis=axis).sum(axis=axis, keepdims=True)
            full = np.concatenate([full, total], axis=axis)
    return full


def _equations(dimensions: Sequence[Dimension]) -> Equations:
    shape = [len(d.nodes) for d in dimensions]
    cells = np.arange(int(np.prod(shape)), dtype=np.int64).reshape(shape)
    sums: list[tuple[Ints, int]] = []
    for axis, dimension in enumerate(dimensions):
        lines = np.moveaxis(cells, axis, 0).reshape(shape[axis], -1)
        for total, members in dimension.parts.items():
            sums += [(lines[list(members), line], int(lines[total, line])) for line in range(lines.shape[1])]
    return equations_of(sums, cells.size)


def _sensitive(full: Floats, dimensions: Sequence[Dimension], policy: Policy) -> Sensitive:
    """Small cells and groups; small complements and unanimous answers of the last way within the others."""
    values = full.ravel()
    rules = [too_small(values, max(policy.n_min_cell, 1))]
    if policy.n_min_group > policy.n_min_cell:
        groups = np.zeros(full.shape, dtype=bool)
        groups[..., -1] = True
        small = too_small(values, policy.n_min_group)
        rules.append(
            Sensitive(small.primary & groups.ravel(), small.down * groups.ravel(), small.up * groups.ravel())
        )
    if len(dimensions) > 1 and policy.n_min_cell:
        bases = np.broadcast_to(full[..., -1:], full.shape).copy()
        bases[..., -1] = 0
        rules.append(small_complement(values, bases.ravel(), policy.n_min_cell))
        if policy.homogeneous:
            rules.append(homogeneous(values, bases.ravel(), policy.n_min_cell, empty_too=False))
    return either(*rules)


def _levels(dimensions: Sequence[Dimension]) -> Floats:
    """A total costs more to hide than its parts, one factor a level and a way."""
    weights: Any = np.ones([1] * len(dimensions))
    for axis, dimension in enumerate(dimensions):
        depth = np.ones(len(dimension.nodes))
        for total, members in dimension.parts.items():
            depth[total] = 2 * max(depth[member] for member in members)
        weights = weights * depth.reshape(
            [-1 if position == axis else 1 for position in range(len(dimensions))]
        )
    return np.asarray(weights, dtype=float).ravel()
