"""The similarity tree drawn: forms in rings around the middle, a community to each colour and mark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optima_research.language import _
from optima_research.language.numbers import format_count
from optima_research.results.style import INK, MARKERS, MOST_GROUPS, axes, palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GAP = 3.0
_ROUNDS = 400


def similarity_tree(
    edges: pd.DataFrame,
    sizes: pd.Series,
    communities: pd.Series,
    hubs: pd.Series,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Forms around the middle of their tree, a sector for each branch as wide as it has leaves; trees side by side.

    Parameters
    ----------
    edges : DataFrame
        ``term1 term2 weight``, a forest.
    sizes : Series
        Frequency of each form; forms without a link are left out.
    communities, hubs : Series
        Community of each form, form that names each community.
    ax : Axes, optional
    """
    ax = axes(ax, width="full", rows=24)
    ax.axis("off")
    looks = _looks(len(hubs))
    _legend(ax, communities, hubs, looks)
    forms = _forms(_forest_layout(edges), sizes, set(hubs))
    where = _spread_out(forms, ax)
    top = float(edges["weight"].max()) if len(edges) else 1.0
    for row in edges.itertuples():
        (x1, y1), (x2, y2) = where[row.term1], where[row.term2]
        one, two = communities.get(row.term1), communities.get(row.term2)
        inside = one is not None and one == two
        ax.plot(
            [x1, x2], [y1, y2], zorder=1, linewidth=0.6 + 3.4 * float(row.weight) / top,
            color=looks[int(one) - 1][0] if inside else "#8A8A8A", linestyle="-" if inside else (0, (2, 2)),
            alpha=0.55 if inside else 1.0,
        )  # fmt: skip
    for form in forms:
        number = communities.get(form.term)
        _write_form(ax, form, where[form.term], looks[int(number) - 1] if number is not None else None)
    return ax


@dataclass(frozen=True)
class _Form:
    """A form, its place in the layout, its size of print, and the points it takes with its mark."""

    term: str
    place: tuple[float, float]
    size: float
    weight: str
    width: float


def _forms(where: dict[str, tuple[float, float]], sizes: pd.Series, hubs: set[str]) -> list[_Form]:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    most = float(sizes.max()) or 1.0
    forms = []
    for term, place in where.items():
        size = 6.5 + 5.5 * float(np.sqrt(float(sizes[term]) / most))
        weight = "bold" if term in hubs else "normal"
        drawn = TextPath((0, 0), term, size=size, prop=FontProperties(weight=weight)).get_extents()
        forms.append(_Form(term, place, size, weight, float(drawn.width) + 1.2 * size))
    return forms


def _looks(n: int) -> list[tuple[str, str, bool]]:
    """Colour, mark and whether it is filled, different for each of the first sixteen communities, also in grey."""
    colours = palette(min(max(n, 1), MOST_GROUPS))
    several = len(MARKERS)
    return [(colours[i % len(colours)], MARKERS[i % several], i % (2 * several) < several) for i in range(n)]


def _write_form(
    ax: Axes, form: _Form, place: tuple[float, float], look: tuple[str, str, bool] | None
) -> None:
    """The mark of the community, then the form; both together are centred on the place."""
    left = place[0] - form.width / 2
    ax.text(
        left + form.size, place[1], form.term, ha="left", va="center", fontsize=form.size, color=INK, zorder=3,
        fontweight=form.weight,
        bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.85},
    )  # fmt: skip
    if look is not None:
        colour, mark, filled = look
        ax.plot(
            left + 0.45 * form.size, place[1], marker=mark, markersize=0.62 * form.size, color=colour, zorder=4,
            markerfacecolor=colour if filled else "white", linestyle="none",
        )  # fmt: skip


def _spread_out(forms: list[_Form], ax: Axes) -> dict[str, tuple[float, float]]:
    """The layout stretched over the axes, in points, and labels pushed apart until none covers another."""
    ax.figure.canvas.figure.draw_without_rendering()  # else the room the legend takes is not known yet
    box = ax.get_window_extent()
    room = np.array([box.width, box.height]) * 72 / ax.figure.dpi
    ax.set_xlim(0, room[0])
    ax.set_ylim(0, room[1])
    if not forms:
        return {}
    places = np.array([form.place for form in forms], dtype=np.float64)
    low, span = places.min(axis=0), np.ptp(places, axis=0)
    share = np.where(span > 0, (places - low) / np.where(span > 0, span, 1.0), 0.5)
    half = np.array([[form.width / 2, 0.72 * form.size] for form in forms])
    points = half + share * (room - 2 * half)
    for _round in range(_ROUNDS):
        step = _pushes(points, half + _GAP / 2)
        if not step.any():
            break
        points = np.clip(points + step, half, np.maximum(room - half, half))
    return {form.term: (float(x), float(y)) for form, (x, y) in zip(forms, points, strict=True)}


def _pushes(points: Any, half: Any) -> Any:
    """For each label, half of what it must move to leave those it covers, along the shorter way."""
    apart = points[:, None] - points[None]
    over = half[:, None] + half[None] - np.abs(apart)
    covers = (over > 0).all(axis=2)
    np.fill_diagonal(covers, val=False)
    first = np.triu(np.ones(covers.shape, dtype=bool), 1)
    side = np.where(apart == 0, np.where(first, -1.0, 1.0)[..., None], np.sign(apart))
    sideways = over[..., 0] < over[..., 1]
    moved = np.where(np.stack([sideways, ~sideways], axis=2), over * side / 2, 0.0)
    step = np.where(covers[..., None], moved, 0.0).sum(axis=1)
    return np.where(np.abs(step) < 1e-3, 0.0, 0.6 * step)


def _legend(ax: Axes, communities: pd.Series, hubs: pd.Series, looks: list[tuple[str, str, bool]]) -> None:
    from matplotlib.lines import Line2D

    if len(hubs) < 2:
        return
    counts = communities.value_counts()
    handles = [
        Line2D([], [], linestyle="none", marker=mark, markersize=6, color=colour,
               markerfacecolor=colour if filled else "white")
        for colour, mark, filled in looks
    ]  # fmt: skip
    labels = [f"{hub} ({format_count(int(counts[number]))})" for number, hub in hubs.items()]
    ax.legend(
        handles, labels, title=_("Communities, by their hub (number of forms)"), loc="upper center",
        bbox_to_anchor=(0.5, -0.01), ncols=min(4, len(labels)), fontsize=8, title_fontsize=8, frameon=False,
        handletextpad=0.3, columnspacing=1.2,
    )  # fmt: skip


def _forest_layout(edges: pd.DataFrame) -> dict[str, tuple[float, float]]:
    neighbours: dict[str, list[str]] = {}
    for row in edges.itertuples():
        neighbours.setdefault(str(row.term1), []).append(str(row.term2))
        neighbours.setdefault(str(row.term2), []).append(str(row.term1))
    where: dict[str, tuple[float, float]] = {}
    offset = 0.0
    for term in sorted(neighbours, key=lambda name: (-len(neighbours[name]), name)):
        if term in where:
            continue
        members = _distances(term, neighbours)
        # The middle is the form nearest to all the others: from the busiest one, a side branch would have no room.
        hub = min(members, key=lambda name: (sum(_distances(name, neighbours).values()), name))
        tree = _radial_layout(hub, neighbours)
        reach = max(abs(x) for x, _y in tree.values()) + 0.6
        start = offset + (reach if where else 0.0)
        where |= {term: (x + start, y) for term, (x, y) in tree.items()}
        offset = start + reach
    return where


def _distances(start: str, neighbours: dict[str, list[str]]) -> dict[str, int]:
    """Links from one form to every other of its tree."""
    found, order = {start: 0}, [start]
    for term in order:
        for other in neighbours[term]:
            if other not in found:
                found[other] = found[term] + 1
                order.append(other)
    return found


def _radial_layout(hub: str, neighbours: dict[str, list[str]]) -> dict[str, tuple[float, float]]:
    """The hub in the middle, a ring a level; a branch has a sector in proportion to its leaves."""
    level = _distances(hub, neighbours)
    order = list(level)
    parent = {other: term for term in order for other in neighbours[term] if level[other] > level[term]}
    leaves = dict.fromkeys(order, 0)
    for term in reversed(order):
        leaves[term] = leaves[term] or 1
        if term != hub:
            leaves[parent[term]] += leaves[term]
    sector, where = {hub: (0.0, 2 * np.pi)}, {hub: (0.0, 0.0)}
    for term in order:
        start, width = sector[term]
        for other in (other for other in neighbours[term] if parent.get(other) == term):
            share = width * leaves[other] / leaves[term]
            sector[other] = (start, share)
            angle = start + share / 2
            where[other] = (level[other] * float(np.cos(angle)), level[other] * float(np.sin(angle)))
            start += share
    return where
