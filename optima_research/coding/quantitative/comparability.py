"""The comparability gate: before groups are compared on a scale, does the scale allow it?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from optima_research.codebook import Scale
from optima_research.coding.quantitative.cfa import Estimator
from optima_research.coding.quantitative.invariance import Invariance, judged
from optima_research.coding.quantitative.measurement_model import read_model
from optima_research.coding.quantitative.scoring import declared_scale
from optima_research.errors import ScaleError
from optima_research.language import _

if TYPE_CHECKING:
    from optima_research.results.frames import Data


def comparability(
    data: Data,
    scale: Scale | str | Sequence[str],
    by: str,
    *,
    smallest_effect: float | None = None,
    estimator: Estimator = "ml",
    level: float = 0.95,
) -> Invariance:
    """What groups may be compared on, for one scale: nothing, relations, or means, and what the exceptions cost.

    Parameters
    ----------
    data : DataFrame or Survey
    scale : Scale, name of a scale of the codebook, or list of items
        Items declared reversed are turned round, so that biases are in points of the score.
    by : str
        Column of the groups.
    smallest_effect : float, optional
        Smallest difference of interest, in points of the score.
    estimator : {"ml", "mlr"}
    level : float

    Returns
    -------
    Invariance
        ``comparable``, ``impact`` (points and ranks), ``freed`` (what and why), ``sentence()``.

    Raises
    ------
    ScaleError
        Fewer than three items, or fewer than two groups with more respondents than parameters: nothing can be tested.

    Notes
    -----
    One-factor model; the items that do not hold are searched for (see :func:`invariance`). Groups too small to carry
    the model are left out of the test and named, not refused.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> answers = pd.DataFrame(rng.standard_normal((400, 1)) + rng.standard_normal((400, 4)), columns=list("abcd"))
    >>> answers["partenaire"] = np.repeat(["Pau", "Lescar"], 200)
    >>> answers["d"] += 2 * (answers["partenaire"] == "Pau")
    >>> gate = comparability(answers, list("abcd"), "partenaire", smallest_effect=0.3)
    >>> str(gate.comparable), list(gate.freed["item"])
    ('relations', ['d'])
    """
    if isinstance(scale, (str, Scale)):
        declared = declared_scale(data, scale)
        name, items = declared.shown, declared.items
        read = read_model(data, {name: items}, by, reverse=declared.reversed, scale_range=declared.range)
    else:
        read = read_model(data, {_("scale"): tuple(scale)}, by)
    read = read.without_small_groups()
    if len(read.groups) < 2:
        raise ScaleError(
            _("Fewer than two groups are large enough to test invariance."),
            parameter="by",
            got=", ".join(f"{group} (n = {n})" for group, n in read.left_out),
            hint=_("Describe each group on its own, or merge kindred groups."),
        )
    return judged(read.checked(), by, None, True, estimator, smallest_effect, level)
