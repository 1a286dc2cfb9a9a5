"""The tree of a typology, with the cut that makes the classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optima_research.language import _
from optima_research.language.numbers import format_count
from optima_research.results import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.coding.quantitative.typology import Typology

_MOST_LEAVES = 30


def dendrogram(typology: Typology, *, ax: Axes | None = None) -> Axes:
    """Draw the last merges of the tree and the height at which it is cut.

    Parameters
    ----------
    typology : Typology
    ax : Axes, optional

    Returns
    -------
    Axes

    Notes
    -----
    Only the thirty highest branches are drawn, without their leaves: no respondent is shown. The classes written under
    the cut are those of the tree, before k-means moved respondents.

    Examples
    --------
    >>> import pandas as pd
    >>> from optima_research.coding.quantitative import mca, typology
    >>> data = pd.DataFrame({"sig": list("oooonnnn"), "gmao": list("ooonnnnn"), "bim": list("oooonnno")})
    >>> dendrogram(typology(mca(data, ["sig", "gmao", "bim"]), 2)).get_ylabel()
    "Perte d'inertie entre classes"
    """
    from scipy.cluster.hierarchy import dendrogram as drawn

    tree, k = typology.tree, len(typology.sizes)
    ax = style.axes(ax, width="full", rows=9)
    ax.grid(visible=False)
    drawn(
        tree, p=_MOST_LEAVES, truncate_mode="lastp", no_labels=True, ax=ax,
        color_threshold=0, above_threshold_color=style.palette(1)[0],
    )  # fmt: skip
    cut = (tree[-k, 2] + tree[1 - k, 2]) / 2 if k <= len(tree) else tree[1 - k, 2] / 2
    ax.axhline(cut, color=style.INK, linestyle="--", linewidth=1)
    ax.text(
        1, cut, _("Cut in {k} classes", k=format_count(k)) + " ", ha="right", va="bottom", fontsize=8,
        transform=ax.get_yaxis_transform(),
    )  # fmt: skip
    ax.set_ylabel(_("Loss of inertia between classes"))
    ax.spines["bottom"].set_visible(False)
    ax.set_ylim(0, float(np.max(tree[:, 2])) * 1.05)
    style.decimal_axis(ax, "y")
    return ax
