"""Drawing shared by the results of this folder: forests of coefficients, heat maps and networks of codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.language.numbers import MISSING, format_number
from optima_research.results.style import INK, axes, decimal_axis, palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def forest(
    frame: pd.DataFrame, label: str, *, ax: Axes | None = None, reference: float | None = None
) -> Axes:
    """One line a row: ``value`` with the interval ``low`` to ``high``; the first row on top."""
    ax = axes(ax, rows=len(frame))
    position = np.arange(len(frame))[::-1]
    colour = palette(1)[0]
    below = np.nan_to_num(frame["value"] - frame["low"], nan=0.0).clip(min=0)
    above = np.nan_to_num(frame["high"] - frame["value"], nan=0.0).clip(min=0)
    ax.errorbar(frame["value"], position, xerr=[below, above], fmt="o", color=colour, capsize=3, markersize=5)
    if reference is not None:
        ax.axvline(reference, color=INK, linewidth=0.8, linestyle="--")
    ax.set_yticks(position, [str(name) for name in frame.index])
    ax.set_ylim(-0.7, len(frame) - 0.3)
    ax.set_xlabel(label)
    decimal_axis(ax)
    return ax


def heat_map(frame: pd.DataFrame, label: str, *, ax: Axes | None = None, decimals: int = 0) -> Axes:
    """Cells shaded by value and written in, so that grey print loses nothing."""
    ax = axes(ax, width="full", rows=len(frame) + 1)
    numbers = frame.to_numpy(dtype=np.float64)
    top = np.nanmax(numbers) if np.isfinite(numbers).any() else 1.0
    ax.imshow(np.nan_to_num(numbers), aspect="auto", cmap="Blues", vmin=0, vmax=top or 1.0)
    for row, column in np.ndindex(*numbers.shape):
        value = numbers[row, column]
        text = format_number(value, decimals) if np.isfinite(value) else MISSING
        shade = "white" if np.isfinite(value) and top and value > 0.6 * top else INK
        ax.text(column, row, text, ha="center", va="center", fontsize=8, color=shade)
    ax.set_xticks(range(frame.shape[1]), [str(name) for name in frame.columns], rotation=30, ha="right")
    ax.set_yticks(range(len(frame)), [str(name) for name in frame.index])
    ax.grid(visible=False)
    ax.set_xlabel(label)
    return ax


def network(weights: pd.DataFrame, sizes: pd.Series, *, ax: Axes | None = None) -> Axes:
    """Nodes on a circle in the order given; width of a line in proportion to its weight."""
    ax = axes(ax, width="full", rows=14)
    angle = np.linspace(0, 2 * np.pi, len(sizes), endpoint=False) + np.pi / 2
    x, y = np.cos(angle), np.sin(angle)
    table = np.triu(weights.to_numpy(dtype=np.float64), 1)
    top = np.nanmax(table) if np.isfinite(table).any() else 0.0
    for i, j in zip(*np.triu_indices(len(sizes), 1), strict=True):
        if table[i, j] > 0 and top > 0:
            share = table[i, j] / top
            ax.plot(
                x[[i, j]],
                y[[i, j]],
                color="#555555",
                linewidth=0.4 + 5 * share,
                alpha=0.25 + 0.5 * share,
                zorder=1,
            )
    largest = float(sizes.max()) or 1.0
    ax.scatter(x, y, s=60 + 540 * sizes.to_numpy(dtype=np.float64) / largest, color=palette(1)[0], zorder=2)
    for name, a, px, py in zip(sizes.index, angle, x, y, strict=True):
        side = "center" if abs(np.cos(a)) < 0.15 else ("left" if np.cos(a) > 0 else "right")
        ax.text(1.12 * px, 1.12 * py, str(name), ha=side, va="center", fontsize=8)
    ax.set_xlim(-1.9, 1.9)
    ax.set_ylim(-1.35, 1.35)
    ax.set_aspect("equal")
    ax.axis("off")
    return ax
