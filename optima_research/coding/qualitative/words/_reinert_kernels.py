"""Descending classification of a sparse presence table: one split, its reallocation, its children's features.

Nothing here is dense in documents × terms. With T1 the column sums of group 1, tot those of both and
a = Σ T1² / tot, the chi² of the 2 × p table is N (a / S + (N − 2 S + a) / (N − S) − 1), so moving row i changes a by
± 2 (x · T1 / tot) + Σ x / tot: one sparse product tells the chi² of every move.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

MOST_CONTINGENCY = 0.3


class Split(NamedTuple):
    """Two groups of rows of the table given, the chi² between them, and how many rows were moved."""

    first: Any
    second: Any
    chi2: float
    moves: int


def split_rows(table: Any, reallocation: str) -> Split:
    """Best cut along the first axis of correspondence analysis, then reallocation. No row or column is empty."""
    sizes = np.asarray(table.sum(axis=1), dtype=np.float64)
    totals = np.asarray(table.sum(axis=0), dtype=np.float64)
    order = np.argsort(first_axis(table, sizes, totals), kind="stable")
    n_first = _best_cut(table, order, sizes, totals)
    in_first = np.zeros(len(sizes), dtype=bool)
    in_first[order[:n_first]] = True
    moves = 0
    if reallocation == "best":
        moves = _best_moves(table, in_first, sizes, totals)
    elif reallocation == "first":
        moves = _first_moves(table, in_first, sizes, totals)
    score = _group_chi2(table, in_first, sizes, totals)
    return Split(np.flatnonzero(in_first), np.flatnonzero(~in_first), score, moves)


def first_axis(table: Any, sizes: Any, totals: Any) -> Any:
    """Row scores on the first axis (u / √r), by Lanczos on an implicit centred operator; sign and start are fixed."""
    n, p = table.shape
    grand = sizes.sum()
    root_r, root_c = np.sqrt(sizes / grand), np.sqrt(totals / grand)
    standard = scaled(table, 1.0 / root_r, 1.0 / (root_c * grand))
    if min(n, p) <= 12:
        dense = standard.toarray() - np.outer(root_r, root_c)
        vector = np.linalg.svd(dense, full_matrices=False)[0][:, 0]
    else:
        vector = _leading_vector(standard, root_r, root_c)
    scores = vector / root_r
    return scores if scores[np.argmax(np.abs(scores))] > 0 else -scores


def selected_columns(table: Any, first: Any, second: Any, least: int) -> tuple[Any, Any]:
    """Columns each child keeps: present ``least`` times in it, and not typical of the other child."""
    one = np.asarray(table[first].sum(axis=0), dtype=np.float64)
    two = np.asarray(table[second].sum(axis=0), dtype=np.float64)
    share = one.sum() / max(one.sum() + two.sum(), 1.0)
    both = one + two
    expected = both * share, both * (1 - share)
    with np.errstate(divide="ignore", invalid="ignore"):
        chi2 = np.nan_to_num((one - expected[0]) ** 2 / expected[0] + (two - expected[1]) ** 2 / expected[1])
        contingency = np.nan_to_num(np.sqrt(chi2 / (chi2 + both)))
    neutral = contingency <= MOST_CONTINGENCY
    return (
        np.flatnonzero((one >= least) & (neutral | (one > expected[0]))),
        np.flatnonzero((two >= least) & (neutral | (two > expected[1]))),
    )


def squares_of_prefixes(table: Any, totals: Any) -> Any:
    """Σ T1² / tot of the first row, of the first two, and so on."""
    turned = table.tocsc()
    turned.sort_indices()
    # An element that is the r-th of its column (from 0) adds (2 r + 1) / tot to Σ T1² / tot.
    rank = np.arange(turned.nnz) - np.repeat(turned.indptr[:-1], np.diff(turned.indptr))
    gain = (2 * rank + 1) / np.repeat(totals, np.diff(turned.indptr))
    return np.cumsum(np.bincount(turned.indices, weights=gain, minlength=table.shape[0]))


def chi2_of_cut(a: Any, first: Any, grand: float) -> Any:
    """Chi² of group 1 against the rest, from a = Σ T1² / tot and its size; minus infinity where a group is empty."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value = grand * (a / first + (grand - 2 * first + a) / (grand - first) - 1)
    return np.where((first > 0) & (first < grand), value, -np.inf)


def scaled(table: Any, rows: Any, columns: Any) -> Any:
    """Rows and columns multiplied, on the non-zeros only."""
    product = table.astype(np.float64)
    product.data = product.data * np.repeat(rows, np.diff(product.indptr)) * columns[product.indices]
    return product


def _leading_vector(standard: Any, root_r: Any, root_c: Any) -> Any:
    """Left singular vector of ``standard − root_r root_c'`` for its largest singular value."""
    from scipy.sparse.linalg import LinearOperator, eigsh

    p = standard.shape[1]
    turned = standard.T.tocsr()

    def product(x: Any) -> Any:
        # The rows of ``standard`` add up to root_c along root_r, so its centred square needs no vector of n. And no
        # BLAS: on long vectors its threads wait for each other on a busy machine.
        x = np.ravel(x)
        return turned @ (standard @ x) - root_c * (root_c * x).sum()

    start = np.random.default_rng(0).standard_normal(p)
    operator = LinearOperator((p, p), matvec=product, dtype=np.float64)
    _values, vectors = eigsh(operator, k=1, which="LA", v0=start, tol=1e-10, maxiter=50 * p)
    right = vectors[:, 0]
    left = standard @ right - root_r * (root_c @ right)
    return left / np.linalg.norm(left)


def _best_cut(table: Any, order: Any, sizes: Any, totals: Any) -> int:
    """Number of rows, in that order, whose table with the rest has the largest chi²; the first of equals."""
    chi2 = chi2_of_cut(
        squares_of_prefixes(table[order], totals)[:-1], np.cumsum(sizes[order])[:-1], sizes.sum()
    )
    return int(np.argmax(chi2)) + 1


def _group_chi2(table: Any, in_first: Any, sizes: Any, totals: Any) -> float:
    t = table.T @ in_first.astype(np.float64)
    return float(chi2_of_cut((t**2 / totals).sum(), sizes[in_first].sum(), sizes.sum()))


def _best_moves(table: Any, in_first: Any, sizes: Any, totals: Any) -> int:
    """Move the row that raises the chi² most (lowest row of equals) until no move raises it.

    Among rows of one group and one size the best move is the one with the largest gain in a, so the rows are kept in
    the order of their sizes and only the best of each size is weighed.
    """
    order = np.argsort(sizes, kind="stable")
    rows, weights, grand = table[order], 1.0 / totals, float(sizes.sum())
    columns = rows.tocsc()
    holders, starts_of, lengths = columns.indices, columns.indptr, np.diff(columns.indptr)
    t = table.T @ in_first.astype(np.float64)
    a, size = float((t**2 * weights).sum()), float(sizes[in_first].sum())
    own, shared, member = rows @ weights, rows @ (t * weights), in_first[order]
    # What a gains if the row leaves group 1, or enters it; minus infinity where the row cannot.
    gains = [np.where(member, own - 2 * shared, -np.inf), np.where(member, -np.inf, own + 2 * shared)]
    starts = np.flatnonzero(np.diff(sizes[order], prepend=-1.0))
    steps = np.array([[-1.0], [1.0]]) * sizes[order][starts]
    score, moves = float(chi2_of_cut(a, size, grand)), 0
    while moves < 10 * len(sizes):
        best = np.stack([np.maximum.reduceat(gain, starts) for gain in gains])
        tried = chi2_of_cut(a + best, size + steps, grand)
        if not tried.max() > score * (1 + 1e-12):
            break
        side, row = _lowest_best(tried, best, gains, starts, order)
        score, moves, step = float(tried.max()), moves + 1, (-1.0, 1.0)[side]
        a, size = a + float(gains[side][row]), size + step * float(sizes[order[row]])
        held = rows.indices[rows.indptr[row] : rows.indptr[row + 1]]
        touched = np.concatenate([holders[starts_of[c] : starts_of[c + 1]] for c in held])
        change = np.bincount(touched, np.repeat(2 * step * weights[held], lengths[held]), len(sizes))
        gains[0] -= change
        gains[1] += change
        gains[1 - side][row] = 2 * own[row] - gains[side][row]
        gains[side][row] = -np.inf
        in_first[order[row]] = not in_first[order[row]]
    return moves


def _lowest_best(tried: Any, best: Any, gains: Any, starts: Any, order: Any) -> tuple[int, int]:
    """Group and place of the move with the largest chi²; of equal moves, that of the lowest row."""
    ends = np.append(starts[1:], len(order))
    found = []
    for side, size in zip(*np.nonzero(tried == tried.max()), strict=True):
        own = gains[side][starts[size] : ends[size]]
        place = int(starts[size]) + int(np.argmax(own == best[side, size]))
        found.append((int(order[place]), int(side), place))
    _row, side, place = min(found)
    return side, place


def _first_moves(table: Any, in_first: Any, sizes: Any, totals: Any, least: int = 5) -> int:
    """Pass over the rows, making each move that raises the chi² at once, until a pass makes none (IRaMuTeQ)."""
    weights = 1.0 / totals
    t = table.T @ in_first.astype(np.float64)
    a, size, grand = float((t**2 * weights).sum()), float(sizes[in_first].sum()), float(sizes.sum())
    score, moves, before = float(chi2_of_cut(a, size, grand)), 0, -1
    count = int(in_first.sum())
    while moves > before and moves < 10 * len(sizes):
        before = moves
        for row in range(len(sizes)):
            step = -1.0 if in_first[row] else 1.0
            if (count if in_first[row] else len(sizes) - count) <= least:
                continue
            columns = table.indices[table.indptr[row] : table.indptr[row + 1]]
            a_new = a + float((weights[columns] * (2 * step * t[columns] + 1)).sum())
            tried = float(chi2_of_cut(a_new, size + step * float(sizes[row]), grand))
            if tried > score * (1 + 1e-12):
                t[columns] += step
                a, size, score, moves = a_new, size + step * float(sizes[row]), tried, moves + 1
                in_first[row], count = not in_first[row], count + int(step)
    return moves
