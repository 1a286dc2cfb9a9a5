"""Figures of the text statistics: bars of specificities, the tree of classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.language import _
from optima_research.language.numbers import format_percent
from optima_research.results.style import HATCHES, INK, axes, decimal_axis, palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def specificity_bars(cells: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """One block a part, over-use to the right and under-use (hatched) to the left.

    Parameters
    ----------
    cells : DataFrame
        ``part term score``, in the order to be drawn.
    ax : Axes, optional
    """
    parts = list(dict.fromkeys(cells["part"]))
    ax = axes(ax, width="full", rows=len(cells) + 2 * len(parts))
    over, under = palette(2)
    position, ticks, labels = 0.0, [], []
    for part in parts:
        rows = cells[cells["part"] == part]
        ax.text(0, position, f" {part}", fontweight="bold", fontsize=9, va="center", ha="left", color=INK)
        place = position + 1 + np.arange(len(rows))
        score = rows["score"].to_numpy(dtype=np.float64)
        for side, colour, hatch in ((score > 0, over, ""), (score <= 0, under, HATCHES[1])):
            ax.barh(place[side], score[side], color=colour, hatch=hatch, edgecolor="white", height=0.75)
        ticks += place.tolist()
        labels += [str(term) for term in rows["term"]]
        position = float(place[-1]) + 1.6
    ax.set_yticks(ticks, labels)
    ax.set_ylim(position - 0.6, -0.8)
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_xlabel(_("Specificity (powers of ten)"))
    decimal_axis(ax)
    return ax


def class_tree(
    tree: tuple[tuple[int, int, int, float], ...],
    sizes: pd.Series,
    profiles: pd.DataFrame,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Splits from the top down; under each class, its share and first terms, larger where they mark it more.

    Parameters
    ----------
    tree : tuple of (node, left, right, chi²)
        In the order of the splits.
    sizes : Series
        Segments of each class, from left to right.
    profiles : DataFrame
        ``class term statistic``, the first terms of each class.
    ax : Axes, optional
    """
    ax = axes(ax, width="full", rows=16)
    level = {node: len(tree) - i for i, (node, _l, _r, _h) in enumerate(tree)}
    children = {node: (left, right) for node, left, right, _h in tree}
    centre: dict[int, float] = {}

    def place(node: int, position: float) -> float:
        """Positions of a branch; returns the next free one."""
        if node not in children:
            centre[node] = position
            return position + 1
        after = place(children[node][0], position)
        after = place(children[node][1], after)
        centre[node] = (centre[children[node][0]] + centre[children[node][1]]) / 2
        return after

    place(0, 1.0)
    for node, pair in children.items():
        left, right = pair
        top = level[node]
        path = [centre[left], centre[left], centre[right], centre[right]]
        ax.plot(path, [level.get(left, 0), top, top, level.get(right, 0)], color=INK, linewidth=1.2)
    _write_profiles(ax, sizes, profiles, len(tree))
    ax.axis("off")
    return ax


def _write_profiles(ax: Axes, sizes: pd.Series, profiles: pd.DataFrame, depth: int) -> None:
    step = 0.12 * depth
    most = 0
    for label, size in sizes.items():
        share = format_percent(float(size) / float(sizes.sum()), 0)
        head = _("Class {label}", label=label)
        ax.text(label, -step, f"{head}\n{share}", ha="center", va="top", fontsize=8, fontweight="bold")
        words = profiles[profiles["class"] == label]
        most = max(most, len(words))
        top = float(words["statistic"].max()) if len(words) else 1.0
        for i, row in enumerate(words.itertuples()):
            size_pt = 6.5 + 2.5 * float(np.sqrt(row.statistic / top))
            ax.text(label, -step * (3.2 + i), str(row.term), ha="center", va="top", fontsize=size_pt)
    ax.set_ylim(-step * (3.8 + most), depth + 0.3)
    ax.set_xlim(0.4, len(sizes) + 0.6)
