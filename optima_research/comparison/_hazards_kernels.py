"""Score residuals of a Cox model, and the test that its ratios hold over time."""

from __future__ import annotations

from typing import Any

import numpy as np


def residuals_and_drift(table: Any, time: Any, event: Any, beta: Any) -> tuple[Any, Any]:
    """Score residuals (rows × terms), and the chi² of a log ratio that moves with the rank of time; Efron's ties."""
    from scipy import stats

    # Only differences between rows count; centred, a year among the covariates does not overflow.
    table = table - table.mean(axis=0)
    rank = stats.rankdata(time)
    rank -= rank[event].mean()
    weight, p = np.exp(table @ beta), table.shape[1]
    residuals, score = np.where(event[:, None], table, 0.0), np.zeros(p)
    plain, mixed, own = np.zeros((p, p)), np.zeros((p, p)), np.zeros(p)
    for moment in np.unique(time[event]):
        at_risk, ends = time >= moment, (time == moment) & event
        n, g = int(ends.sum()), rank[ends][0]
        for k in range(n):  # Efron: the ends tied with this one leave the risk set little by little
            share = weight * (at_risk - k / n * ends)
            share = share / share.sum()
            middle = share @ table
            away = table - middle
            spread = (away * share[:, None]).T @ away
            residuals -= away * share[:, None]
            residuals[ends] -= middle / n
            score -= g * middle
            plain, mixed, own = plain + spread, mixed + g * spread, own + g**2 * np.diag(spread)
        score += g * table[ends].sum(axis=0)
    left = own - np.einsum("ij,ji->i", mixed, np.linalg.solve(plain, mixed.T))
    with np.errstate(divide="ignore", invalid="ignore"):
        return residuals, np.where(left > 1e-12 * own, score**2 / left, np.nan)
