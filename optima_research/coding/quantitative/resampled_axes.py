"""The axes of a multiple correspondence analysis computed again on respondents drawn again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from optima_research.coding.quantitative import _geometry_kernels as kernels
from optima_research.coding.quantitative._burt_kernels import FloatArray, IntArray, Packed, distinct, pack
from optima_research.coding.quantitative.mca_result import MultipleCorrespondence


@dataclass(frozen=True, eq=False)
class Units:
    """Respondents with the same answers and the same weight: a resample weights them instead of copying rows.

    Parameters
    ----------
    packed : Packed
        Their active answers.
    unit : array of shape (n,)
        Unit of each respondent.
    counts : array of shape (units,)
        Respondents in each.
    weight : array of shape (units,)
        Weight of one of its respondents.
    """

    packed: Packed
    unit: IntArray
    counts: FloatArray
    weight: FloatArray

    @classmethod
    def of(cls, mca: MultipleCorrespondence) -> Units:
        """The units of an analysis, in an order that the order of the rows does not change."""
        answers = mca.answers
        codes, sizes = list(answers.codes[: answers.n_active]), [question.size for question in answers.active]
        weights = np.ones(answers.n) if answers.weights is None else answers.weights
        levels, rank = np.unique(weights, return_inverse=True)
        row, unit = distinct([*codes, rank], [*sizes, len(levels)])
        packed = pack([code[row] for code in codes], sizes)
        return cls(packed, unit, np.bincount(unit).astype(float), weights[row])

    def resamples(self, n_boot: int, seed: int) -> Iterator[FloatArray]:
        """Weights of the units in each resample of the respondents."""
        rng = np.random.default_rng(seed)
        n = int(self.counts.sum())
        for _draw in range(n_boot):
            yield rng.multinomial(n, self.counts / n) * self.weight

    def solve(self, weights: FloatArray, mca: MultipleCorrespondence) -> kernels.Solution:
        """The axes of a resample; a category nobody in it holds is left out of them."""
        builds = ~np.concatenate([question.excluded for question in mca.answers.active])
        burt = self.packed.burt(weights) / weights.sum()
        return kernels.solve(burt, mca.answers.n_active, builds & (np.diag(burt) > 0), mca.solution.n_axes)
