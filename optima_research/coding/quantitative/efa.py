"""Exploratory factor analysis: which items go together, before a scale is declared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from optima_research.coding.quantitative._extraction_kernels import (
    SMALLEST_UNIQUENESS,
    Extraction,
    Method,
    extract,
    likelihood_discrepancy,
)
from optima_research.coding.quantitative._item_moments import FloatArray, correlation
from optima_research.coding.quantitative._rotation_kernels import Rotation, rotate
from optima_research.coding.quantitative.items import read_items, refuse_collinear, require_choice
from optima_research.coding.quantitative.parallel_analysis import parallel_analysis
from optima_research.coding.quantitative.polychoric import polychoric
from optima_research.errors import ScaleError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_number, format_percent
from optima_research.results import Column, Estimate, PublicationTable, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.results.frames import Data

SHOWN = 0.30


def efa(
    data: Data,
    items: Sequence[str],
    *,
    n_factors: int | None = None,
    rotation: Rotation = "oblimin",
    method: Method = "minres",
    correlations: Literal["pearson", "polychoric"] = "pearson",
    seed: int = 0,
) -> ExploratoryAnalysis:
    """Exploratory factor analysis.

    Parameters
    ----------
    data : DataFrame or Survey
        Rows complete on the items are used.
    items : list of str
        At least three.
    n_factors : int, optional
        By default what :func:`parallel_analysis` suggests (one at least), with ``seed``.
    rotation : {"oblimin", "promax", "varimax", "none"}
        Oblimin with gamma 0, not normalised; promax to the power 4 from varimax; varimax with Kaiser's normalisation,
        iterated to 1e-12.
    method : {"minres", "ml"}
    correlations : {"pearson", "polychoric"}
    seed : int

    Returns
    -------
    ExploratoryAnalysis
        ``loadings`` (items x factors), ``communalities``, ``correlations`` (of the factors), ``explained`` (share of
        the variance of the items), ``fit`` (``chi2 df p rmsea tli rms``), ``heywood``, ``n``, ``n_missing``.

    Raises
    ------
    ScaleError
        More factors than the items can carry, a constant item, perfectly collinear items, no convergence.

    Notes
    -----
    Factors are ordered by the variance they explain after rotation, each turned so that its loadings sum to a positive
    number. chi2 has Bartlett's multiplier n - 1 - (2p + 5)/6 - 2m/3; tli and rmsea follow from it. Agrees with factanal
    and psych 2.2.9 to 1e-5 after signs and order (``tests/reference/factors.R``); statsmodels leaves varimax
    un-normalised and its promax is varimax.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> factors = rng.standard_normal((500, 2))[:, [0, 0, 0, 1, 1, 1]] * [2, 2, 2, 1, 1, 1]
    >>> answers = pd.DataFrame(factors + 0.7 * rng.standard_normal((500, 6)), columns=list("abcdef"))
    >>> result = efa(answers, list("abcdef"))
    >>> result.loadings.abs().idxmax(axis=1).tolist()
    ['F1', 'F1', 'F1', 'F2', 'F2', 'F2']
    """
    require_choice("rotation", rotation, Rotation)
    require_choice("method", method, Method)
    read = read_items(data, items, at_least=3)
    moments = read.moments()
    if correlations == "polychoric":
        matrix = polychoric(data, items).correlations.to_numpy()
    else:
        matrix = correlation(moments.covariance)
    refuse_collinear(read.names, matrix)
    suggested = n_factors if n_factors is not None else max(1, parallel_analysis(data, items, seed).suggested)
    _check_count(suggested, len(read.names), n_factors is None)
    found = extract(matrix, suggested, method)
    if not found.converged:
        raise ScaleError(
            _("The factor analysis does not converge with {k} factors.", k=suggested),
            hint=_(
                "Ask for fewer factors, or drop the items that share little with the others (see adequacy)."
            ),
        )
    loadings, phi = rotate(found.loadings, rotation)
    factors = [f"F{k}" for k in range(1, suggested + 1)]
    index = pd.Index(read.names, name="item")
    return ExploratoryAnalysis(
        n=moments.n,
        n_missing=moments.n_rows - moments.n,
        loadings=pd.DataFrame(loadings, index=index, columns=factors),
        labels=read.labels,
        communalities=pd.Series(1 - found.uniquenesses, index=index, name="communality"),
        correlations=pd.DataFrame(phi, index=factors, columns=factors),
        explained=pd.Series(np.einsum("ij,jk,ik->j", loadings, phi, loadings) / len(index), index=factors),
        fit=pd.Series(_fit(matrix, found, moments.n), name="fit"),
        heywood=tuple(
            name
            for name, u in zip(read.names, found.uniquenesses, strict=True)
            if u <= SMALLEST_UNIQUENESS * 1.001
        ),
        rotation=rotation,
        method=method,
        basis=correlations,
    )


@dataclass(frozen=True, eq=False, repr=False)
class ExploratoryAnalysis(Result):
    """Loadings, communalities and factor correlations; see :func:`efa`."""

    n: int
    n_missing: int
    loadings: pd.DataFrame
    labels: tuple[str, ...]
    communalities: pd.Series
    correlations: pd.DataFrame
    explained: pd.Series
    fit: pd.Series
    heywood: tuple[str, ...]
    rotation: Rotation
    method: Method
    basis: str

    def table(self) -> PublicationTable:
        """Loadings and communalities, items gathered by factor."""
        order = self._order()
        body = self.loadings.assign(communality=self.communalities).iloc[order]
        body.index = pd.Index([self.labels[i] for i in order])
        columns = [Column(name, name, decimals=2, group=_("Loadings")) for name in self.loadings.columns]
        first = body.iloc[0]
        strongest = str(first[self.loadings.columns].abs().idxmax())
        return PublicationTable(
            title=_("Exploratory factor analysis"),
            body=body,
            columns=(*columns, Column("communality", _("Communality"), decimals=2)),
            stub=_("Scale item"),
            bases=pd.DataFrame(self.n, index=body.index, columns=body.columns),
            reading=_(
                "the item « {item} » loads {loading} on {factor}; the factors explain {share} of its variance.",
                item=body.index[0],
                loading=format_number(first[strongest], 2),
                factor=strongest,
                share=format_percent(first["communality"], 0),
            ),
            scope=_(
                "respondents who answered every item ({n} kept, {dropped} left out).",
                n=format_count(self.n),
                dropped=format_count(self.n_missing),
            ),
            note=self.sentence(),
            name="efa",
        )

    def sentence(self) -> str:
        """How many factors, what they explain, how well, and what is improper."""
        said = [
            _(
                "{k} factors ({method}, {rotation}) explain {share} of the variance of {items} items "
                "(RMSEA = {rmsea}, root mean square of residuals = {rms}, n = {n}).",
                k=len(self.correlations),
                method=self.method,
                rotation=self.rotation,
                share=format_percent(float(self.explained.sum()), 0),
                items=len(self.loadings),
                rmsea=format_number(self.fit["rmsea"], 3),
                rms=format_number(self.fit["rms"], 3),
                n=format_count(self.n),
            )
        ]
        mixed = (self.loadings.abs() >= SHOWN).sum(axis=1)
        several = [label for label, count in zip(self.labels, mixed, strict=True) if count > 1]
        if several:
            said.append(_("Items on more than one factor: {names}.", names=", ".join(several)))
        alone = [label for label, count in zip(self.labels, mixed, strict=True) if count == 0]
        if alone:
            said.append(_("Items on no factor (loadings under 0.3): {names}.", names=", ".join(alone)))
        if self.heywood:
            said.append(
                _(
                    "Communality at its bound (Heywood case) for {names}: ask for fewer factors or drop the item.",
                    names=", ".join(self.heywood),
                )
            )
        return " ".join(said)

    def statistics(self) -> dict[str, Estimate | float]:
        """Fit, and the share of variance of each factor."""
        fit = {str(name): float(value) for name, value in self.fit.items()}
        return {**fit, **{f"explained_{name}": float(value) for name, value in self.explained.items()}}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Loadings of each item, one mark a factor."""
        from optima_research.results import style

        order = self._order()[::-1]
        ax = style.axes(ax, rows=len(order))
        place = np.arange(len(order))
        for k, (name, colour) in enumerate(
            zip(self.loadings.columns, style.palette(len(self.explained)), strict=True)
        ):
            ax.plot(self.loadings[name].iloc[order], place, style.MARKERS[k], color=colour, label=name)
        ax.axvline(0, color=style.INK, linewidth=0.6)
        ax.set_yticks(place, [self.labels[i] for i in order])
        ax.set_xlabel(_("Loading"))
        ax.legend(frameon=False, fontsize=8)
        style.decimal_axis(ax)
        return ax

    def _order(self) -> list[int]:
        strength = self.loadings.abs().to_numpy()
        home = strength.argmax(axis=1)
        return [int(i) for i in np.lexsort((-strength.max(axis=1), home))]


def _check_count(n_factors: int, n_items: int, chosen_here: bool) -> None:
    freedom = ((n_items - n_factors) ** 2 - (n_items + n_factors)) // 2
    if n_factors < 1 or freedom < 0:
        raise ScaleError(
            _("{items} items cannot carry {k} factors.", items=n_items, k=n_factors),
            parameter=None if chosen_here else "n_factors",
            hint=_("Ask for fewer factors: three good items a factor at least."),
        )


def _fit(matrix: FloatArray, found: Extraction, n: int) -> dict[str, float]:
    from scipy.special import chdtrc

    p, m = found.loadings.shape
    df = ((p - m) ** 2 - (p + m)) // 2
    multiplier = n - 1 - (2 * p + 5) / 6 - 2 * m / 3
    chi2 = multiplier * likelihood_discrepancy(matrix, found.loadings, found.uniquenesses)
    base, base_df = -multiplier * float(np.linalg.slogdet(matrix)[1]), p * (p - 1) / 2
    residual = (matrix - found.loadings @ found.loadings.T)[np.triu_indices(p, 1)]
    return {
        "chi2": chi2,
        "df": df,
        "p": float(chdtrc(df, max(chi2, 0.0))) if df else np.nan,
        "rmsea": float(np.sqrt(max(chi2 / (n * df) - 1 / (n - 1), 0.0))) if df else 0.0,
        "tli": (base / base_df - chi2 / df) / (base / base_df - 1) if df else np.nan,
        "rms": float(np.sqrt(np.mean(residual**2))),
    }
