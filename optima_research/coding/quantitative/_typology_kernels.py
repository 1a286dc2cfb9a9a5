"""Arrays behind a typology: Ward's tree of weighted points, its cuts, k-means, and a first division of large clouds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MOST_POINTS = 3000
_DIVISIONS = 11


def ward(points: FloatArray, mass: FloatArray) -> FloatArray:
    """Ward's tree of points of unequal mass, as a scipy linkage whose heights are losses of between-class inertia.

    Joining A and B loses m_A m_B / (m_A + m_B) times the squared distance of their centres, over the total mass.
    Chains of nearest neighbours find the same tree as the greedy search without a matrix of distances (Murtagh 1983).
    """
    centre, weight = points.copy(), mass / mass.sum()
    alive = np.ones(len(points), dtype=bool)
    first, second = np.empty(len(points) - 1, np.int64), np.empty(len(points) - 1, np.int64)
    height = np.empty(len(points) - 1)
    chain: list[int] = []
    for step in range(len(points) - 1):
        if not chain:
            chain.append(int(np.argmax(alive)))
        while True:
            a = chain[-1]
            loss = weight * (weight[a] / (weight + weight[a])) * ((centre - centre[a]) ** 2).sum(axis=1)
            loss[~alive] = np.inf
            loss[a] = np.inf
            b = int(np.argmin(loss))
            if len(chain) > 1 and loss[chain[-2]] <= loss[b]:
                b = chain[-2]
                break
            chain.append(b)
        del chain[-2:]
        first[step], second[step], height[step] = a, b, loss[b]
        total = weight[a] + weight[b]
        centre[b] = (weight[a] * centre[a] + weight[b] * centre[b]) / total
        weight[b], weight[a], alive[a] = total, 0.0, False
    return _linkage(first, second, height, len(points))


def _linkage(first: IntArray, second: IntArray, height: FloatArray, m: int) -> FloatArray:
    """Merges in order of height, numbered as scipy numbers them."""
    tree = np.empty((m - 1, 4))
    # Both members of a merge keep pointing to the node they are now in.
    parent = np.arange(2 * m - 1)
    size = np.ones(2 * m - 1)

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = int(parent[node])
        return node

    for step, merge in enumerate(np.argsort(height, kind="stable")):
        a, b = sorted((root(int(first[merge])), root(int(second[merge]))))
        new = m + step
        parent[a] = parent[b] = new
        size[new] = size[a] + size[b]
        tree[step] = a, b, height[merge], size[new]
    return tree


def cut(tree: FloatArray, n_classes: int) -> IntArray:
    """Class (0…) of each point when the last ``n_classes - 1`` merges are undone."""
    m = len(tree) + 1
    label = np.arange(2 * m - 1)
    # From the top down, every member takes the name of the node that holds it.
    for step in range(m - n_classes - 1, -1, -1):
        for child in tree[step, :2].astype(int):
            label[child] = label[m + step]
    _names, classes = np.unique(label[:m], return_inverse=True)
    return np.asarray(classes, dtype=np.int64)


def within_inertia(tree: FloatArray) -> FloatArray:
    """Within-class inertia of the cuts in 1, 2, … classes."""
    return np.asarray(np.cumsum(tree[:, 2])[::-1], dtype=float)


def centres_of(points: FloatArray, mass: FloatArray, classes: IntArray, k: int) -> FloatArray:
    """Weighted mean point of each class."""
    total = np.bincount(classes, mass, k)
    sums = [np.bincount(classes, mass * column, k) for column in points.T]
    return np.asarray(np.column_stack(sums) / total[:, None], dtype=float)


def nearest(points: FloatArray, centres: FloatArray) -> IntArray:
    """Class of the nearest centre; the first one when two are equally near."""
    distance = (centres**2).sum(axis=1) - 2 * points @ centres.T
    return np.asarray(np.argmin(distance, axis=1), dtype=np.int64)


def k_means(
    points: FloatArray, mass: FloatArray, centres: FloatArray, most_rounds: int
) -> tuple[IntArray, FloatArray]:
    """Move points to the nearest centre until none moves or ``most_rounds`` are done; no class is ever emptied."""
    k = len(centres)
    classes = nearest(points, centres)
    for _round in range(most_rounds):
        if np.bincount(classes, minlength=k).min() == 0:
            break
        centres = centres_of(points, mass, classes, k)
        moved = nearest(points, centres)
        if (moved == classes).all() or np.bincount(moved, minlength=k).min() == 0:
            break
        classes = moved
    return classes, centres_of(points, mass, classes, k)


def first_division(points: FloatArray, mass: FloatArray) -> IntArray:
    """Small cells of a large cloud: each is cut at its mean on its widest axis, eleven times over.

    Unlike k-means from random starts, it needs no seed and gives the same cells in whatever order the points come.
    """
    cell = np.zeros(len(points), dtype=np.int64)
    for _division in range(_DIVISIONS):
        count = int(cell.max()) + 1
        total = np.bincount(cell, mass, count)
        mean = centres_of(points, mass, cell, count)
        spread = (
            np.column_stack([np.bincount(cell, mass * column**2, count) / total for column in points.T])
            - mean**2
        )
        axis = np.argmax(spread, axis=1)
        above = points[np.arange(len(points)), axis[cell]] > mean[np.arange(count), axis][cell]
        _present, cell = np.unique(2 * cell + above, return_inverse=True)
    return np.asarray(cell, dtype=np.int64)
