"""Figures of the league table: shrunken beside raw means, and the funnel that shows what chance alone gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optima_research.language import _
from optima_research.language.numbers import format_level, format_percent
from optima_research.results.style import INK, MARKERS, axes, decimal_axis, palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.comparison.multilevel import Multilevel


def forest(result: Multilevel, ax: Axes | None = None) -> Axes:
    """Shrunken means (dots, intervals) and raw means (hollow squares), highest on top."""
    groups = result.groups.sort_values("shrunken", kind="stable")
    ax = axes(ax, rows=min(len(groups), 60))
    position = np.arange(len(groups))
    ax.hlines(position, groups["low"], groups["high"], color=INK, linewidth=1.2)
    ax.plot(
        groups["shrunken"],
        position,
        MARKERS[0],
        color=INK,
        markersize=6,
        linestyle="none",
        label=_("shrunken"),
    )
    ax.plot(
        groups["raw"], position, MARKERS[1], markerfacecolor="none", color=palette(2)[1], markersize=6,
        linestyle="none", label=_("raw"),
    )  # fmt: skip
    ax.axvline(
        float(np.average(groups["raw"], weights=groups["n"])), color=INK, linewidth=0.8, linestyle="--"
    )
    ax.set_yticks(position, [str(label) for label in groups.index])
    ax.set_xlabel(f"{result.outcome_label} ({format_level(result.level)})", fontsize=9)
    decimal_axis(ax, "x")
    ax.legend(fontsize=8, frameon=False, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return ax


def funnel(result: Multilevel, ax: Axes | None = None) -> Axes:
    """Raw means against sizes, with 95 % and 99.8 % limits around the whole.

    Where populations are known the limits shrink with the share that answered: in a full census nothing is left to
    chance.
    """
    from scipy import special

    groups = result.groups
    ax = axes(ax, rows=9)
    n = groups["n"].to_numpy(dtype=float)
    centre = float(np.average(groups["raw"], weights=n))
    se = np.sqrt(result.within.value / n * _left_to_chance(result, n))
    order = np.argsort(n, kind="stable")
    for coverage, style in ((0.95, "-"), (0.998, "--")):
        z = float(special.ndtri((1 + coverage) / 2))
        for sign in (-1, 1):
            label = (
                _("limits {level}", level=format_percent(coverage, 0 if coverage == 0.95 else 1))
                if sign > 0
                else None
            )
            ax.plot(n[order], (centre + sign * z * se)[order], style, color=INK, linewidth=0.9, label=label)
    ax.axhline(centre, color=INK, linewidth=0.8)
    ax.plot(n, groups["raw"], MARKERS[0], color=palette(1)[0], linestyle="none")
    for label, x, y in zip(groups.index, n, groups["raw"], strict=True):
        ax.annotate(str(label), (x, y), fontsize=7, xytext=(4, 3), textcoords="offset points")
    ax.set_xlabel(_("Respondents"), fontsize=9)
    ax.set_ylabel(result.outcome_label, fontsize=9)
    decimal_axis(ax, "y")
    ax.legend(fontsize=8, frameon=False)
    return ax


def _left_to_chance(result: Multilevel, n: np.ndarray) -> np.ndarray:
    if result.population is None:
        return np.ones(len(n))
    known = result.population.to_numpy(dtype=float)
    return np.where(np.isfinite(known), np.maximum(1 - n / known, 0.0), 1.0)
