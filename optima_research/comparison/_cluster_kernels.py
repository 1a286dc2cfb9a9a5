"""Cluster-robust inference from sums within clusters: CR1, CR2 with Satterthwaite df, CR3, wild bootstrap.

All of it needs, for each cluster, X'X and X'y only: rows are visited once, and no cluster-sized matrix is ever made.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Correction: TypeAlias = Literal["CR1", "CR2", "CR3"]
MOST_ENUMERATED = 50_000
_ABSORBED = 1e-9
"""A direction that a cluster alone identifies has no residual: it gets no adjustment (pseudo-inverse)."""
WEBB = np.sqrt(np.array([1.5, 1.0, 0.5]))
WEBB = np.concatenate([-WEBB, WEBB[::-1]])


@dataclass(frozen=True, eq=False)
class ClusterSums:
    """Least squares with what cluster-robust inference needs.

    Parameters
    ----------
    gram : ndarray (G, p, p)
        X'X of each cluster.
    cross : ndarray (G, p)
        X'y of each cluster.
    n : int
        Rows.
    """

    gram: Floats
    cross: Floats
    n: int

    @classmethod
    def of(cls, x: Floats, y: Floats, cluster: Ints, clusters: int) -> ClusterSums:
        p = x.shape[1]
        upper = [(i, j) for i in range(p) for j in range(i, p)]
        gram = np.empty((clusters, p, p))
        for i, j in upper:
            gram[:, i, j] = gram[:, j, i] = np.bincount(cluster, x[:, i] * x[:, j], clusters)
        cross = np.column_stack([np.bincount(cluster, x[:, i] * y, clusters) for i in range(p)])
        return cls(gram, cross.astype(float), len(y))

    @cached_property
    def bread(self) -> Floats:
        """Inverse of the total X'X."""
        inverse: Floats = np.linalg.inv(self.gram.sum(axis=0))
        return inverse

    @cached_property
    def beta(self) -> Floats:
        estimate: Floats = self.bread @ self.cross.sum(axis=0)
        return estimate

    @cached_property
    def scores(self) -> Floats:
        """X'e of each cluster (G, p)."""
        return self.cross - self.gram @ self.beta

    @cached_property
    def _root(self) -> Floats:
        return np.linalg.cholesky(self.bread).astype(float)

    @cached_property
    def _leverage(self) -> tuple[Floats, Floats]:
        """Eigenvalues (G, p) of each cluster's hat matrix, and their directions."""
        values, vectors = np.linalg.eigh(self._root.T @ self.gram @ self._root)
        return np.clip(values, 0.0, 1.0).astype(float), vectors.astype(float)

    def _adjusted(self, correction: Correction) -> Floats:
        """Adjusted scores of the clusters, in the rotated coordinates (G, p)."""
        values, vectors = self._leverage
        rotated = self.scores @ self._root
        if correction == "CR1":
            return rotated
        factor = _power(values, -0.5 if correction == "CR2" else -1.0)
        inside = np.einsum("gji,gj->gi", vectors, rotated) * factor
        adjusted: Floats = np.einsum("gij,gj->gi", vectors, inside)
        return adjusted

    def covariance(self, correction: Correction) -> Floats:
        """Covariance of the coefficients; CR1 is Stata's, CR3 has no G/(G − 1) (as in clubSandwich)."""
        adjusted = self._adjusted(correction) @ self._root.T
        meat: Floats = adjusted.T @ adjusted
        if correction != "CR1":
            return meat
        clusters, p = self.cross.shape
        meat *= clusters / (clusters - 1) * (self.n - 1) / (self.n - p)
        return meat

    def satterthwaite(self, contrast: Floats) -> float:
        """Degrees of freedom of a CR2 contrast under independent errors of equal variance."""
        values, vectors = self._leverage
        direction = self._root.T @ contrast
        along = np.einsum("gji,j->gi", vectors, direction)
        diagonal = (along**2 * values * _power(values, -1.0)).sum(axis=1)
        pulled = np.einsum("gij,gj->gi", vectors, along * values * _power(values, -0.5))
        inner = np.diag(diagonal) - pulled @ pulled.T
        return float(np.trace(inner) ** 2 / (inner**2).sum())


def _power(values: Floats, exponent: float) -> Floats:
    left = 1 - values
    safe = np.where(left > _ABSORBED, left, 1.0)
    power: Floats = np.where(left > _ABSORBED, safe**exponent, 0.0)
    return power


@dataclass(frozen=True)
class WildBootstrap:
    """P-values of a wild cluster bootstrap: ``strict`` counts draws beyond the observed t, ``weak`` also the ties."""

    strict: float
    weak: float
    draws: int
    enumerated: bool


def wild_bootstrap(
    sums: ClusterSums, coefficient: int, weights: Literal["rademacher", "webb"], *, draws: int, seed: int
) -> WildBootstrap:
    """Wild cluster bootstrap of one coefficient, null imposed (WCR), t by CR1."""
    clusters = len(sums.cross)
    w, enumerated = _wild_weights(weights, clusters, draws, seed)
    kept = np.arange(len(sums.beta)) != coefficient
    restricted = np.linalg.solve(sums.gram.sum(axis=0)[np.ix_(kept, kept)], sums.cross.sum(axis=0)[kept])
    scores = sums.cross - sums.gram[:, :, kept] @ restricted
    row = sums.bread[coefficient]
    total = w @ scores
    own = scores @ row
    spread = (sums.gram @ sums.bread.T).transpose(0, 2, 1) @ row
    residual = w * own - total @ spread.T
    t = np.abs(total @ row) / np.sqrt((residual**2).sum(axis=1))
    observed = abs(sums.beta[coefficient]) / float(np.sqrt(((sums.scores @ row) ** 2).sum()))
    strict = float((t > observed * (1 + 1e-9)).mean())
    weak = float((t >= observed * (1 - 1e-9)).mean())
    return WildBootstrap(strict, weak, len(w), enumerated)


def _wild_weights(kind: str, clusters: int, draws: int, seed: int) -> tuple[Floats, bool]:
    values = WEBB if kind == "webb" else np.array([-1.0, 1.0])
    if len(values) ** clusters <= MOST_ENUMERATED:
        return _every_weighting(kind, clusters), True
    return np.random.default_rng(seed).choice(values, size=(draws, clusters)), False


@cache
def _every_weighting(kind: str, clusters: int) -> Floats:
    values = WEBB if kind == "webb" else np.array([-1.0, 1.0])
    every = np.array(list(product(values, repeat=clusters)))
    every.setflags(write=False)
    return every
