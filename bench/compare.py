"""Comparisons beside their yardsticks: rstatix, bare bincounts, lmer.

Run ``python -m bench.compare``. Where R is timed, only the call counts, on the same file, run in turn with ours.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from bench._timing import Comparison, compare, report, seconds
from optima_research.comparison import compare as compare_groups
from optima_research.comparison import compare_many, multilevel

RUNS = 5
ROWS, GROUPS = 1_000_000, 10
MANY_ROWS, ITEMS, PARTNERS = 1_900_000, 45, 1_250
MIXED_ROWS, MIXED_GROUPS = 100_000, 1_000


def main() -> int:
    comparisons = [_many()]
    if shutil.which("Rscript") is None:
        print("R is not installed: its part is left out.")
    else:
        with tempfile.TemporaryDirectory() as folder:
            comparisons += [_kruskal(Path(folder)), _mixed(Path(folder))]
    return report("compare", comparisons)


def _kruskal(folder: Path) -> Comparison:
    """Kruskal–Wallis and Dunn, 10 groups of 100 000 respondents on a five-point item."""
    rng = np.random.default_rng(1)
    labels = [f"partner {i}" for i in range(GROUPS)]
    data = pd.DataFrame(
        {"g": pd.Categorical.from_codes(rng.integers(0, GROUPS, ROWS), labels), "y": rng.integers(1, 6, ROWS)}
    )
    ours = lambda: compare_groups(data, "y", "g", method="kruskal")  # noqa: E731
    return _beside_r("Kruskal–Wallis + Dunn, 10 × 100 000", ours, "kruskal", data, folder, 1 / 100)


def _mixed(folder: Path) -> Comparison:
    """Random intercept by REML, with intervals and ranks on our side."""
    rng = np.random.default_rng(2)
    g, x = rng.integers(0, MIXED_GROUPS, MIXED_ROWS), rng.normal(size=MIXED_ROWS)
    y = 0.2 * x + 0.3 * rng.normal(size=MIXED_GROUPS)[g] + rng.normal(size=MIXED_ROWS)
    data = pd.DataFrame({"g": g, "x": x, "y": y})
    ours = lambda: multilevel(data, "y", "g", ["x"])  # noqa: E731
    return _beside_r("REML random intercept, 100 000 × 1 000", ours, "lmer", data, folder, 1.0)


def _many() -> Comparison:
    """45 items between 1 250 partners on 1 900 000 rows, beside the bare counting of the same tables."""
    rng = np.random.default_rng(3)
    codes = rng.integers(0, PARTNERS, MANY_ROWS)
    items = [f"q{i}" for i in range(ITEMS)]
    data = pd.DataFrame({name: rng.integers(1, 6, MANY_ROWS).astype(np.int8) for name in items})
    data["partner"] = pd.Categorical.from_codes(codes, [f"p{i:04d}" for i in range(PARTNERS)])
    flat = [codes * 5 + data[name].to_numpy() - 1 for name in items]

    def bare() -> None:
        for cells in flat:
            np.bincount(cells, minlength=PARTNERS * 5)

    return compare(
        "compare_many, 45 items × 1 250 partners × 1 900 000",
        lambda: compare_many(data, items, "partner"),
        bare,
        runs=RUNS,
        promised=60,
    )


def _beside_r(
    name: str, ours: Callable[[], object], task: str, data: pd.DataFrame, folder: Path, promised: float
) -> Comparison:
    file = folder / f"{task}.csv"
    data.to_csv(file, index=False)
    ours()
    times = [(seconds(ours), _r_seconds(task, file)) for _ in range(RUNS)]
    mine, theirs = zip(*times, strict=True)
    return Comparison(name, mine, theirs, promised)


def _r_seconds(task: str, file: Path) -> float:
    script = Path(__file__).with_suffix(".R")
    done = subprocess.run(
        ["Rscript", str(script), task, str(file)], check=True, capture_output=True, text=True
    )
    return float(done.stdout.split()[-1])


if __name__ == "__main__":
    sys.exit(main())
