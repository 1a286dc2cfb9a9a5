"""The network of codes that meet: codes around an ellipse, the closest pairs joined by the thickest lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optima_research.coding.qualitative._figures import wrapped
from optima_research.language import _
from optima_research.language.numbers import format_count, format_number
from optima_research.results.style import INK, axes, palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PRINT = 8.0
_LARGEST = 420.0


def network(
    weights: pd.DataFrame, sizes: pd.Series, *, weight_label: str, size_label: str, ax: Axes | None = None
) -> Axes:
    """Codes in the order given, from the top right; at most twice as many lines as codes, the strongest.

    Parameters
    ----------
    weights : DataFrame
        Codes × codes, symmetric.
    sizes : Series
        Of each code; areas are in proportion.
    weight_label, size_label : str
        What lines and areas are, for the legend.
    ax : Axes, optional
    """
    right = (len(sizes) + 1) // 2
    ax = axes(ax, width="full", rows=max(12, round(1.9 * right) + 3))
    ax.axis("off")
    x, y = _places(len(sizes), right)
    i, j, strength, met = _strongest(weights, 2 * len(sizes))
    top = float(strength[0]) if len(strength) else 1.0
    for a, b, weight in zip(i, j, strength, strict=True):
        bent = _towards_the_middle(x[[a, b]], y[[a, b]])
        ax.plot(*bent, color=INK, zorder=1, solid_capstyle="round", **_line(weight / top))
    largest = float(sizes.max()) or 1.0
    ax.scatter(
        x, y, s=_LARGEST * sizes.to_numpy(dtype=np.float64) / largest, color=palette(1)[0], edgecolor="white",
        zorder=2,
    )  # fmt: skip
    names = [wrapped(name, 26) for name in sizes.index]
    for k, name in enumerate(names):
        side, away = ("left", 1) if k < right else ("right", -1)
        ax.annotate(
            name, (x[k], y[k]), (away * 14, 0), textcoords="offset points", ha=side, va="center", fontsize=_PRINT,
            in_layout=False,
        )  # fmt: skip
    _legend(ax, strength, largest, weight_label, size_label, met)
    _make_room(ax, names)
    return ax


def _places(n: int, right: int) -> tuple[Any, Any]:
    """Evenly spaced in height, so that no label covers the next one; the left side is read from the bottom up."""
    y = np.concatenate([np.linspace(1, -1, right), np.linspace(-1, 1, n - right)]) if n > 1 else np.zeros(n)
    side = np.where(np.arange(n) < right, 1.0, -1.0)
    return side * np.sqrt(1.25 - y**2), y


def _strongest(weights: pd.DataFrame, most: int) -> tuple[Any, Any, Any, int]:
    """The strongest pairs that meet, and the number of pairs that do."""
    table = np.nan_to_num(weights.to_numpy(dtype=np.float64))
    i, j = np.triu_indices(len(table), 1)
    order = np.argsort(-table[i, j], kind="stable")
    order = order[table[i, j][order] > 0]
    kept = order[:most]
    return i[kept], j[kept], table[i, j][kept], len(order)


def _towards_the_middle(x: Any, y: Any) -> tuple[Any, Any]:
    """A curve that leaves the side of the ellipse, so that codes of one side are not crossed by their neighbours."""
    t = np.linspace(0, 1, 30)
    ends, bend = (1 - t) ** 2, 2 * t * (1 - t) * 0.3
    return tuple(ends * v[0] + bend * v.mean() + t**2 * v[1] for v in (x, y))


def _line(share: float) -> dict[str, Any]:
    return {"linewidth": 0.4 + 4.6 * share**1.5, "alpha": 0.2 + 0.6 * share**1.5}


def _legend(ax: Axes, strength: Any, largest: float, weight_label: str, size_label: str, met: int) -> None:
    from matplotlib.lines import Line2D

    if not len(strength):
        return
    # The strongest, the middle and the weakest line, once each where they read the same.
    shown = {format_number(v, 2): v for v in (strength[-1], strength[len(strength) // 2], strength[0])}
    handles = [Line2D([], [], color=INK, **_line(v / strength[0])) for v in reversed(shown.values())]
    labels = [f"{weight_label} {text}" for text in reversed(shown)]
    for size in (largest, largest / 4):
        area = np.sqrt(_LARGEST * size / largest)
        handles.append(Line2D([], [], linestyle="none", marker="o", color=palette(1)[0], markersize=area))
        labels.append(f"{size_label} ({format_count(round(size))})")
    title = _(
        "The {n} closest pairs of the {all} that meet", n=format_count(len(strength)), all=format_count(met)
    )
    ax.legend(
        handles, labels, title=title if met > len(strength) else None, loc="upper center", ncols=2, fontsize=8,
        bbox_to_anchor=(0.5, -0.02), title_fontsize=8, frameon=False, labelspacing=1.3, columnspacing=3,
    )  # fmt: skip


def _make_room(ax: Axes, names: list[str]) -> None:
    """Limits that leave, on both sides of the ellipse, the width of the longest label."""
    from matplotlib.textpath import TextPath

    lines = [line for name in names for line in name.split("\n")]
    longest = max(
        (TextPath((0, 0), line, size=_PRINT).get_extents().width for line in lines if line), default=0.0
    )
    ax.figure.canvas.figure.draw_without_rendering()
    points = ax.get_window_extent().width * 72 / ax.figure.dpi
    reach = float(np.sqrt(1.25))
    limit = reach / max(1 - 2 * (longest + 18) / points, 0.2)
    ax.set_xlim(-limit, limit)
    ax.set_ylim(-1.12, 1.12)
