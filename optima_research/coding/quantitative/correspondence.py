"""Correspondence analysis of one table of counts: what the rows and the columns have to do with each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.coding.quantitative import _geometry_kernels as kernels
from optima_research.coding.quantitative import _geometry_words as words
from optima_research.errors import AnalysisError, suggest
from optima_research.language import _
from optima_research.language.numbers import format_count, format_percent
from optima_research.results import Column, Estimate, PublicationTable, Result, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def ca(
    table: pd.DataFrame,
    *,
    supplementary_rows: Sequence[object] = (),
    supplementary_columns: Sequence[object] = (),
    n_axes: int = 5,
) -> Correspondence:
    """Correspondence analysis (AFC) of a table of counts.

    Parameters
    ----------
    table : DataFrame of counts
        Rows and columns are the categories; ``crosstab(...).counts`` is one. Names of the two indexes are the
        questions. Weighted counts are allowed; v-tests then take their sum for the number of respondents.
    supplementary_rows, supplementary_columns : list of labels
        Placed on the axes without weighing on them: a later wave, a benchmark, a total.
    n_axes : int
        Axes kept, at most as many as there are.

    Returns
    -------
    Correspondence
        ``eigenvalues``, ``rows`` and ``columns`` (principal coordinates), ``categories`` (both, index question and
        category), ``contributions`` (shares of each axis among rows or among columns), ``cos2``, ``v_tests``,
        ``supplementary``, ``rates``, ``inertia`` (phi², the χ² over n), ``chi2``.

    Raises
    ------
    AnalysisError
        Negative or missing counts, an empty row or column, fewer than two rows or columns, an unknown label.

    Notes
    -----
    Singular values of the standardised residuals (P - r c') / sqrt(r c'); principal coordinates are standard ones
    times the singular value. The v-test of a row is its mean standard score times sqrt(n_i (n - 1) / (n - n_i)).
    Agrees with FactoMineR 2.7 to 1e-9: ``tests/reference/geometry.R``.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"oui": [30, 10, 5], "non": [10, 20, 30]}, index=["Culture", "Voirie", "Écoles"])
    >>> result = ca(table)
    >>> round(result.inertia, 3)
    0.282
    """
    counts = _checked(table)
    row_name, column_name = _names(counts)
    counts = counts.rename_axis(index=row_name, columns=column_name)
    _check_labels(counts, supplementary_rows, supplementary_columns)
    active = counts.drop(index=list(supplementary_rows), columns=list(supplementary_columns))
    _check_active(active)
    values, row_scores, column_scores, r, c = kernels.singular_table(active.to_numpy())
    k = min(n_axes, len(values))
    axes = pd.Index(range(1, k + 1), name="axis")
    singular = np.sqrt(values[:k])
    row_scores, column_scores = row_scores[:, :k], column_scores[:, :k]
    n = float(active.to_numpy().sum())
    extra_rows = counts.loc[list(supplementary_rows), active.columns]
    extra_columns = counts.loc[active.index, list(supplementary_columns)]
    parts = [
        _part(active, row_scores * singular, row_scores**2 * r[:, None], c, axes),
        _part(active.T, column_scores * singular, column_scores**2 * c[:, None], r, axes),
        _part(extra_rows, _profiles(extra_rows) @ column_scores, None, c, axes),
        _part(extra_columns.T, _profiles(extra_columns.T) @ row_scores, None, r, axes),
    ]
    places = pd.concat([part["place"] for part in parts])
    sizes = pd.concat([part["n"] for part in parts])
    return Correspondence(
        n=n,
        eigenvalues=pd.Series(values, index=pd.RangeIndex(1, len(values) + 1, name="axis"), name="eigenvalue"),
        rows=parts[0]["place"].droplevel(0),
        columns=parts[1]["place"].droplevel(0),
        categories=pd.concat([parts[0]["place"], parts[1]["place"]]),
        contributions=pd.concat([parts[0]["contribution"], parts[1]["contribution"]]),
        cos2=pd.concat([part["cos2"] for part in parts]),
        v_tests=_v_tests(places, sizes, singular, n),
        supplementary=pd.concat([parts[2]["place"], parts[3]["place"]]),
        rates=pd.DataFrame({"raw": values / values.sum()}, index=pd.RangeIndex(1, len(values) + 1, name="axis")),
        counts=sizes,
    )  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class Correspondence(Result):
    """Correspondence analysis of a table; see :func:`ca`."""

    n: float
    eigenvalues: pd.Series
    rows: pd.DataFrame
    columns: pd.DataFrame
    categories: pd.DataFrame
    contributions: pd.DataFrame
    cos2: pd.DataFrame
    v_tests: pd.DataFrame
    supplementary: pd.DataFrame
    rates: pd.DataFrame
    counts: pd.Series

    @property
    def inertia(self) -> float:
        """Phi²: how far the table is from independence, whatever n."""
        return float(self.eigenvalues.sum())

    @property
    def chi2(self) -> float:
        """Pearson's χ² of the active table."""
        return self.inertia * self.n

    def table(self) -> PublicationTable:
        """Places and contributions of rows and columns on the first two axes."""
        places = pd.concat([self.categories, self.supplementary])
        body: dict[str, pd.Series] = {"n": self.counts}
        columns = [Column("n", "n", kind="count")]
        for axis in places.columns[:2]:
            group = words.axis_name(axis, self.rates)
            body[f"coordinate_{axis}"] = places[axis]
            body[f"contribution_{axis}"] = self.contributions[axis].reindex(places.index)
            columns += [
                Column(f"coordinate_{axis}", _("Coordinate"), decimals=2, group=group),
                Column(f"contribution_{axis}", _("Contribution"), kind="percent", decimals=1, group=group),
            ]
        frame = pd.DataFrame(body).reindex(places.index)
        frame.index = pd.MultiIndex.from_tuples([(str(q), str(level)) for q, level in frame.index])
        bases = pd.DataFrame(dict.fromkeys(frame, frame["n"]), index=frame.index)
        axis = self.contributions.columns[0]
        question, level = self.contributions[axis].idxmax()
        reading = _(
            "« {category} » makes {share} of the variance of axis {axis}.",
            category=words.category(question, level),
            share=format_percent(self.contributions.loc[(question, level), axis]),
            axis=axis,
        )
        return PublicationTable(
            title=_("Rows and columns on the axes of the correspondence analysis"),
            body=frame,
            columns=tuple(columns),
            stub=_("Question: answer"),
            bases=bases,
            reading=reading,
            scope=_("{n} respondents.", n=format_count(self.n)),
            note=self.sentence(),
            name="ca",
        )

    def sentence(self) -> str:
        """What the first axis carries and what it opposes."""
        axis = self.categories.columns[0]
        main = _("Axis {axis} carries {raw} of the link between rows and columns", axis=axis,
                 raw=format_percent(self.rates.loc[axis, "raw"]))  # fmt: skip
        sides = []
        for sign in (1, -1):
            on_side = self.contributions[axis][np.sign(self.categories[axis]) == sign]
            strong = on_side.groupby(level=0, sort=False).idxmax()
            sides.append(", ".join(f"« {words.category(*key)} »" for key in strong))
        if not all(sides):
            return f"{main}."
        return main + _(" and opposes {first} to {second}.", first=sides[0], second=sides[1])

    def plot(self, ax: Axes | None = None) -> Axes:
        """Rows and columns on the first two axes; with one axis only, along a line."""
        from optima_research.coding.quantitative.plane_figure import label_points, outside_legend, plane

        both = pd.concat([self.categories, self.supplementary])
        if both.shape[1] == 1:
            both = both.assign(flat=0.0)
        ax = plane(self.rates, (1, 2 if 2 in both else 1), ax)
        x, y = both.columns[:2]
        first = both.index.get_level_values(0) == both.index[0][0]
        extra = both.index.isin(self.supplementary.index)
        for rows, mark, colour in ((first, "o", style.palette(2)[0]), (~first, "s", style.palette(2)[1])):
            name = both.index.get_level_values(0)[rows][0]
            for later, face in ((False, colour), (True, "white")):
                points = both[rows & (extra == later)]
                label = _("{name}, supplementary", name=name) if later else str(name)
                if len(points):
                    ax.plot(points[x], points[y], mark, markerfacecolor=face, color=colour, label=label)
        outside_legend(ax)
        label_points(ax, both[[x, y]].rename(index=str), {}, set(), len(both))
        return ax

    def statistics(self) -> dict[str, Estimate | float]:
        """Inertia and eigenvalues."""
        return {
            "inertia": self.inertia,
            **{f"eigenvalue_{axis}": float(value) for axis, value in self.eigenvalues.items()},
        }


def _checked(table: pd.DataFrame) -> pd.DataFrame:
    try:
        counts = table.astype(float)
    except (TypeError, ValueError) as error:
        raise AnalysisError(
            _("A correspondence analysis reads a table of counts, not answers."),
            hint=_("Cross two questions first: ca(crosstab(data, row, column).counts)."),
        ) from error
    if not (counts.to_numpy() >= 0).all():
        raise AnalysisError(
            _("The counts of the table must be positive numbers."),
            hint=_("Cross two questions first: ca(crosstab(data, row, column).counts)."),
        )
    twice = [str(name) for names in (counts.index, counts.columns) for name in names[names.duplicated()]]
    if twice:
        raise AnalysisError(_("Two rows or columns have the same name: {name}.", name=twice[0]))
    return counts


def _names(counts: pd.DataFrame) -> tuple[str, str]:
    """What rows and columns are called; two different names, since a category is found by its question."""
    row, column = counts.index.name, counts.columns.name
    if row is None or row == column:
        row = _("Rows")
    return str(row), str(column) if column is not None else _("Columns")


def _check_labels(
    counts: pd.DataFrame, supplementary_rows: Sequence[object], supplementary_columns: Sequence[object]
) -> None:
    for labels, known in ((supplementary_rows, counts.index), (supplementary_columns, counts.columns)):
        for label in labels:
            if label not in known:
                raise AnalysisError(
                    _("The table has no row or column « {label} ».", label=label),
                    hint=suggest(str(label), [str(name) for name in known]) or None,
                )


def _check_active(active: pd.DataFrame) -> None:
    if min(active.shape) < 2:
        raise AnalysisError(
            _("A correspondence analysis needs two active rows and two active columns at least."),
            got=f"{active.shape[0]} × {active.shape[1]}",
        )
    empty = [str(name) for sums in (active.sum(axis=1), active.sum(axis=0)) for name in sums.index[sums == 0]]
    if empty:
        raise AnalysisError(
            _("Nobody is in « {name} »: an empty row or column has no place on the map.", name=empty[0]),
            hint=_("Drop it from the table, or merge it with another."),
        )


def _profiles(counts: pd.DataFrame) -> kernels.FloatArray:
    values = counts.to_numpy(float)
    return np.asarray(values / values.sum(axis=1, keepdims=True), dtype=float)


def _part(
    counts: pd.DataFrame,
    places: kernels.FloatArray,
    contributions: kernels.FloatArray | None,
    other_masses: kernels.FloatArray,
    axes: pd.Index,
) -> dict[str, pd.DataFrame]:
    """Places, contributions and cos² of one side of the table, or of supplementary members of it."""
    index = pd.MultiIndex.from_product([[counts.index.name], counts.index], names=["question", "category"])
    distance = ((_profiles(counts) - other_masses) ** 2 / other_masses).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        quality = places**2 / distance[:, None]
    frame = {
        "place": pd.DataFrame(places, index=index, columns=axes),
        "cos2": pd.DataFrame(quality, index=index, columns=axes),
        "n": pd.Series(counts.sum(axis=1).to_numpy(float), index=index, name="n"),
    }
    if contributions is not None:
        frame["contribution"] = pd.DataFrame(contributions, index=index, columns=axes)
    return frame


def _v_tests(places: pd.DataFrame, sizes: pd.Series, singular: kernels.FloatArray, n: float) -> pd.DataFrame:
    # A row's place is the mean of the column scores of its respondents; scores have a variance of one.
    # Supplementary members may be larger than the table: their v-test is not defined.
    m = sizes.where(sizes < n)
    return places.mul(np.sqrt(m * (n - 1) / (n - m)), axis=0)
