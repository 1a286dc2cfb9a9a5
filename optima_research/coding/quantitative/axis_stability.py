"""How surely the axes of a multiple correspondence analysis would be met again with other respondents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.coding.quantitative import _geometry_kernels as kernels
from optima_research.coding.quantitative.mca_result import MultipleCorrespondence
from optima_research.coding.quantitative.plane_figure import check_axes, label_points, outside_legend, plane
from optima_research.coding.quantitative.resampled_axes import Units
from optima_research.language import _
from optima_research.language.numbers import format_level, format_number, format_percent
from optima_research.results import Column, Estimate, PublicationTable, Result, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FAIR = 0.85


def axis_stability(
    mca: MultipleCorrespondence, *, n_boot: int = 200, level: float = 0.95, seed: int = 0
) -> AxisStability:
    """Bootstrap of the axes: respondents are drawn again, the new space is turned onto the old one (Procrustes).

    Parameters
    ----------
    mca : MultipleCorrespondence
    n_boot, seed : int
    level : float
        Of the intervals of eigenvalues and of the regions of categories.

    Returns
    -------
    AxisStability
        ``axes``: one row an axis, ``eigenvalue low high``, ``congruence`` (mean over resamples of the congruence of
        the axis with the resampled axis of the same rank), ``kept`` (share of resamples where it is 0.85 at least),
        ``space`` (the same mean after the resampled space is turned as a whole: high where axes only change places).
        ``categories``: coordinates and their standard deviations over resamples, after turning.

    Notes
    -----
    Congruence is Tucker's, over categories weighted by their shares; 0.85 is fair similarity (Lorenzo-Seva and ten
    Berge, 2006). Rotation is orthogonal, without stretching, in the space of the axes kept (Milan and Whittaker,
    1995). Two axes of nearly equal eigenvalues change places or turn in their plane from one resample to the next:
    ``congruence`` is then low and ``space`` is not; read the plane, not the axes. Where more than half of all axes are
    kept, turning alone brings any two spaces close, and the sentence does not use ``space``.

    Examples
    --------
    >>> import pandas as pd
    >>> from optima_research.coding.quantitative import mca
    >>> data = pd.DataFrame({"sig": list("ooonnnon") * 20, "gmao": list("oonnnnoo") * 20, "bim": list("onnnonon") * 20})
    >>> print(round(axis_stability(mca(data, ["sig", "gmao", "bim"]), n_boot=20).axes.loc[1, "congruence"], 2))
    0.99
    """
    units = Units.of(mca)
    k, reference, shares = mca.solution.n_axes, mca.solution.coordinates, mca.solution.shares
    own = np.full((n_boot, k), np.nan)
    turned_own, values = own.copy(), own.copy()
    places = np.full((n_boot, *reference.shape), np.nan)
    for draw, weights in enumerate(units.resamples(n_boot, seed)):
        solution = units.solve(weights, mca)
        found = np.zeros_like(reference)
        found[:, : solution.n_axes] = solution.coordinates
        met = solution.shares > 0
        own[draw] = np.abs(_congruence(found, reference, shares))
        turned = kernels.procrustes(found, reference, shares)
        turned_own[draw] = _congruence(turned, reference, shares)
        places[draw, met] = turned[met]
        values[draw, : solution.n_axes] = solution.eigenvalues[: solution.n_axes]
    builds = ~np.concatenate([question.excluded for question in mca.answers.active])
    tail = (1 - level) / 2
    axes = pd.DataFrame(
        {
            "eigenvalue": mca.eigenvalues.iloc[:k],
            "low": np.nanquantile(values, tail, axis=0),
            "high": np.nanquantile(values, 1 - tail, axis=0),
            "congruence": own.mean(axis=0),
            "kept": (own >= FAIR).mean(axis=0),
            "space": turned_own.mean(axis=0),
        }
    )
    index = mca.categories.index
    spread = np.array([_covariance(places[:, place]) for place in np.flatnonzero(builds)])
    deviations = pd.DataFrame(
        np.sqrt(np.diagonal(spread, axis1=1, axis2=2)), index=index, columns=mca.categories.columns
    )
    return AxisStability(axes, deviations, spread, mca, n_boot, level)


@dataclass(frozen=True, eq=False, repr=False)
class AxisStability(Result):
    """Stability of axes; see :func:`axis_stability`.

    ``covariances`` (J, k, k) holds the spread of each category over resamples, ``deviations`` its square roots.
    """

    axes: pd.DataFrame
    deviations: pd.DataFrame
    covariances: kernels.FloatArray
    mca: MultipleCorrespondence
    n_boot: int
    level: float

    @property
    def categories(self) -> pd.DataFrame:
        """Coordinates and their standard deviations, side by side."""
        return pd.concat({"coordinate": self.mca.categories, "sd": self.deviations}, axis=1)

    def table(self) -> PublicationTable:
        """One row an axis."""
        body = self.axes.set_axis(pd.Index([_("Axis {axis}", axis=axis) for axis in self.axes.index]))
        columns = (
            Column("eigenvalue", _("Eigenvalue"), decimals=3),
            Column(("low", "high"), format_level(self.level), kind="interval", decimals=3),
            Column("congruence", _("Congruence"), decimals=2),
            Column("kept", _("Found again"), kind="percent", decimals=0),
            Column("space", _("Congruence once turned"), decimals=2),
        )
        return PublicationTable(
            title=_("Stability of the axes"),
            body=body,
            columns=columns,
            stub=_("Axis"),
            bases=pd.DataFrame(self.mca.n, index=body.index, columns=body.columns),
            note=_("{n} resamples of the respondents; an axis is found again where its congruence is {fair} at least.",
                   n=self.n_boot, fair=format_number(FAIR, 2)),
            name="axis_stability",
        )  # fmt: skip

    def sentence(self) -> str:
        """What may be said of each of the first axes."""
        return " ".join(self._said(int(axis), row) for axis, row in self.axes.head(3).iterrows())

    def statistics(self) -> dict[str, Estimate | float]:
        """Eigenvalues with their intervals, and congruences."""
        found: dict[str, Estimate | float] = {}
        for axis, row in self.axes.iterrows():
            found[f"eigenvalue_{axis}"] = Estimate(
                row["eigenvalue"], row["low"], row["high"], self.level, n=self.mca.n
            )
            found[f"congruence_{axis}"] = float(row["congruence"])
        return found

    def plot(self, ax: Axes | None = None, *, axes: tuple[int, int] = (1, 2)) -> Axes:
        """Active categories with the region where other respondents would have put them."""
        check_axes(self.mca, axes)
        ax = plane(self.mca.rates, axes, ax)
        first, second = (list(self.mca.categories.columns).index(axis) for axis in axes)
        places = self.mca.categories[list(axes)]
        for point, spread in zip(places.to_numpy(), self.covariances, strict=True):
            block = spread[np.ix_([first, second], [first, second])]
            outline = kernels.normal_ellipse(point, block, self.level)
            ax.plot(outline[:, 0], outline[:, 1], "-", color="#888888", linewidth=0.7, zorder=1)
        ax.plot(places[axes[0]], places[axes[1]], "o", color=style.palette(1)[0], markersize=4)
        ax.plot(
            [],
            [],
            "-",
            color="#888888",
            label=_("Bootstrap region ({level})", level=format_level(self.level)),
        )
        outside_legend(ax)
        label_points(ax, places, self.mca.labels, set(), len(places))
        return ax

    def _said(self, axis: int, row: pd.Series) -> str:
        share = format_percent(row["kept"], 0)
        if row["kept"] >= self.level:
            return _("Axis {axis} is stable: found again in {share} of resamples.", axis=axis, share=share)
        if row["space"] >= FAIR and 2 * len(self.axes) <= len(self.mca.eigenvalues):
            return _(
                "Axis {axis} is found again in {share} of resamples only, but the space of the axes is: it changes "
                "places or turns with a neighbour.", axis=axis, share=share,
            )  # fmt: skip
        return _("Axis {axis} is not stable: found again in {share} of resamples.", axis=axis, share=share)


def _congruence(
    found: kernels.FloatArray, reference: kernels.FloatArray, weights: kernels.FloatArray
) -> kernels.FloatArray:
    both = (weights[:, None] * found * reference).sum(axis=0)
    size = (weights[:, None] * found**2).sum(axis=0) * (weights[:, None] * reference**2).sum(axis=0)
    return np.asarray(both / np.sqrt(np.where(size > 0, size, np.inf)), dtype=float)


def _covariance(draws: kernels.FloatArray) -> kernels.FloatArray:
    met = draws[np.isfinite(draws).all(axis=1)]
    k = draws.shape[1]
    return np.cov(met.T).reshape(k, k) if len(met) > 1 else np.full((k, k), np.nan)
