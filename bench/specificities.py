"""Specificities of 50 000 forms × 20 parts against ``scipy.stats.hypergeom.logsf`` on the same cells.

``logsf`` sums tails cell by cell in Python and would take more than an hour on the million cells: it is timed
on forms drawn at random (another draw each run) and scaled up. ``sf``, compiled but 0 where a tail underflows, runs on
all cells: a harder yardstick than the one promised.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import hypergeom

from bench._timing import Comparison, compare, report, seconds
from optima_research.coding.qualitative import specificities

FORMS, PARTS, DRAWN, RUNS = 50_000, 20, 80, 3


def counts() -> pd.DataFrame:
    """Zipf's law over forms, parts of unequal size."""
    rng = np.random.default_rng(11)
    frequency = np.maximum(1, 600_000 / (np.arange(FORMS) + 10.0)).astype(np.int64)
    return pd.DataFrame(rng.multinomial(frequency, rng.dirichlet(np.full(PARTS, 5.0))))


def main() -> int:
    table = counts()
    values = table.to_numpy()
    total, marked, drawn = values.sum(), values.sum(axis=1)[:, None], values.sum(axis=0)[None, :]
    rng = np.random.default_rng(12)

    def log_tails() -> float:
        some = rng.choice(FORMS, DRAWN, replace=False)
        cells = (values[some] - 1, total, marked[some], drawn)
        return FORMS / DRAWN * seconds(lambda: hypergeom.logsf(*cells))

    pairs = [(seconds(lambda: specificities(table)), log_tails()) for _run in range(RUNS)]
    size = f"specificities, {FORMS} × {PARTS}"
    against_logs = Comparison(
        f"{size} / logsf of {DRAWN} forms drawn at random, times {FORMS // DRAWN}",
        tuple(ours for ours, _theirs in pairs),
        tuple(theirs for _ours, theirs in pairs),
        promised=5.0,
    )
    against_tails = compare(
        f"{size} / sf of all cells",
        lambda: specificities(table),
        lambda: hypergeom.sf(values - 1, total, marked, drawn),
        runs=RUNS,
        promised=5.0,
    )
    return report("specificities", [against_logs, against_tails])


if __name__ == "__main__":
    raise SystemExit(main())
