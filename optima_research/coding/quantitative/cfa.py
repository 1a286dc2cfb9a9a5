"""Confirmatory factor analysis of one population: does the model announced describe the answers?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from optima_research.coding.quantitative._cfa_inference import scaling_factors, standard_errors
from optima_research.coding.quantitative._cfa_kernels import Fitted, implied
from optima_research.coding.quantitative._cfa_measures import fit_measures
from optima_research.coding.quantitative.items import require_choice
from optima_research.coding.quantitative.measurement_model import Model, ModelData, read_model
from optima_research.language import _
from optima_research.language.numbers import format_count, format_number, format_p
from optima_research.results import Column, Estimate, PublicationTable, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.results.frames import Data

Estimator = Literal["ml", "mlr"]


def cfa(
    data: Data, model: Model, *, estimator: Estimator = "ml", level: float = 0.95
) -> ConfirmatoryAnalysis:
    """Confirmatory factor analysis by maximum likelihood.

    Parameters
    ----------
    data : DataFrame or Survey
        One row a respondent; rows with a missing item are left out and counted.
    model : mapping
        Factor -> items, for example ``{"visual": ["x1", "x2", "x3"]}``. Factors correlate freely and have variance 1.
    estimator : {"ml", "mlr"}
        ``"mlr"`` gives sandwich standard errors, the Yuan-Bentler scaled chi2 (Mplus variant) and the robust cfi, tli
        and rmsea: for answers on few points, skewed or heavy-tailed.
    level : float

    Returns
    -------
    ConfirmatoryAnalysis
        ``fit`` (Series: ``chi2 df p cfi tli rmsea rmsea_low rmsea_high srmr aic bic``), ``loadings`` (one row a
        loading: ``factor item estimate se low high standardised``), ``correlations`` of the factors, ``residuals``,
        ``heywood``, ``n``, ``n_missing``.

    Raises
    ------
    ScaleError
        Too few items or respondents, a constant item, perfectly collinear items, a model that does not converge.

    Notes
    -----
    chi2 = n F with covariances of divisor n (lavaan's default; n - 1 elsewhere). Residual variances are not bounded: a
    negative one (Heywood case) is named in ``heywood`` and in the sentence. Fit, estimates and standard errors agree
    with lavaan 0.6-14 (``std.lv = TRUE``) to 1e-5: ``tests/reference/invariance.R``.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> factor = rng.standard_normal((300, 1))
    >>> answers = pd.DataFrame(0.8 * factor + 0.6 * rng.standard_normal((300, 4)), columns=list("abcd"))
    >>> result = cfa(answers, {"climat": ["a", "b", "c", "d"]})
    >>> int(result.fit["df"]), result.n
    (2, 300)
    """
    require_choice("estimator", estimator, Estimator)
    read = read_model(data, model).checked()
    fitted = read.fitted()
    if estimator == "mlr":
        measures = fit_measures(fitted, means=False, scaling=scaling_factors(fitted, read.rows))
    else:
        measures = fit_measures(fitted, means=False)
    model_matrices = implied(fitted.spec, fitted.parameters)
    return ConfirmatoryAnalysis(
        n=read.n,
        n_missing=read.n_missing,
        fit=pd.Series(measures, name="fit"),
        loadings=_loadings(read, fitted, level, robust=estimator == "mlr"),
        correlations=pd.DataFrame(
            model_matrices.phi[0], index=list(read.factors), columns=list(read.factors)
        ),
        residuals=pd.Series(model_matrices.residuals[0], index=list(read.items), name="residual"),
        heywood=tuple(item for item, _group in read.heywood(fitted)),
        estimator=estimator,
        level=level,
    )


@dataclass(frozen=True, eq=False, repr=False)
class ConfirmatoryAnalysis(Result):
    """Fit and estimates of a confirmatory model; see :func:`cfa`."""

    n: int
    n_missing: int
    fit: pd.Series
    loadings: pd.DataFrame
    correlations: pd.DataFrame
    residuals: pd.Series
    heywood: tuple[str, ...]
    estimator: Estimator
    level: float

    def table(self) -> PublicationTable:
        """Loadings with their intervals, the fit in the note."""
        body = self.loadings.set_index("label")
        first = body.iloc[0]
        return PublicationTable(
            title=_("Confirmatory factor analysis"),
            body=body,
            columns=(
                Column("factor", _("Factor"), kind="text"),
                Column("estimate", _("Loading"), decimals=2),
                Column(("low", "high"), _("Interval"), kind="interval", decimals=2),
                Column("standardised", _("Standardised loading"), decimals=2),
            ),
            stub=_("Scale item"),
            bases=pd.DataFrame(self.n, index=body.index, columns=["estimate", "low", "high", "standardised"]),
            reading=_(
                "one standard deviation more on the factor « {factor} » goes with {loading} points more on the "
                "item « {item} ».",
                factor=first["factor"],
                loading=format_number(first["estimate"], 2),
                item=body.index[0],
            ),
            scope=_(
                "respondents who answered every item ({n} kept, {dropped} left out).",
                n=format_count(self.n),
                dropped=format_count(self.n_missing),
            ),
            note=self.sentence(),
            name="cfa",
        )

    def sentence(self) -> str:
        """The fit in one sentence, and what is improper."""
        fit = self.fit
        said = _(
            "chi2({df}) = {chi2}, p {p}, CFI = {cfi}, TLI = {tli}, RMSEA = {rmsea} [{low}; {high}], SRMR = {srmr} "
            "(n = {n}, {estimator}).",
            df=format_count(fit["df"]),
            chi2=format_number(fit["chi2"], 2),
            p=format_p(fit["p"]),
            cfi=format_number(fit["cfi"], 3),
            tli=format_number(fit["tli"], 3),
            rmsea=format_number(fit["rmsea"], 3),
            low=format_number(fit["rmsea_low"], 3),
            high=format_number(fit["rmsea_high"], 3),
            srmr=format_number(fit["srmr"], 3),
            n=format_count(self.n),
            estimator=self.estimator.upper(),
        )
        return f"{said} {heywood_sentence(self.heywood)}" if self.heywood else said

    def statistics(self) -> dict[str, Estimate | float]:
        """Fit measures and standardised loadings."""
        measures = {str(name): float(value) for name, value in self.fit.items()}
        loadings = {f"loading_{row.item}": float(row.standardised) for row in self.loadings.itertuples()}
        return {**measures, **loadings}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Loadings with their intervals."""
        from optima_research.results import style

        shown = self.loadings[::-1]
        ax = style.axes(ax, rows=len(shown))
        place = np.arange(len(shown))
        ax.errorbar(
            shown["estimate"],
            place,
            xerr=[shown["estimate"] - shown["low"], shown["high"] - shown["estimate"]],
            fmt="o",
            color=style.palette(1)[0],
        )
        ax.set_yticks(place, shown["label"])
        ax.set_xlabel(_("Loading, in points of the item"))
        style.decimal_axis(ax)
        return ax


def heywood_sentence(items: tuple[str, ...]) -> str:
    """What a negative residual variance means and what to do about it."""
    return _(
        "Negative residual variance (Heywood case) on {items}: the solution is improper. Drop or reword the item, or "
        "check that the factor has at least three good items.",
        items=", ".join(items),
    )


def _loadings(read: ModelData, fitted: Fitted, level: float, *, robust: bool) -> pd.DataFrame:
    from scipy.special import ndtri

    spec = fitted.spec
    estimate = spec.elements(fitted.parameters)[0, spec.loading]
    se = standard_errors(fitted, spec.index[0, spec.loading], read.rows if robust else None)
    item, factor = spec.rows[spec.loading], spec.columns[spec.loading]
    sd = np.sqrt(np.diag(implied(spec, fitted.parameters).covariance[0]))
    half = float(ndtri(0.5 + level / 2)) * se
    return pd.DataFrame(
        {
            "factor": [read.factors[f] for f in factor],
            "item": [read.items[i] for i in item],
            "label": [read.labels[i] for i in item],
            "estimate": estimate,
            "se": se,
            "low": estimate - half,
            "high": estimate + half,
            "standardised": estimate / sd[item],
        }
    )
