"""What a calibration leaves behind in a design, so that variances can use the residuals it explains away."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optima_research.sampling._variance_kernels import Codes, Floats, group_sums, sums_by


@dataclass(frozen=True, eq=False)
class CalibrationState:
    """Auxiliary information on cells of respondents that share it, with the weights held before calibration.

    Parameters
    ----------
    cell : (n,) int
        Cell of each respondent.
    matrix : (K, p) float or None
        Auxiliary variables of each cell; None where the cells themselves are the post-strata.
    base, after : (n,) float
        Weights before and after this calibration.

    Notes
    -----
    The residual is the generalised regression (GREG) one: outcome less its prediction by a regression on the
    auxiliaries under the weights held *before* calibration (Deville and Särndal 1992, JASA 87, 376-382).
    """

    cell: Codes
    matrix: Floats | None
    base: Floats
    after: Floats

    def weighted_residuals(self, weighted: Floats) -> Floats:
        """Residuals of (n, k) weighted scores, in the same scale."""
        weights = self.after[:, None]
        values = np.divide(weighted, weights, out=np.zeros_like(weighted), where=weights != 0)
        sums = group_sums(values * self.base[:, None], self.cell, len(self._cell_weight))
        if self.matrix is None:
            with np.errstate(invalid="ignore", divide="ignore"):
                fitted = np.where(self._cell_weight[:, None] > 0, sums / self._cell_weight[:, None], 0.0)
        else:
            fitted = self.matrix @ (self._solver @ sums)
        return np.asarray(weights * (values - fitted[self.cell]))

    @cached_property
    def _cell_weight(self) -> Floats:
        size = int(self.cell.max()) + 1 if self.matrix is None else len(self.matrix)
        return sums_by(self.cell, self.base, size)

    @cached_property
    def _solver(self) -> Floats:
        """(p, K) map from cell sums to regression coefficients; indicators of several margins are collinear."""
        if self.matrix is None:
            raise ValueError("post-strata need no solver")
        root = np.sqrt(self._cell_weight)
        with np.errstate(divide="ignore"):
            inverse_root = np.where(root > 0, 1.0 / root, 0.0)
        return np.asarray(np.linalg.pinv(self.matrix * root[:, None], rcond=1e-11) * inverse_root)
