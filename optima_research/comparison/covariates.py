"""Covariates as a matrix: numbers as they are, categories against their first level."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.results.frames import Data, categories, measure_of, numeric, require


def covariate_frame(data: Data, names: Sequence[str]) -> pd.DataFrame:
    """One column a number or a category other than the first (``sexe[H]``), NaN where the answer is missing.

    Ordinal covariates are categories: each step has its own coefficient.
    """
    names = [names] if isinstance(names, str) else list(names)
    require(data, names)
    n = len(data) if isinstance(data, pd.DataFrame) else data.n
    columns: dict[str, np.ndarray] = {}
    for name in names:
        if measure_of(data, name) in ("interval", "ratio"):
            columns[name] = numeric(data, name).to_numpy()
            continue
        answers = categories(data, name)
        codes = answers.cat.codes.to_numpy()
        used = [code for code in range(len(answers.cat.categories)) if (codes == code).any()]
        for code in used[1:]:
            indicator = (codes == code).astype(float)
            columns[f"{name}[{answers.cat.categories[code]}]"] = np.where(codes < 0, np.nan, indicator)
    return pd.DataFrame(columns, index=range(n), dtype=float)


def require_independent(x: np.ndarray, names: Sequence[str]) -> None:
    """Refuse covariates that are combinations of others."""
    if x.size and np.linalg.matrix_rank(x) < x.shape[1]:
        raise AnalysisError(
            _("Some covariates are combinations of others, or do not vary."),
            parameter="covariates",
            got=", ".join(names),
        )
