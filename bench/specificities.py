"""Specificities of 50 000 forms × 20 parts against ``scipy.stats.hypergeom.logsf`` on the same cells."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import hypergeom

from bench._timing import compare, report
from optima_research.coding.qualitative import specificities

FORMS, PARTS, SHARE = 50_000, 20, 0.05


def counts() -> pd.DataFrame:
    """Zipf's law over forms, parts of unequal size."""
    rng = np.random.default_rng(11)
    frequency = np.maximum(1, 600_000 / (np.arange(FORMS) + 10.0)).astype(np.int64)
    return pd.DataFrame(rng.multinomial(frequency, rng.dirichlet(np.full(PARTS, 5.0))))


def main() -> int:
    table = counts()
    values = table.to_numpy()
    total, marked, drawn = values.sum(), values.sum(axis=1)[:, None], values.sum(axis=0)[None, :]
    return report(
        "specificities",
        [
            compare(
                f"specificities, {FORMS} × {PARTS}",
                lambda: specificities(table),
                lambda: hypergeom.logsf(values - 1, total, marked, drawn),
                runs=1,
                promised=5.0,
            )
        ],
    )


if __name__ == "__main__":
    raise SystemExit(main())
