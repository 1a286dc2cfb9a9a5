"""Drawing shared by the results of this folder: forests of coefficients, heat maps of codes."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optima_research.language.numbers import MISSING, SUPPRESSED, format_number
from optima_research.results.style import INK, axes, decimal_axis, palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Letters of the headings that fit side by side above the columns.
_LETTERS = 66
_MOST_HEADS = 28


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


def heat_map(
    frame: pd.DataFrame,
    label: str,
    *,
    ax: Axes | None = None,
    decimals: int = 0,
    title: str = "",
    stub: str = "",
    hidden: Any = None,
) -> Axes:
    """Cells shaded by value and written in, so that grey print loses nothing; long names run over several lines.

    Parameters
    ----------
    frame : DataFrame
    label, stub, title : str
        Names of the columns and of the rows, and what the cells are.
    ax : Axes, optional
    decimals : int
    hidden : array of bool, optional
        Cells that may not be shown, written « s ».
    """
    names = [wrapped(name, 40) for name in frame.index]
    letters = _LETTERS // max(frame.shape[1], 1)
    upright = any(len(word) > letters for name in frame.columns for word in str(name).split())
    heads = [wrapped(name, _upright_width(frame.shape[1]) if upright else letters) for name in frame.columns]
    lines = sum(0.25 + 0.45 * (name.count("\n") + 1) for name in names)
    longest = max((len(line) for head in heads for line in head.split("\n")), default=0)
    tall = max((head.count("\n") + 1 for head in heads), default=1)
    ax = axes(ax, width="full", rows=round(lines + (0.22 * longest if upright else 0.45 * tall)))
    if frame.empty:
        ax.axis("off")
        return ax
    numbers = frame.to_numpy(dtype=np.float64)
    top = np.nanmax(numbers) if np.isfinite(numbers).any() else 1.0
    ax.imshow(np.nan_to_num(numbers), aspect="auto", cmap="Blues", vmin=0, vmax=top or 1.0)
    secret = np.zeros(numbers.shape, dtype=bool) if hidden is None else np.asarray(hidden, dtype=bool)
    print_size = float(np.clip(110 / max(frame.shape[1], 1), 4.5, 8))
    for row, column in np.ndindex(*numbers.shape):
        value = numbers[row, column]
        text = format_number(value, decimals) if np.isfinite(value) else MISSING
        shade = "white" if np.isfinite(value) and top and value > 0.6 * top else INK
        text = SUPPRESSED if secret[row, column] else text
        ax.text(column, row, text, ha="center", va="center", fontsize=print_size, color=shade)
    head_size = 8 if frame.shape[1] <= _MOST_HEADS else 5.5
    ax.set_xticks(range(frame.shape[1]), heads, rotation=90 if upright else 0, fontsize=head_size)
    ax.set_yticks(range(len(frame)), names, fontsize=8)
    ax.tick_params(length=0)
    ax.grid(visible=False)
    for side in ax.spines.values():
        side.set_visible(False)
    ax.hlines(np.arange(1, len(frame)) - 0.5, -0.5, frame.shape[1] - 0.5, color="white", linewidth=1)
    ax.vlines(np.arange(1, frame.shape[1]) - 0.5, -0.5, len(frame) - 0.5, color="white", linewidth=1)
    ax.set_xlabel(label)
    ax.set_ylabel(stub)
    if title:
        ax.set_title(wrapped(title, 60), loc="left", fontsize=9)
    return ax


def _upright_width(columns: int) -> int:
    """Letters a line of an upright heading: as many lines as the column has room for."""
    return 26 if columns <= 10 else 34 if columns <= 14 else 80


def wrapped(name: object, width: int) -> str:
    """A long name on several lines; a code that does not fit leaves its folders above it."""
    text = str(name)
    if len(text) <= width:
        return text
    folders, slash, leaf = text.rpartition("/")
    parts = [folders + slash, leaf] if folders else [text]
    return "\n".join(line for part in parts for line in fill(part, width, break_long_words=False).split("\n"))
