"""Figures of priorities: a slope chart from group to group, and the importance–performance grid."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from optima_research.language import _
from optima_research.results.style import GRID, INK, MARKERS, axes, decimal_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.comparison.priorities import ImportancePerformance, Priorities


def slopes(result: Priorities, ax: Axes | None = None) -> Axes:
    """One line an item; the places are its order in each group, the label stands at both ends."""
    places = result.ranks.rank(method="first")
    ax = axes(ax, width="full", rows=2 * len(places))
    across = np.arange(places.shape[1])
    for number, (item, row) in enumerate(places.iterrows()):
        moved = row.max() - row.min() >= 2
        ax.plot(
            across, row, marker=MARKERS[number % len(MARKERS)], color=INK if moved else "#888888",
            linewidth=1.8 if moved else 1.0, linestyle="-" if moved else "--",
        )  # fmt: skip
        ax.annotate(
            _folded(item),
            (0, row.iloc[0]),
            xytext=(-8, 0),
            textcoords="offset points",
            ha="right",
            va="center",
        )
        ax.annotate(
            _folded(item),
            (across[-1], row.iloc[-1]),
            xytext=(8, 0),
            textcoords="offset points",
            ha="left",
            va="center",
        )
    ax.set_xticks(across, [str(group) for group in places.columns])
    # Room for the labels at both ends, in units of the distance between two groups.
    ax.set_xlim(-0.45 * across[-1] - 0.35, 1.45 * across[-1] + 0.35)
    ax.set_ylim(len(places) + 0.5, 0.5)
    ax.set_yticks([])
    ax.grid(False)
    for place in across:
        ax.axvline(place, color=GRID, linewidth=0.8, zorder=0)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.xaxis.tick_top()
    ax.tick_params(axis="x", length=0)
    return ax


def _folded(item: object) -> str:
    return textwrap.fill(str(item), 24)


def grid(result: ImportancePerformance, ax: Axes | None = None) -> Axes:
    """Importance upwards, performance to the right, cut at the means of the items."""
    ax = axes(ax, width="full", rows=14)
    items = result.items
    ax.grid(False)
    ax.axhline(items["importance"].mean(), color=INK, linewidth=0.8, linestyle="--")
    ax.axvline(items["performance"].mean(), color=INK, linewidth=0.8, linestyle="--")
    act = items["quadrant"] == "concentrate"
    for marker, chosen in ((MARKERS[1], act), (MARKERS[0], ~act)):
        ax.plot(
            items.loc[chosen, "performance"],
            items.loc[chosen, "importance"],
            marker,
            color=INK,
            linestyle="none",
        )
    middle = items["performance"].mean()
    for item, row in items.iterrows():
        right = row["performance"] <= middle
        ax.annotate(
            str(item), (row["performance"], row["importance"]), xytext=(7 if right else -7, 5),
            textcoords="offset points", ha="left" if right else "right", fontsize=9,
            weight="bold" if row["quadrant"] == "concentrate" else "normal",
        )  # fmt: skip
    ax.margins(0.15)
    ax.set_xlabel(_("How well it is done (mean)"), fontsize=9)
    ax.set_ylabel(_("How important it is (mean)"), fontsize=9)
    decimal_axis(ax, "x")
    decimal_axis(ax, "y")
    return ax
