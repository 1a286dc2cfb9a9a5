"""Simulated people: populations with known margins, latent attitudes, and the five-point answers they give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Generator = np.random.Generator

# Thresholds that cut a standard normal attitude into five answers, a little to the right as surveys of agents are.
THRESHOLDS = (-1.45, -0.55, 0.15, 1.25)


def population(sizes: Mapping[str, int], name: str) -> pd.DataFrame:
    """One row a person, by group.

    Examples
    --------
    >>> population({"a": 2, "b": 1}, "service")["service"].tolist()
    ['a', 'a', 'b']
    """
    return pd.DataFrame({name: np.repeat(list(sizes), list(sizes.values()))})


def drawn(
    rng: Generator, shares: Mapping[str, Mapping[str, float]], groups: pd.Series
) -> npt.NDArray[np.object_]:
    """One category a person, drawn with the shares of the person's group."""
    answer = np.empty(len(groups), dtype=object)
    for group, chances in shares.items():
        rows = np.flatnonzero(groups == group)
        weights = np.array(list(chances.values()), dtype=float)
        answer[rows] = rng.choice(list(chances), size=len(rows), p=weights / weights.sum())
    return answer


def correlated(rng: Generator, n: int, names: list[str], correlation: float) -> pd.DataFrame:
    """Standard normal dimensions with one common correlation."""
    common = rng.standard_normal((n, 1))
    own = rng.standard_normal((n, len(names)))
    return pd.DataFrame(np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own, columns=names)


def likert(
    rng: Generator,
    attitude: npt.ArrayLike,
    loading: float,
    *,
    turned: bool = False,
    thresholds: Sequence[float] = THRESHOLDS,
) -> npt.NDArray[np.int64]:
    """Answers 1 to 5 to an item that measures an attitude with that loading; a turned item runs the other way.

    Other ``thresholds`` give another number of points.
    """
    attitude = np.asarray(attitude, dtype=float)
    heard = loading * attitude + np.sqrt(1 - loading**2) * rng.standard_normal(len(attitude))
    answers = 1 + np.searchsorted(thresholds, -heard if turned else heard)
    return np.asarray(answers, dtype=np.int64)


def pseudonym_free_names(n: int) -> pd.DataFrame:
    """Names and addresses that belong to nobody, to fill a participants file: « Prénom017 Nom017 »."""
    numbers = [f"{i:03d}" for i in range(1, n + 1)]
    return pd.DataFrame(
        {
            "firstname": [f"Prénom{i}" for i in numbers],
            "lastname": [f"Nom{i}" for i in numbers],
            "email": [f"agent{i}@example.org" for i in numbers],
        }
    )
