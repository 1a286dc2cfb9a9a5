"""Figures of the comparisons: legible in grey, without radar or pie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optima_research.language import _
from optima_research.language.numbers import format_count, format_level, format_number
from optima_research.results.style import GRID, INK, MARKERS, axes, decimal_axis

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from optima_research.comparison.equivalence import Equivalence
    from optima_research.comparison.frequencies import FrequencyTable
    from optima_research.comparison.result import Comparison

OVER, UNDER = "#1f4e8c", "#b35806"
BARS = "#9DB4D3"
"""Pale enough for an interval to be seen across it."""


def dots(result: Comparison, ax: Axes | None = None) -> Axes:
    """Mean of each group with its interval, largest on top."""
    groups = result.groups.sort_values("mean", kind="stable")
    return interval_dots(
        ax,
        labels=[str(label) for label in groups.index],
        values=groups["mean"].to_numpy(),
        low=groups["low"].to_numpy(),
        high=groups["high"].to_numpy(),
        axis_label=_(
            "{outcome} (mean, {level})", outcome=result.outcome_label, level=format_level(result.level)
        ),
    )


def interval_dots(
    ax: Axes | None,
    *,
    labels: list[str],
    values: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    axis_label: str,
    reference: float | None = None,
    marker: str = MARKERS[0],
) -> Axes:
    """One line a label: a dot and its interval."""
    ax = axes(ax, rows=len(labels))
    position = np.arange(len(labels))
    ax.hlines(position, low, high, color=INK, linewidth=1.2)
    ax.plot(values, position, marker, color=INK, markersize=6, linestyle="none")
    if reference is not None:
        ax.axvline(reference, color=INK, linewidth=0.8, linestyle="--")
    ax.set_yticks(position, labels)
    ax.set_ylim(-0.6, len(labels) - 0.4)
    ax.set_xlabel(axis_label, fontsize=9)
    decimal_axis(ax, "x")
    return ax


def marked_dots(
    table: pd.DataFrame, ax: Axes | None = None, *, axis_label: str, reference: float | None = None
) -> Axes:
    """One line a row of the table, one mark a column: legible in grey."""
    ax = axes(ax, width="full", rows=len(table) + 2)
    position = np.arange(len(table))[::-1]
    for number, name in enumerate(table.columns):
        marker = MARKERS[number % len(MARKERS)]
        filled = INK if number < len(MARKERS) else "white"
        ax.plot(
            table[name],
            position,
            marker,
            color=INK,
            markerfacecolor=filled,
            linestyle="none",
            label=str(name),
        )
    if reference is not None:
        ax.axvline(reference, color=INK, linewidth=0.8, linestyle="--")
    ax.set_yticks(position, [str(label) for label in table.index])
    ax.set_ylim(-0.6, len(table) - 0.4)
    ax.set_xlabel(axis_label, fontsize=9)
    ax.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    decimal_axis(ax, "x")
    return ax


def residual_mosaic(result: Comparison, ax: Axes | None = None) -> Axes:
    """Shares of the answers in each group, widths as group sizes; hatched where the adjusted residual passes ±2."""
    from matplotlib.patches import Patch

    ax = axes(ax, width="full", rows=10)
    shares = result.groups.drop(columns="n")
    residuals = result.residuals
    widths = result.groups["n"] / result.groups["n"].sum()
    left = np.concatenate([[0.0], np.cumsum(widths)[:-1]])
    floor = np.zeros(len(widths))
    for answer in shares.columns:
        height = shares[answer].to_numpy()
        for place, (x, width) in enumerate(zip(left, widths, strict=True)):
            z = 0.0 if residuals is None else float(residuals[answer].iloc[place])
            face, hatch = _residual_style(z)
            ax.bar(x, height[place], width * 0.97, floor[place], align="edge", color=face, hatch=hatch,
                   edgecolor="white", linewidth=0.8)  # fmt: skip
            if height[place] > 0.04:
                ax.text(x + width * 0.485, floor[place] + height[place] / 2, f"{answer}\n{format_number(z, 1)}",
                        ha="center", va="center", fontsize=7,
                        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8})  # fmt: skip
        floor = floor + height
    ax.set_xticks(left + widths / 2, [str(label) for label in shares.index], rotation=20, ha="right")
    ax.set_ylabel(_("Share of answers"), fontsize=9)
    decimal_axis(ax, "y", 1)
    ax.grid(False)
    handles = [
        Patch(facecolor=OVER, hatch="///", edgecolor="white", label=_("over-represented (residual > 2)")),
        Patch(facecolor=UNDER, hatch="...", edgecolor="white", label=_("under-represented (residual < −2)")),
        Patch(facecolor=GRID, label=_("neither")),
    ]
    ax.legend(
        handles=handles, fontsize=7, ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False
    )
    return ax


def _residual_style(z: float) -> tuple[str, str]:
    if z > 2:
        return OVER, "///"
    if z < -2:
        return UNDER, "..."
    return GRID, ""


def share_bars(table: FrequencyTable, ax: Axes | None = None) -> Axes:
    """Shares of the answers in their order, first on top, with their intervals."""
    answers = table.answers.iloc[::-1]
    ax = axes(ax, rows=len(answers))
    position = np.arange(len(answers))
    ax.barh(position, 100 * answers["share"], color=BARS, height=0.6)
    ax.hlines(position, 100 * answers["low"], 100 * answers["high"], color=INK, linewidth=1.2)
    ax.set_yticks(position, [str(label) for label in answers.index])
    ax.set_xlabel(_("% of {n} respondents", n=format_count(table.n)), fontsize=9)
    decimal_axis(ax, "x", 0)
    return ax


def equivalence_plot(result: Equivalence, ax: Axes | None = None) -> Axes:
    """Deciding interval (thick) and wide interval (thin) of each pair, against the limits of equivalence."""
    table = result.pairs.iloc[::-1]
    ax = interval_dots(
        ax,
        labels=[f"{a} – {b}" for a, b in zip(table["group1"], table["group2"], strict=True)],
        values=table["estimate"].to_numpy(),
        low=table["low_wide"].to_numpy(),
        high=table["high_wide"].to_numpy(),
        axis_label=_("Difference: {outcome}", outcome=result.outcome_label),
        reference=0.0,
    )
    ax.hlines(np.arange(len(table)), table["low"], table["high"], color=INK, linewidth=3.5)
    ax.axvspan(*result.bound, color=GRID, alpha=0.6, zorder=0)
    return ax
