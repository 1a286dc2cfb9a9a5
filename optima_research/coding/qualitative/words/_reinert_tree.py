"""The tree of a descending classification: how it grows, which leaves it has, and what becomes of small classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from optima_research.coding.qualitative.words import _reinert_kernels as kernels
from optima_research.coding.qualitative.words._rainette_kernels import split_as_rainette

AS_RAINETTE = "rainette-0.3"
_FEWEST = 3

Tree = tuple[tuple[int, int, int, float], ...]


@dataclass(frozen=True, eq=False)
class Node:
    """A class: its rows and the columns it keeps. The root is 0; the children of split i (from 0) 2i+1 and 2i+2."""

    rows: Any
    columns: Any
    number: int


class Grown(NamedTuple):
    """Leaves from left to right; splits (node, left, right, chi²) in their order; number of rows moved."""

    leaves: list[Node]
    tree: Tree
    moves: int


def grow(present: Any, k: int, min_split: int, min_term: int, reallocation: str) -> Grown:
    """Split the largest class until there are k; a class that cannot be split is set aside (rainette stops there)."""
    as_rainette = reallocation == AS_RAINETTE
    leaves = [Node(np.arange(present.shape[0]), np.arange(present.shape[1]), 0)]
    closed, tree, moves = set[int](), list[tuple[int, int, int, float]](), 0
    while len(leaves) < k and len(closed) < len(leaves):
        place = _next_leaf(leaves, closed, as_rainette)
        node = leaves[place]
        found = _split(present, node, min_split, min_term, reallocation)
        if found is None:
            closed |= {leaf.number for leaf in leaves} if as_rainette else {node.number}
            continue
        sides, score, moved = found
        number = 2 * len(tree) + 1
        leaves[place : place + 1] = [Node(*side, number + i) for i, side in enumerate(sides)]
        tree.append((node.number, number, number + 1, score))
        moves += moved
    return Grown(leaves, tuple(tree), moves)


def leaves_after(tree: Tree, n_splits: int) -> list[int]:
    """Leaves after so many splits, from left to right."""
    return list(_walk(_children(tree[:n_splits]), tree[0][0]))


def leaves_below(tree: Tree, node: int) -> list[int]:
    """Leaves of a branch, from left to right."""
    return list(_walk(_children(tree), node))


def without_small_classes(tree: Tree, sizes: Mapping[int, int], least: int) -> tuple[Tree, dict[int, int]]:
    """The tree of the classes that hold ``least`` rows, small ones merged or left out as IRaMuTeQ does.

    Parameters
    ----------
    tree : Tree
    sizes : mapping
        Rows of every leaf; a mother holds those of her leaves (IRaMuTeQ adds those that the splits below her lost).
    least : int

    Returns
    -------
    (Tree, dict)
        The splits between the classes kept (none when fewer than two are), and leaf → class for the leaves kept.
    """
    kept = _large_classes(tree, sizes, least)
    home = {leaf: node for node in kept for leaf in leaves_below(tree, node)}
    children, pairs = _children(tree), dict[int, tuple[int, int]]()

    def settle(node: int) -> int | None:
        """The class or split that stands for a branch; none where it holds no class kept."""
        if node in kept or node not in children:
            return node if node in kept else None
        found = [side for side in map(settle, children[node]) if side is not None]
        if len(found) < 2:
            return found[0] if found else None
        pairs[node] = (found[0], found[1])
        return node

    settle(tree[0][0])
    return tuple((node, *pairs[node], height) for node, _l, _r, height in tree if node in pairs), home


def _large_classes(tree: Tree, sizes: Mapping[int, int], least: int) -> list[int]:
    """Classes large enough, in the way IRaMuTeQ looks for them.

    A leaf that is too small looks at its mother: she becomes a class if she is large enough and all below her was too
    small; she waits while another leaf below her has not been looked at; else the leaf is given up. Leaves are taken in
    the order of their numbers, which can decide.
    """
    mothers = {child: node for node, *pair, _height in tree for child in pair}
    held = dict(sizes)
    for node, left, right, _height in reversed(tree):
        held[node] = held[left] + held[right]
    ends = sorted(sizes)
    kept = [node for node in ends if held[node] >= least]
    waiting = [node for node in ends if held[node] < least]
    while waiting:
        for node in list(waiting):
            mother = mothers[node]
            waiting = [other for other in waiting if other != node]
            if mother == tree[0][0] or held[mother] < least:
                continue
            below = _descendants(tree, mother) - {node}
            if below & set(kept):
                continue
            if below & set(waiting):
                waiting = [mother, *waiting]
            else:
                kept.append(mother)
                waiting = [other for other in waiting if other not in below | {mother}]
    return kept


def _next_leaf(leaves: list[Node], closed: set[int], as_rainette: bool) -> int:
    """The largest leaf; of equals the one with the lowest row, or, as in rainette, the one furthest left."""
    open_places = [i for i, leaf in enumerate(leaves) if leaf.number not in closed]
    if as_rainette:
        return max(open_places, key=lambda i: len(leaves[i].rows))
    return min(open_places, key=lambda i: (-len(leaves[i].rows), leaves[i].rows[0]))


def _split(
    present: Any, node: Node, min_split: int, min_term: int, reallocation: str
) -> tuple[list[tuple[Any, Any]], float, int] | None:
    """Rows and columns of the two children, the larger first (in rainette's mode, the lower on the axis first)."""
    table, rows, columns = _without_empty(present, node)
    as_rainette = reallocation == AS_RAINETTE
    members = len(node.rows) if as_rainette else len(rows)
    if members < max(min_split, _FEWEST) or min(table.shape) < _FEWEST:
        return None
    split = split_as_rainette(table) if as_rainette else kernels.split_rows(table, reallocation)
    if not np.isfinite(split.chi2):
        return None
    kept = kernels.selected_columns(table, split.first, split.second, min_term)
    sides = list(zip((split.first, split.second), kept, strict=True))
    if not as_rainette:
        sides.sort(key=lambda side: (-len(side[0]), side[0][0]))
    return [(rows[r], columns[c]) for r, c in sides], split.chi2, split.moves


def _without_empty(present: Any, node: Node) -> tuple[Any, Any, Any]:
    """The node's table without its empty columns, then without its empty rows."""
    table = present[node.rows][:, node.columns].tocsr()
    columns = np.flatnonzero(np.bincount(table.indices, minlength=table.shape[1]))
    rows = np.flatnonzero(np.diff(table.indptr))
    return table[rows][:, columns].tocsr(), node.rows[rows], node.columns[columns]


def _children(tree: Tree) -> dict[int, tuple[int, int]]:
    return {node: (left, right) for node, left, right, _height in tree}


def _walk(children: Mapping[int, tuple[int, int]], node: int) -> Iterator[int]:
    if node not in children:
        yield node
    else:
        for child in children[node]:
            yield from _walk(children, child)


def _descendants(tree: Tree, node: int) -> set[int]:
    found = set[int]()
    for parent, left, right, _height in tree:  # a split comes after those above it
        if parent == node or parent in found:
            found |= {left, right}
    return found
