"""One table of codes and the coefficient wanted of it: which kernel, on which patterns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optima_research.coding.qualitative.coders import _agreement_kernels as kernels

LEVEL_WEIGHTS = {"nominal": "identity", "ordinal": "ordinal", "interval": "quadratic", "ratio": "ratio"}
RULES = {
    "cohen_kappa": "conger",
    "conger_kappa": "conger",
    "fleiss_kappa": "fleiss",
    "gwet_ac1": "gwet",
    "gwet_ac2": "gwet",
    "brennan_prediger": "brennan_prediger",
    "percent": "percent",
}
MOST_RATIO_VALUES = 2000


@dataclass(frozen=True)
class Work:
    """One table of codes and the coefficient wanted of it."""

    codes: kernels.Ints
    values: kernels.Floats
    coefficient: str
    level: str
    weights: str
    positive: int

    @property
    def is_wide(self) -> bool:
        """Whether alpha must avoid the values × values coincidences."""
        many = len(self.values) > kernels.FEW_VALUES
        return self.coefficient == "krippendorff_alpha" and self.level != "interval" and many

    def kernel(self, codes: kernels.Ints) -> kernels.Kernel:
        """Features of these rows of codes, and their evaluation."""
        q = len(self.values)
        if self.coefficient == "krippendorff_alpha":
            if self.level == "interval":
                return kernels.alpha_interval(codes, self.values)
            return kernels.alpha_few(codes, self.values, self.level)
        if self.coefficient == "positive_agreement":
            return kernels.specific_agreement(codes, q, self.positive)
        if self.coefficient == "negative_agreement":
            others = np.where(codes < 0, -1, (codes != self.positive).astype(np.int64))
            return kernels.specific_agreement(others, 2, 1)
        return kernels.chance_corrected(codes, q, self.weight_matrix(), self.rule)

    @property
    def rule(self) -> str:
        """The model of chance."""
        return RULES[self.coefficient]

    def weight_matrix(self) -> kernels.Floats:
        """Agreement weights between values."""
        return kernels.agreement_weights(self.values, self.weights)

    def patterns(self) -> tuple[kernels.Ints, kernels.Ints]:
        """Distinct rows of ratings, and the row each unit has."""
        by_coder = self.coefficient in {"cohen_kappa", "conger_kappa"}
        return kernels.patterns(self.codes, len(self.values), by_coder=by_coder)

    def point(self) -> kernels.Parts:
        """Observed and expected agreement and the coefficient, each an array of one."""
        if not len(self.codes) or not len(self.values):
            nothing = np.array([np.nan])
            return nothing, nothing, nothing
        if self.is_wide:
            return kernels.alpha_many(self.codes, self.values, self.level, np.ones((1, len(self.codes))))
        rows, inverse = self.patterns()
        kernel = self.kernel(rows)
        counts = np.bincount(inverse, minlength=len(rows)).astype(np.float64)
        return kernel.evaluate((counts @ kernel.features)[None])

    def too_wide_to_resample(self) -> bool:
        """Whether a draw would cost the square of too many values."""
        return self.level == "ratio" and self.is_wide and len(self.values) > MOST_RATIO_VALUES
