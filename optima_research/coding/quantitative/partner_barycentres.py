"""Where partners stand on the axes, how surely, and how they move from wave to wave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from optima_research.coding.quantitative._geometry_kernels import FloatArray, mean_ellipse
from optima_research.coding.quantitative.mca_result import MultipleCorrespondence
from optima_research.coding.quantitative.plane_figure import check_axes, outside_legend, plane
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_level, format_number
from optima_research.results import Column, Estimate, Protect, PublicationTable, Result, style
from optima_research.results.frames import categories, label_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.results.frames import Data

FEWEST = 3


def barycentres(
    mca: MultipleCorrespondence,
    data: Data,
    by: str,
    *,
    wave: str | None = None,
    axes: tuple[int, int] = (1, 2),
    population: Mapping[str, int] | None = None,
    level: float = 0.95,
) -> Barycentres:
    """Mean points of partners on axes already learned, with confidence ellipses, wave by wave.

    Parameters
    ----------
    mca : MultipleCorrespondence
        The axes; those of the first wave stay put while later waves are projected on them.
    data : DataFrame or Survey
        Respondents to place: those of the analysis, later waves, new partners. Weights are not used.
    by : str
        Column of the partner.
    wave : str, optional
        Column of the wave; its order is that of its categories.
    axes : (int, int)
    population : mapping of partner to size, optional
        Number of agents of each partner: ellipses then describe that population, and shrink as the sample covers it.
    level : float

    Returns
    -------
    Barycentres
        ``places`` (index partner[, wave]): ``n``, the two coordinates (of individuals, in the space of the cloud) and
        their variances; ``drift`` (between neighbouring waves: ``distance``, ``p_value``), empty without waves.

    Raises
    ------
    AnalysisError
        A population smaller than its sample; axes that were not kept.

    Notes
    -----
    A confidence ellipse says where the mean may be (Hotelling's T² with n - 2 degrees of freedom), not where the
    respondents are. Under three respondents none is drawn. The drift is tested by T² between two independent
    samples, covariances not pooled, referred to χ² with 2 degrees of freedom: respondents followed from wave to wave
    make it conservative.

    Examples
    --------
    >>> import pandas as pd
    >>> from optima_research.coding.quantitative import mca
    >>> data = pd.DataFrame({"sig": list("ooonnnon"), "gmao": list("oonnnnoo"), "bim": list("onnnonon"),
    ...                      "partner": list("AAAABBBB")})
    >>> barycentres(mca(data, ["sig", "gmao", "bim"]), data, "partner").places["n"].tolist()
    [4, 4]
    """
    check_axes(mca, axes)
    points = mca.project(data)[list(axes)]
    keys = [categories(data, name).cat.remove_unused_categories() for name in (by, wave) if name is not None]
    known = np.logical_and.reduce([key.notna().to_numpy() for key in keys])
    rows, moments = [], {}
    for group, places in points[known].groupby([key[known] for key in keys], observed=True):
        key = tuple(str(part) for part in group)
        values = places.to_numpy()
        size = None if population is None else population.get(key[0])
        if size is not None and size < len(values):
            raise AnalysisError(
                _("« {name} » has {n} respondents for a population of {size}.", name=key[0],
                  n=format_count(len(values)), size=format_count(size)),
                parameter="population",
            )  # fmt: skip
        share = 0.0 if size is None else len(values) / size
        spread = (
            np.cov(values.T) / len(values) * (1 - share) if len(values) >= FEWEST else np.full((2, 2), np.nan)
        )
        moments[key] = (values.mean(axis=0), spread, len(values))
        rows.append({"n": len(values), axes[0]: moments[key][0][0], axes[1]: moments[key][0][1],
                     "variance_1": spread[0, 0], "covariance": spread[0, 1], "variance_2": spread[1, 1]})  # fmt: skip
    names = [by] if wave is None else [by, wave]
    index = pd.MultiIndex.from_tuples(list(moments), names=names)
    frame = pd.DataFrame(rows, index=index if wave is not None else index.get_level_values(0))
    waves = [] if wave is None else [str(one) for one in keys[1].cat.categories]
    return Barycentres(
        places=frame,
        drift=_drift(moments, waves),
        axes=axes,
        by_label=label_of(data, by),
        waves=tuple(waves),
        finite=population is not None,
        level=level,
        mca=mca,
    )


@dataclass(frozen=True, eq=False, repr=False)
class Barycentres(Result):
    """Mean points of partners on the axes; see :func:`barycentres`."""

    places: pd.DataFrame
    drift: pd.DataFrame
    axes: tuple[int, int]
    by_label: str
    waves: tuple[str, ...]
    finite: bool
    level: float
    mca: MultipleCorrespondence
    shown: PublicationTable | None = None

    def table(self) -> PublicationTable:
        """Mean point and standard errors of each partner, wave by wave."""
        if self.shown is not None:
            return self.shown
        body = self.places.copy()
        # Disclosure control reads the first level: the partners of one wave add up to its respondents.
        keys = [self._key(key)[::-1] for key in body.index]
        body.index = pd.MultiIndex.from_tuples(keys) if self.waves else pd.Index([key[0] for key in keys])
        body.columns = pd.Index([str(name) for name in body.columns])
        body["se_1"], body["se_2"] = np.sqrt(body["variance_1"]), np.sqrt(body["variance_2"])
        first, second = map(str, self.axes)
        columns = (
            Column("n", "n", kind="count"),
            Column(first, _("Mean"), decimals=2, group=_("Axis {axis}", axis=first)),
            Column("se_1", _("Standard error"), decimals=2, group=_("Axis {axis}", axis=first)),
            Column(second, _("Mean"), decimals=2, group=_("Axis {axis}", axis=second)),
            Column("se_2", _("Standard error"), decimals=2, group=_("Axis {axis}", axis=second)),
        )
        shown = [column.sources[0] for column in columns]
        population = _(
            "Ellipses and standard errors describe the agents of these partners (finite population). "
        )
        return PublicationTable(
            title=_("Mean points on the axes: {by}", by=self.by_label),
            body=body,
            columns=columns,
            stub=self.by_label,
            bases=pd.DataFrame(dict.fromkeys(shown, body["n"]), index=body.index),
            note=(population if self.finite else "") + self.sentence(),
            name="barycentres",
        )

    def sentence(self) -> str:
        """Who is farthest apart, or who moved."""
        if not self.drift.empty:
            return " ".join(self._moved(key, row) for key, row in self.drift.iterrows())
        middle = self.places[list(self.axes)].to_numpy()
        distance = np.sqrt(((middle[:, None] - middle[None]) ** 2).sum(axis=2))
        i, j = np.unravel_index(np.argmax(distance), distance.shape)
        first, second = sorted((int(i), int(j)))
        return _(
            "« {first} » and « {second} » are the farthest apart on this plane ({distance}).",
            first=" – ".join(self._key(self.places.index[first])),
            second=" – ".join(self._key(self.places.index[second])),
            distance=format_number(distance[i, j], 2),
        )

    def statistics(self) -> dict[str, Estimate | float]:
        """Every coordinate with its interval."""
        from scipy.special import stdtrit

        found: dict[str, Estimate | float] = {}
        for key, row in self.places.iterrows():
            for axis, variance in zip(self.axes, ("variance_1", "variance_2"), strict=True):
                se, df = float(np.sqrt(row[variance])), float(row["n"] - 1)
                half = float(stdtrit(df, 0.5 + self.level / 2)) * se if df > 0 else np.nan
                name = " × ".join([*self._key(key), str(axis)])
                found[name] = Estimate(
                    row[axis], row[axis] - half, row[axis] + half, self.level, se, df, int(row["n"])
                )
        return found

    def protected(self, protect: Protect) -> Self:
        """The mean points without the partners a policy hides, in any wave."""
        table = protect(self.table())
        hidden: set[str] = set()
        if table.suppressed is not None:
            rows = table.suppressed.reindex(self.table().body.index).any(axis=1).to_numpy()
            hidden = {self._key(key)[0] for key in self.places.index[rows]}
        keep = [self._key(key)[0] not in hidden for key in self.places.index]
        drift = (
            self.drift if self.drift.empty else self.drift[[key[0] not in hidden for key in self.drift.index]]
        )
        rest = replace(self, places=self.places[keep], drift=drift)
        return replace(rest, shown=table.with_notes(note=rest.sentence() if any(keep) else ""))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Mean points with their ellipses; with waves, the ellipse of the last one and arrows from the others."""
        from optima_research.coding.quantitative._label_placement import place_labels

        ax = plane(self.mca.rates, self.axes, ax)
        keys = [self._key(key) for key in self.places.index]
        partners = list(dict.fromkeys(key[0] for key in keys))
        points = self.places[list(self.axes)].to_numpy(float)
        last = [
            place for place, key in enumerate(keys) if key[0] not in {other[0] for other in keys[place + 1 :]}
        ]
        for place, (key, point) in enumerate(zip(keys, points, strict=True)):
            outline = self.ellipse(place) if place in last else None
            if outline is not None:
                ax.plot(outline[:, 0], outline[:, 1], "-", color="#888888", linewidth=0.8, zorder=1)
            mark = style.MARKERS[partners.index(key[0]) % len(style.MARKERS)]
            face = style.INK if place in last else "white"
            ax.plot(point[0], point[1], mark, color=style.INK, markerfacecolor=face, markersize=5)
            if place not in last:
                arrow = {"arrowstyle": "-|>", "color": style.INK, "linewidth": 0.8}
                ax.annotate("", tuple(points[place + 1]), tuple(point), arrowprops=arrow)
        words = _("Where the mean may be ({level})", level=format_level(self.level))
        ax.plot([], [], "-", color="#888888", label=words)
        outside_legend(ax)
        names = [keys[place][0] for place in last]
        place_labels(ax, points[last], names, ["normal"] * len(last), others=points)
        return ax

    def ellipse(self, place: int) -> FloatArray | None:
        """Outline of the confidence region of one mean point; none under three respondents."""
        row = self.places.iloc[place]
        if row["n"] < FEWEST:
            return None
        covariance = np.array(
            [[row["variance_1"], row["covariance"]], [row["covariance"], row["variance_2"]]]
        )
        centre = row[list(self.axes)].to_numpy(float)
        return mean_ellipse(centre, covariance, int(row["n"]), self.level)

    def _moved(self, key: tuple[str, str, str], row: pd.Series) -> str:
        partner, start, end = key
        values = {"name": partner, "start": start, "end": end, "distance": format_number(row["distance"], 2)}
        if np.isnan(row["p_value"]):
            return _(
                "« {name} » has too few respondents for its move from {start} to {end} to be read.", **values
            )
        if row["p_value"] < 1 - self.level:
            return _("« {name} » moved from {start} to {end} (distance {distance}).", **values)
        return _("The move of « {name} » from {start} to {end} ({distance}) may be chance.", **values)

    @staticmethod
    def _key(key: object) -> tuple[str, ...]:
        return tuple(map(str, key)) if isinstance(key, tuple) else (str(key),)


def _drift(
    moments: dict[tuple[str, ...], tuple[FloatArray, FloatArray, int]], waves: list[str]
) -> pd.DataFrame:
    from scipy.special import chdtrc

    rows = {}
    for partner in dict.fromkeys(key[0] for key in moments):
        met = [wave for wave in waves if (partner, wave) in moments]
        for start, end in pairwise(met):
            (before, first, _n1), (after, second, _n2) = moments[partner, start], moments[partner, end]
            gap, spread = after - before, first + second
            usable = np.isfinite(spread).all() and np.linalg.matrix_rank(spread) == 2
            statistic = float(gap @ np.linalg.solve(spread, gap)) if usable else np.nan
            rows[partner, start, end] = {
                "distance": float(np.hypot(*gap)),
                "p_value": float(chdtrc(2, statistic)) if usable else np.nan,
            }
    index = pd.MultiIndex.from_tuples(list(rows), names=["partner", "from", "to"]) if rows else None
    return pd.DataFrame(list(rows.values()), index=index, columns=["distance", "p_value"])
