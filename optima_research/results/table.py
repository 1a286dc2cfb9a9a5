"""A table as data: numbers, what each column means, the bases of every cell, and the four notes under it.

Disclosure control works on the numbers before anything is formatted; each output format renders the same object.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import (
    SUPPRESSED,
    format_count,
    format_interval,
    format_number,
    format_p,
    format_percent,
)

Kind = Literal["number", "count", "percent", "p_value", "interval", "text"]


@dataclass(frozen=True)
class Column:
    """One printed column of a table.

    Parameters
    ----------
    source : str or (str, str)
        Column of the body; two of them (low, high) for an interval.
    label : str
        Heading.
    kind : {"number", "count", "percent", "p_value", "interval", "text"}
        How its values are written. Percentages are shares between 0 and 1.
    decimals : int, optional
        Digits after the mark; by default chosen from the kind.
    group : str, optional
        Heading above neighbouring columns.

    Examples
    --------
    >>> Column(("low", "high"), "IC à 95 %", kind="interval", decimals=2).sources
    ('low', 'high')
    """

    source: str | tuple[str, str]
    label: str
    kind: Kind = "number"
    decimals: int | None = None
    group: str | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns of the body this one reads."""
        return (self.source,) if isinstance(self.source, str) else self.source

    @property
    def is_numeric(self) -> bool:
        """Whether its cells are aligned as numbers."""
        return self.kind != "text"


@dataclass(frozen=True, eq=False, repr=False)
class PublicationTable:
    """A table with everything a reader needs to trust it.

    Parameters
    ----------
    title : str
        Without number; the document numbers it.
    body : DataFrame
        Numbers (not strings), one row a line of the table; the index is the first printed column.
    columns : tuple of Column
        Printed columns, left to right.
    stub : str
        Heading of the first column.
    bases : DataFrame, optional
        Unweighted number of respondents each cell of ``body`` rests on (group size, denominator); same index,
        columns among the body's.
    counts : DataFrame, optional
        Unweighted number of respondents *in* each cell of a frequency table; same shape rule.
    totals : tuple of str
        Rows (index labels) that are the sum of the others; ``total_columns`` likewise: disclosure control needs them.
    reading, scope, source, note : str
        *Lecture*, *Champ*, *Source*, *Note*.
    suppressed : DataFrame of bool, optional
        Cells of ``body`` hidden by disclosure control.
    policy : str
        Name of the disclosure policy applied, empty where none was.
    name : str
        Short stable name, for files and the manifest.
    simulated : bool
        Whether the data are simulated: every output says so.

    Examples
    --------
    >>> import pandas as pd
    >>> table = PublicationTable(
    ...     title="Satisfaction par direction",
    ...     body=pd.DataFrame({"mean": [3.214, 2.9]}, index=["Culture", "Voirie"]),
    ...     columns=(Column("mean", "Moyenne", decimals=2),), stub="Direction")
    >>> table.formatted().loc["Culture", "Moyenne"]
    '3,21'
    """

    title: str
    body: pd.DataFrame
    columns: tuple[Column, ...]
    stub: str = ""
    bases: pd.DataFrame | None = None
    counts: pd.DataFrame | None = None
    totals: tuple[Any, ...] = ()
    total_columns: tuple[str, ...] = ()
    reading: str = ""
    scope: str = ""
    source: str = ""
    note: str = ""
    suppressed: pd.DataFrame | None = None
    policy: str = ""
    name: str = ""
    simulated: bool = False
    attributes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        wanted = {source for column in self.columns for source in column.sources}
        unknown = sorted(wanted - set(self.body.columns))
        if unknown:
            raise AnalysisError(
                _("The table has no column {names}.", names=", ".join(unknown)),
                where=self.title,
                expected=", ".join(map(str, self.body.columns)),
            )

    def with_notes(self, **notes: Any) -> PublicationTable:
        """A copy with some of ``title reading scope source note name simulated`` replaced."""
        return replace(self, **notes)

    def is_suppressed(self, row: Any, column: Column) -> bool:
        """Whether that printed cell is hidden by disclosure control."""
        if self.suppressed is None:
            return False
        return any(
            # Two rows may bear one label (a criterion and its measures): hidden as soon as one of them is.
            bool(np.any(self.suppressed.loc[row, source]))
            for source in column.sources
            if source in self.suppressed.columns
        )

    def cell(self, row: int, column: Column) -> str:
        """The text of one printed cell, in the language in force (``row`` is a position)."""
        label = self.body.index[row]
        if self.is_suppressed(label, column):
            return SUPPRESSED
        return _written([self.body[source].iloc[row] for source in column.sources], column)

    def formatted(self) -> pd.DataFrame:
        """The printed cells as text, one column a printed column, in the language in force."""
        cells = {
            position: [self.cell(row, column) for row in range(len(self.body))]
            for position, column in enumerate(self.columns)
        }
        stub = self.body.index
        if stub.nlevels > 1:
            stub = pd.Index([" – ".join(map(str, labels)) for labels in stub])
        text = pd.DataFrame(cells, index=stub.rename(self.stub or None))
        text.columns = pd.Index([column.label for column in self.columns])
        return text

    def notes(self) -> list[tuple[str, str]]:
        """The notes to print under the table, each with its French or English name, in the order of Insee."""
        legend = _("s: hidden to protect respondents; –: no value.") if self._any_suppressed() else ""
        simulated = _("Simulated data, without any link to real persons.") if self.simulated else ""
        note = " ".join(part for part in (_capital(self.note), legend, simulated) if part)
        named = [
            (_("Reading"), _capital(self.reading)),
            (_("Scope"), _capital(self.scope)),
            (_("Source"), self.source),
            (_("Note"), note),
        ]
        return [(name, text) for name, text in named if text]

    def _any_suppressed(self) -> bool:
        return self.suppressed is not None and bool(self.suppressed.to_numpy().any())

    def __repr__(self) -> str:
        return f"PublicationTable: {self.title} ({len(self.body)} × {len(self.columns)})"

    def _repr_html_(self) -> str:
        from optima_research.results.html import table_html

        return table_html(self)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _written(values: list[Any], column: Column) -> str:
    first = values[0]
    match column.kind:
        case "text":
            return "" if first is None or first is pd.NA or first != first else str(first)
        case "count":
            return format_count(first)
        case "percent":
            return format_percent(first, 1 if column.decimals is None else column.decimals)
        case "p_value":
            return format_p(first).removeprefix("= ")
        case "interval":
            return format_interval(values[0], values[1], 2 if column.decimals is None else column.decimals)
        case _:
            return format_number(
                first, _default_decimals(first) if column.decimals is None else column.decimals
            )


def _default_decimals(value: Any) -> int | None:
    return 0 if isinstance(value, (int, np.integer)) else 2
