"""The common shape of every result: numbers as attributes, one table, one sentence, one figure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeAlias

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.results.estimate import Estimate
    from optima_research.results.table import PublicationTable

MAX_LINES = 12

# A disclosure policy at work on one table: it hides cells of it and says so in the note.
Protect: TypeAlias = "Callable[[PublicationTable], PublicationTable]"


@dataclass(frozen=True, eq=False, repr=False)
class Result(ABC):
    """Base of every analysis result.

    A subclass is a frozen dataclass that holds its numbers as attributes and says how they are shown. Nothing it
    shows holds a row of data, and the same data always give the same text.

    Examples
    --------
    >>> from optima_research.results import PublicationTable
    >>> @dataclass(frozen=True, eq=False, repr=False)
    ... class Headcount(Result):
    ...     n: int
    ...     def table(self) -> PublicationTable: ...
    ...     def sentence(self) -> str:
    ...         return f"{self.n} agents."
    >>> Headcount(n=860)
    Headcount
    860 agents.
    """

    @abstractmethod
    def table(self) -> PublicationTable:
        """The result as a table ready to publish, after disclosure control."""

    @abstractmethod
    def sentence(self) -> str:
        """The result in words, built from its values in the language in force."""

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the result; a result that has no figure says so."""
        from optima_research.errors import AnalysisError
        from optima_research.language import _

        raise AnalysisError(
            _("{name} has no figure.", name=type(self).__name__), hint=_("Show its table: result.table().")
        )

    def protected(self, protect: Protect) -> Self:
        """The result as a disclosure policy lets it be shown: what its table hides, its sentence and its figure
        do not tell either. A result that cannot promise this says so.
        """
        from optima_research.errors import DisclosureError
        from optima_research.language import _

        raise DisclosureError(
            _("{name} cannot be protected as a whole.", name=type(self).__name__),
            hint=_("Protect its table and show nothing else: protect(result.table(), policy)."),
        )

    def statistics(self) -> dict[str, Estimate | float]:
        """Name → number, for the register of results."""
        return {}

    def summary_lines(self) -> list[str]:
        """The result in a few lines of text."""
        return [self.sentence()]

    def __repr__(self) -> str:
        lines = [type(self).__name__, *self.summary_lines()]
        return "\n".join(lines if len(lines) <= MAX_LINES else [*lines[: MAX_LINES - 1], "…"])

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))
