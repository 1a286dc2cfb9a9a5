"""Labels beside points without any covering another label or a point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from optima_research.results.style import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation

FloatArray = npt.NDArray[np.float64]

# Right, left, above and below first, then the corners: readers look for a label beside its point.
_ANGLES = np.radians([0, 180, 90, 270, 45, 135, 315, 225, 22, 158, 202, 338, 68, 112, 248, 292])
_GAPS_PT = (3.0, 6.0, 10.0, 16.0, 24.0, 34.0, 46.0, 60.0, 76.0, 94.0, 116.0, 140.0)
_LEADER_FROM_PT = 10.0
_POINT_PT = 3.2
# Letters are a little wider at some resolutions than at others.
_MARGIN_PT = 1.2


def place_labels(
    ax: Axes,
    places: FloatArray,
    texts: Sequence[str],
    styles: Sequence[str],
    *,
    others: FloatArray | None = None,
    size: float = 7.5,
) -> list[str]:
    """Write each label by its point, the first ones served first; returns those for which no room was left.

    Parameters
    ----------
    places : array of shape (m, 2), in data units
    texts : m labels, the most important first
    styles : m font styles ("normal", "italic")
    others : array of shape (p, 2), optional
        Points without a label that no label may cover.
    size : float
        Points.
    """
    figure = ax.get_figure(root=True)
    if figure is None or not len(texts):
        return []
    # The layout must be final before anything is measured in pixels.
    figure.draw_without_rendering()
    pixels = ax.transData.transform(places)
    unit = figure.dpi / 72
    room = ax.get_window_extent()
    frame = np.array([room.x0, room.y0, room.x1, room.y1])
    marks = pixels if others is None else np.vstack([pixels, ax.transData.transform(others)])
    taken = np.hstack([marks - _POINT_PT * unit, marks + _POINT_PT * unit])
    left_out = []
    for text, place, pixel, style in zip(texts, places, pixels, styles, strict=True):
        label = _written(ax, text, place, style, size)
        extent = label.get_window_extent()
        found = _free_place(
            pixel, np.array([extent.width, extent.height]) / 2 + _MARGIN_PT * unit, taken, frame, unit
        )
        if found is None:
            label.remove()
            left_out.append(text)
            continue
        centre, gap, box = found
        label.set_position(tuple((centre - pixel) / unit))
        taken = np.vstack([taken, box])
        if gap >= _LEADER_FROM_PT:
            _leader(ax, place, pixel, box, unit)
    return left_out


def _written(ax: Axes, text: str, place: FloatArray, style: str, size: float) -> Annotation:
    label = ax.annotate(
        text, (place[0], place[1]), xytext=(0, 0), textcoords="offset points", ha="center", va="center",
        fontsize=size, fontstyle=style, color=INK, zorder=5,
    )  # fmt: skip
    label.set_in_layout(False)
    return label


def _free_place(
    pixel: FloatArray, half: FloatArray, taken: FloatArray, frame: FloatArray, unit: float
) -> tuple[FloatArray, float, FloatArray] | None:
    for gap in _GAPS_PT:
        for angle in _ANGLES:
            way = np.array([np.cos(angle), np.sin(angle)])
            # The nearest edge of the label, not its middle, stands at the gap from the point.
            reach = np.sign(np.round(way, 6)) * half * (np.abs(way) > 0.3) + way * gap * unit
            centre = pixel + reach
            box = np.concatenate([centre - half, centre + half])
            inside = (box[:2] >= frame[:2]).all() and (box[2:] <= frame[2:]).all()
            if inside and not _overlaps(box, taken):
                return centre, gap, box
    return None


def _overlaps(box: FloatArray, taken: FloatArray) -> bool:
    apart = (
        (taken[:, 0] >= box[2]) | (taken[:, 2] <= box[0]) | (taken[:, 1] >= box[3]) | (taken[:, 3] <= box[1])
    )
    return not bool(apart.all())


def _leader(ax: Axes, place: FloatArray, pixel: FloatArray, box: FloatArray, unit: float) -> None:
    nearest = np.clip(pixel, box[:2], box[2:])
    line = ax.annotate(
        "", (place[0], place[1]), xytext=tuple((nearest - pixel) / unit), textcoords="offset points", zorder=2,
        arrowprops={"arrowstyle": "-", "color": "#999999", "linewidth": 0.5, "shrinkA": 0, "shrinkB": 2},
    )  # fmt: skip
    line.set_in_layout(False)
