"""One split as rainette 0.3 makes it, with the fault of its reallocation, so that published classes can be found again.

rainette weighs every move in the order c(group 1, group 2), but looks the best one up in the order of the axis: after
the first move another row than the one weighed changes sides, and the chi² reported is not that of the groups. It
depends on the sign of the axis and on the last bits of the chi², so both are reproduced here.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from optima_research.coding.qualitative._reinert_kernels import (
    Split,
    chi2_of_cut,
    first_axis,
    scaled,
    squares_of_prefixes,
)

# Values nearer than this are told apart by summing their terms in the order of the columns, as rainette does.
_NEAR = 1e-9


def split_as_rainette(table: Any, *, other_sign: bool = False) -> Split:
    """Rows of each group in rainette's order, the chi² it reports, and its moves. No row or column is empty."""
    sizes = np.asarray(table.sum(axis=1), dtype=np.float64)
    totals = np.asarray(table.sum(axis=0), dtype=np.float64)
    order = np.argsort(_signed_axis(table, sizes, totals, other_sign), kind="stable")
    n_first, score = _first_best_cut(table, order, sizes, totals)
    first, second = order[:n_first], order[n_first:]
    own, moves = table @ (1.0 / totals), 0
    while True:
        t = np.asarray(table[first].sum(axis=0), dtype=np.float64)
        shared = table @ (t / totals)
        leaving, entering = (t**2 / totals).sum() + own[first] - 2 * shared[first], own[second]
        a = np.concatenate([leaving, (t**2 / totals).sum() + entering + 2 * shared[second]])
        placed, size = np.concatenate([first, second]), sizes[first].sum()
        steps = np.concatenate([-sizes[first], sizes[second]])
        values = chi2_of_cut(a, size + steps, float(sizes.sum()))
        near = np.flatnonzero(values >= values.max() * (1 - _NEAR))
        signs = np.where(near < len(first), -1.0, 1.0)
        moved = (t + sign * table[[row]].toarray()[0] for sign, row in zip(signs, placed[near], strict=True))
        exact = [_summed_chi2(one, totals) for one in moved]
        best = int(np.argmax(exact))
        if not exact[best] > score:
            return Split(first, second, score, moves)
        row = order[near[best]]  # rainette's fault: the row weighed is placed[near[best]]
        if row in first:
            first, second = first[first != row], np.append(second, row)
        else:
            first, second = np.append(first, row), second[second != row]
        score, moves = exact[best], moves + 1


def _signed_axis(table: Any, sizes: Any, totals: Any, other_sign: bool) -> Any:
    """The axis, on the side of the vector that RSpectra starts from: the sign it nearly always returns.

    RSpectra works on the shorter side of the table, and starts from Park and Miller's generator with seed 1.
    """
    scores = first_axis(table, sizes, totals)
    root_r, root_c = np.sqrt(sizes / sizes.sum()), np.sqrt(totals / sizes.sum())
    vector = scores * root_r
    if table.shape[0] > table.shape[1]:
        vector = scaled(table, 1.0 / root_r, 1.0 / (root_c * sizes.sum())).T @ vector
    return scores if (vector @ _park_miller(len(vector)) > 0) != other_sign else -scores


def _park_miller(n: int) -> Any:
    """The first values of the minimal standard generator, between −1/2 and 1/2."""
    state, values = 1, []
    for _draw in range(n):
        state = 16807 * state % 2147483647
        values.append(state / 2147483647 - 0.5)
    return np.array(values)


def _first_best_cut(table: Any, order: Any, sizes: Any, totals: Any) -> tuple[int, float]:
    values = chi2_of_cut(
        squares_of_prefixes(table[order], totals)[:-1], np.cumsum(sizes[order])[:-1], float(sizes.sum())
    )
    near = np.flatnonzero(values >= values.max() * (1 - _NEAR))
    exact = [_summed_chi2(np.asarray(table[order[: n + 1]].sum(axis=0)), totals) for n in near]
    best = int(np.argmax(exact))
    return int(near[best]) + 1, exact[best]


def _summed_chi2(one: Any, totals: Any) -> float:
    """Chi² of a group against the rest, its terms summed one after the other."""
    two, grand = totals - one, totals.sum()
    if not one.sum() or not two.sum():
        return -np.inf
    expected = totals * (one.sum() / grand), totals * (two.sum() / grand)
    terms = (one - expected[0]) * (one - expected[0]) / expected[0]
    terms += (two - expected[1]) * (two - expected[1]) / expected[1]
    return float(np.cumsum(terms)[-1])
