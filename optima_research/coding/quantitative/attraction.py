"""Attraction between the categories of two questions: how much of the strongest possible link is there (PEM)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from optima_research.coding.quantitative._geometry_kernels import FloatArray, singular_table
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_percent
from optima_research.results import Column, Estimate, Protect, PublicationTable, Result
from optima_research.results.frames import label_of
from optima_research.tally import Tally

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.results.frames import Data


def attraction(data: Data, row: str, column: str, *, weights: str | None = None) -> Attraction:
    """Share of the strongest possible link, cell by cell and for the whole table (PEM).

    Parameters
    ----------
    data : DataFrame or Survey
        One row a respondent.
    row, column : str
        Two nominal or ordinal questions.
    weights : str, optional
        Column of weights.

    Returns
    -------
    Attraction
        ``local`` (rows × columns, between -1 and 1), ``overall`` (between 0 and 1), ``counts``, ``n``, ``n_missing``.

    Raises
    ------
    AnalysisError
        A question with a single answer.

    Notes
    -----
    Cibois (1993). Attraction: (n_ij - e_ij) / (min(n_i., n_.j) - e_ij). Repulsion, its sign kept:
    (n_ij - e_ij) / (e_ij - max(0, n_i. + n_.j - n)). For the whole table, the sum of the positive departures over
    the same sum in the table of strongest link: rows and columns in the order of the first axis of the
    correspondence analysis, filled from the top left with the same margins.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"metier": list("ccccvvvv"), "sig": list("ooonnnnn")})
    >>> attraction(data, "metier", "sig").local.loc["c", "o"]
    np.float64(1.0)
    """
    tally = Tally.of(data, [row, column], weights=weights)
    counts = tally.frame().rename(index=str, columns=str)
    used = counts.loc[counts.sum(axis=1) > 0, counts.sum(axis=0) > 0]
    if min(used.shape) < 2:
        raise AnalysisError(
            _("Attraction needs two questions that both vary."),
            where=f"{row} × {column}",
            got=f"{used.shape[0]} × {used.shape[1]}",
        )
    table = tally.frame(weighted=True).rename(index=str, columns=str).loc[used.index, used.columns]
    values = table.to_numpy(float)
    return Attraction(
        row=row,
        column=column,
        row_label=label_of(data, row),
        column_label=label_of(data, column),
        local=pd.DataFrame(local_attraction(values), index=used.index, columns=used.columns),
        overall=overall_attraction(values),
        counts=used.astype(np.int64),
        n=tally.n,
        n_missing=tally.n_missing,
    )


@dataclass(frozen=True, eq=False, repr=False)
class Attraction(Result):
    """Attractions between the categories of two questions; see :func:`attraction`."""

    row: str
    column: str
    row_label: str
    column_label: str
    local: pd.DataFrame
    overall: float
    counts: pd.DataFrame
    n: int
    n_missing: int
    shown: PublicationTable | None = None

    def table(self) -> PublicationTable:
        """Local attractions, rows by columns."""
        if self.shown is not None:
            return self.shown
        row, column = self._strongest()
        return PublicationTable(
            title=_("Attractions between « {row} » and « {column} »", row=self.row_label, column=self.column_label),
            body=self.local,
            columns=tuple(
                Column(name, name, kind="percent", decimals=0, group=self.column_label) for name in self.local
            ),
            stub=self.row_label,
            bases=self.counts.mul(0).add(self.counts.sum(axis=1), axis=0),
            counts=self.counts,
            reading=_(
                "the attraction between « {row} » and « {column} » is {share} of the strongest their sizes allow; "
                "a negative value is a repulsion.",
                row=row, column=column, share=format_percent(self.local.loc[row, column], 0),
            ),
            scope=_("{n} respondents; {missing} left out.", n=format_count(self.n),
                    missing=format_count(self.n_missing)),
            note=self.sentence(),
            name=f"attraction_{self.row}_{self.column}",
        )  # fmt: skip

    def sentence(self) -> str:
        """The link of the whole table, and its strongest attraction."""
        row, column = self._strongest()
        return _(
            "The link between « {first} » and « {second} » is {share} of the strongest possible; the strongest "
            "attraction is between « {row} » and « {column} » ({local}).",
            first=self.row_label, second=self.column_label, share=format_percent(self.overall),
            row=row, column=column, local=format_percent(self.local.loc[row, column], 0),
        )  # fmt: skip

    def statistics(self) -> dict[str, Estimate | float]:
        """The whole table and every cell."""
        cells = {f"{r} × {c}": float(self.local.loc[r, c]) for r in self.local.index for c in self.local}
        return {"overall": self.overall, **cells}

    def protected(self, protect: Protect) -> Self:
        """The attractions without the cells a policy hides."""
        table = protect(self.table())
        if table.suppressed is None:
            return replace(self, shown=table)
        hidden = table.suppressed.reindex(index=self.local.index, columns=self.local.columns).fillna(
            value=True
        )
        rest = replace(
            self, local=self.local.mask(hidden.astype(bool)), counts=self.counts.mask(hidden.astype(bool))
        )
        told = not rest.local.isna().to_numpy().all()
        return replace(rest, shown=table.with_notes(reading="", note=rest.sentence() if told else ""))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Local attractions as a grid of shades, each with its value."""
        from optima_research.results import style

        ax = style.axes(ax, width="full", rows=len(self.local))
        ax.grid(visible=False)
        values = self.local.to_numpy(float)
        ax.imshow(values, cmap="PuOr_r", vmin=-1, vmax=1, aspect="auto")
        for (i, j), value in np.ndenumerate(values):
            colour = "white" if abs(value) > 0.7 else style.INK
            ax.text(j, i, format_percent(value, 0), ha="center", va="center", fontsize=8, color=colour)
        ax.set_xticks(np.arange(values.shape[1]), list(self.local.columns))
        ax.set_yticks(np.arange(values.shape[0]), list(self.local.index))
        ax.set_xlabel(self.column_label)
        ax.set_ylabel(self.row_label)
        return ax

    def _strongest(self) -> tuple[str, str]:
        values = self.local.to_numpy(float)
        if np.isnan(values).all():
            return "–", "–"
        i, j = np.unravel_index(np.nanargmax(values), values.shape)
        return str(self.local.index[i]), str(self.local.columns[j])


def local_attraction(counts: FloatArray) -> FloatArray:
    """Each cell's departure from independence over the largest its margins allow, its sign kept."""
    n, r, c = counts.sum(), counts.sum(axis=1)[:, None], counts.sum(axis=0)[None, :]
    expected = r * c / n
    gap = counts - expected
    room = np.where(gap >= 0, np.minimum(r, c) - expected, expected - np.maximum(0, r + c - n))
    # A cell at independence has no departure; neither has one whose margins leave it no room.
    near = np.abs(gap) <= 1e-12 * n
    return np.asarray(np.where(near, 0.0, gap / np.where(room > 0, room, 1)), dtype=float)


def overall_attraction(counts: FloatArray) -> float:
    """Positive departures over those of the table of strongest link with the same margins."""
    _values, rows, columns, r, c = singular_table(counts)
    if rows.shape[1] == 0:
        return 0.0
    first, second = np.argsort(rows[:, 0], kind="stable"), np.argsort(columns[:, 0], kind="stable")
    ordered = counts[np.ix_(first, second)]
    strongest = _north_west(ordered.sum(axis=1), ordered.sum(axis=0))
    expected = np.outer(r[first], c[second]) * counts.sum()
    seen, most = (np.clip(table - expected, 0, None).sum() for table in (ordered, strongest))
    return float(seen / most) if most > 0 else 0.0


def _north_west(rows: FloatArray, columns: FloatArray) -> FloatArray:
    """The table filled from the top left: each cell takes what its row and column have left."""
    # Cumulated margins cut the total into stretches; each stretch belongs to one row and one column.
    ends = np.minimum(np.cumsum(rows)[:, None], np.cumsum(columns)[None, :])
    return np.asarray(np.diff(np.diff(ends, axis=0, prepend=0), axis=1, prepend=0), dtype=float)
