"""Does the effect pass through something: linear mediation with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optima_research.comparison._mean_kernels import Floats
from optima_research.comparison.binary import binary_outcome
from optima_research.comparison.covariates import covariate_frame, require_independent
from optima_research.comparison.estimates import EstimateList
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_estimate, format_percent
from optima_research.results import Estimate, Verdict
from optima_research.results.frames import Data, label_of, measure_of, numeric

DRAWS = 2000
_CHUNK = 250


@dataclass(frozen=True, eq=False, repr=False)
class Mediation(EstimateList):
    """Direct and indirect effects; estimates ``indirect direct total share``."""

    names: tuple[str, str, str]

    def sentence(self) -> str:
        """Whether part of the effect passes through the mediator."""
        cause, through, effect = self.names
        values = {
            "cause": cause, "through": through, "effect": effect, "indirect": format_estimate(self["indirect"], 2),
            "share": format_percent(self["share"].value, 0),
        }  # fmt: skip
        if self.verdict is Verdict.DIFFERENT:
            return _(
                "Part of the effect of « {cause} » on « {effect} » passes through « {through} »: "
                "{indirect} ({share} of the total), if nothing else drives both.",
                **values,
            )
        return _(
            "These data do not show that the effect of « {cause} » on « {effect} » passes through « "
            "{through} »: {indirect}.",
            **values,
        )


def mediation(
    data: Data,
    cause: str,
    mediator: str,
    outcome: str,
    covariates: Sequence[str] = (),
    *,
    level: float = 0.95,
    seed: int = 0,
) -> Mediation:
    """Linear mediation: how much of the effect of a cause on an outcome passes through a mediator.

    Parameters
    ----------
    data : Survey or DataFrame, one row a respondent
    cause : str
        A number, 0/1, or two labels.
    mediator, outcome : str
        Numbers or scale scores.
    covariates : list of str
        Common causes to hold constant.
    level : float
    seed : int

    Returns
    -------
    Mediation
        ``["indirect"]``, ``["direct"]``, ``["total"]``, ``["share"]``

    Notes
    -----
    Two least-squares equations; indirect = a·b, total = a·b + c'. Percentile intervals from 2 000 bootstrap
    samples, each a reweighting of the cross-products. The causal reading supposes that nothing
    unmeasured drives mediator and outcome, which no questionnaire of one wave can show.

    Examples
    --------
    >>> import pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=300)
    >>> m = 0.5 * x + rng.normal(size=300)
    >>> data = pd.DataFrame({"x": x, "m": m, "y": 0.4 * m + 0.1 * x + rng.normal(size=300)})
    >>> mediation(data, "x", "m", "y").verdict
    <Verdict.DIFFERENT: 'different'>
    """
    given = (
        numeric(data, cause).to_numpy()
        if measure_of(data, cause) in ("interval", "ratio")
        else binary_outcome(data, cause)[0]
    )
    extra = covariate_frame(data, covariates)
    columns = np.column_stack([given, numeric(data, mediator), numeric(data, outcome)])
    held = np.isfinite(columns).all(axis=1) & extra.notna().all(axis=1).to_numpy()
    n = int(held.sum())
    if n < 10 + extra.shape[1]:
        raise AnalysisError(_("Too few respondents have every answer ({n}).", n=n))
    table = np.column_stack([np.ones(n), extra[held].to_numpy(), columns[held]])
    require_independent(table[:, :-2], [*extra.columns, cause])
    products = (table[:, :, None] * table[:, None, :]).reshape(n, -1)
    size = table.shape[1]
    whole = _effects(products.sum(axis=0).reshape(1, size, size))[0]
    rng = np.random.default_rng(seed)
    parts = []
    for _chunk in range(DRAWS // _CHUNK):
        weights = rng.multinomial(n, np.full(n, 1 / n), size=_CHUNK).astype(float)
        parts.append(_effects((weights @ products).reshape(-1, size, size)))
    low, high = np.quantile(np.vstack(parts), [(1 - level) / 2, (1 + level) / 2], axis=0)
    names = {"indirect": _("through the mediator"), "direct": _("direct"), "total": _("total"),
             "share": _("share through the mediator")}  # fmt: skip
    estimates = {
        key: Estimate(float(whole[i]), float(low[i]), float(high[i]), level=level, n=n, name=name)
        for i, (key, name) in enumerate(names.items())
    }
    labels = (label_of(data, cause), label_of(data, mediator), label_of(data, outcome))
    return Mediation(
        _("Mediation: {cause} → {through} → {effect}", cause=labels[0], through=labels[1], effect=labels[2]), estimates,
        _("{n} respondents, {missing} left out (missing).", n=format_count(n), missing=int((~held).sum())),
        _("Percentile bootstrap, {draws} samples. Supposes that nothing unmeasured drives both mediator and outcome.",
          draws=format_count(DRAWS)),
        labels,
    )  # fmt: skip


def _effects(gram: Floats) -> Floats:
    """Indirect, direct, total effect and share from cross-products of (1, covariates, cause, mediator, outcome)."""
    cause, mediator, outcome = gram.shape[1] - 3, gram.shape[1] - 2, gram.shape[1] - 1
    first = np.linalg.solve(gram[:, :mediator, :mediator], gram[:, :mediator, mediator][..., None])[..., 0]
    second = np.linalg.solve(gram[:, :outcome, :outcome], gram[:, :outcome, outcome][..., None])[..., 0]
    indirect = first[:, cause] * second[:, mediator]
    direct = second[:, cause]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.column_stack([indirect, direct, indirect + direct, indirect / (indirect + direct)])
