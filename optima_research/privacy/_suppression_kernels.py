"""Which further cells to hide so that no hidden one can be computed back, and the audit of that choice (arrays only).

A table is a vector of values and a sparse matrix of equations ``E @ values == 0`` (one row a sum: parts +1, total -1).
An attacker knows every published cell, the equations, and that no cell is negative.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Ints: TypeAlias = npt.NDArray[np.int64]
Equations: TypeAlias = sparse.csr_array

TOLERANCE = 1e-6
# A limit in nodes, never in seconds: the same table must give the same cells on a slow machine.
_NODES = 2_000
_GAP = 0.02
# Secondary cells that are tried one by one; in larger tables the two programmes are left as they are.
_TRIED = 20


def feasible_intervals(values: Floats, equations: Equations, hidden: Flags) -> tuple[Floats, Floats]:
    """Lowest and highest value each hidden cell could have, given all that is published.

    Parameters
    ----------
    values : (m,) true values; ``equations`` (e, m) sparse; ``hidden`` (m,) bool

    Returns
    -------
    low, high : (m,) floats; the value itself where a cell is published, ``inf`` where unbounded.
    """
    low, high = values.astype(float).copy(), values.astype(float).copy()
    for members in _components(equations, hidden):
        block = _block(equations, members)
        for position, cell in enumerate(members):
            low[cell], _table = _extreme(block, values[members], position, lowest=True)
            high[cell], _table = _extreme(block, values[members], position, lowest=False)
    return low, high


def reached(
    values: Floats, equations: Equations, hidden: Flags, down: Floats, up: Floats
) -> tuple[Flags, Flags]:
    """Whether each hidden cell could be as low as ``value - down``, and as high as ``value + up``.

    Every table an attacker cannot rule out shows values for all the cells at once; a programme is solved only for the
    cells that the tables met so far leave in doubt.
    """
    lower, upper = values.astype(float).copy(), values.astype(float).copy()
    for members in _components(equations, hidden):
        block, truth = _block(equations, members), values[members]
        for position, cell in enumerate(members):
            for lowest in (True, False):
                if lowest and lower[cell] <= values[cell] - down[cell] + TOLERANCE:
                    continue
                if not lowest and upper[cell] >= values[cell] + up[cell] - TOLERANCE:
                    continue
                extreme, table = _extreme(block, truth, position, lowest=lowest)
                lower[members] = np.minimum(lower[members], table)
                upper[members] = np.maximum(upper[members], table)
                if lowest:
                    lower[cell] = min(lower[cell], extreme)
                else:
                    upper[cell] = max(upper[cell], extreme)
    return lower <= values - down + TOLERANCE, upper >= values + up - TOLERANCE


def exposed_cells(values: Floats, equations: Equations, hidden: Flags, down: Floats, up: Floats) -> Ints:
    """Indices of the cells whose feasible interval does not reach ``value - down`` and ``value + up``."""
    low_enough, high_enough = reached(values, equations, hidden, down, up)
    return np.flatnonzero(~(low_enough & high_enough))


def complementary_cells(
    values: Floats,
    equations: Equations,
    primary: Flags,
    down: Floats,
    up: Floats,
    cost: Floats,
    frozen: Flags,
) -> Flags:
    """Cheapest further cells to hide so that every primary cell is protected as asked.

    Two mixed-integer programmes: first the whole table under the conditions that every single equation imposes
    (a good lower bound, usually sufficient for two-way tables), then one exact programme for each primary cell that
    the linear audit still finds exposed (Fischetti and Salazar-González, 2000, solved cell by cell). In small tables
    the cells that turn out to protect nothing are then given back.

    Parameters
    ----------
    values, down, up, cost : (m,) floats
    primary, frozen : (m,) bool; frozen cells are published whatever happens

    Returns
    -------
    hidden : (m,) bool, primary cells included. Where no choice protects the table, all that may be hidden is hidden.
    """
    # Where nothing adds up, no other cell can give a hidden one away.
    if not primary.any() or equations.shape[0] == 0:
        return primary.copy()
    hidden = _cover(values, equations, primary, down, up, cost, frozen)
    for cell in exposed_cells(values, equations, hidden, down, up):
        if exposed_cells(values, equations, hidden, *_only(int(cell), down, up)).size:
            hidden = _protect_one(int(cell), values, equations, hidden, down, up, cost, frozen)
    if np.count_nonzero(hidden & ~primary) <= _TRIED:
        hidden = _without_idle_cells(values, equations, hidden, primary, down, up, cost)
    return publish_what_is_known(values, equations, hidden, primary)


def publish_what_is_known(values: Floats, equations: Equations, hidden: Flags, primary: Flags) -> Flags:
    """Give back the secondary cells that the others determine exactly: hiding them protects nobody."""
    secondary = hidden & ~primary
    least = np.where(secondary, 10 * TOLERANCE, 0.0)
    lower, higher = reached(values, equations, hidden, least, least)
    return hidden & ~(secondary & ~lower & ~higher)


def _without_idle_cells(
    values: Floats,
    equations: Equations,
    hidden: Flags,
    primary: Flags,
    down: Floats,
    up: Floats,
    cost: Floats,
) -> Flags:
    """Give back, dearest first, the secondary cells whose publication exposes no primary one after all."""
    secondary = np.flatnonzero(hidden & ~primary)
    for cell in secondary[np.argsort(-cost[secondary], kind="stable")]:
        trial = hidden.copy()
        trial[cell] = False
        if not exposed_cells(values, equations, trial, down, up).size:
            hidden = trial
    return hidden


def _only(cell: int, down: Floats, up: Floats) -> tuple[Floats, Floats]:
    only_down, only_up = np.zeros_like(down), np.zeros_like(up)
    only_down[cell], only_up[cell] = down[cell], up[cell]
    return only_down, only_up


def _components(equations: Equations, hidden: Flags) -> list[Ints]:
    """Hidden cells grouped by the equations that tie them: each group is an attack of its own."""
    cells = np.flatnonzero(hidden)
    if not cells.size:
        return []
    incidence = abs(equations[:, cells])
    count, labels = sparse.csgraph.connected_components(incidence.T @ incidence, directed=False)
    order = np.argsort(labels, kind="stable")
    return list(np.split(cells[order], np.flatnonzero(np.diff(labels[order])) + 1)) if count else []


def _block(equations: Equations, members: Ints) -> Floats:
    """The equations that tie these cells, as a small dense matrix."""
    rows = np.unique(equations[:, members].nonzero()[0])
    return np.asarray(equations[rows][:, members].toarray(), dtype=float)


def _extreme(block: Floats, truth: Floats, position: int, *, lowest: bool) -> tuple[float, Floats]:
    """Lowest or highest possible value of one cell, and a possible table (the true one where it is unbounded)."""
    from scipy.optimize import linprog

    unbounded = (0.0 if lowest else np.inf), truth
    if not block.shape[0]:
        return unbounded
    objective = np.zeros(block.shape[1])
    objective[position] = 1.0 if lowest else -1.0
    solved = linprog(objective, A_eq=block, b_eq=block @ truth, bounds=(0, None), method="highs")
    # The true table is always possible, so a run without optimum is unbounded (it can only be so upwards).
    return (float(abs(solved.fun)), solved.x) if solved.status == 0 else unbounded


def _cover(
    values: Floats,
    equations: Equations,
    primary: Flags,
    down: Floats,
    up: Floats,
    cost: Floats,
    frozen: Flags,
) -> Flags:
    """Cheapest cells such that each equation taken alone protects its hidden cells."""
    rows, right = _cover_rows(values, equations, primary, down, up)
    chosen = _solve(cost, rows, right, primary.astype(float), np.where(frozen & ~primary, 0.0, 1.0))
    return primary | (~frozen if chosen is None else chosen > 0.5)


def _cover_rows(
    values: Floats, equations: Equations, primary: Flags, down: Floats, up: Floats
) -> tuple[sparse.csr_array, Floats]:
    columns: list[Ints] = []
    data: list[Floats] = []
    right: list[float] = []
    for row in range(equations.shape[0]):
        span = slice(equations.indptr[row], equations.indptr[row + 1])
        cells, signs = equations.indices[span].astype(np.int64), equations.data[span]
        for position, cell in enumerate(cells):
            # A hidden cell alone in an equation is known: at least one companion.
            columns.append(cells)
            data.append(np.where(np.arange(cells.size) == position, -1.0, 1.0))
            right.append(0.0)
            if primary[cell]:
                for amount, same in ((up[cell], True), (down[cell], False)):
                    if amount > 0:
                        decreases = (signs == signs[position]) == same
                        room = np.where(decreases, np.minimum(values[cells], amount), amount)
                        room[position] = 0.0
                        columns.append(cells)
                        data.append(room)
                        right.append(float(amount))
    pointers = np.concatenate([[0], np.cumsum([len(part) for part in columns])])
    matrix = sparse.csr_array(
        (np.concatenate(data), np.concatenate(columns), pointers), shape=(len(columns), values.size)
    )
    return matrix, np.array(right)


def _protect_one(
    cell: int,
    values: Floats,
    equations: Equations,
    hidden: Flags,
    down: Floats,
    up: Floats,
    cost: Floats,
    frozen: Flags,
) -> Flags:
    """Cheapest cells to add so that two whole tables exist in which this cell is low enough and high enough."""
    reach = max(float(down[cell]), float(up[cell]))
    for spread in (reach, 4 * reach, float(values.sum()) + reach):
        chosen = _two_tables(cell, values, equations, hidden, down, up, cost, frozen, spread)
        if chosen is not None:
            return hidden | chosen
    return hidden | ~frozen


def _two_tables(
    cell: int,
    values: Floats,
    equations: Equations,
    hidden: Flags,
    down: Floats,
    up: Floats,
    cost: Floats,
    frozen: Flags,
    spread: float,
) -> Flags | None:
    """Variables: which cells are hidden, a deviation that raises the cell, a deviation that lowers it."""
    size = values.size
    empty = sparse.csr_array(equations.shape)
    deviations = sparse.block_array([[empty, equations, empty], [empty, empty, equations]], format="csr")
    identity, none = sparse.eye_array(size, format="csr"), sparse.csr_array((size, size))
    ceiling = sparse.diags_array(np.full(size, spread), format="csr")
    floor = sparse.diags_array(np.minimum(values, spread), format="csr")
    # 0 <= spread*y - u ; 0 <= floor*y + u ; the same for the lowering deviation.
    linking = sparse.block_array(
        [
            [ceiling, -identity, none],
            [floor, identity, none],
            [ceiling, none, -identity],
            [floor, none, identity],
        ],
        format="csr",
    )
    low = np.concatenate([hidden.astype(float), np.full(2 * size, -np.inf)])
    high = np.concatenate([np.where(frozen & ~hidden, 0.0, 1.0), np.full(2 * size, np.inf)])
    low[size + cell] = high[size + cell] = up[cell]
    low[2 * size + cell] = high[2 * size + cell] = -down[cell]
    chosen = _solve(
        np.concatenate([np.where(hidden, 0.0, cost), np.zeros(2 * size)]),
        linking,
        np.zeros(linking.shape[0]),
        low,
        high,
        integers=size,
        equal=deviations,
    )
    return None if chosen is None else chosen[:size] > 0.5


def _solve(
    cost: Floats,
    rows: sparse.csr_array,
    right: Floats,
    low: Floats,
    high: Floats,
    *,
    integers: int | None = None,
    equal: sparse.csr_array | None = None,
) -> Floats | None:
    from scipy.optimize import Bounds, LinearConstraint, milp

    constraints = [LinearConstraint(rows, right, np.inf)]
    if equal is not None:
        constraints.append(LinearConstraint(equal, 0.0, 0.0))
    integrality = np.zeros(cost.size)
    integrality[: cost.size if integers is None else integers] = 1
    solved = milp(
        cost,
        integrality=integrality,
        bounds=Bounds(low, high),
        constraints=constraints,
        options={"node_limit": _NODES, "mip_rel_gap": _GAP},
    )
    return None if solved.x is None else np.asarray(solved.x, dtype=float)
