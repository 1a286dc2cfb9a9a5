"""Linear regression with standard errors that hold with few clusters (partners)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.comparison._cluster_kernels import ClusterSums, Correction
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_interval, format_level, format_number
from optima_research.results import Column, Estimate, PublicationTable, Result
from optima_research.results.frames import (
    Data,
    categories,
    column_names,
    label_of,
    measure_of,
    numeric,
    require,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEW_CLUSTERS = 12


@dataclass(frozen=True, eq=False, repr=False)
class RobustRegression(Result):
    """Coefficients of a linear regression with cluster-robust inference.

    Parameters
    ----------
    formula : str
    coefficients : DataFrame
        Index term; ``estimate se df t p_value low high``.
    covariance : DataFrame
    n, n_missing, n_clusters : int
    cluster_label : str
    correction : {"CR1", "CR2", "CR3"}
    r_squared : float
    """

    formula: str
    coefficients: pd.DataFrame
    covariance: pd.DataFrame
    n: int
    n_missing: int
    n_clusters: int
    cluster_label: str
    correction: str
    r_squared: float
    level: float = 0.95

    def table(self) -> PublicationTable:
        """One row a term."""
        columns = (
            Column("estimate", _("Coefficient"), decimals=3),
            Column("se", _("Standard error"), decimals=3),
            Column("df", _("df"), decimals=1),
            Column(("low", "high"), format_level(self.level), kind="interval", decimals=3),
            Column("p_value", "p", kind="p_value"),
        )
        return PublicationTable(
            title=_("Regression: {formula}", formula=self.formula),
            body=self.coefficients.rename(index=_plain), columns=columns,
            stub=_("Term"), note=self._note(), name="robust_regression",
            scope=_("{n} respondents, {missing} left out (missing).", n=format_count(self.n), missing=self.n_missing),
        )  # fmt: skip

    def sentence(self) -> str:
        """Which terms the data tell from zero."""
        shown = self.coefficients.drop(index="Intercept", errors="ignore")
        found = shown[shown["p_value"] < 1 - self.level]
        if found.empty:
            return _("No term can be told from zero with {clusters} clusters.", clusters=self.n_clusters)
        parts = [
            f"{_plain(term)} {format_number(row['estimate'], 2)} {format_interval(row['low'], row['high'], 2)}"
            for term, row in found.iterrows()
        ]
        return _("Terms told from zero: {terms}.", terms=" ; ".join(parts))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Coefficients with their intervals."""
        from optima_research.comparison.figures import interval_dots

        shown = self.coefficients.drop(index="Intercept", errors="ignore").iloc[::-1]
        return interval_dots(
            ax, labels=list(map(_plain, shown.index)), values=shown["estimate"].to_numpy(), low=shown["low"].to_numpy(),
            high=shown["high"].to_numpy(), axis_label=_("Coefficient"), reference=0.0,
        )  # fmt: skip

    def statistics(self) -> dict[str, Estimate | float]:
        """Every coefficient."""
        return {
            str(row.Index): Estimate(
                row.estimate,
                row.low,
                row.high,
                level=self.level,
                se=row.se,
                df=row.df,
                n=self.n,
                name=str(row.Index),
            )
            for row in self.coefficients.itertuples()
        }

    def _note(self) -> str:
        words = _(
            "Standard errors {correction} by « {cluster} » ({clusters} clusters).",
            correction=self.correction, cluster=self.cluster_label, clusters=self.n_clusters,
        )  # fmt: skip
        if self.correction == "CR2":
            words += " " + _("Degrees of freedom by Satterthwaite; under 4 the p-value is only indicative.")
        return words


def robust_regression(
    data: Data, formula: str, cluster: str, *, correction: Correction = "CR2", level: float = 0.95
) -> RobustRegression:
    """Least squares with cluster-robust standard errors fit for few clusters.

    Parameters
    ----------
    data : Survey or DataFrame, one row a respondent
    formula : str
        ``outcome ~ terms`` in the usual notation; text columns are coded against their first level.
    cluster : str
        Column of the clusters (partners, services).
    correction : {"CR2", "CR3", "CR1"}
        CR2 (bias-reduced linearisation) with Satterthwaite degrees of freedom; CR3 (jackknife) or CR1 with t(G − 1).
    level : float

    Returns
    -------
    RobustRegression
        ``coefficients`` (``estimate se df t p_value low high``)

    Raises
    ------
    AnalysisError
        CR1 under 12 clusters: its p-values reject a true null one time in five instead of one in twenty; a column
        absent from the formula's data; collinear terms.

    Notes
    -----
    Equals clubSandwich 0.5.8 (``coef_test``) to 1e-8. A direction that one cluster alone identifies is left without
    adjustment (pseudo-inverse), as there.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"y": [1.0, 2, 3, 4, 5, 7], "x": [0, 1, 0, 1, 0, 1], "g": ["a", "a", "b", "b", "c", "c"]})
    >>> robust_regression(data, "y ~ x", "g").coefficients.loc["x", ["estimate", "df"]].round(3).tolist()
    [1.333, 2.0]
    """
    frame = _formula_frame(data, formula, cluster)
    complete = frame.dropna()
    x, y, names = design_matrix(formula, complete)
    codes, clusters = pd.factorize(complete[cluster], sort=True)
    if len(clusters) < 2:
        raise AnalysisError(
            _("Cluster-robust standard errors need at least two clusters."), parameter="cluster"
        )
    if correction == "CR1" and len(clusters) < FEW_CLUSTERS:
        raise AnalysisError(
            _(
                "With {n} clusters the usual cluster p-values are far too small: a true null is rejected "
                "about one time in five.",
                n=len(clusters),
            ),
            parameter="correction", got=correction, hint=_('Use correction="CR2" (the default).'),
        )  # fmt: skip
    sums = ClusterSums.of(x, y, codes.astype(np.int64), len(clusters))
    residual = float(y @ y - sums.beta @ sums.cross.sum(axis=0))
    total = float(((y - y.mean()) ** 2).sum())
    covariance = sums.covariance(correction)
    return RobustRegression(
        formula, _coefficients(sums, covariance, names, correction, level, residual),
        pd.DataFrame(covariance, index=names, columns=names), len(y), len(frame) - len(complete), len(clusters),
        label_of(data, cluster), correction, 1 - residual / total if total > 0 else float("nan"), level,
    )  # fmt: skip


def _plain(term: object) -> str:
    """A term as a reader says it: « Usage (Sport) » for ``Usage[T.Sport]``."""
    return re.sub(r"\[T\.([^\]]*)\]", r" (\1)", str(term))


def design_matrix(formula: str, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Matrix of the terms, outcome and names, refusing collinear terms."""
    import statsmodels.formula.api as smf

    try:
        model = smf.ols(formula, data=frame)
    except Exception as error:
        raise AnalysisError(
            _("The formula cannot be read: {reason}", reason=str(error).splitlines()[0]),
            parameter="formula",
            got=formula,
        ) from error
    x, y = np.asarray(model.exog, dtype=float), np.asarray(model.endog, dtype=float).ravel()
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise AnalysisError(
            _("Some terms are combinations of others."), parameter="formula", got=", ".join(model.exog_names),
            hint=_("Drop one of them (a partner's dummies absorb what varies between partners only)."),
        )  # fmt: skip
    return x, y, list(model.exog_names)


def _coefficients(
    sums: ClusterSums,
    covariance: np.ndarray,
    names: list[str],
    correction: Correction,
    level: float,
    residual: float,
) -> pd.DataFrame:
    from scipy import special

    se = np.sqrt(np.diag(covariance))
    # A term that one cluster alone identifies has no residual left to learn its precision from.
    se[se < 1e-7 * np.sqrt(np.diag(sums.bread) * residual / sums.n)] = np.nan
    df = (
        np.array([sums.satterthwaite(row) for row in np.eye(len(names))])
        if correction == "CR2"
        else np.full(len(names), len(sums.cross) - 1.0)
    )
    t = sums.beta / se
    half = special.stdtrit(df, (1 + level) / 2) * se
    columns = {
        "estimate": sums.beta, "se": se, "df": df, "t": t, "p_value": 2 * special.stdtr(df, -np.abs(t)),
        "low": sums.beta - half, "high": sums.beta + half,
    }  # fmt: skip
    return pd.DataFrame(columns, index=pd.Index(names, name="term"))


def _formula_frame(data: Data, formula: str, cluster: str) -> pd.DataFrame:
    """Columns the formula names: numbers as numbers, the rest as categories; the outcome always a number."""
    require(data, [cluster])
    if "~" not in formula:
        raise AnalysisError(_("A formula reads « outcome ~ terms »."), parameter="formula", got=formula)
    outcome = formula.split("~")[0].strip()
    words = set(re.findall(r"[^\W\d][\w.\[\]]*", formula))
    names = [
        name
        for name in column_names(data)
        if name in words or f'"{name}"' in formula or f"'{name}'" in formula
    ]
    columns = {}
    for name in names:
        as_number = name == outcome or measure_of(data, name) in ("interval", "ratio")
        columns[name] = numeric(data, name) if as_number else categories(data, name).astype(object)
    if cluster not in columns:
        columns[cluster] = categories(data, cluster).astype(object)
    return pd.DataFrame(columns)
