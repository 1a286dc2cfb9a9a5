"""The plane of a lexical correspondence: parts named first, then the terms that make the axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from optima_research.coding.quantitative import _geometry_words as words
from optima_research.coding.quantitative._label_placement import place_labels
from optima_research.coding.quantitative.plane_figure import outside_legend, plane
from optima_research.language import _
from optima_research.language.numbers import NBSP
from optima_research.results.style import palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.coding.qualitative.words.lexical_table import LexicalCorrespondence

_MOST_TERMS = 45


def lexical_plane(result: LexicalCorrespondence, ax: Axes | None = None) -> Axes:
    """Parts and terms on the first two axes; all parts bear their name, and the terms that contribute most.

    Two hundred names on one page cover each other: the weaker terms stay as points.
    """
    places = pd.concat([result.categories, result.supplementary]).iloc[:, :2]
    if places.shape[1] == 1:
        places = places.assign(flat=0.0)
    ax = plane(result.rates, (1, 2 if 2 in places else 1), ax)
    blocks = places.index.get_level_values(0)
    terms = blocks == blocks[0] if result.blocks.empty else blocks == result.blocks.iloc[0]
    extra = places.index.isin(result.supplementary.index)
    term_colour, part_colour = palette(2)
    part = str(blocks[~terms][0]) if (~terms).any() else ""
    drawn = (
        (terms, "o", 3.0, term_colour, str(blocks[terms][0]) if terms.any() else ""),
        (~terms & ~extra, "s", 7.0, part_colour, part),
        (~terms & extra, "s", 6.0, "white", _("Supplementary")),
    )
    for rows, mark, size, face, name in drawn:
        if rows.any():
            x, y = places[rows].to_numpy(dtype=float).T
            edge = part_colour if face == "white" else face
            ax.plot(x, y, mark, markersize=size, markerfacecolor=face, color=edge, label=name)
    outside_legend(ax)
    shown = _named(result, places[~terms].index, places.columns[:2])
    own, added = set(places.index[~terms & ~extra]), set(places.index[extra])
    texts = [
        words.category(*key) if key in own else str(key[1]).replace(": ", NBSP + ": ", int(key in added))
        for key in shown
    ]
    styles = ["italic" if key in added else "normal" for key in shown]
    every = places.to_numpy(dtype=float)
    place_labels(ax, places.loc[shown].to_numpy(dtype=float), texts, styles, others=every)
    return ax


def _named(result: LexicalCorrespondence, parts: pd.Index, axes: pd.Index) -> pd.MultiIndex:
    """Keys of the points to name, the most important first."""
    on_plane = [axis for axis in axes if axis in result.contributions]
    weight = result.contributions[on_plane].mul(result.eigenvalues[on_plane]).sum(axis=1)
    strongest = weight.drop(parts, errors="ignore").sort_values(ascending=False, kind="stable")
    return pd.MultiIndex.from_tuples([*parts, *strongest.index[:_MOST_TERMS]])
