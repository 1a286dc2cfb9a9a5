"""Ordinal outcomes modelled as what they are: cumulative logit, with a random intercept for partners if asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optima_research.comparison._clmm_kernels import MixedOrdinal, collapse, fit_mixed, profile_tau
from optima_research.comparison._ordinal_kernels import CumulativeFit, Floats, Ints, fit_cumulative, logistic
from optima_research.comparison.covariates import covariate_frame, require_independent
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import (
    format_count,
    format_interval,
    format_level,
    format_number,
)
from optima_research.results import Column, Estimate, PublicationTable, Result
from optima_research.results.frames import Data, categories, label_of, measure_of, numeric

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PREDICTION_NODES = 21


@dataclass(frozen=True, eq=False, repr=False)
class OrdinalModel(Result):
    """A cumulative-logit model, P(Y ≤ j) = logit⁻¹(θj − xβ − u).

    Parameters
    ----------
    outcome_label : str
    answers : tuple of str
        Lowest to highest.
    coefficients : DataFrame
        Index term; ``estimate se z p_value low high odds_ratio odds_low odds_high``. A positive coefficient goes with
        higher answers.
    thresholds : DataFrame
        Index ``"1|2"``…; ``estimate se``.
    log_likelihood : float
    between : Estimate
        Variance of the random intercept, with its profile interval (NaN without groups).
    groups : DataFrame
        Random intercepts: ``effect se n``; empty without groups.
    proportional_odds : DataFrame
        Index term; ``statistic df p_value``: likelihood-ratio test that its effect is the same at every threshold.
    n, n_missing : int
    """

    outcome_label: str
    answers: tuple[str, ...]
    coefficients: pd.DataFrame
    thresholds: pd.DataFrame
    log_likelihood: float
    between: Estimate
    groups: pd.DataFrame
    proportional_odds: pd.DataFrame
    n: int
    n_missing: int
    group_label: str = ""
    level: float = 0.95

    def predict(
        self, covariates: Mapping[str, float] | None = None, *, group: str | None = None
    ) -> pd.Series:
        """Chance of each answer.

        Parameters
        ----------
        covariates : mapping
            Term of ``coefficients`` → value (1 for a category such as ``sexe[H]``); terms left out are 0.
        group : str, optional
            A group of the model; without it, the average over groups (the random intercept is integrated out).
        """
        given = dict(covariates or {})
        unknown = sorted(set(given) - set(self.coefficients.index))
        if unknown:
            raise AnalysisError(
                _("The model has no term {names}.", names=", ".join(unknown)),
                expected=", ".join(self.coefficients.index),
            )
        shift = float(sum(self.coefficients.loc[name, "estimate"] * value for name, value in given.items()))
        effects, weights = np.zeros(1), np.ones(1)
        if group is not None:
            if group not in self.groups.index:
                raise AnalysisError(_("There is no group « {group} ».", group=group))
            effects = self.groups.loc[[group], "effect"].to_numpy()
        elif len(self.groups):
            points, weights = np.polynomial.hermite_e.hermegauss(PREDICTION_NODES)
            effects, weights = np.sqrt(self.between.value) * points, weights / weights.sum()
        cuts = np.append(self.thresholds["estimate"].to_numpy(), np.inf)
        below = logistic(cuts[None, :] - shift - effects[:, None])[0]
        return pd.Series(np.diff(weights @ below, prepend=0.0), index=pd.Index(self.answers, name="answer"))

    def table(self) -> PublicationTable:
        """Odds ratios of a higher answer."""
        columns = (
            Column("odds_ratio", _("Odds ratio"), decimals=2),
            Column(("odds_low", "odds_high"), format_level(self.level), kind="interval"),
            Column("p_value", "p", kind="p_value"),
            Column("check", _("p, proportional odds"), kind="p_value"),
        )
        body = self.coefficients.assign(
            check=self.proportional_odds["p_value"].reindex(self.coefficients.index)
        )
        return PublicationTable(
            title=_("Cumulative logit: {outcome}", outcome=self.outcome_label), body=body, columns=columns,
            stub=_("Term"), note=self._note(), name="ordinal_model",
            scope=_("{n} respondents, {missing} left out (missing).", n=format_count(self.n), missing=self.n_missing),
        )  # fmt: skip

    def sentence(self) -> str:
        """Which terms go with higher or lower answers."""
        found = self.coefficients[self.coefficients["p_value"] < 1 - self.level]
        if found.empty:
            return _(
                "On « {outcome} », no term can be told from no effect by these data.",
                outcome=self.outcome_label,
            )
        parts = [
            f"{term} {format_number(row['odds_ratio'], 2)} {format_interval(row['odds_low'], row['odds_high'], 2)}"
            for term, row in found.iterrows()
        ]
        return _(
            "Odds of a higher answer to « {outcome} »: {terms}.",
            outcome=self.outcome_label,
            terms=" ; ".join(parts),
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Odds ratios with their intervals, on a logarithmic axis."""
        from optima_research.comparison.figures import interval_dots

        shown = self.coefficients.iloc[::-1]
        ax = interval_dots(
            ax, labels=list(map(str, shown.index)), values=shown["odds_ratio"].to_numpy(),
            low=shown["odds_low"].to_numpy(), high=shown["odds_high"].to_numpy(),
            axis_label=_("Odds ratio"), reference=1.0,
        )  # fmt: skip
        ax.set_xscale("log")
        return ax

    def statistics(self) -> dict[str, Estimate | float]:
        """Odds ratios and the variance between groups."""
        ratios: dict[str, Estimate | float] = {
            str(row.Index): Estimate(row.odds_ratio, row.odds_low, row.odds_high, level=self.level, n=self.n)
            for row in self.coefficients.itertuples()
        }
        return ratios | ({"between": self.between} if len(self.groups) else {})

    def _note(self) -> str:
        parts = [
            _(
                "Proportional odds: one odds ratio for every threshold; the last column tests it "
                "(likelihood ratio)."
            )
        ]
        broken = self.proportional_odds[self.proportional_odds["p_value"] < 1 - self.level]
        if not broken.empty:
            parts.append(
                _(
                    "It does not hold for {terms}: read the shares of each answer.",
                    terms=", ".join(broken.index),
                )
            )
        if len(self.groups):
            parts.append(
                _("Random intercept of « {group} » ({n} groups), variance {variance}.", group=self.group_label,
                  n=len(self.groups), variance=str(self.between))
            )  # fmt: skip
        return " ".join(parts)


def ordinal_model(
    data: Data,
    outcome: str,
    covariates: Sequence[str],
    group: str | None = None,
    *,
    nodes: int = 7,
    level: float = 0.95,
) -> OrdinalModel:
    """Cumulative logit (proportional odds), with an optional random intercept.

    Parameters
    ----------
    data : Survey or DataFrame, one row a respondent
    outcome : str
        Ordinal; the values in order, from the codebook or as numbers.
    covariates : list of str
        Numbers as they are, categories against their first level.
    group : str, optional
        Random intercept of this column (partners, services).
    nodes : int
        Points of adaptive Gauss–Hermite quadrature; 1 is Laplace's approximation.
    level : float

    Returns
    -------
    OrdinalModel
        ``coefficients thresholds log_likelihood between groups proportional_odds``, and ``predict``

    Notes
    -----
    Signs and thresholds as R ``ordinal::clm`` and ``clmm(nAGQ=7)``; log-likelihoods agree to 1e-5. The test of
    proportional odds (``nominal_test``) is made on the model without random intercept. Intervals of coefficients are
    Wald's, that of the variance is a profile interval: with few groups it is wide, and rightly so.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"y": [1, 1, 2, 2, 3, 1, 2, 3, 3, 3], "g": ["a"] * 5 + ["b"] * 5})
    >>> ordinal_model(data, "y", ["g"]).coefficients["estimate"].round(3).to_dict()
    {'g[b]': 1.444}
    """
    codes, answers = _ordered(data, outcome)
    extra = covariate_frame(data, covariates)
    groups = None if group is None else categories(data, group)
    valid = (codes >= 0) & extra.notna().all(axis=1).to_numpy()
    if groups is not None:
        valid &= groups.notna().to_numpy()
    y, x, names = codes[valid], extra[valid].to_numpy(dtype=float), list(extra.columns)
    used = np.bincount(y, minlength=len(answers)) > 0
    y, answers = (np.cumsum(used) - 1)[y], tuple(a for a, held in zip(answers, used, strict=True) if held)
    if len(answers) < 2:
        raise AnalysisError(_("Everybody gave the same answer: there is nothing to model."), where=outcome)
    require_independent(np.column_stack([np.ones(len(y)), x]), names)
    code_of = np.zeros(len(y), dtype=np.int64)
    labels: tuple[str, ...] = ()
    if groups is not None:
        code_of, labels = _group_codes(groups[valid])
    rows = collapse(y, x, code_of)
    fixed = fit_cumulative(rows[0], rows[1], rows[3], len(answers))
    parts = _fixed_parts(fixed) if groups is None else _mixed_parts(rows, labels, len(answers), nodes, level)
    return OrdinalModel(
        label_of(data, outcome), answers, _coefficients(parts, names, level), _thresholds(parts, len(answers)),
        parts["log_likelihood"], parts["between"], parts["groups"],
        _proportional_odds(rows, fixed, extra, covariates, len(answers)), len(y), int((~valid).sum()),
        label_of(data, group) if group else "", level,
    )  # fmt: skip


def _ordered(data: Data, outcome: str) -> tuple[Ints, tuple[str, ...]]:
    if measure_of(data, outcome) in ("interval", "ratio"):
        values = numeric(data, outcome).to_numpy()
        levels = np.unique(values[np.isfinite(values)])
        if len(levels) > 30:
            raise AnalysisError(
                _("« {name} » has {n} distinct values: it is not an ordinal answer.", name=outcome, n=len(levels)),
                parameter="outcome", hint=_("Use multilevel() or compare()."),
            )  # fmt: skip
        codes = np.where(np.isfinite(values), np.searchsorted(levels, np.nan_to_num(values)), -1)
        return codes.astype(np.int64), tuple(
            format_number(value, 0 if float(value).is_integer() else None) for value in levels
        )
    answers = categories(data, outcome)
    if not answers.cat.ordered:
        raise AnalysisError(
            _("« {name} » is nominal: its answers have no order.", name=outcome), parameter="outcome",
            hint=_("Declare it ordinal in the codebook, or use compare()."),
        )  # fmt: skip
    return np.asarray(answers.cat.codes).astype(np.int64), tuple(map(str, answers.cat.categories))


def _group_codes(groups: pd.Series) -> tuple[Ints, tuple[str, ...]]:
    coded = np.asarray(groups.cat.codes).astype(np.int64)
    used = np.bincount(coded, minlength=len(groups.cat.categories)) > 0
    labels = tuple(str(label) for label in groups.cat.categories[used])
    if len(labels) < 3:
        raise AnalysisError(
            _("A variance between groups needs three groups at least; there are {n}.", n=len(labels)),
            parameter="group",
        )
    return (np.cumsum(used, dtype=np.int64) - 1)[coded], labels


def _fixed_parts(fit: CumulativeFit) -> dict[str, Any]:
    return {
        "thresholds": fit.thresholds, "slopes": fit.slopes, "covariance": fit.covariance,
        "log_likelihood": fit.log_likelihood, "between": Estimate(float("nan")),
        "groups": pd.DataFrame({"effect": [], "se": [], "n": []}, dtype=float),
    }  # fmt: skip


def _mixed_parts(
    rows: tuple[Ints, Floats, Ints, Floats], labels: tuple[str, ...], k: int, nodes: int, level: float
) -> dict[str, Any]:
    y, x, group, weight = rows
    model = MixedOrdinal(y, x, group, weight, k, len(labels), nodes)
    fit = fit_mixed(model)
    low, high = profile_tau(model, fit, level)
    modes, curvature = model.modes(fit.parameters)
    tau = float(np.exp(fit.parameters[-1]))
    n = np.bincount(group, weight, len(labels))
    between = Estimate(
        tau**2, low**2, high**2, level=level, n=int(weight.sum()), name=_("variance between groups")
    )
    frame = pd.DataFrame(
        {"effect": tau * modes, "se": tau / np.sqrt(curvature), "n": n.astype(int)},
        index=pd.Index(labels, name="group"),
    )
    return {
        "thresholds": fit.parameters[: k - 1], "slopes": fit.parameters[k - 1 : -1],
        "covariance": fit.covariance[:-1, :-1], "log_likelihood": fit.log_likelihood, "between": between,
        "groups": frame,
    }  # fmt: skip


def _coefficients(parts: dict[str, Any], names: list[str], level: float) -> pd.DataFrame:
    from scipy import special

    beta = parts["slopes"]
    se = np.sqrt(np.diag(parts["covariance"])[len(parts["thresholds"]) :])
    z = beta / se
    half = float(special.ndtri((1 + level) / 2)) * se
    columns = {
        "estimate": beta, "se": se, "z": z, "p_value": 2 * special.ndtr(-np.abs(z)), "low": beta - half,
        "high": beta + half, "odds_ratio": np.exp(beta), "odds_low": np.exp(beta - half),
        "odds_high": np.exp(beta + half),
    }  # fmt: skip
    return pd.DataFrame(columns, index=pd.Index(names, name="term"))


def _thresholds(parts: dict[str, Any], k: int) -> pd.DataFrame:
    se = np.sqrt(np.diag(parts["covariance"])[: k - 1])
    index = pd.Index([f"{j}|{j + 1}" for j in range(1, k)], name="threshold")
    return pd.DataFrame({"estimate": parts["thresholds"], "se": se}, index=index)


def _proportional_odds(
    rows: tuple[Ints, Floats, Ints, Floats],
    fit: CumulativeFit,
    extra: pd.DataFrame,
    covariates: Sequence[str],
    k: int,
) -> pd.DataFrame:
    """One test a covariate; a category has all its columns freed together."""
    from scipy import special

    y, x, _group, weight = rows
    names = [covariates] if isinstance(covariates, str) else list(covariates)
    found = {}
    for name in names if k > 2 else []:
        own = np.array([column == name or column.startswith(f"{name}[") for column in extra.columns])
        free = fit_cumulative(y, x[:, ~own], weight, k, nominal=x[:, own])
        statistic, df = 2 * (free.log_likelihood - fit.log_likelihood), int(own.sum()) * (k - 2)
        p = float(special.chdtrc(df, max(statistic, 0.0))) if free.converged else float("nan")
        for column in extra.columns[own]:
            found[column] = (statistic, df, p)
    return pd.DataFrame.from_dict(found, orient="index", columns=["statistic", "df", "p_value"])
