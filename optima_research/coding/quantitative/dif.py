"""Differential item functioning: do equal respondents of two groups answer an item alike?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.coding.quantitative._item_moments import FloatArray
from optima_research.coding.quantitative._ordinal_logit_kernels import (
    OrdinalFit,
    expected_category,
    ordinal_logit,
)
from optima_research.coding.quantitative.items import read_items
from optima_research.coding.quantitative.polychoric import coded
from optima_research.errors import ScaleError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_number
from optima_research.results import Column, Estimate, PublicationTable, Result
from optima_research.results.frames import categories

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.results.frames import Data

SIGNIFICANT = 0.05
LEAST_ANCHORS = 3


def dif(
    data: Data,
    items: Sequence[str],
    by: str,
    *,
    reverse: Sequence[str] = (),
    scale_range: tuple[float, float] | None = None,
    purify: bool = True,
    least_gain: float = 0.02,
) -> ItemFunctioning:
    """Ordinal logistic detection of items that work differently between groups.

    Parameters
    ----------
    data : DataFrame or Survey
        Rows complete on the items and the group are used.
    items : list of str
        Ordinal items of one scale, four at least.
    by : str
        Column of the groups.
    reverse, scale_range :
        As in :func:`reliability`.
    purify : bool
        Take the item that works most differently out of the matching score and start again, until none is left to
        take out or three are left: one bad item makes the others look bad in the opposite direction.
    least_gain : float
        An item is flagged when its adjusted total p is under 5 % and McFadden's R² gains at least this much: with many
        respondents every trifle is significant.

    Returns
    -------
    ItemFunctioning
        ``items`` (one row an item: ``uniform_chi2 uniform_df uniform_p nonuniform_chi2 … total_p total_p_adjusted
        delta_r2 gap highest lowest flagged``), ``flagged``, ``anchor`` (items of the matching score), ``n``,
        ``n_missing``.

    Raises
    ------
    ScaleError
        Fewer than four items or two groups, an item that is not ordinal.

    Notes
    -----
    Three proportional-odds models an item: on the matching score; with the group; with their product. The matching
    score is the mean of the other items not flagged: the item studied is never in it. Likelihood ratio of the second
    to the first (uniform), third to second (non-uniform), third to first (total); total p adjusted by Benjamini and
    Hochberg over the items. ``delta_r2`` is McFadden's gain, ``gap`` the largest difference between groups of the
    answer expected at equal matching score, in points, averaged over the respondents. A matching score of four items
    measures the level with error: where small groups stand far apart in level, some items are flagged by that alone, so
    read the gap, and :func:`invariance`, which is free of it. Log-likelihoods equal
    ``ordinal::clm`` 2022.11-16 to 1e-6 (``tests/reference/dif.R``).

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> latent = rng.standard_normal((600, 1)) + rng.standard_normal((600, 4))
    >>> latent[:300, 3] += 1.5
    >>> answers = pd.DataFrame(np.digitize(latent, [-1, 0, 1]), columns=list("abcd"))
    >>> dif(answers.assign(g=[1] * 300 + [2] * 300), list("abcd"), "g").flagged
    ('d',)
    """
    read = read_items(data, items, reverse=reverse, scale_range=scale_range, at_least=4)
    read.moments("pairwise")
    matrix, groups = read.matrix(), categories(data, by)
    kept = ~np.isnan(matrix).any(axis=1) & (groups.cat.codes.to_numpy() >= 0)
    rows = matrix[kept]
    present, member = np.unique(groups.cat.codes.to_numpy()[kept], return_inverse=True)
    if len(present) < 2:
        raise ScaleError(_("« {by} » has only one group with complete answers.", by=by), parameter="by")
    names = [str(groups.cat.categories[g]) for g in present]
    coded(read.names, rows)
    table, purged = _purified(read.names, rows, member, names, purify, least_gain)
    table.insert(0, "label", read.labels)
    return ItemFunctioning(
        by=by,
        n=int(kept.sum()),
        n_missing=int((~kept).sum()),
        items=table,
        flagged=tuple(table.index[table["flagged"]]),
        anchor=tuple(name for i, name in enumerate(read.names) if i not in purged),
    )


@dataclass(frozen=True, eq=False, repr=False)
class ItemFunctioning(Result):
    """Items that work differently between groups; see :func:`dif`."""

    by: str
    n: int
    n_missing: int
    items: pd.DataFrame
    flagged: tuple[str, ...]
    anchor: tuple[str, ...]

    def table(self) -> PublicationTable:
        """Tests and gap of each item."""
        body = self.items.set_index("label")
        widest = body["gap"].idxmax()
        row = body.loc[widest]
        columns = (
            Column("uniform_p", _("p, uniform"), kind="p_value"),
            Column("nonuniform_p", _("p, non-uniform"), kind="p_value"),
            Column("total_p_adjusted", _("p, total (adjusted)"), kind="p_value"),
            Column("delta_r2", _("Gain of R²"), decimals=3),
            Column("gap", _("Gap, in points"), decimals=2),
        )
        return PublicationTable(
            title=_("Differential item functioning by {by}", by=self.by),
            body=body,
            columns=columns,
            stub=_("Scale item"),
            bases=pd.DataFrame(self.n, index=body.index, columns=[str(column.source) for column in columns]),
            reading=_(
                "at the same level, « {item} » is answered {gap} points higher in « {highest} » than in « {lowest} ».",
                item=widest,
                gap=format_number(row["gap"], 2),
                highest=row["highest"],
                lowest=row["lowest"],
            ),
            scope=_(
                "respondents who answered every item ({n} kept, {dropped} left out).",
                n=format_count(self.n),
                dropped=format_count(self.n_missing),
            ),
            note=self.sentence(),
            name="dif",
        )

    def sentence(self) -> str:
        """Which items work differently, and by how many points."""
        if not self.flagged:
            return _(
                "No item works differently between the groups of « {by} » (n = {n}; Benjamini-Hochberg, 5 %).",
                by=self.by,
                n=format_count(self.n),
            )
        shown = self.items.loc[list(self.flagged)]
        found = [
            _(
                "{item} ({gap} points between {highest} and {lowest})",
                item=row.label,
                gap=format_number(row.gap, 2),
                highest=row.highest,
                lowest=row.lowest,
            )
            for row in shown.itertuples()
        ]
        return _(
            "Items that work differently between the groups of « {by} », at the same level: {found}.",
            by=self.by,
            found=", ".join(found),
        )

    def statistics(self) -> dict[str, Estimate | float]:
        """Gap and adjusted p of each item."""
        found: dict[str, Estimate | float] = {}
        for name, row in self.items.iterrows():
            found[f"gap_{name}"] = float(row["gap"])
            found[f"p_adjusted_{name}"] = float(row["total_p_adjusted"])
        return found

    def plot(self, ax: Axes | None = None) -> Axes:
        """Gap of each item, flagged ones filled."""
        from optima_research.results import style

        shown = self.items.sort_values("gap")
        ax = style.axes(ax, rows=len(shown))
        place = np.arange(len(shown))
        colours = [style.palette(1)[0] if flag else style.GRID for flag in shown["flagged"]]
        ax.barh(place, shown["gap"], color=colours, edgecolor=style.INK, linewidth=0.5)
        ax.set_yticks(place, shown["label"])
        ax.set_xlabel(_("Gap between groups at the same level, in points"))
        style.decimal_axis(ax)
        return ax


def _purified(
    names: Sequence[str],
    rows: FloatArray,
    member: np.ndarray,
    groups: list[str],
    purify: bool,
    least_gain: float,
) -> tuple[pd.DataFrame, list[int]]:
    """Tests of every item, and the items taken out of the matching score one by one."""
    purged: list[int] = []
    while True:
        table = _examined(names, rows, member, groups, purged, least_gain)
        suspects = [i for i in np.flatnonzero(table["flagged"]).tolist() if i not in purged]
        if not purify or not suspects or len(names) - len(purged) <= LEAST_ANCHORS:
            return table, purged
        purged.append(max(suspects, key=lambda i: float(table["total_chi2"].iloc[i])))


def _examined(
    names: Sequence[str],
    rows: FloatArray,
    member: np.ndarray,
    groups: list[str],
    purged: Sequence[int],
    least_gain: float,
) -> pd.DataFrame:
    lines = []
    for item in range(rows.shape[1]):
        anchor = [other for other in range(rows.shape[1]) if other != item and other not in purged]
        lines.append(_tests(rows[:, item], rows[:, anchor].mean(axis=1), member, groups))
    table = pd.DataFrame(lines, index=pd.Index(names, name="item"))
    table["total_p_adjusted"] = _benjamini_hochberg(table["total_p"].to_numpy())
    table["flagged"] = (table["total_p_adjusted"] < SIGNIFICANT) & (table["delta_r2"] >= least_gain)
    return table


def _tests(
    answers: FloatArray, matching: FloatArray, member: np.ndarray, groups: list[str]
) -> dict[str, object]:
    """The three nested models of one item, on the distinct patterns of answer, matching score and group."""
    from scipy.special import chdtrc

    patterns, counts = np.unique(np.column_stack([answers, matching, member]), axis=0, return_counts=True)
    values, codes = np.unique(patterns[:, 0], return_inverse=True)
    weights = counts.astype(np.float64)
    centred = patterns[:, 1] - matching.mean()
    design = _design(centred, patterns[:, 2].astype(np.intp), len(groups))
    widths = (0, 1, len(groups), 2 * len(groups) - 1)
    empty, level, uniform, full = (ordinal_logit(codes, design[:, :width], weights) for width in widths)
    line: dict[str, object] = {}
    for name, small, large, df in (
        ("uniform", level, uniform, len(groups) - 1),
        ("nonuniform", uniform, full, len(groups) - 1),
        ("total", level, full, 2 * (len(groups) - 1)),
    ):
        chi2 = max(2 * (large.log_likelihood - small.log_likelihood), 0.0)
        line |= {f"{name}_chi2": chi2, f"{name}_df": df, f"{name}_p": float(chdtrc(df, chi2))}
    line["delta_r2"] = (level.log_likelihood - full.log_likelihood) / empty.log_likelihood
    expected = _expected(full, centred, weights, values, len(groups))
    line |= {
        "gap": float(expected.max() - expected.min()),
        "highest": groups[int(expected.argmax())],
        "lowest": groups[int(expected.argmin())],
    }
    return line


def _design(matching: FloatArray, member: np.ndarray, n_groups: int) -> FloatArray:
    dummies = np.eye(n_groups)[member][:, 1:]
    return np.column_stack([matching, dummies, dummies * matching[:, None]])


def _expected(
    fit: OrdinalFit, matching: FloatArray, weights: FloatArray, values: FloatArray, n_groups: int
) -> FloatArray:
    """Mean answer each group would give if its matching scores were those of everybody."""
    means = []
    for g in range(n_groups):
        design = _design(matching, np.full(len(matching), g), n_groups)
        means.append(np.average(expected_category(fit, design, values), weights=weights))
    return np.array(means)


def _benjamini_hochberg(p: FloatArray) -> FloatArray:
    order = np.argsort(p)[::-1]
    ranks = np.arange(len(p), 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate(p[order] * len(p) / ranks))
    return adjusted
