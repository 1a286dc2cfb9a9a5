"""Figures of the text statistics: bars of specificities, the tree of classes, the similarity graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.language import _
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
