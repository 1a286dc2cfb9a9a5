"""A report as an ordered list of headings, sentences, tables and figures, written once and rendered in any format."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from optima_research.errors import ExportError
from optima_research.language import _
from optima_research.publishing.figures import PublicationFigure
from optima_research.publishing.layout import Heading, Indicator, Indicators, Paragraph
from optima_research.results import PublicationTable, Result

Item = Heading | Paragraph | Indicators | PublicationTable | PublicationFigure


@dataclass(frozen=True)
class Report:
    """Headings, generated sentences, tables and figures in reading order.

    Parameters
    ----------
    title : str
        Title of the document.
    subtitle : str
        Line under it.
    items : tuple
        What it holds; each method returns a longer copy.
    one_page : bool
        Compact layout; the PDF is refused when it is longer than a page.

    Examples
    --------
    >>> report = Report("Baromètre RH").heading("Résultats").text("La satisfaction moyenne est de 3,21.")
    >>> len(report.items)
    2
    """

    title: str
    subtitle: str = ""
    items: tuple[Item, ...] = ()
    one_page: bool = False

    def heading(self, text: str, level: int = 1) -> Report:
        """Add a section title."""
        return self._with(Heading(text, level))

    def text(self, text: str | Result) -> Report:
        """Add a paragraph: a text, or the sentence of a result."""
        return self._with(Paragraph(text.sentence() if isinstance(text, Result) else text))

    def lead(self, text: str | Result) -> Report:
        """Add the sentence to remember."""
        return self._with(Paragraph(text.sentence() if isinstance(text, Result) else text, "lead"))

    def bullet(self, text: str) -> Report:
        """Add an item of a list."""
        return self._with(Paragraph(text, "bullet"))

    def indicators(self, *items: Indicator) -> Report:
        """Add a row of numbers to remember."""
        return self._with(Indicators(items))

    def table(self, table: PublicationTable | Result) -> Report:
        """Add a table, or the table of a result."""
        return self._with(table.table() if isinstance(table, Result) else table)

    def figure(self, figure: Any, **words: Any) -> Report:
        """Add a figure; ``words`` are those of :class:`PublicationFigure` (``alt``, ``title``, ``data``…)."""
        if isinstance(figure, Result):
            return self._with(PublicationFigure.of(figure, **words))
        return self._with(
            figure if isinstance(figure, PublicationFigure) else PublicationFigure(figure, **words)
        )

    def add(self, thing: Any) -> Report:
        """Add what is given as what it is: text, result (its sentence then its table), table or figure.

        Raises
        ------
        ExportError
            The object cannot be printed.
        """
        if isinstance(thing, str):
            return self.text(thing)
        if isinstance(thing, Result):
            return self.text(thing).table(thing)
        if isinstance(thing, (Heading, Paragraph, Indicators, PublicationTable, PublicationFigure)):
            return self._with(thing)
        raise ExportError(
            _("A {kind} cannot be put in a report.", kind=type(thing).__name__),
            expected=_("text, a result, a publication table or a publication figure"),
        )

    def _with(self, item: Item) -> Report:
        return replace(self, items=(*self.items, item))
