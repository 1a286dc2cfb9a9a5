"""The tree of lexical classes, with the share and the first terms of each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from optima_research.language import _
from optima_research.language.numbers import SUPPRESSED, format_count, format_percent
from optima_research.results.style import INK, axes, palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Tree = tuple[tuple[int, int, int, float], ...]

# From left to right, in shares of the width: the tree, the name and size of the class, its terms.
_TREE_END, _HEAD, _TERMS = 0.26, 0.28, 0.44
_SIZE, _MOST_LINES, _APART = 8.5, 3, " · "


def class_tree(
    tree: Tree,
    sizes: pd.Series,
    profiles: pd.DataFrame,
    *,
    withheld: Collection[int] = (),
    ax: Axes | None = None,
) -> Axes:
    """Splits from left to right, numbered in their order; beside each class its share, its size and its terms.

    Parameters
    ----------
    tree : tuple of (node, left, right, chi²)
        In the order of the splits.
    sizes : Series
        Segments of each class, from the first leaf to the last.
    profiles : DataFrame
        ``class term statistic``, the first terms of each class, those that mark it most first.
    withheld : collection of int
        Classes of which nothing may be told.
    ax : Axes, optional
    """
    ax = axes(ax, width="full", rows=round(1.75 * len(sizes)))
    ax.set_xlim(0, 1)
    ax.set_ylim(len(sizes) + 0.75, 0.45)
    ax.axis("off")
    _draw_splits(ax, tree)
    ax.figure.canvas.figure.draw_without_rendering()
    points = ax.get_window_extent().width * 72 / ax.figure.dpi
    total = float(sizes.sum())
    for label, size in sizes.items():
        hidden = label in withheld
        told = f"{format_percent(float(size) / total, 0)} ({format_count(int(size))})"
        head = f"{_('Class {label}', label=label)}\n{SUPPRESSED if hidden else told}"
        ax.text(_HEAD, label, head, va="center", fontsize=_SIZE, fontweight="bold", color=INK)
        terms = [str(term) for term in profiles.loc[profiles["class"] == label, "term"]]
        lines = [SUPPRESSED] if hidden else _lines(terms, points * (1 - _TERMS))
        ax.text(_TERMS, label, "\n".join(lines), va="center", fontsize=_SIZE, color=INK, linespacing=1.35)
    for place in range(1, len(sizes)):
        ax.plot([_HEAD, 1], [place + 0.5] * 2, color="#CCCCCC", linewidth=0.6)
    ax.text(0, len(sizes) + 0.72, _caption(), va="bottom", fontsize=8, color=INK)
    return ax


def _caption() -> str:
    return _(
        "Numbers: order of the splits. Share and number of the segments classified. Terms by falling chi²."
    )


def _draw_splits(ax: Axes, tree: Tree) -> None:
    children = {node: (left, right) for node, left, right, _height in tree}
    step = _TREE_END / (len(tree) + 0.5)
    depth = {node: (rank + 0.5) * step for rank, (node, _l, _r, _h) in enumerate(tree)}
    middle = _middles(children, tree[0][0])
    for rank, (node, pair) in enumerate(children.items(), start=1):
        x, ends = depth[node], [depth.get(child, _TREE_END) for child in pair]
        tops = [middle[child] for child in pair]
        ax.plot([ends[0], x, x, ends[1]], [tops[0], tops[0], tops[1], tops[1]], color=INK, linewidth=1.2)
        ax.text(
            x, middle[node], str(rank), ha="center", va="center", fontsize=8, color="white",
            bbox={"boxstyle": "circle,pad=0.22", "facecolor": palette(1)[0], "edgecolor": "none"},
        )  # fmt: skip


def _middles(children: dict[int, tuple[int, int]], root: int) -> dict[int, float]:
    """Height of each node: leaves in order, a split in the middle of its two sides."""
    middle: dict[int, float] = {}
    n_leaves = 0

    def place(node: int) -> float:
        nonlocal n_leaves
        if node in children:
            left, right = (place(child) for child in children[node])
            middle[node] = (left + right) / 2
        else:
            n_leaves += 1
            middle[node] = float(n_leaves)
        return middle[node]

    place(root)
    return middle


def _lines(terms: Sequence[str], room: float) -> list[str]:
    """As many terms as a few lines of so many points hold."""
    from matplotlib.textpath import TextPath

    lines: list[str] = []
    for term in terms:
        longer = f"{lines[-1]}{_APART}{term}" if lines else term
        if lines and TextPath((0, 0), longer, size=_SIZE).get_extents().width <= room:
            lines[-1] = longer
        elif len(lines) == _MOST_LINES:
            break
        else:
            lines.append(term)
    return lines
