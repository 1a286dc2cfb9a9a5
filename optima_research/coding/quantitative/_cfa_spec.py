"""Which numbers of a multi-group factor model are free, fixed or equal, and where to start looking for them.

Factors are identified by unit variances in the first group (and in every group while loadings are free there), and
by zero means in the first group; the fit does not depend on that choice, only the unit of the estimates does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from optima_research.coding.quantitative._item_moments import FloatArray, correlation

Part = Literal["loadings", "intercepts", "residuals"]
Freed = tuple[Part, int]


@dataclass(frozen=True)
class GroupMoments:
    """Size, mean and covariance (divisor n) of each group: ``(g,)``, ``(g, p)``, ``(g, p, p)``."""

    n: FloatArray
    mean: FloatArray
    covariance: FloatArray


@dataclass(frozen=True)
class Spec:
    """Elements of the model, the same list in every group.

    ``index`` (g, elements) gives the place of an element among the free parameters, -1 where it is fixed at ``fixed``.
    ``loading``, ``phi``, ``residual``, ``intercept``, ``latent`` are the slices of the list; ``rows`` and ``columns``
    say which item and factor (or pair of factors) an element belongs to.
    """

    n_items: int
    n_factors: int
    n_groups: int
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    index: NDArray[np.intp]
    fixed: FloatArray
    loading: slice
    phi: slice
    residual: slice
    intercept: slice
    latent: slice

    @property
    def n_parameters(self) -> int:
        """Number of free parameters."""
        return int(self.index.max()) + 1

    @property
    def degrees_of_freedom(self) -> int:
        """Means and covariances observed, less the free parameters."""
        p = self.n_items
        return self.n_groups * (p * (p + 1) // 2 + p) - self.n_parameters

    def elements(self, parameters: FloatArray) -> FloatArray:
        """Value of every element in every group."""
        return np.where(self.index >= 0, parameters[self.index], self.fixed)


def build_spec(
    factors: Sequence[Sequence[int]],
    n_items: int,
    n_groups: int,
    equal: frozenset[Part] = frozenset(),
    freed: frozenset[Freed] = frozenset(),
) -> Spec:
    """The model with the parts in ``equal`` held equal over groups, except for the items in ``freed``."""
    m = len(factors)
    loads = [(item, factor) for factor, members in enumerate(factors) for item in members]
    pairs = [(r, s) for r in range(m) for s in range(r, m)]
    rows = [i for i, _f in loads] + [r for r, _s in pairs] + 2 * list(range(n_items)) + list(range(m))
    columns = [f for _i, f in loads] + [s for _r, s in pairs] + 2 * list(range(n_items)) + list(range(m))
    edges = np.cumsum([0, len(loads), len(pairs), n_items, n_items, m])
    loading, phi, residual, intercept, latent = (slice(a, b) for a, b in pairwise(edges.tolist()))
    free = np.ones((n_groups, len(rows)), dtype=bool)
    fixed = np.zeros((n_groups, len(rows)))
    unit = np.array([r == s for r, s in pairs])
    scaled = slice(0, None) if "loadings" not in equal else slice(0, 1)
    free[scaled, phi] = ~unit
    fixed[:, phi] = unit
    free[:, latent] = "intercepts" in equal
    free[0, latent] = False
    tied = np.zeros(len(rows), dtype=bool)
    parts: tuple[tuple[Part, slice], ...] = (
        ("loadings", loading),
        ("residuals", residual),
        ("intercepts", intercept),
    )
    for part, where in parts:
        if part in equal:
            tied[where] = [(part, item) not in freed for item in rows[where]]
    return Spec(
        n_items,
        m,
        n_groups,
        np.array(rows),
        np.array(columns),
        _numbered(free, tied),
        fixed,
        loading,
        phi,
        residual,
        intercept,
        latent,
    )


def starting_values(spec: Spec, moments: GroupMoments) -> FloatArray:
    """Parameters to start from: first components of the items of each factor, averaged where groups share them."""
    elements = spec.fixed.copy()
    variance = np.diagonal(moments.covariance, axis1=1, axis2=2)
    elements[:, spec.intercept] = moments.mean
    item, factor = spec.rows[spec.loading], spec.columns[spec.loading]
    pooled = np.average(moments.covariance, axis=0, weights=moments.n)
    loadings = np.zeros((spec.n_groups, len(item)))
    explained = np.zeros((spec.n_groups, spec.n_items))
    for f in range(spec.n_factors):
        members = factor == f
        direction = _component(pooled[np.ix_(item[members], item[members])])
        for g in range(spec.n_groups):
            own = _component(moments.covariance[g][np.ix_(item[members], item[members])])
            loadings[g, members] = own if own @ direction >= 0 else -own
    for position, i in enumerate(item):
        explained[:, i] += loadings[:, position] ** 2
    elements[:, spec.residual] = np.maximum(variance - explained, 0.2 * variance)
    _start_factors(spec, moments, elements, loadings)
    parameters = np.zeros(spec.n_parameters)
    weight = np.broadcast_to(moments.n[:, None], spec.index.shape)
    taken = spec.index >= 0
    total = np.bincount(spec.index[taken], weight[taken], spec.n_parameters)
    parameters += np.bincount(spec.index[taken], (weight * elements)[taken], spec.n_parameters) / total
    return parameters


def _numbered(free: NDArray[np.bool_], tied: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Places of the free elements, group by group; a tied element takes the place it has in the first group."""
    repeats = free & free[0] & tied
    repeats[0] = False
    fresh = free & ~repeats
    index = np.where(fresh, np.cumsum(fresh).reshape(free.shape) - 1, -1)
    return np.where(repeats, index[0], index)


def _component(covariance: FloatArray) -> FloatArray:
    """Loadings of items on one factor, from the first component of their correlations."""
    k = len(covariance)
    sd = np.sqrt(np.diag(covariance))
    if k == 1:
        return 0.9 * sd
    values, vectors = np.linalg.eigh(correlation(covariance))
    common = np.sqrt(np.clip((values[-1] - 1) / (k - 1), 0.05, 0.8))
    first = vectors[:, -1] * np.sqrt(k) * common
    first = first if first.sum() >= 0 else -first
    loadings: FloatArray = np.clip(first, -0.9, 0.9) * sd
    return loadings


def _start_factors(spec: Spec, moments: GroupMoments, elements: FloatArray, loadings: FloatArray) -> None:
    """Loadings, factor variances and means in the unit the identification asks for."""
    item, factor = spec.rows[spec.loading], spec.columns[spec.loading]
    shared = bool((spec.index[1:, spec.latent] >= 0).any()) or (
        spec.n_groups > 1 and _is_tied(spec, spec.loading)
    )
    mean_loadings = np.average(loadings, axis=0, weights=moments.n)
    ratio = np.ones((spec.n_groups, spec.n_factors))
    if shared:
        for f in range(spec.n_factors):
            members = factor == f
            size = mean_loadings[members] @ mean_loadings[members]
            ratio[:, f] = np.maximum(loadings[:, members] @ mean_loadings[members] / size, 0.2)
        loadings = np.broadcast_to(mean_loadings * ratio[0, factor], loadings.shape)
        ratio = ratio / ratio[0]
    elements[:, spec.loading] = loadings
    between = _start_correlations(spec, moments, loadings)
    for element in range(spec.phi.start, spec.phi.stop):
        first, second = spec.rows[element], spec.columns[element]
        elements[:, element] = between[:, first, second] * ratio[:, first] * ratio[:, second]
    for f in range(spec.n_factors):
        members = item[factor == f]
        gap = (moments.mean[:, members] - moments.mean[0, members]).sum(axis=1)
        total = loadings[0, factor == f].sum()
        elements[:, spec.latent.start + f] = gap / total if abs(total) > 1e-8 else 0.0


def _start_correlations(spec: Spec, moments: GroupMoments, loadings: FloatArray) -> FloatArray:
    """Correlations of the factors from the covariances of their items, drawn towards zero until positive definite."""
    item, factor = spec.rows[spec.loading], spec.columns[spec.loading]
    weights = np.zeros((spec.n_groups, spec.n_items, spec.n_factors))
    weights[:, item, factor] = loadings
    weights /= np.maximum((weights**2).sum(axis=1, keepdims=True), 1e-12)
    between = np.clip(np.swapaxes(weights, 1, 2) @ moments.covariance @ weights, -0.8, 0.8)
    diagonal = np.arange(spec.n_factors)
    between[:, diagonal, diagonal] = 1.0
    smallest = np.linalg.eigvalsh(between)[:, 0]
    between *= np.minimum(1.0, 0.8 / np.maximum(1.0 - smallest, 1e-12))[:, None, None]
    between[:, diagonal, diagonal] = 1.0
    return between


def _is_tied(spec: Spec, where: slice) -> bool:
    return bool((spec.index[1:, where] == spec.index[0, where]).any())
