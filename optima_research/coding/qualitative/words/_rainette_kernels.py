"""One split as rainette 0.3 makes it, with the fault of its reallocation, so that published classes can be found again.

rainette weighs every move in the order c(group 1, group 2), but looks the best one up in the order of the axis: after
the first move another row than the one weighed changes sides, and the chi² reported is not that of the groups. It
depends on the sign of the axis and on the last bits of the chi², so both are reproduced here.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from optima_research.coding.qualitative.words._reinert_kernels import (
    Split,
    chi2_of_cut,
    scaled,
    squares_of_prefixes,
)
from optima_research.coding.qualitative.words._rspectra_kernels import leading_vector

# Values nearer than this are told apart by summing their terms in the order of the columns, as rainette does.
_NEAR = 1e-9


def split_as_rainette(table: Any, *, other_sign: bool = False) -> Split:
    """Rows of each group in rainette's order, the chi² it reports, and its moves. No row or column is empty."""
    sizes = np.asarray(table.sum(axis=1), dtype=np.float64)
    totals = np.asarray(table.sum(axis=0), dtype=np.float64)
    axis = _axis(table, sizes, totals)
    order = np.argsort(-axis if other_sign else axis, kind="stable")
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
        near = np.flatnonzero(values >= values.max() - _NEAR * abs(values.max()))
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


def _axis(table: Any, sizes: Any, totals: Any) -> Any:
    """Row scores on the first axis, with the sign of RSpectra, which works on the shorter side of the table."""
    root_r, root_c = np.sqrt(sizes / sizes.sum()), np.sqrt(totals / sizes.sum())
    standard = scaled(table, 1.0 / root_r, 1.0 / (root_c * sizes.sum()))
    turned = standard.T.tocsr()

    def of_columns(x: Any) -> Any:
        return turned @ (standard @ x) - root_c * (root_c * x).sum()

    def of_rows(y: Any) -> Any:
        return standard @ (turned @ y) - root_r * (root_r * y).sum()

    n, p = table.shape
    if n > p:
        vector = leading_vector(of_columns, p)
    else:  # through the table: equal rows get equal scores
        vector = turned @ leading_vector(of_rows, n)
    return (standard @ vector) / root_r - (root_c * vector).sum()


def _first_best_cut(table: Any, order: Any, sizes: Any, totals: Any) -> tuple[int, float]:
    values = chi2_of_cut(
        squares_of_prefixes(table[order], totals)[:-1], np.cumsum(sizes[order])[:-1], float(sizes.sum())
    )
    near = np.flatnonzero(values >= values.max() - _NEAR * abs(values.max()))
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
