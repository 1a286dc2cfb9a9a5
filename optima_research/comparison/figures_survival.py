"""Figures of duration: curves with the number still followed, hazard ratios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optima_research.language import _
from optima_research.language.numbers import format_count, format_number
from optima_research.results.style import INK, axes, decimal_axis, palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.comparison.hazards import ProportionalHazards
    from optima_research.comparison.survival import Survival

_STYLES = ("-", "--", ":", "-.")


def survival_curves(result: Survival, ax: Axes | None = None) -> Axes:
    """Share that lasts, in steps, one line style a group; under the axis, how many are still followed."""
    ax = axes(ax, rows=8 + len(result.curves))
    colours = palette(len(result.curves))
    for place, (group, curve) in enumerate(result.curves.items()):
        end = result.follow_up[group]
        times = [0.0, *curve.index, end]
        steps = {name: [1.0, *curve[name], curve[name].iloc[-1]] for name in ("survival", "low", "high")}
        ax.step(
            times,
            steps["survival"],
            _STYLES[place % 4],
            where="post",
            color=colours[place],
            label=group or None,
        )
        ax.fill_between(
            times, steps["low"], steps["high"], step="post", color=colours[place], alpha=0.15, linewidth=0
        )
    ax.set_ylim(0, 1.02)
    ax.set_xlim(0, max(result.follow_up.values()))
    ax.set_xlabel(result.label, fontsize=9)
    ax.set_ylabel(_("Share that lasts"), fontsize=9)
    decimal_axis(ax, "y", 1)
    if len(result.curves) > 1:
        ax.legend(fontsize=8, frameon=False, title=result.by_label, title_fontsize=8)
    _still_followed(result, ax)
    return ax


def _still_followed(result: Survival, ax: Axes) -> None:
    """A small table aligned with the ticks: the right end of a curve often rests on few."""
    ticks = [tick for tick in ax.get_xticks() if 0 <= tick <= ax.get_xlim()[1]]
    shift = ax.get_xaxis_transform()

    def write(text: str, at: float, below: float, **more: Any) -> None:
        # Points under the axis, so that the layout may shrink the axis without cutting the table.
        ax.annotate(
            text,
            (at, 0),
            (0, -below),
            xycoords=shift,
            textcoords="offset points",
            fontsize=8,
            va="top",
            **more,
        )

    write(_("Still followed"), 0, 38, ha="left", fontweight="bold")
    for place, group in enumerate(result.curves):
        if group:
            write(f"{group}   ", 0, 52 + 13 * place, ha="right")
        for tick in ticks:
            write(format_count(result.still_followed(tick, group)), tick, 52 + 13 * place, ha="center")


def hazard_forest(result: ProportionalHazards, ax: Axes | None = None) -> Axes:
    """Hazard ratios and their intervals on a log scale, 1 being no difference."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    rows = result.coefficients.iloc[::-1]
    ax = axes(ax, rows=len(rows) + 1)
    position = list(range(len(rows)))
    ax.errorbar(
        rows["ratio"], position, xerr=[rows["ratio"] - rows["low"], rows["high"] - rows["ratio"]], fmt="o", color=INK,
        capsize=3, linewidth=1,
    )  # fmt: skip
    ax.axvline(1.0, color=INK, linewidth=0.8, linestyle="--")
    ax.set_xscale("log")
    low, high = rows["low"].min(), rows["high"].max()
    marks = [mark for mark in (0.1, 0.2, 0.5, 1, 2, 5, 10) if 0.7 * low <= mark <= 1.4 * high]
    ax.set_xticks(marks)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _place: format_number(value, 1)))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_yticks(position, [str(term) for term in rows.index])
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.set_xlabel(_("Hazard ratio (log scale)"), fontsize=9)
    return ax
