"""Do services work more with one another: density of a network of contacts before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optima_research.comparison._mean_kernels import Floats
from optima_research.comparison.estimates import EstimateList
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_estimate, format_percent
from optima_research.results import Estimate, Verdict
from optima_research.results.frames import Data, as_frame, categories

DRAWS = 2000


@dataclass(frozen=True, eq=False, repr=False)
class NetworkDensity(EstimateList):
    """Density at each wave and its change; estimates ``change before after``."""

    def sentence(self) -> str:
        """Whether contacts became denser."""
        values = {
            "before": format_percent(self["before"].value), "after": format_percent(self["after"].value),
            "change": format_estimate(self["change"], 3),
        }  # fmt: skip
        if self.verdict is Verdict.INCONCLUSIVE:
            return _("Density went from {before} to {after}; no change can be told ({change}).", **values)
        return _("Density went from {before} to {after} ({change}).", **values)


def network_density(
    data: Data, source: str, target: str, wave: str, *, nodes: Sequence[str] | None = None, directed: bool = False,
    level: float = 0.95, seed: int = 0,
) -> NetworkDensity:  # fmt: skip
    """Density of contacts between services at two waves, and its change.

    Parameters
    ----------
    data : Survey or DataFrame, one row a contact
    source, target : str
        The two services; a service with itself is ignored, a contact named twice counts once.
    wave : str
        Exactly two waves, in order.
    nodes : list of str, optional
        All services, those without any contact included; by default those that appear.
    directed : bool
        Whether A→B and B→A are two contacts.
    level : float
    seed : int

    Returns
    -------
    NetworkDensity
        ``["change"]``, ``["before"]``, ``["after"]``

    Notes
    -----
    Vertex bootstrap (Snijders and Borgatti 1999): services are drawn with replacement, the same at both waves, and ties
    between copies of one service are drawn from all ties. Contacts are not independent, so a test on pairs would be too
    sure of itself.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"a": list("AABAAB"), "b": list("BCCBCC"), "w": [1, 1, 2, 2, 2, 2]})
    >>> result = network_density(data, "a", "b", "w", nodes=list("ABCD"))
    >>> round(result["before"].value, 3), round(result["after"].value, 3)
    (0.333, 0.5)
    """
    frame = as_frame(data, [source, target], labels=True)
    column = categories(data, wave)
    waves = [label for label in column.cat.categories if (column == label).any()]
    if len(waves) != 2:
        raise AnalysisError(
            _("A change is between two waves; there are {n}.", n=len(waves)), parameter="wave"
        )
    ends = [frame[name].astype(object).map(str, na_action="ignore") for name in (source, target)]
    known = (
        sorted(set(ends[0].dropna()) | set(ends[1].dropna()))
        if nodes is None
        else [str(node) for node in nodes]
    )
    strangers = sorted((set(ends[0].dropna()) | set(ends[1].dropna())) - set(known))
    if strangers:
        raise AnalysisError(
            _("Services not in the list: {names}.", names=", ".join(strangers[:8])), parameter="nodes"
        )
    if len(known) < 4:
        raise AnalysisError(_("A network needs four services at least."), parameter="nodes")
    where = {name: position for position, name in enumerate(known)}
    ties = np.zeros((2, len(known), len(known)))
    for row, label in enumerate(waves):
        chosen = (column == label).to_numpy() & ends[0].notna().to_numpy() & ends[1].notna().to_numpy()
        a, b = (end[chosen].map(where).to_numpy(dtype=np.int64) for end in ends)
        ties[row, a, b] = 1
        if not directed:
            ties[row, b, a] = 1
    return _result(ties, known, level, seed)


def _result(ties: Floats, known: list[str], level: float, seed: int) -> NetworkDensity:
    n = len(known)
    off = ~np.eye(n, dtype=bool)
    density = ties[:, off].mean(axis=1)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, n, size=(DRAWS, n))
    same = drawn[:, :, None] == drawn[:, None, :]
    spread = []
    for wave in range(2):
        sampled = ties[wave][drawn[:, :, None], drawn[:, None, :]]
        sampled = np.where(same, density[wave], sampled)
        spread.append(sampled[:, off].mean(axis=1))
    change = spread[1] - spread[0]
    tails = [(1 - level) / 2, (1 + level) / 2]
    values = {"change": (density[1] - density[0], change, _("change of density")),
              "before": (density[0], spread[0], _("before")), "after": (density[1], spread[1], _("after"))}  # fmt: skip
    estimates = {}
    for key, (value, draws, name) in values.items():
        low, high = np.quantile(draws, tails)
        estimates[key] = Estimate(float(value), float(low), float(high), level=level, n=n, name=name)
    return NetworkDensity(
        _("Density of contacts"), estimates, _("{n} services.", n=n),
        _("Vertex bootstrap: services are drawn, not contacts."),
    )  # fmt: skip
