"""Specificities of 50 000 forms × 20 parts against ``scipy.stats.hypergeom.logsf`` on the same cells."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import hypergeom

from bench._timing import Comparison, report, seconds
from optima_research.coding.qualitative import specificities

FORMS, PARTS, EVERY = 50_000, 20, 2_500


def counts() -> pd.DataFrame:
    """Zipf's law over forms, parts of unequal size."""
    rng = np.random.default_rng(11)
    frequency = np.maximum(1, 600_000 / (np.arange(FORMS) + 10.0)).astype(np.int64)
    return pd.DataFrame(rng.multinomial(frequency, rng.dirichlet(np.full(PARTS, 5.0))))


def main() -> int:
    table = counts()
    values = table.to_numpy()
    total, marked, drawn = values.sum(), values.sum(axis=1)[:, None], values.sum(axis=0)[None, :]
    some = slice(EVERY // 2, None, EVERY)

    def yardstick() -> object:
        return hypergeom.logsf(values[some] - 1, total, marked[some], drawn)

    ours, theirs = seconds(lambda: specificities(table)), EVERY * seconds(yardstick)
    name = f"specificities, {FORMS} × {PARTS} (yardstick: one form in {EVERY}, times {EVERY})"
    return report("specificities", [Comparison(name, (ours,), (theirs,), promised=5.0)])


if __name__ == "__main__":
    raise SystemExit(main())
