"""Figures for print and screen: three formats, the same bytes each time, an alternative text, the data beside.

A figure without words for those who cannot see it is not published: the alternative text is given by the author or
drafted from the data.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from optima_research.errors import ExportError
from optima_research.language import _
from optima_research.language.numbers import format_number
from optima_research.language.typography import typeset
from optima_research.publishing.layout import Note, Picture
from optima_research.results import Column, PublicationTable, Result
from optima_research.results.style import WIDTHS_CM

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Width = Literal["column", "single", "full"]
FigureFormat = Literal["png", "svg", "pdf", "csv"]
DPI = 300
MOST_VALUES = 12
"""Values named in a drafted alternative text; beyond, the extremes are enough."""

_METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


@dataclass(frozen=True, eq=False)
class PublicationFigure:
    """A figure with what a reader needs: words for it, its notes, the data it shows.

    Parameters
    ----------
    figure : Figure or Axes
        Drawn with matplotlib.
    alt : str
        Alternative text; drafted from ``data`` when empty.
    title : str
        Sentence title, without number.
    data : PublicationTable or DataFrame, optional
        What is drawn, aggregated: written beside the figure, and submitted to disclosure control.
    reading, scope, source, note : str
        *Lecture*, *Champ*, *Source*, *Note*; taken from ``data`` when it is a table.
    width : {"column", "single", "full"}
        8, 12 or 17 cm.
    simulated : bool
        Whether the data are simulated.

    Raises
    ------
    ExportError
        Neither an alternative text nor data to draft it from.
    """

    figure: Any
    alt: str = ""
    title: str = ""
    data: PublicationTable | pd.DataFrame | None = None
    reading: str = ""
    scope: str = ""
    source: str = ""
    note: str = ""
    width: Width | None = None
    name: str = ""
    simulated: bool = False

    def __post_init__(self) -> None:
        text = self.alt.strip()
        if not text and self.data is None:
            raise ExportError(
                _("The figure has no alternative text."),
                parameter="alt",
                hint=_(
                    "Describe what it shows in a sentence (alt=…), or give its data (data=…) to have one drafted."
                ),
            )
        object.__setattr__(self, "alt", typeset(text or draft_alt(self.data, title=self.title)))

    @classmethod
    def of(
        cls, result: Result, *, alt: str = "", width: Width | None = None, **words: str
    ) -> PublicationFigure:
        """The figure of a result, with its table as data and notes."""
        table = result.table()
        return cls(
            result.plot(),
            alt=alt,
            title=words.pop("title", table.title),
            data=table,
            width=width,
            name=table.name,
            simulated=table.simulated,
            **words,
        )

    @property
    def canvas(self) -> Figure:
        """The matplotlib figure."""
        return as_figure(self.figure)

    def notes(self) -> tuple[Note, ...]:
        """The notes under the figure; a simulated figure says so."""
        table = self.data if isinstance(self.data, PublicationTable) else None
        simulated = self.simulated or bool(table and table.simulated)
        mark = _("Simulated data, without any link to real persons.") if simulated else ""
        scope = self.scope or (table.scope if table else "")
        source = self.source or (table.source if table else "")
        named = [
            (_("Reading"), self.reading),
            (_("Scope"), scope),
            (_("Source"), source),
            (_("Note"), " ".join(part for part in (self.note, mark) if part)),
        ]
        return tuple(Note(name, typeset(text[0].upper() + text[1:])) for name, text in named if text)


def save_figure(
    figure: Any,
    path: str | Path,
    *,
    alt: str = "",
    data: PublicationTable | pd.DataFrame | None = None,
    title: str = "",
    width: Width | None = None,
    formats: tuple[FigureFormat, ...] = ("png", "svg", "pdf", "csv"),
    audience: Literal["researcher", "partner", "publication"] = "publication",
) -> list[Path]:
    """Write a figure in the formats journals ask for, with its data beside.

    Parameters
    ----------
    figure : Figure, Axes or PublicationFigure
        What is drawn.
    path : str or Path
        Without suffix.
    alt : str
        Alternative text; drafted from ``data`` when empty.
    data : PublicationTable or DataFrame, optional
        What is drawn; written as CSV for those who must redraw it.
    title : str
        Sentence title.
    width : {"column", "single", "full"}, optional
        8, 12 or 17 cm; by default as drawn.
    formats : tuple of {"png", "svg", "pdf", "csv"}
        PNG at 300 dpi, SVG with letters as outlines, PDF with TrueType letters, CSV of the data.
    audience : {"researcher", "partner", "publication"}
        See :func:`optima_research.publishing.export`.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    ExportError
        No alternative text and no data.
    DisclosureError
        The data have not been through disclosure control.

    Examples
    --------
    >>> import tempfile
    >>> from matplotlib.figure import Figure
    >>> figure = Figure(figsize=(3, 2))
    >>> _bars = figure.subplots().barh(["Culture", "Voirie"], [3.2, 2.9])
    >>> files = save_figure(figure, Path(tempfile.mkdtemp()) / "f1", alt="Culture 3,2 ; Voirie 2,9", formats=("png",))
    >>> [file.name for file in files]
    ['f1.png']
    """
    from optima_research.publishing.exporting import export

    if not isinstance(figure, PublicationFigure):
        figure = PublicationFigure(figure, alt=alt, title=title, data=data, width=width)
    chosen = formats if figure.data is not None else tuple(name for name in formats if name != "csv")
    return export(figure, path, formats=chosen, audience=audience)


def draft_alt(data: PublicationTable | pd.DataFrame | None, *, title: str = "") -> str:
    """Describe a figure from the data it draws: its subject, and the values or their extremes.

    Examples
    --------
    >>> draft_alt(pd.DataFrame({"Moyenne": [3.2, 4.1]}, index=["Lyon", "Metz"]), title="Satisfaction")
    'Figure : Satisfaction. Moyenne : Lyon 3,20 ; Metz 4,10.'
    """
    if data is None:
        return ""
    subject = title or (data.title if isinstance(data, PublicationTable) else "")
    head = _("Figure: {title}.", title=subject.rstrip(".")) if subject else _("Figure.")
    label, pairs = _values(data)
    if not pairs:
        return head
    if len(pairs) > MOST_VALUES:
        low, high = min(pairs, key=lambda pair: pair[2]), max(pairs, key=lambda pair: pair[2])
        spread = _("from {low} ({low_name}) to {high} ({high_name})")
        words = spread.format(low=low[1], low_name=low[0], high=high[1], high_name=high[0])
    else:
        words = _("; ").join(f"{name} {text}" for name, text, _value in pairs)
    return f"{head} {_('{name}: ', name=label)}{words}."


def draw(figure: PublicationFigure, *, change: Callable[[str], str] | None = None) -> Picture:
    """Draw a figure in the three forms the formats need, always the same bytes.

    Parameters
    ----------
    figure : PublicationFigure
        What is drawn.
    change : function, optional
        Applied to every text written in the figure (blind exports).

    Returns
    -------
    Picture
    """
    canvas = figure.canvas
    with _resized(canvas, figure.width), _reworded(canvas, change):
        png, svg, pdf = (picture_bytes(canvas, kind) for kind in ("png", "svg", "pdf"))
        width = float(canvas.get_size_inches()[0]) * 2.54
    return Picture(
        title=typeset(figure.title),
        alt=figure.alt,
        notes=figure.notes(),
        width_cm=round(min(width, 16.0), 2),
        png=png,
        svg=svg,
        pdf=pdf,
    )


def as_figure(drawn: Figure | Axes) -> Figure:
    """The matplotlib figure of axes, or the figure itself.

    Raises
    ------
    ExportError
        The object was not drawn with matplotlib.
    """
    figure = getattr(drawn, "figure", None)
    if figure is None or not hasattr(figure, "savefig"):
        raise ExportError(
            _("A {kind} is not a figure.", kind=type(drawn).__name__),
            expected=_("a matplotlib figure or axes, as result.plot() returns"),
        )
    return figure  # type: ignore[no-any-return]


def picture_bytes(figure: Figure, kind: str, *, dpi: int = DPI) -> bytes:
    """One file of a figure (``"png"``, ``"svg"`` or ``"pdf"``), the same bytes at each drawing."""
    import matplotlib as mpl

    settings: Any = {
        "svg.hashsalt": "optima",
        "svg.fonttype": "path",
        "pdf.fonttype": 42,
        "savefig.bbox": None,
    }
    content = io.BytesIO()
    with mpl.rc_context(settings):
        figure.savefig(content, format=kind, dpi=dpi, metadata=_METADATA[kind], facecolor="white")
    return content.getvalue()


@contextmanager
def _resized(figure: Figure, width: Width | None) -> Iterator[None]:
    before = figure.get_size_inches().copy()
    if width is not None:
        inches = WIDTHS_CM[width] / 2.54
        figure.set_size_inches(inches, float(before[1]) * inches / float(before[0]))
    try:
        yield
    finally:
        figure.set_size_inches(*before)


@contextmanager
def _reworded(figure: Figure, change: Callable[[str], str] | None) -> Iterator[None]:
    """Rewrite the texts of a figure for the length of a block, tick labels included."""
    if change is None:
        yield
        return
    from matplotlib.text import Text

    figure.canvas.draw()
    texts: list[tuple[Any, str]] = [(item, item.get_text()) for item in figure.findobj(Text)]
    held = [_hold_labels(axis, change) for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)]
    for item, text in texts:
        if change(text) != text:
            item.set_text(change(text))
    try:
        yield
    finally:
        for release in held:
            release()
        for item, text in texts:
            item.set_text(text)


def _hold_labels(axis: Any, change: Callable[[str], str]) -> Callable[[], None]:
    """Rewrite the labels of an axis, whose formatter would write them anew; return what puts them back."""
    labels = [label.get_text() for label in axis.get_ticklabels()]
    locator, formatter = axis.get_major_locator(), axis.get_major_formatter()
    if all(change(label) == label for label in labels):
        return lambda: None
    axis.set_ticks(axis.get_ticklocs(), [change(label) for label in labels])

    def release() -> None:
        axis.set_major_locator(locator)
        axis.set_major_formatter(formatter)

    return release


def _values(data: PublicationTable | pd.DataFrame) -> tuple[str, list[tuple[str, str, float]]]:
    """The first column of numbers: its name, and (row, text, value) for each shown value."""
    if isinstance(data, PublicationTable):
        for column in data.columns:
            if column.kind in ("number", "percent") and isinstance(column.source, str):
                return typeset(column.label), _shown(data, column)
        return "", []
    for name in data.select_dtypes("number").columns:
        values = data[name].dropna()
        return str(name), [
            (_row_name(row), format_number(value, 2), float(value)) for row, value in values.items()
        ]
    return "", []


def _shown(table: PublicationTable, column: Column) -> list[tuple[str, str, float]]:
    values = table.body[column.sources[0]]
    return [
        (_row_name(row), table.cell(position, column), float(values.iloc[position]))
        for position, row in enumerate(table.body.index)
        if not table.is_suppressed(row, column) and pd.notna(values.iloc[position])
    ]


def _row_name(row: Any) -> str:
    return " – ".join(map(str, row)) if isinstance(row, tuple) else str(row)
