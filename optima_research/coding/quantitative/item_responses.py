"""How each item of a scale was answered: shares of the answers, drawn as stacked bars centred on the middle answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.errors import ScaleError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_percent
from optima_research.results import Column, Estimate, PublicationTable, Result
from optima_research.results.frames import categories, label_of, require

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.results.frames import Data

MOST_ANSWERS = 11
SMALLEST_WRITTEN = 0.06


def item_responses(data: Data, items: Sequence[str]) -> ItemResponses:
    """Answers to the items of a scale, sorted from the most to the least favourable.

    Parameters
    ----------
    data : DataFrame or Survey
        One row a respondent; of a survey the answers are labelled.
    items : list of str
        Items that share one answer scale. Nothing is turned round: items are shown as respondents read them.

    Returns
    -------
    ItemResponses
        ``shares`` and ``counts`` (items x answers), ``balance`` (share above the middle less share below), ``n``
        (answers to each item), sorted by balance.

    Raises
    ------
    ScaleError
        Items that do not share their answers, more than eleven answers, an item nobody answered.

    Notes
    -----
    Shares are of those who answered the item. The middle answer of an odd scale counts for neither side.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"a": [1, 2, 3, 3], "b": [1, 1, 2, 3]})
    >>> item_responses(answers, ["a", "b"]).balance.tolist()
    [0.25, -0.25]
    """
    names = list(items)
    require(data, names)
    columns = {name: categories(data, name) for name in names}
    answers = _shared(columns)
    counts = pd.DataFrame({name: column.value_counts().reindex(answers) for name, column in columns.items()})
    counts = counts.fillna(0).astype(np.int64).T.rename_axis("item").rename_axis("answer", axis=1)
    n = counts.sum(axis=1)
    silent = [name for name in names if n[name] == 0]
    if silent:
        raise ScaleError(
            _("Nobody answered {names}.", names=", ".join(silent)), hint=_("Leave these items out.")
        )
    shares = counts.div(n, axis=0)
    half = len(answers) // 2
    balance = shares.iloc[:, len(answers) - half :].sum(axis=1) - shares.iloc[:, :half].sum(axis=1)
    order = balance.sort_values(ascending=False, kind="stable").index
    return ItemResponses(
        shares=shares.loc[order],
        counts=counts.loc[order],
        balance=balance.loc[order],
        n=n.loc[order],
        labels=tuple(label_of(data, name) for name in order),
    )


@dataclass(frozen=True, eq=False, repr=False)
class ItemResponses(Result):
    """Shares of the answers to each item; see :func:`item_responses`."""

    shares: pd.DataFrame
    counts: pd.DataFrame
    balance: pd.Series
    n: pd.Series
    labels: tuple[str, ...]

    def table(self) -> PublicationTable:
        """Shares of the answers, one row an item."""
        answers = [str(answer) for answer in self.shares.columns]
        body = pd.DataFrame(self.shares.to_numpy(), index=list(self.labels), columns=answers)
        counts = pd.DataFrame(self.counts.to_numpy(), index=body.index, columns=answers)
        bases = pd.DataFrame({answer: self.n.to_numpy() for answer in answers}, index=body.index)
        body["n"] = self.n.to_numpy()
        return PublicationTable(
            title=_("Answers to the items of the scale"),
            body=body,
            columns=(
                *(Column(a, a, kind="percent", decimals=0) for a in answers),
                Column("n", "n", kind="count"),
            ),
            stub=_("Scale item"),
            bases=bases,
            counts=counts,
            reading=_(
                "{share} of those who answered « {item} » chose « {answer} ».",
                share=format_percent(float(body.iloc[0, len(answers) - 1]), 0),
                item=self.labels[0],
                answer=answers[-1],
            ),
            scope=_("respondents who answered the item."),
            name="item_responses",
        )

    def sentence(self) -> str:
        """The most and the least favourable item."""
        best, worst = self.labels[0], self.labels[-1]
        half = self.shares.shape[1] // 2
        above = self.shares.iloc[:, self.shares.shape[1] - half :].sum(axis=1)
        return _(
            "The most favourable answers go to « {best} » ({high} above the middle, n = {n_high}), the least to "
            "« {worst} » ({low}, n = {n_low}).",
            best=best,
            high=format_percent(float(above.iloc[0]), 0),
            n_high=format_count(self.n.iloc[0]),
            worst=worst,
            low=format_percent(float(above.iloc[-1]), 0),
            n_low=format_count(self.n.iloc[-1]),
        )

    def statistics(self) -> dict[str, Estimate | float]:
        """Balance of each item."""
        return {f"balance_{name}": float(value) for name, value in self.balance.items()}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Stacked bars, the middle of the scale on one vertical line, the most favourable item on top."""
        from optima_research.results import style

        shares = self.shares.to_numpy()[::-1]
        k = shares.shape[1]
        ax = style.axes(ax, width="full", rows=len(shares) + 2)
        colours = style.likert_palette(k)
        place = np.arange(len(shares), dtype=np.float64)
        below = shares[:, : k // 2].sum(axis=1) + (shares[:, k // 2] / 2 if k % 2 else 0.0)
        left = -below
        for answer, (name, colour) in enumerate(zip(self.shares.columns, colours, strict=True)):
            width = shares[:, answer]
            ax.barh(place, width, left=left, color=colour, edgecolor="white", linewidth=0.6, label=str(name))
            for y, start, share in zip(place, left, width, strict=True):
                if share >= SMALLEST_WRITTEN:
                    dark = answer in (0, k - 1)
                    colour_of_text = "white" if dark else style.INK
                    text = format_percent(share, 0)
                    ax.text(
                        start + share / 2, y, text, ha="center", va="center", fontsize=7, color=colour_of_text
                    )
            left = left + width
        ax.axvline(0, color=style.INK, linewidth=0.8, zorder=0)
        ax.set_yticks(place, self.labels[::-1])
        ax.xaxis.set_major_formatter(lambda value, _position: format_percent(abs(value), 0))
        ax.legend(ncols=min(k, 5), frameon=False, fontsize=8, loc="lower left", bbox_to_anchor=(0, 1.0))
        return ax


def _shared(columns: dict[str, pd.Series]) -> list[object]:
    """The one list of answers, in order; refuses items that do not share it."""
    ordered = {name: list(column.cat.categories) for name, column in columns.items()}
    numbers = all(
        isinstance(value, (int, float, np.number)) for values in ordered.values() for value in values
    )
    if numbers:
        answers: list[object] = sorted({value for values in ordered.values() for value in values})
    else:
        first = next(iter(ordered))
        answers = ordered[first]
        strangers = [name for name, values in ordered.items() if values != answers]
        if strangers:
            raise ScaleError(
                _("{names} do not have the answers of {first}.", names=", ".join(strangers), first=first),
                expected=", ".join(map(str, answers)),
                hint=_("Show items of the same answer scale together."),
            )
    if len(answers) > MOST_ANSWERS:
        raise ScaleError(
            _("{n} different answers are too many for bars.", n=len(answers)),
            hint=_("Show a distribution instead."),
        )
    return answers
