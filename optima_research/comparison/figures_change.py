"""Figures of change: partners before and after, events, ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optima_research.language import _
from optima_research.results.style import INK, axes, decimal_axis, palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.comparison.few_partners_result import DifferenceInDifferences
    from optima_research.comparison.waves_result import Change


def partner_lines(result: DifferenceInDifferences, ax: Axes | None = None) -> Axes:
    """One line a partner from before to after; solid with the device, dashed without; thick lines are side means."""
    ax = axes(ax, rows=8)
    colours = palette(2)
    for side, style, marker, name in (
        (True, "-", "o", _("with the device")),
        (False, "--", "s", _("without")),
    ):
        part = result.partners[result.partners["treated"] == side]
        colour = colours[0] if side else colours[1]
        for row in part.itertuples():
            ax.plot(
                [0, 1],
                [row.before, row.after],
                style,
                color=colour,
                linewidth=0.9,
                marker=marker,
                markersize=4,
            )
            ax.text(1.03, row.after, str(row.Index), fontsize=7, va="center", color=INK)
        ax.plot(
            [0, 1],
            [part["before"].mean(), part["after"].mean()],
            style,
            color=colour,
            linewidth=3,
            label=name,
        )
    ax.set_xticks([0, 1], [_("before"), _("after")])
    ax.set_xlim(-0.1, 1.4)
    ax.set_ylabel(result.outcome_label, fontsize=9)
    decimal_axis(ax, "y")
    ax.legend(fontsize=8, frameon=False)
    return ax


def contributions(result: Change, ax: Axes | None = None) -> Axes:
    """Bars of the parts of a change, and the whole with its interval."""
    names = {
        "stayers": _("Persons seen twice"),
        "arrivals": _("Seen at the second wave only"),
        "departures": _("Seen at the first wave only"),
    }
    parts = result.decomposition["contribution"]
    ax = axes(ax, rows=5)
    places = [3, 2, 1]
    ax.barh(places, [parts[name] for name in names], height=0.5, color=palette(1)[0])
    ax.plot(result.estimate.value, 0, "D", color=INK, markersize=7)
    ax.hlines(0, result.estimate.low, result.estimate.high, color=INK, linewidth=1.4)
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_yticks([*places, 0], [*names.values(), _("All respondents")])
    ax.set_xlabel(_("Change: {outcome}", outcome=result.outcome_label), fontsize=9)
    decimal_axis(ax, "x")
    return ax
