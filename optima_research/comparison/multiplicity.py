"""Adjustment of p-values over a declared family of comparisons."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from optima_research.errors import AnalysisError
from optima_research.language import _

Adjustment: TypeAlias = Literal["holm", "bh", "bonferroni", "none"]


def adjust_p_values(p_values: npt.ArrayLike, *, method: Adjustment = "holm") -> npt.NDArray[np.float64]:
    """P-values adjusted for the size of their family; missing ones do not count in the family.

    Parameters
    ----------
    p_values : array of shape (k,)
    method : {"holm", "bh", "bonferroni", "none"}
        Holm (1979) bounds the risk of one false discovery in the family; Benjamini–Hochberg (1995) bounds the share
        of false discoveries, for screening.

    Returns
    -------
    ndarray of shape (k,)

    Notes
    -----
    Same values as R ``p.adjust``.

    Examples
    --------
    >>> adjust_p_values([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    require_adjustment(method)
    p = np.asarray(p_values, dtype=float)
    known = np.flatnonzero(np.isfinite(p))
    adjusted = np.full(p.shape, np.nan)
    m = len(known)
    if m == 0:
        return adjusted
    order = known[np.argsort(p[known], kind="stable")]
    ranks = np.arange(1, m + 1)
    if method == "holm":
        adjusted[order] = np.maximum.accumulate(p[order] * (m - ranks + 1))
    elif method == "bh":
        adjusted[order] = np.minimum.accumulate((p[order] * m / ranks)[::-1])[::-1]
    else:
        adjusted[order] = p[order] * (m if method == "bonferroni" else 1)
    adjusted[known] = np.minimum(adjusted[known], 1.0)
    return adjusted


def require_adjustment(method: str) -> None:
    """Refuse an adjustment that does not exist."""
    if method not in get_args(Adjustment):
        raise AnalysisError(
            _("There is no adjustment « {method} ».", method=method),
            parameter="adjust",
            expected=" | ".join(get_args(Adjustment)),
        )
