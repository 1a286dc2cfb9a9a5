"""Tests and effect sizes of a table of counts."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
REPLICATES = 2000
MOST_DRAWN = 4_000_000
"""Cells drawn at most: very large tables get fewer replicates rather than all the memory."""
FISHER_REPLICATES = 100_000
FISHER_STATES = 200_000
_RELATIVE = 1e-7
"""Tables whose probability equals the observed one up to rounding count as at least as extreme (as in R)."""


def expected(counts: Floats) -> Floats:
    """Counts expected without any link between rows and columns."""
    result: Floats = counts.sum(axis=1)[:, None] * counts.sum(axis=0)[None, :] / counts.sum()
    return result


def chi2_statistic(counts: Floats, *, yates: bool = False) -> float:
    """Pearson's χ²; with Yates's correction as R applies it (at most the smallest deviation)."""
    wanted = expected(counts)
    deviation = np.abs(counts - wanted)
    if yates:
        deviation = deviation - min(0.5, float(deviation.min()))
    return float((deviation**2 / wanted).sum())


def chi2_test(counts: Floats, *, yates: bool | None = None) -> tuple[float, float, float]:
    """χ², df and p; Yates's correction on 2 × 2 tables unless told otherwise."""
    from scipy import special

    correct = counts.shape == (2, 2) if yates is None else yates
    chi2 = chi2_statistic(counts, yates=correct)
    df = (counts.shape[0] - 1.0) * (counts.shape[1] - 1.0)
    return chi2, df, float(special.chdtrc(df, chi2))


def adjusted_residuals(counts: Floats) -> Floats:
    """Haberman's adjusted residuals: standard normal where rows and columns are not linked."""
    n = counts.sum()
    rows, columns = counts.sum(axis=1, keepdims=True) / n, counts.sum(axis=0, keepdims=True) / n
    wanted = expected(counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        residuals: Floats = (counts - wanted) / np.sqrt(wanted * (1 - rows) * (1 - columns))
    return residuals


def cramers_v(chi2: float, n: float, shape: tuple[int, int]) -> float:
    """Cramér's V, from a χ² without continuity correction."""
    return math.sqrt(chi2 / (n * (min(shape) - 1)))


def corrected_phi2(phi2: Floats | float, n: float, shape: tuple[int, int]) -> Floats:
    """φ² freed from its bias (Bergsma 2013), before flooring at zero."""
    r, c = shape
    result: Floats = np.asarray(phi2, dtype=float) - (r - 1) * (c - 1) / (n - 1)
    return result


def corrected_v(phi2: Floats | float, n: float, shape: tuple[int, int]) -> Floats:
    """Cramér's V from a corrected φ², with Bergsma's corrected dimensions."""
    r, c = (side - (side - 1) ** 2 / (n - 1) for side in shape)
    result: Floats = np.sqrt(np.maximum(phi2, 0) / (min(r, c) - 1))
    return result


def corrected_v_bounds(counts: Floats, level: float, seed: int = 0) -> tuple[float, float]:
    """Bootstrap interval of the corrected V: tables drawn from the observed one.

    A table drawn from a sample carries the bias of sampling twice; the replicates are therefore shifted by the
    distance between the raw and the corrected φ² of the sample before their percentiles are taken.
    """
    rng = np.random.default_rng(seed)
    n, shape = float(counts.sum()), counts.shape
    replicates = max(200, min(REPLICATES, MOST_DRAWN // counts.size))
    drawn = rng.multinomial(int(n), (counts / n).ravel(), size=replicates).reshape(-1, *shape).astype(float)
    wanted = drawn.sum(axis=2, keepdims=True) * drawn.sum(axis=1, keepdims=True) / n
    with np.errstate(divide="ignore", invalid="ignore"):
        phi2 = np.nansum((drawn - wanted) ** 2 / wanted, axis=(1, 2)) / n
    bias = (shape[0] - 1) * (shape[1] - 1) / (n - 1)
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(corrected_phi2(phi2, n, (shape[0], shape[1])) - bias, tails)
    bounds = corrected_v(np.array([low, high]), n, (shape[0], shape[1]))
    return float(bounds[0]), min(1.0, float(bounds[1]))


def fisher_test(counts: Floats, seed: int = 0) -> tuple[float, bool]:
    """Fisher's exact p of an r × c table, and whether it is exact (else simulated with fixed margins)."""
    p = _fisher_network(counts)
    if p is not None:
        return p, True
    from scipy import stats

    law = stats.random_table(counts.sum(axis=1).astype(int), counts.sum(axis=0).astype(int))
    drawn = law.rvs(FISHER_REPLICATES, random_state=np.random.default_rng(seed))
    from scipy.special import gammaln

    weights = -gammaln(drawn + 1.0).sum(axis=(1, 2))
    seen = -float(gammaln(counts + 1.0).sum())
    extreme = int((weights <= seen + _RELATIVE * abs(seen)).sum())
    return (extreme + 1) / (FISHER_REPLICATES + 1), False


def _fisher_network(counts: Floats) -> float | None:
    """Walk the columns of the table; paths that leave the same row totals and probability so far are merged.

    None when there are too many states: the caller simulates.
    """
    from scipy.special import gammaln

    table = counts if counts.shape[0] <= counts.shape[1] else counts.T
    log_factorial = gammaln(np.arange(int(table.sum()) + 2) + 1.0)
    seen = -float(log_factorial[table.astype(int)].sum())
    start = tuple(int(total) for total in table.sum(axis=1))
    states: dict[tuple[tuple[int, ...], int], float] = {(start, 0): 1.0}
    columns = sorted((int(total) for total in table.sum(axis=0)), reverse=True)
    for column in columns[:-1]:
        following: dict[tuple[tuple[int, ...], int], float] = {}
        splits: dict[tuple[int, ...], list[tuple[tuple[int, ...], float]]] = {}
        for (left, past), ways in states.items():
            if left not in splits:
                splits[left] = _splits(left, column, log_factorial)
            for rest, weight in splits[left]:
                key = (rest, past + round(weight * 1e9))
                following[key] = following.get(key, 0.0) + ways
            if len(following) > FISHER_STATES:
                return None
        states = following
    logs = np.array([past * 1e-9 - float(log_factorial[list(rest)].sum()) for rest, past in states])
    mass = np.array(list(states.values())) * np.exp(logs - logs.max())
    return min(1.0, float(mass[logs <= seen + _RELATIVE * max(1.0, abs(seen))].sum() / mass.sum()))


def _splits(left: tuple[int, ...], column: int, log_factorial: Floats) -> list[tuple[tuple[int, ...], float]]:
    """Every way to take one column out of what is left of the rows, with its log weight."""
    found: list[tuple[tuple[int, ...], int, float]] = [((), column, 0.0)]
    for position, available in enumerate(left):
        after = sum(left[position + 1 :])
        found = [
            ((*rest, available - taken), need - taken, weight - float(log_factorial[taken]))
            for rest, need, weight in found
            for taken in range(max(0, need - after), min(available, need) + 1)
        ]
    return [(rest, weight) for rest, _need, weight in found]
