"""Figures of change: partners before and after, events, ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optima_research.language import _
from optima_research.results.style import INK, axes, decimal_axis, palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.comparison.costing import ActivityCosts
    from optima_research.comparison.few_partners_result import DifferenceInDifferences
    from optima_research.comparison.matching import Matching
    from optima_research.comparison.savings import Savings
    from optima_research.comparison.staggered import StaggeredEffects
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


def event_plot(result: StaggeredEffects, ax: Axes | None = None) -> Axes:
    """Effects by time since the start; hollow before it, where they should be near zero."""
    ax = axes(ax, width="full", rows=8)
    events = result.events
    before = events.index < 0
    ax.vlines(events.index, events["low"], events["high"], color=INK, linewidth=1.2)
    ax.plot(events.index[~before], events["estimate"][~before], "o", color=INK)
    ax.plot(events.index[before], events["estimate"][before], "s", color=INK, markerfacecolor="white")
    ax.axhline(0, color=INK, linewidth=0.8)
    ax.axvline(-0.5, color=INK, linewidth=0.8, linestyle="--")
    if len(events) <= 12:
        ax.set_xticks(list(events.index), [str(int(time)) for time in events.index])
    ax.set_xlabel(_("Periods since the start"), fontsize=9)
    ax.set_ylabel(_("Effect: {outcome}", outcome=result.outcome_label), fontsize=9)
    decimal_axis(ax, "y")
    return ax


def love_plot(result: Matching, ax: Axes | None = None) -> Axes:
    """Absolute standardised differences of the covariates, before and after matching."""
    balance = result.balance.abs().iloc[::-1]
    ax = axes(ax, rows=len(balance) + 1)
    position = list(range(len(balance)))
    ax.plot(balance["before"], position, "s", color=INK, markerfacecolor="white", label=_("before"))
    ax.plot(balance["after"], position, "o", color=INK, label=_("after"))
    ax.axvline(0.1, color=INK, linewidth=0.8, linestyle="--")
    ax.set_yticks(position, [str(name) for name in balance.index])
    ax.set_xlabel(_("Absolute standardised difference"), fontsize=9)
    decimal_axis(ax, "x")
    ax.legend(fontsize=8, frameon=False)
    return ax


def tornado_plot(result: Savings, ax: Axes | None = None) -> Axes:
    """Saving at the low and high end of each input, the most influential on top."""
    table = result.tornado.iloc[::-1]
    ax = axes(ax, rows=len(table) + 1)
    centre = result["saving"].value
    for place, row in enumerate(table.itertuples()):
        for end, colour, hatch in ((row.at_low, palette(2)[0], ""), (row.at_high, palette(2)[1], "///")):
            ax.barh(
                place, end - centre, left=centre, height=0.6, color=colour, hatch=hatch, edgecolor="white"
            )
    ax.axvline(centre, color=INK, linewidth=0.9)
    ax.axvline(0, color=INK, linewidth=0.8, linestyle="--")
    ax.set_yticks(range(len(table)), [str(name) for name in table.index])
    ax.set_xlabel(result.title, fontsize=9)
    decimal_axis(ax, "x", 0)
    return ax


def cost_bars(result: ActivityCosts, ax: Axes | None = None) -> Axes:
    """Costs of the activities in thousands of euros, unused capacity hatched at the bottom."""
    table = result.activities.sort_values("cost", kind="stable")
    ax = axes(ax, rows=len(table) + 2)
    ax.barh(range(1, len(table) + 1), table["cost"] / 1000, color=palette(1)[0], height=0.6)
    ax.barh(0, result.unused / 1000, color="white", edgecolor=INK, hatch="///", height=0.6)
    ax.set_yticks(range(len(table) + 1), [_("Unused capacity"), *map(str, table.index)])
    ax.set_xlabel(_("Cost (thousands of euros)"), fontsize=9)
    decimal_axis(ax, "x")
    return ax
