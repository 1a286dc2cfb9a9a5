"""The plane of two axes: answers with readable labels, supplementary ones in another mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from optima_research.coding.quantitative import _geometry_words as words
from optima_research.coding.quantitative._label_placement import place_labels
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.results import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.coding.quantitative.mca_result import MultipleCorrespondence

_ROWS = 15


def category_plane(
    result: MultipleCorrespondence,
    *,
    axes: tuple[int, int] = (1, 2),
    most_labels: int = 40,
    ax: Axes | None = None,
) -> Axes:
    """Answers on the plane of two axes, the same scale on both.

    Parameters
    ----------
    result : MultipleCorrespondence
    axes : (int, int)
    most_labels : int
        Labels written at most, to those that contribute most and to supplementary categories; the other points stay,
        without a label. No label covers another or a point.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from optima_research.coding.quantitative import mca
    >>> tools = pd.DataFrame({"sig": list("ooonnnon"), "gmao": list("oonnnnoo"), "bim": list("onnnonon")})
    >>> category_plane(mca(tools, ["sig", "gmao", "bim"])).get_xlabel()
    'Axe 1 (56,4\xa0%)'
    """
    check_axes(result, axes)
    ax = plane(result.rates, axes, ax)
    on_plane = list(axes)
    weight = result.contributions[on_plane].mul(result.eigenvalues[on_plane]).sum(axis=1)
    # Supplementary places are few and asked for: they are labelled before the weakest active ones.
    order = [*result.supplementary.index, *weight.sort_values(ascending=False, kind="stable").index]
    active, extra = result.categories[on_plane], result.supplementary[on_plane]
    colours = style.palette(2)
    ax.plot(active[axes[0]], active[axes[1]], "o", color=colours[0], markersize=4.5, label=_("Active"))
    if len(extra):
        ax.plot(
            extra[axes[0]], extra[axes[1]], "^", markerfacecolor="white", color=style.INK, markersize=5.5,
            label=_("Supplementary"),
        )  # fmt: skip
        outside_legend(ax)
    label_points(ax, result.places.loc[order, on_plane], result.labels, set(extra.index), most_labels)
    return ax


def check_axes(result: MultipleCorrespondence, axes: tuple[int, int]) -> None:
    """Both axes must have been kept, and differ."""
    known = list(result.categories.columns)
    if axes[0] == axes[1] or not set(axes) <= set(known):
        raise AnalysisError(
            _("A plane needs two different axes among those kept."),
            parameter="axes",
            expected=", ".join(map(str, known)),
            got=", ".join(map(str, axes)),
            hint=_("Keep more axes: n_axes=…"),
        )


def plane(rates: pd.DataFrame, axes: tuple[int, int], ax: Axes | None) -> Axes:
    """Empty plane: a cross at the mean profile, one scale, the share of the variance on each axis."""
    ax = style.axes(ax, width="full", rows=_ROWS)
    ax.grid(visible=False)
    ax.axhline(0, color=style.GRID, linewidth=1, zorder=0)
    ax.axvline(0, color=style.GRID, linewidth=1, zorder=0)
    ax.set_aspect("equal", adjustable="datalim")
    ax.margins(0.12)
    ax.set_xlabel(words.axis_name(axes[0], rates))
    ax.set_ylabel(words.axis_name(axes[1], rates))
    style.decimal_axis(ax, "x")
    style.decimal_axis(ax, "y")
    return ax


def outside_legend(ax: Axes) -> None:
    """A legend above the plane, where no point is."""
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=6, frameon=False, fontsize=8, borderaxespad=0.2)


def label_points(
    ax: Axes, places: pd.DataFrame, labels: dict[str, str], slanted: set[object], most: int
) -> list[str]:
    """Label the first ``most`` categories; supplementary ones (``slanted``) in italics."""
    shown = places.iloc[:most]
    texts = [words.category(labels.get(question, question), level) for question, level in shown.index]
    styles = ["italic" if key in slanted else "normal" for key in shown.index]
    points: npt.NDArray[np.float64] = shown.to_numpy(float)
    return place_labels(ax, points, texts, styles, others=places.to_numpy(float))
