"""Partners in their place: variance between them, and an honest league table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from optima_research.comparison._mixed_kernels import (
    Floats,
    GroupSums,
    profile_intervals,
    ratio_posterior,
    satterthwaite,
    shrunken,
)
from optima_research.comparison.covariates import covariate_frame, require_independent
from optima_research.comparison.shown import whole_rows
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_estimate, format_level, format_number
from optima_research.results import Column, Estimate, Protect, PublicationTable, Result
from optima_research.results.frames import Data, categories, label_of, numeric

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DRAWS = 8000
MOST_DRAWN = 1_000_000
MOST_RANKED = 50
COMPARISON_FACTOR = 1.39
"""Goldstein and Healy (1995): two intervals of ±1.39 standard errors overlap when the difference is not significant."""


@dataclass(frozen=True, eq=False, repr=False)
class Multilevel(Result):
    """A random-intercept model: how much groups differ, and where each stands.

    Parameters
    ----------
    outcome_label, group_label : str
    between, within : Estimate
        Variances τ² and σ² (REML), with profile-likelihood intervals.
    icc : Estimate
        τ² / (τ² + σ²).
    coefficients : DataFrame
        Index term; ``estimate se df t p_value low high`` (Satterthwaite).
    groups : DataFrame
        One row a group: ``n``, ``raw`` (mean at average covariates) with ``raw_low raw_high``, ``shrunken`` (as lme4)
        with ``low high`` that allow for the uncertainty of τ, ``comparison_low comparison_high`` (±1.39 standard
        errors: two groups whose intervals do not overlap differ), ``mean_rank rank_low rank_high p_first p_last``
        (rank 1: highest).
    rank_probabilities : DataFrame
        Chance of each rank; empty above 50 groups.
    log_likelihood : float
        REML.
    population : Series, optional
        Size of each group, for the funnel.
    """

    outcome_label: str
    group_label: str
    between: Estimate
    within: Estimate
    icc: Estimate
    coefficients: pd.DataFrame
    groups: pd.DataFrame
    rank_probabilities: pd.DataFrame
    log_likelihood: float
    n: int
    n_missing: int
    level: float = 0.95
    population: pd.Series | None = None
    shown: PublicationTable | None = None

    def table(self) -> PublicationTable:
        """The league table, in the order of the shrunken means."""
        if self.shown is not None:
            return self.shown
        body = self.groups.sort_values("shrunken", ascending=False, kind="stable")
        columns = (
            Column("n", "n", kind="count"), Column("raw", _("Raw mean"), decimals=2),
            Column("shrunken", _("Shrunken mean"), decimals=2),
            Column(("low", "high"), format_level(self.level), kind="interval"),
            Column(("rank_low", "rank_high"), _("Ranks, {level}", level=format_level(self.level)), kind="interval",
                   decimals=0),
            Column("p_first", _("Chance of being first"), kind="percent", decimals=0),
            Column("p_last", _("Chance of being last"), kind="percent", decimals=0),
        )  # fmt: skip
        bases = pd.DataFrame({name: body["n"] for name in body.columns if name != "n"}, index=body.index)
        return PublicationTable(
            title=_("{outcome} by {by}", outcome=self.outcome_label, by=self.group_label), body=body, columns=columns,
            stub=self.group_label, bases=bases, reading=self._reading(body), note=self._note(), name="multilevel",
            scope=_("{n} respondents, {missing} left out (missing).", n=format_count(self.n), missing=self.n_missing),
        )  # fmt: skip

    def protected(self, protect: Protect) -> Self:
        """The league table a policy lets be shown: a hidden group is in no figure, prediction or statistic."""
        table = _hidden_last(protect(self.table()))
        kept = self.groups.index.isin(whole_rows(table))
        rest = replace(
            self, groups=self.groups[kept], rank_probabilities=self.rank_probabilities[kept],
            population=None if self.population is None else self.population[kept],
        )  # fmt: skip
        body = rest.groups.sort_values("shrunken", ascending=False, kind="stable")
        return replace(rest, shown=table.with_notes(reading=rest._reading(body) if len(body) else ""))

    def sentence(self) -> str:
        """How much of the variance lies between groups, and whether the data exclude none."""
        values = {
            "outcome": self.outcome_label, "by": self.group_label, "groups": len(self.groups),
            "icc": format_estimate(self.icc, 2),
        }  # fmt: skip
        if self.icc.low > 0:
            return _(
                "« {outcome} » differs between the {groups} groups of « {by} »: share of variance "
                "between groups {icc}.",
                **values,
            )
        return _(
            "On « {outcome} », these data do not exclude that the {groups} groups of « {by} » are alike, "
            "nor that they differ: share of variance between groups {icc}.",
            **values,
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Shrunken means with their intervals, raw means beside them."""
        from optima_research.comparison.figures_ranking import forest

        return forest(self, ax)

    def funnel(self, ax: Axes | None = None) -> Axes:
        """Raw means against group sizes, with the limits that chance alone would give."""
        from optima_research.comparison.figures_ranking import funnel

        return funnel(self, ax)

    def predict(self, group: str) -> Estimate:
        """Shrunken mean of a group."""
        if group not in self.groups.index:
            raise AnalysisError(
                _("There is no group « {group} ».", group=group),
                expected=", ".join(map(str, self.groups.index[:12])),
            )
        row = self.groups.loc[group]
        return Estimate(
            row["shrunken"], row["low"], row["high"], level=self.level, n=int(row["n"]), name=group
        )

    def statistics(self) -> dict[str, Estimate | float]:
        """Variances and every shrunken mean."""
        means: dict[str, Estimate | float] = {str(group): self.predict(group) for group in self.groups.index}
        return {"between": self.between, "within": self.within, "icc": self.icc, **means}

    def _reading(self, body: pd.DataFrame) -> str:
        row = body.iloc[0]
        return _(
            "« {group} » has a raw mean of {raw} and, once drawn towards the whole as its {n} "
            "respondents demand, {shrunken}; its rank may be anything from {low} to {high}.",
            group=body.index[0], raw=format_number(row["raw"], 2), n=format_count(row["n"]),
            shrunken=format_number(row["shrunken"], 2), low=format_count(row["rank_low"]),
            high=format_count(row["rank_high"]),
        )  # fmt: skip

    def _note(self) -> str:
        parts = [
            _("Random-intercept model (REML); share of variance between groups {icc}, profile interval.",
              icc=format_estimate(self.icc, 2)),
            _("Intervals and ranks allow for the uncertainty of the variance between groups (half-Cauchy prior)."),
        ]  # fmt: skip
        if self.between.value == 0:
            parts.append(
                _(
                    "A variance estimated at zero is not a finding with {n} groups: see the interval.",
                    n=len(self.groups),
                )
            )
        return " ".join(parts)


def multilevel(
    data: Data,
    outcome: str,
    group: str,
    covariates: Sequence[str] = (),
    *,
    population: Mapping[str, float] | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> Multilevel:
    """Random-intercept model: variance between groups, shrunken means, ranks.

    Parameters
    ----------
    data : Survey or DataFrame, one row a respondent
    outcome : str
        A number or a scale score.
    group : str
        Partners, directions, services.
    covariates : list of str
        Numbers as they are, categories against their first level.
    population : mapping, optional
        Group → size, for the limits of the funnel.
    level : float
    seed : int
        For the draws behind the rank probabilities.

    Returns
    -------
    Multilevel
        ``between within icc coefficients groups rank_probabilities``

    Notes
    -----
    REML by one-dimensional search on τ²/σ², from sums by group. Profile intervals use the likelihood (not REML), as R
    lme4 ``confint``; degrees of freedom are Satterthwaite's, as lmerTest. Shrunken means are lme4's; their intervals
    and the ranks average over τ/σ by quadrature, with a half-Cauchy(1) prior, because with few groups τ is hardly
    known.

    With G groups ``icc`` is often estimated at zero by chance alone (two samples in five with an ICC of 0.01 and four
    groups of 50): read its interval.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"y": [1.0, 2, 3, 5, 6, 7, 3, 4, 5], "g": ["a"] * 3 + ["b"] * 3 + ["c"] * 3})
    >>> result = multilevel(data, "y", "g")
    >>> result.groups["shrunken"].round(2).to_dict()
    {'a': 2.17, 'b': 5.83, 'c': 4.0}
    """
    y = numeric(data, outcome).to_numpy()
    column = categories(data, group)
    extra = covariate_frame(data, covariates)
    valid = np.isfinite(y) & column.notna().to_numpy() & extra.notna().all(axis=1).to_numpy()
    if not valid.any():
        raise AnalysisError(_("No respondent has all the answers."), where=outcome)
    coded = np.asarray(column.cat.codes)[valid].astype(np.int64)
    used = np.bincount(coded, minlength=len(column.cat.categories)) > 0
    codes, labels = (np.cumsum(used) - 1)[coded], column.cat.categories[used].astype(str).to_numpy()
    x = np.column_stack([np.ones(valid.sum()), extra[valid].to_numpy()])
    names = ["Intercept", *extra.columns]
    _require_groups(codes, len(labels), group)
    require_independent(x, names)
    sums = GroupSums.of(x, y[valid], codes, len(labels))
    theta = sums.best_reml
    sigma2 = sums.solve(theta)[2] / (sums.rows - sums.parameters)
    intervals = profile_intervals(sums, level)
    groups, ranks = _league(sums, theta, x.mean(axis=0), labels, level, seed)
    n, sizes = int(valid.sum()), None if population is None else pd.Series(population).reindex(labels)

    def variance(value: float, bounds: tuple[float, float], name: str) -> Estimate:
        return Estimate(value, min(value, bounds[0]), max(value, bounds[1]), level=level, n=n, name=name)

    squares = {key: (low**2, high**2) for key, (low, high) in intervals.items()}
    return Multilevel(
        label_of(data, outcome), label_of(data, group),
        variance(theta * sigma2, squares["tau"], _("variance between groups")),
        variance(sigma2, squares["sigma"], _("variance within groups")),
        variance(theta / (1 + theta), intervals["icc"], _("intraclass correlation")),
        _fixed(sums, theta, names, level), groups, ranks, sums.reml(theta), n, int((~valid).sum()), level, sizes,
    )  # fmt: skip


def _hidden_last(table: PublicationTable) -> PublicationTable:
    """Hidden groups after the others, by name: their place in a league table would tell their mean."""
    whole = set(whole_rows(table))
    shown = [label for label in table.body.index if label in whole]
    order = [*shown, *sorted(label for label in table.body.index if label not in whole)]
    layers = {
        name: layer.loc[order]
        for name in ("body", "bases", "counts", "suppressed")
        if (layer := getattr(table, name)) is not None
    }
    return replace(table, **layers)


def _require_groups(codes: np.ndarray, groups: int, name: str) -> None:
    if groups < 3:
        raise AnalysisError(
            _("A variance between groups needs three groups at least; there are {n}.", n=groups),
            parameter="group", got=name, hint=_("Use compare()."),
        )  # fmt: skip
    if len(codes) == groups:
        raise AnalysisError(_("Each group has a single answer: nothing tells groups from persons."), got=name)


def _fixed(sums: GroupSums, theta: float, names: list[str], level: float) -> pd.DataFrame:
    from scipy import special

    xwx, beta, rss = sums.solve(theta)
    se = np.sqrt(np.diag(np.linalg.inv(xwx)) * rss / (sums.rows - sums.parameters))
    df = satterthwaite(sums, np.eye(len(beta)))
    t = beta / se
    half = special.stdtrit(df, (1 + level) / 2) * se
    columns = {
        "estimate": beta, "se": se, "df": df, "t": t, "p_value": 2 * special.stdtr(df, -np.abs(t)), "low": beta - half,
        "high": beta + half,
    }  # fmt: skip
    return pd.DataFrame(columns, index=pd.Index(names, name="term"))


def _league(
    sums: GroupSums, theta: float, at: Floats, labels: np.ndarray, level: float, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    from scipy import special

    mean, _own, _direction, _covariance, sigma2 = shrunken(sums, theta, at)
    beta = sums.solve(theta)[1]
    raw = at @ beta + (sums.y - sums.x @ beta) / sums.n
    se = np.sqrt(sigma2 / sums.n)
    z = float(special.ndtri((1 + level) / 2))
    draws = _draws(sums, at, seed)
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(draws, tails, axis=0)
    ranks = np.empty(draws.shape, dtype=np.int64)
    np.put_along_axis(ranks, (-draws).argsort(axis=1), np.arange(1, len(labels) + 1)[None, :], axis=1)
    rank_low, rank_high = np.quantile(ranks, tails, axis=0, method="inverted_cdf")
    columns = {
        "n": sums.n.astype(int), "raw": raw, "raw_low": raw - z * se, "raw_high": raw + z * se, "shrunken": mean,
        "low": np.minimum(low, mean), "high": np.maximum(high, mean),
        "comparison_low": raw - COMPARISON_FACTOR * se, "comparison_high": raw + COMPARISON_FACTOR * se,
        "mean_rank": ranks.mean(axis=0), "rank_low": rank_low, "rank_high": rank_high,
        "p_first": (ranks == 1).mean(axis=0), "p_last": (ranks == len(labels)).mean(axis=0),
    }  # fmt: skip
    index = pd.Index(labels, name="group")
    chances = pd.DataFrame(index=index)
    if len(labels) <= MOST_RANKED:
        chances = pd.DataFrame(
            {rank: (ranks == rank).mean(axis=0) for rank in range(1, len(labels) + 1)}, index=index
        )
    return pd.DataFrame(columns, index=index), chances


def _draws(sums: GroupSums, at: Floats, seed: int) -> Floats:
    """Draws of the group means from their posterior, each node of τ/σ in proportion to its weight."""
    rng = np.random.default_rng(seed)
    total = max(500, min(DRAWS, MOST_DRAWN // len(sums.n)))
    theta, weight = ratio_posterior(sums)
    counts = np.floor(weight * total + 0.5).astype(int)
    df = sums.rows - sums.parameters
    parts = []
    for value, size in zip(theta, counts, strict=True):
        if size == 0:
            continue
        mean, own, direction, covariance, _sigma2 = shrunken(sums, float(value), at)
        root = np.linalg.cholesky(covariance)
        noise = np.sqrt(own) * rng.standard_normal((size, len(mean)))
        noise += rng.standard_normal((size, len(root))) @ root.T @ direction.T
        # σ² is itself uncertain: scaled inverse χ², which makes the draws Student's rather than normal.
        noise *= np.sqrt(df / rng.chisquare(df, size=(size, 1)))
        parts.append(mean + noise)
    return np.vstack(parts)
