"""The house style of figures: colours that survive greyscale and colour-blind readers, French decimal marks."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
HATCHES = ("", "///", "...", "xxx", "\\\\\\", "+++")
WIDTHS_CM = {"single": 12.0, "column": 8.0, "full": 17.0}
MOST_GROUPS = 6
# Paul Tol's "high contrast" set: the only qualitative palette of three that keeps its order in grey.
_HIGH_CONTRAST = ("#004488", "#DDAA33", "#BB5566")
INK = "#222222"
GRID = "#DDDDDD"


def palette(n: int) -> list[str]:
    """Colours for ``n`` groups, distinct in greyscale and for colour-blind readers.

    Raises
    ------
    AnalysisError
        More than six groups: small multiples are readable, seven colours are not.

    Examples
    --------
    >>> palette(2)
    ['#004488', '#DDAA33']
    """
    if n > MOST_GROUPS:
        raise AnalysisError(
            _("{n} groups cannot be told apart by colour.", n=n),
            hint=_("Draw one small panel for each group, or keep at most {most} groups.", most=MOST_GROUPS),
        )
    if n <= len(_HIGH_CONTRAST):
        return list(_HIGH_CONTRAST[:n])
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    return [to_hex(colormaps["viridis"](position)) for position in np.linspace(0, 0.9, n)]


def likert_palette(n: int) -> list[str]:
    """Diverging colours (blue, grey, orange) for ``n`` ordered answers, the middle one light grey.

    Examples
    --------
    >>> likert_palette(3)
    ['#b35806', '#e5e5e6', '#1f4e8c']
    """
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    ramp = LinearSegmentedColormap.from_list(
        "optima_likert", ["#b35806", "#f1a340", "#e6e6e6", "#7fa6d6", "#1f4e8c"]
    )
    return [to_hex(ramp(position)) for position in np.linspace(0, 1, n)]


def axes(
    ax: Axes | None = None, *, width: Literal["column", "single", "full"] = "single", rows: int = 6
) -> Axes:
    """The axes given, or new ones of a publication width, in the house style.

    Parameters
    ----------
    ax : Axes, optional
        Drawn on as they are.
    width : {"column", "single", "full"}
        8, 12 or 17 cm.
    rows : int
        Number of lines the figure must hold; sets its height.
    """
    if ax is None:
        from matplotlib import pyplot as plt

        inches = WIDTHS_CM[width] / 2.54
        _figure, ax = plt.subplots(figsize=(inches, max(2.2, 0.30 * rows + 1.2)), layout="constrained")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.set_axisbelow(True)
    ax.grid(axis="x", color=GRID, linewidth=0.6)
    ax.tick_params(labelsize=9)
    return ax


def decimal_axis(ax: Axes, axis: Literal["x", "y"] = "x", decimals: int | None = None) -> None:
    """Write the ticks of an axis with the decimal mark of the language (never through the system's locale)."""
    from matplotlib.ticker import FuncFormatter

    def write(value: float, _position: int) -> str:
        shown = len(f"{value:.6f}".rstrip("0").partition(".")[2]) if decimals is None else decimals
        return format_number(value, shown)

    getattr(ax, f"{axis}axis").set_major_formatter(FuncFormatter(write))


def fingerprint(data: Any) -> str:
    """Eight characters that change when the data behind a figure or table change beyond the ninth digit.

    Examples
    --------
    >>> import pandas as pd
    >>> fingerprint(pd.DataFrame({"x": [1.0, 2.0]})) == fingerprint(pd.DataFrame({"x": [1.0, 2.0 + 1e-13]}))
    True
    """
    frame = data if isinstance(data, pd.DataFrame) else pd.DataFrame(data)
    text = frame.to_csv(float_format="%.9g")
    return hashlib.sha256(text.encode()).hexdigest()[:8]
