"""Omega of the observed sum score of ordinal items (Green and Yang), a coefficient apart from the usual omega."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from optima_research.coding.quantitative._extraction_kernels import extract
from optima_research.coding.quantitative._item_moments import FloatArray
from optima_research.coding.quantitative._polychoric_kernels import bivariate_normal
from optima_research.coding.quantitative.items import read_items
from optima_research.coding.quantitative.polychoric import polychoric
from optima_research.language import _
from optima_research.results import Estimate

if TYPE_CHECKING:
    from optima_research.results.frames import Data


def ordinal_omega(
    data: Data,
    items: Sequence[str],
    *,
    reverse: Sequence[str] = (),
    scale_range: tuple[float, float] | None = None,
    n_boot: int = 0,
    seed: int = 0,
    level: float = 0.95,
) -> Estimate:
    """Reliability of the sum of ordinal items (Green and Yang 2009, equation 21).

    Parameters
    ----------
    data : DataFrame or Survey
        Rows complete on the items are used.
    items : list of str
        At least three ordinal items.
    reverse, scale_range :
        As in :func:`reliability`.
    n_boot, seed, level :
        Percentile bootstrap of the interval; none by default (each draw fits every pair of items again).

    Returns
    -------
    Estimate
        Not to be set against the alpha or the omega of the same items as if one could choose the largest.

    Raises
    ------
    ScaleError
        As :func:`polychoric`.

    Notes
    -----
    One factor fitted to the polychoric correlations by unweighted least squares; the reliability is that of the sum of
    the categories as answered, not of the continuous opinions behind them (which would be larger and unobservable).
    The denominator uses the correlations the model implies. Agrees to 1e-5 with the formula applied to lavaan 0.6-14
    (``ULSMV``): ``tests/reference/reliability.R``.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(2)
    >>> latent = rng.standard_normal((400, 1)) + rng.standard_normal((400, 4))
    >>> answers = pd.DataFrame(np.digitize(latent, [-1, 0, 1]), columns=list("abcd"))
    >>> 0.70 < ordinal_omega(answers, list("abcd")).value < 0.80
    True
    """
    read = read_items(data, items, reverse=reverse, scale_range=scale_range, at_least=3)
    read.moments()
    rows = read.rows()
    value = _omega(rows)
    if not n_boot:
        return Estimate(value, level=level, n=len(rows), name=_("ordinal omega"))
    rng = np.random.default_rng(seed)
    draws = [_omega(rows[rng.integers(0, len(rows), len(rows))]) for _draw in range(n_boot)]
    tail = (1 - level) / 2
    low, high = np.quantile(draws, [tail, 1 - tail])
    return Estimate(
        value,
        float(low),
        float(high),
        level,
        float(np.std(draws, ddof=1)),
        np.inf,
        len(rows),
        _("ordinal omega"),
    )


def _omega(rows: FloatArray) -> float:
    import pandas as pd

    found = polychoric(
        pd.DataFrame(rows, columns=[str(i) for i in range(rows.shape[1])]),
        [str(i) for i in range(rows.shape[1])],
    )
    loadings = extract(found.correlations.to_numpy(), 1, "minres").loadings[:, 0]
    cuts = [np.array(cut) for cut in found.thresholds.values()]
    return green_yang(loadings, cuts)


def green_yang(loadings: FloatArray, cuts: Sequence[FloatArray]) -> float:
    """True-score variance of the sum of the categories over its variance, from loadings and thresholds."""
    from scipy.special import ndtr

    shares = [ndtr(cut) for cut in cuts]
    common = total = 0.0
    for i, first in enumerate(cuts):
        for j, second in enumerate(cuts):
            product = float(shares[i].sum() * shares[j].sum())
            rho = float(np.clip(loadings[i] * loadings[j], -1.0, 1.0))
            joint = float(bivariate_normal(first, second, rho).sum())
            common += joint - product
            total += (float(np.minimum.outer(shares[i], shares[i]).sum()) if i == j else joint) - product
    return common / total
