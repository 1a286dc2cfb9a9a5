"""Solving for the free parameters of a multi-group model, where groups meet only in the parameters they share.

Ordered by group, the information matrix is block-diagonal with a border (an arrow). Eliminating the groups' own
parameters leaves small systems only: faster, and no linear algebra large enough to be spread over threads, which costs
more than it brings on a busy machine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optima_research.coding.quantitative._cfa_spec import Spec
from optima_research.coding.quantitative._item_moments import FloatArray


@dataclass(frozen=True)
class Arrow:
    """Which elements belong to one group and which are shared, for one specification.

    ``own`` (g, elements), ``shared`` the places of shared parameters, ``picks`` (g, elements, shared) their elements.
    """

    spec: Spec
    own: NDArray[np.bool_]
    shared: NDArray[np.intp]
    picks: FloatArray

    def solve(self, local: FloatArray, vector: FloatArray, damping: float = 0.0) -> FloatArray:
        """Solve ``(H + damping diag H) x = vector`` for the matrix whose groups contribute ``local`` (g, e, e).

        Raises
        ------
        LinAlgError
            The matrix is not positive definite.
        """
        index, free = self.spec.index, self.spec.index >= 0
        diagonal = np.bincount(
            index[free], np.diagonal(local, axis1=1, axis2=2)[free], self.spec.n_parameters
        )
        scale = 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
        by_element = np.where(free, scale[index], 0.0)
        scaled = local * by_element[:, :, None] * by_element[:, None, :]
        own = self.own
        blocks = scaled * own[:, :, None] * own[:, None, :]
        places = np.arange(blocks.shape[1])
        blocks[:, places, places] = np.where(own, 1.0 + max(damping, 1e-13), 1.0)
        border = (scaled * own[:, :, None]) @ self.picks
        right = np.where(own, by_element * vector[index], 0.0)
        np.linalg.cholesky(blocks)
        solved = np.linalg.solve(blocks, np.concatenate([border, right[:, :, None]], axis=2))
        result = np.zeros(self.spec.n_parameters)
        inner = solved[:, :, -1]
        if len(self.shared):
            corner = (np.swapaxes(self.picks, 1, 2) @ scaled @ self.picks).sum(axis=0)
            np.fill_diagonal(corner, 1.0 + max(damping, 1e-13))
            corner -= (np.swapaxes(border, 1, 2) @ solved[:, :, :-1]).sum(axis=0)
            rest = scale[self.shared] * vector[self.shared] - np.einsum("ges,ge->s", border, inner)
            np.linalg.cholesky(corner)
            outer = np.linalg.solve(corner, rest)
            result[self.shared] = outer
            inner = inner - solved[:, :, :-1] @ outer
        result[index[own]] = inner[own]
        return scale * result


def arrow(spec: Spec) -> Arrow:
    """The structure of a specification."""
    free = spec.index >= 0
    uses = np.bincount(spec.index[free], minlength=spec.n_parameters)
    own = free & (uses[spec.index] == 1)
    shared = np.flatnonzero(uses > 1)
    picks = (spec.index[:, :, None] == shared).astype(np.float64)
    return Arrow(spec, own, shared, picks)
