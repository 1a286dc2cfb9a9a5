"""Yes/no outcomes: logistic regression read as changes of probability (average marginal effects)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from optima_research.comparison._mean_kernels import Floats
from optima_research.comparison.covariates import covariate_frame, require_independent
from optima_research.comparison.estimates import EstimateList
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_interval, format_number
from optima_research.results import Estimate
from optima_research.results.frames import Data, categories, label_of, measure_of, numeric

STEPS = 50


@dataclass(frozen=True, eq=False, repr=False)
class LogitEffects(EstimateList):
    """Average marginal effects of a logistic regression.

    Parameters
    ----------
    outcome_label, answer : str
        The answer whose probability is modelled.
    coefficients : DataFrame
        Index term; ``estimate se z p_value odds_ratio``.
    estimates : dict of Estimate
        Average marginal effects, in share: for a category, the change of probability against its first level; for a
        number, per unit.
    """

    outcome_label: str
    answer: str
    coefficients: pd.DataFrame

    def sentence(self) -> str:
        """Which covariates change the probability, and by how many points."""
        # "1" says nothing to a reader; the name of what is coded 1 does.
        answer = self.outcome_label if self.answer in ("1", "1.0", "True") else self.answer
        found = {key: e for key, e in self.estimates.items() if e.low > 0 or e.high < 0}
        if not found:
            return _("No covariate can be told to change the chance of « {answer} ».", answer=answer)
        parts = [
            f"{key} {format_number(100 * e.value, 1)} {format_interval(100 * e.low, 100 * e.high, 1)}"
            for key, e in found.items()
        ]
        return _("Chance of « {answer} », in points: {terms}.", answer=answer, terms=" ; ".join(parts))


def logit_effects(
    data: Data, outcome: str, covariates: Sequence[str], *, level: float = 0.95
) -> LogitEffects:
    """Logistic regression and its average marginal effects.

    Parameters
    ----------
    data : Survey or DataFrame, one row a respondent
    outcome : str
        Two answers; the second in order (or 1, or True) is modelled.
    covariates : list of str
        Numbers as they are, categories against their first level.
    level : float

    Returns
    -------
    LogitEffects
        Marginal effects by term, and ``coefficients``

    Raises
    ------
    AnalysisError
        A covariate separates the two answers perfectly: there is no finite estimate.

    Notes
    -----
    Maximum likelihood by Newton's method. The effect of a category is averaged over respondents, each taken once with
    it and once without, other categories of the same question set to none; that of a number is the mean
    derivative.
    Standard errors by the delta method.

    Examples
    --------
    >>> data = pd.DataFrame({"y": [0, 0, 1, 0, 1, 1, 1, 0, 1, 1], "x": [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]})
    >>> round(logit_effects(data.astype({"x": bool}), "y", ["x"])["x[True]"].value, 3)
    0.4
    """
    y, answer = binary_outcome(data, outcome)
    extra = covariate_frame(data, covariates)
    held = np.isfinite(y) & extra.notna().all(axis=1).to_numpy()
    x, y = np.column_stack([np.ones(held.sum()), extra[held].to_numpy()]), y[held]
    names = list(extra.columns)
    require_independent(x, names)
    beta, covariance = fit_logit(x, y)
    se = np.sqrt(np.diag(covariance))
    from scipy import special

    table = pd.DataFrame(
        {"estimate": beta, "se": se, "z": beta / se, "p_value": 2 * special.ndtr(-np.abs(beta / se)),
         "odds_ratio": np.exp(beta)},
        index=pd.Index(["Intercept", *names], name="term"),
    )  # fmt: skip
    return LogitEffects(
        _("Average marginal effects: {outcome}", outcome=label_of(data, outcome)),
        _marginal(x, beta, covariance, names, level),
        _("{n} respondents, {missing} left out (missing).", n=format_count(held.sum()), missing=int((~held).sum())),
        _("Logistic regression; changes of probability averaged over respondents, delta method."),
        label_of(data, outcome), answer, table,
    )  # fmt: skip


def binary_outcome(data: Data, outcome: str) -> tuple[Floats, str]:
    """0/1 with NaN, and the answer that is 1."""
    if measure_of(data, outcome) in ("interval", "ratio"):
        values = numeric(data, outcome).to_numpy()
        if not set(np.unique(values[np.isfinite(values)])) <= {0.0, 1.0}:
            raise AnalysisError(_("« {name} » must hold 0 and 1.", name=outcome), parameter="outcome")
        return values, "1"
    column = categories(data, outcome)
    used = [label for label in column.cat.categories if (column == label).any()]
    if len(used) != 2:
        raise AnalysisError(
            _("« {name} » has {n} answers; two are needed.", name=outcome, n=len(used)), parameter="outcome"
        )
    return np.where(column.isna(), np.nan, (column == used[1]).astype(float)), str(used[1])


def fit_logit(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Coefficients and covariance; refuses separated answers."""
    from scipy.special import expit

    if y.min() == y.max():
        raise AnalysisError(_("Everybody gave the same answer: there is nothing to model."))
    beta = np.zeros(x.shape[1])
    for _step in range(STEPS):
        p = expit(x @ beta)
        information = x.T @ ((p * (1 - p))[:, None] * x)
        move = np.linalg.lstsq(information, x.T @ (y - p), rcond=None)[0]
        beta = beta + move
        if float(np.abs(move).max()) < 1e-10:
            break
    fitted = expit(x @ beta)
    if float(np.abs(y - fitted).max()) < 1e-6 or np.linalg.cond(information) > 1e14:
        raise AnalysisError(
            _("A covariate separates the two answers: no finite estimate exists."),
            hint=_("Merge categories, or drop it."),
        )
    return beta, np.linalg.inv(information)


def _marginal(
    x: Floats, beta: Floats, covariance: Floats, names: list[str], level: float
) -> dict[str, Estimate]:
    from scipy import special
    from scipy.special import expit

    z = float(special.ndtri((1 + level) / 2))
    found = {}
    for position, name in enumerate(names, start=1):
        question = name.split("[")[0] if name.endswith("]") else None
        if question is None:
            p = expit(x @ beta)
            density = p * (1 - p)
            value = float(density.mean() * beta[position])
            gradient = ((density * (1 - 2 * p))[:, None] * x).mean(axis=0) * beta[position]
            gradient[position] += density.mean()
        else:
            with_it, without = x.copy(), x.copy()
            for column, other in enumerate(names, start=1):
                if other.startswith(f"{question}["):
                    with_it[:, column] = without[:, column] = 0.0
            with_it[:, position] = 1.0
            p1, p0 = expit(with_it @ beta), expit(without @ beta)
            value = float((p1 - p0).mean())
            gradient = ((p1 * (1 - p1))[:, None] * with_it - (p0 * (1 - p0))[:, None] * without).mean(axis=0)
        se = float(np.sqrt(gradient @ covariance @ gradient))
        found[name] = Estimate(value, value - z * se, value + z * se, level=level, se=se, n=len(x), name=name)
    return found
