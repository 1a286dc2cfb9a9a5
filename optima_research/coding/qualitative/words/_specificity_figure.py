"""Bars of specificities, each form by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.language import _
from optima_research.results.style import HATCHES, INK, axes, decimal_axis, palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def specificity_bars(cells: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """One block a part: over-used forms to the right of zero, under-used ones (hatched) to its left, names at the end.

    Parameters
    ----------
    cells : DataFrame
        ``part term score``, in the order to be drawn.
    ax : Axes, optional
    """
    blocks = [
        (str(part), rows[rows["score"] > 0], rows[rows["score"] <= 0])
        for part, rows in cells.groupby("part", sort=False)
    ]
    ax = axes(ax, width="full", rows=round(sum(0.64 * max(len(a), len(b)) + 0.9 for _p, a, b in blocks)))
    ax.grid(visible=False)
    over, under = palette(2)
    position = 0.0
    for part, *sides in blocks:
        ax.annotate(
            part, (0, position), xycoords=("axes fraction", "data"), fontweight="bold", fontsize=9, va="center",
            color=INK, in_layout=False,
        )  # fmt: skip
        for rows, colour, hatch, align in zip(
            sides, (over, under), ("", HATCHES[1]), ("left", "right"), strict=True
        ):
            score = rows["score"].to_numpy(dtype=np.float64)
            place = position + 1 + np.arange(len(rows))
            ax.barh(place, score, color=colour, hatch=hatch, edgecolor="white", height=0.8)
            for term, x, y in zip(rows["term"], score, place, strict=True):
                away = (3 if align == "left" else -3, 0)
                ax.annotate(
                    str(term), (x, y), away, textcoords="offset points", ha=align, va="center", fontsize=8,
                    in_layout=False,
                )  # fmt: skip
        ax.vlines(0, position + 0.5, position + max(map(len, sides)) + 0.5, color=INK, linewidth=0.8)
        position += max(map(len, sides)) + 1.6
    ax.set_ylim(position - 0.9, -0.8)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(_("Under-used   ◂   Specificity (powers of ten)   ▸   over-used"))
    decimal_axis(ax)
    _room_for_names(ax, cells)
    return ax


def _room_for_names(ax: Axes, cells: pd.DataFrame) -> None:
    """Limits that leave, beyond the bars of each side, the width of its longest name."""
    from matplotlib.textpath import TextPath

    reach, names = [], []
    for rows in (cells[cells["score"] <= 0], cells[cells["score"] > 0]):
        widths = [TextPath((0, 0), str(term), size=8).get_extents().width for term in rows["term"]]
        reach.append(float(rows["score"].abs().max()) if len(rows) else 0.0)
        names.append(max(widths, default=0.0) + 6)
    ax.figure.canvas.figure.draw_without_rendering()
    points = ax.get_window_extent().width * 72 / ax.figure.dpi
    span = (sum(reach) or 1.0) / max(1 - sum(names) / points, 0.2)
    ax.set_xlim(-reach[0] - span * names[0] / points, reach[1] + span * names[1] / points)
