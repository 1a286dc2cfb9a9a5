"""The frame of this room's figures: one row a category or a group, the legend above, out of the data's way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from optima_research.language.typography import typeset
from optima_research.sampling._structure import shown
from optima_research.sampling._variance_kernels import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def rows_axes(ax: Axes | None, labels: Sequence[str], xlabel: str) -> tuple[Axes, Floats]:
    """Axes with one labelled row each, the first on top, and the height of each row."""
    from optima_research.results.style import axes, decimal_axis

    places = np.arange(len(labels), dtype=float)[::-1]
    ax = axes(ax, rows=len(labels))
    ax.set_yticks(places, [typeset(label) for label in labels])
    ax.set_ylim(-0.6, len(labels) - 0.4)
    ax.set_xlabel(xlabel)
    decimal_axis(ax, "x")
    return ax, places


def legend_above(ax: Axes) -> None:
    """The legend on one line above the axes, where it hides nothing."""
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, fontsize=8)


def row_label(label: object, *, before: str = "") -> str:
    """A category, or crossed categories, as the label of a row."""
    return typeset(f"{before} : {shown(label)}") if before else shown(label)
