"""A flow of exclusions as boxes and arrows, readable in grey and at one column's width."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from optima_research.language.numbers import NBSP, format_count
from optima_research.results.style import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.results.flow import FlowLine

_STAGE = (0.02, 0.44)
_SIDE = (0.54, 0.44)
_MIDDLE = 0.24


def draw_flow(lines: Sequence[FlowLine], ax: Axes | None) -> Axes:
    """Draw the lines top to bottom and return the axes."""
    blocks = _blocks(lines)
    texts = [_side_text(losses) for _stage, losses in blocks]
    heights = [
        1.0 if stage is not None else 0.3 * (text.count("\n") + 1) + 0.55
        for (stage, _losses), text in zip(blocks, texts, strict=True)
    ]
    if ax is None:
        from matplotlib import pyplot as plt

        _figure, ax = plt.subplots(figsize=(17 / 2.54, 0.62 * sum(heights) + 0.2), layout="constrained")
    top = sum(heights)
    ax.set_xlim(0, 1)
    ax.set_ylim(0, top)
    ax.axis("off")
    y, previous = top, None
    for (stage, _losses), text, height in zip(blocks, texts, heights, strict=True):
        centre = y - height / 2
        if stage is not None:
            _box(ax, _STAGE, centre, 0.7, f"{stage.label}\nn = {format_count(stage.n)}")
            if previous is not None:
                _arrow(ax, (_MIDDLE, previous), (_MIDDLE, centre + 0.35))
            previous = centre - 0.35
        else:
            _box(ax, _SIDE, centre, height - 0.2, text)
            _arrow(ax, (_MIDDLE, centre), (_SIDE[0], centre))
        y -= height
    return ax


def _blocks(lines: Sequence[FlowLine]) -> list[tuple[FlowLine | None, list[FlowLine]]]:
    """Stages one by one; the exclusions between two stages share a box."""
    blocks: list[tuple[FlowLine | None, list[FlowLine]]] = []
    for line in lines:
        if line.is_stage:
            blocks.append((line, []))
        elif blocks and blocks[-1][0] is None:
            blocks[-1][1].append(line)
        else:
            blocks.append((None, [line]))
    return blocks


def _side_text(losses: list[FlowLine]) -> str:
    wrapped = [textwrap.fill(f"{loss.label} (n{NBSP}={NBSP}{format_count(loss.n)})", 46) for loss in losses]
    return "\n".join(wrapped)


def _box(ax: Axes, span: tuple[float, float], centre: float, height: float, text: str) -> None:
    from matplotlib.patches import Rectangle

    left, width = span
    ax.add_patch(
        Rectangle((left, centre - height / 2), width, height, fill=False, edgecolor=INK, linewidth=0.9)
    )
    ax.text(left + width / 2, centre, text, ha="center", va="center", fontsize=8.5, color=INK)


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    ax.annotate("", xy=end, xytext=start, arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 0.9})
