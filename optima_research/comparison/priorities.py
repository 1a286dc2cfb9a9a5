"""Priorities of several groups: what each ranks first, how far it agrees, importance against performance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.codebook import ItemSetKind
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_number, format_p
from optima_research.results import Column, Estimate, PublicationTable, Result
from optima_research.results.frames import Data, categories, label_of, numeric

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.survey import Survey

__all__ = ["ImportancePerformance", "Priorities", "importance_performance", "priorities", "ranks_of"]


@dataclass(frozen=True, eq=False, repr=False)
class Priorities(Result):
    """Mean rank of each item in each group, and the agreement within each group.

    Parameters
    ----------
    ranks : DataFrame
        Items × groups: mean rank, 1 for what matters most.
    agreement : DataFrame
        One row a group: ``n``, Kendall's ``w`` (0 to 1), Friedman's ``statistic``, ``df``, ``p_value``.
    concordance : float
        Kendall's W of the groups' own orders: do the groups agree with one another?
    n_missing : int
        Respondents left out because an item is missing.
    """

    ranks: pd.DataFrame
    agreement: pd.DataFrame
    concordance: float
    n_missing: int

    def table(self) -> PublicationTable:
        """Items by mean rank; the agreement of each group stands in the note."""
        names = list(map(str, self.ranks.columns))
        body = self.ranks.set_axis(names, axis=1)
        sizes = dict(zip(names, self.agreement["n"], strict=True))
        return PublicationTable(
            _("Mean rank of the priorities by group"),
            body,
            tuple(Column(name, name, decimals=1) for name in names),
            stub=_("Priority"),
            bases=pd.DataFrame(sizes, index=body.index),
            reading=_(
                "« {item} » has mean rank {rank} among « {group} » (1: comes first).",
                item=body.index[0],
                rank=format_number(body.iloc[0, 0], 1),
                group=names[0],
            ),
            note=" ".join(self._agreements()),
            name="priorities",
            attributes={"additive_rows": False},
        )

    def sentence(self) -> str:
        """What comes first for each group, and whether the groups agree."""
        firsts = [
            _("« {item} » for « {group} »", item=self.ranks[group].idxmin(), group=group)
            for group in self.ranks.columns
        ]
        return _(
            "First come {firsts}; agreement between the groups: W = {w}.",
            firsts=", ".join(firsts),
            w=format_number(self.concordance, 2),
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """A line an item from group to group, first rank on top."""
        from optima_research.comparison.figures_priorities import slopes

        return slopes(self, ax)

    def statistics(self) -> dict[str, Estimate | float]:
        """Agreement within each group and between them."""
        within = {f"w.{group}": float(w) for group, w in self.agreement["w"].items()}
        return {**within, "concordance": self.concordance}

    def _agreements(self) -> list[str]:
        return [
            _(
                "« {group} »: W = {w}, χ²({df}) = {statistic}, p {p}.",
                group=group,
                w=format_number(row.w, 2),
                df=int(row.df),
                statistic=format_number(row.statistic, 1),
                p=format_p(row.p_value),
            )
            for group, row in self.agreement.iterrows()
        ]


@dataclass(frozen=True, eq=False, repr=False)
class ImportancePerformance(Result):
    """How important each item is and how well it is done, in the eyes of the same respondents.

    Parameters
    ----------
    items : DataFrame
        One row an item: ``importance performance gap low high n quadrant``; the interval is that of the gap.
    """

    items: pd.DataFrame
    level: float = 0.95

    def table(self) -> PublicationTable:
        """One line an item."""
        words = self.items["quadrant"].map(_quadrants())
        return PublicationTable(
            _("Importance and performance"),
            self.items.assign(quadrant=words),
            (
                Column("importance", _("Importance"), decimals=1),
                Column("performance", _("Performance"), decimals=1),
                Column("gap", _("Gap"), decimals=1),
                Column(("low", "high"), _("CI of the gap"), kind="interval", decimals=1),
                Column("quadrant", _("Reading of the grid"), kind="text"),
            ),
            stub=_("Item"),
            bases=pd.DataFrame(
                dict.fromkeys(("importance", "performance", "gap", "low", "high"), self.items["n"])
            ),
            name="importance_performance",
            attributes={"additive_rows": False},
            note=_("The grid is cut at the means of the items; intervals are those of paired differences."),
        )

    def sentence(self) -> str:
        """What is important and not well done, if anything is."""
        late = self.items[self.items["quadrant"] == "concentrate"]
        if late.empty:
            return _("No item is both among the most important and among the least well done.")
        return _(
            "Important and less well done: {items}.",
            items=", ".join(f"« {item} »" for item in late.sort_values("gap").index),
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """The grid: importance upwards, performance to the right."""
        from optima_research.comparison.figures_priorities import grid

        return grid(self, ax)

    def statistics(self) -> dict[str, Estimate | float]:
        """The gap of each item."""
        return {
            str(item): Estimate(row.gap, row.low, row.high, level=self.level, n=int(row.n), name=str(item))
            for item, row in self.items.iterrows()
        }


def priorities(
    data: Data, items: Sequence[str], by: str, *, labels: Mapping[str, str] | None = None
) -> Priorities:
    """Compare the priorities of several groups.

    Parameters
    ----------
    data : Survey or DataFrame, one row a respondent
    items : list of str
        At least three; each holds the rank given to it (1 for the first). Ties are allowed.
    by : str
        Groups: élus, agents, inhabitants…
    labels : mapping, optional
        Item → what a reader calls it.

    Raises
    ------
    AnalysisError
        Fewer than three items, or a group with fewer than two complete rankings.

    Notes
    -----
    W = χ² / (m (k − 1)) with Friedman's χ² corrected for ties (Kendall and Babington Smith 1939); respondents with an
    incomplete ranking are left out and counted.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame(
    ...     {"g": list("aaabb"), "x": [1, 1, 2, 3, 3], "y": [2, 2, 1, 2, 1], "z": [3, 3, 3, 1, 2]}
    ... )
    >>> priorities(data, ["x", "y", "z"], "g").ranks.round(2).loc["x"].tolist()
    [1.33, 3.0]
    """
    if len(items) < 3:
        raise AnalysisError(_("Priorities need at least three items."), got=len(items))
    values = pd.DataFrame({item: numeric(data, item) for item in items})
    groups = categories(data, by)
    complete = values.notna().all(axis=1) & groups.notna()
    shown = [(labels or {}).get(item, label_of(data, item)) for item in items]
    means, agreement = {}, {}
    for group in groups.cat.categories:
        rows = values[complete & (groups == group)].to_numpy()
        if len(rows) < 2:
            raise AnalysisError(_("« {group} » has fewer than two complete rankings.", group=group), where=by)
        means[group] = rows.mean(axis=0)
        agreement[group] = _kendall(rows)
    ranks = pd.DataFrame(means, index=pd.Index(shown))
    orders = ranks.rank().to_numpy().T
    between = _kendall(orders)[1] if len(orders) > 1 else float("nan")
    return Priorities(
        ranks.loc[ranks.iloc[:, 0].sort_values(kind="stable").index],
        pd.DataFrame.from_dict(agreement, orient="index", columns=["n", "w", "statistic", "df", "p_value"]),
        between,
        int((~complete).sum()),
    )


def importance_performance(
    data: Data, pairs: Mapping[str, tuple[str, str]], *, weights: str | None = None, level: float = 0.95
) -> ImportancePerformance:
    """Set the importance of items against how well they are done.

    Parameters
    ----------
    data : Survey or DataFrame, one row a respondent
    pairs : mapping
        What a reader calls the item → its columns (importance, performance), on the same scale.
    weights : str, optional
        Column of weights; means are then weighted, and the intervals use the effective number of respondents.
    level : float

    Notes
    -----
    Martilla and James (1977). The cut is at the mean of the items on each axis, since raw scales are all high; an item
    near a cut is on no side of it, which the interval of its gap shows.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"i1": [9, 8, 9], "p1": [3, 4, 4], "i2": [4, 5, 3], "p2": [7, 8, 7]})
    >>> found = importance_performance(data, {"Vélo": ("i1", "p1"), "Fêtes": ("i2", "p2")})
    >>> found.items["quadrant"].tolist()
    ['concentrate', 'overkill']
    """
    weight = None if weights is None else numeric(data, weights)
    rows = {
        name: _gap(numeric(data, first), numeric(data, second), weight, level)
        for name, (first, second) in pairs.items()
    }
    items = pd.DataFrame.from_dict(
        rows, orient="index", columns=["importance", "performance", "gap", "low", "high", "n"]
    )
    high = items["importance"] >= items["importance"].mean()
    good = items["performance"] >= items["performance"].mean()
    items["quadrant"] = np.select(
        [high & ~good, high & good, ~high & ~good], ["concentrate", "keep", "low"], "overkill"
    )
    return ImportancePerformance(items, level)


def ranks_of(survey: Survey, question: str) -> pd.DataFrame:
    """The rank each respondent gave to each item of a ranking question, one column an item.

    Parameters
    ----------
    survey : Survey
    question : str
        Name of a set of kind ``ranking``, whose columns hold the item put at each rank.

    Returns
    -------
    DataFrame
        Columns named by the items' labels; NaN where the item was not ranked.

    Raises
    ------
    AnalysisError
        The set is not a ranking.

    Examples
    --------
    >>> from optima_research import Codebook, ItemSet, Survey, Variable
    >>> book = Codebook(
    ...     [Variable(name, values={"V": "Vélo", "E": "Eau"}) for name in ("R[1]", "R[2]")],
    ...     [ItemSet("R", "ranking", ("R[1]", "R[2]"))])
    >>> survey = Survey.build(pd.DataFrame({"R[1]": ["V", "E"], "R[2]": ["E", "V"]}), book)
    >>> ranks_of(survey, "R")["Vélo"].tolist()
    [1.0, 2.0]
    """
    group = survey.codebook.item_set(question)
    if group.kind is not ItemSetKind.RANKING:
        raise AnalysisError(_("« {name} » is not a ranking question.", name=question), got=str(group.kind))
    labels = survey.codebook[group.members[0]].values
    places = survey.answers[list(group.members)].to_numpy(dtype=object)
    ranks = {
        label: np.where((places == code).any(axis=1), (places == code).argmax(axis=1) + 1.0, np.nan)
        for code, label in labels.items()
    }
    return pd.DataFrame(ranks, index=survey.answers.index)


def _kendall(rows: np.ndarray) -> tuple[int, float, float, int, float]:
    """Raters × items → raters, W, Friedman's χ², df, p."""
    from scipy import stats

    raters, items = rows.shape
    if items == 0 or np.ptp(rows) == 0:
        return raters, float("nan"), float("nan"), items - 1, float("nan")
    found = stats.friedmanchisquare(*rows.T)
    return (
        raters,
        float(found.statistic / (raters * (items - 1))),
        float(found.statistic),
        items - 1,
        float(found.pvalue),
    )


def _gap(
    importance: pd.Series, performance: pd.Series, weight: pd.Series | None, level: float
) -> tuple[float, ...]:
    from scipy import stats

    valid = importance.notna() & performance.notna()
    w = np.ones(int(valid.sum())) if weight is None else weight[valid].to_numpy()
    first, second = importance[valid].to_numpy(), performance[valid].to_numpy()
    difference = second - first
    mean = float(np.average(difference, weights=w))
    effective = w.sum() ** 2 / (w**2).sum()
    variance = float(np.average((difference - mean) ** 2, weights=w)) * effective / (effective - 1)
    half = float(stats.t.ppf((1 + level) / 2, effective - 1)) * np.sqrt(variance / effective)
    means = (float(np.average(first, weights=w)), float(np.average(second, weights=w)), mean)
    return (*means, mean - half, mean + half, len(w))


def _quadrants() -> dict[str, str]:
    return {
        "concentrate": _("important, less well done: to act on"),
        "keep": _("important and well done: to keep"),
        "low": _("less important, less well done"),
        "overkill": _("less important, well done"),
    }
