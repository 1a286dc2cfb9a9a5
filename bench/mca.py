"""Multiple correspondence analysis of 1 000 000 × 20 questions × 5 answers, beside the counts of its Burt table.

Run ``python -m bench.mca``. Ours gives the axes, the v-tests and the coordinates of every respondent; the yardstick
only counts the 190 pairs of questions with ``numpy.bincount``. Then 20 000 rows beside FactoMineR, the call alone.
One thread on each side: R's own matrix library has only one. Memory is the peak of what the call allocates, its result
included, as ``tracemalloc`` counts it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tracemalloc
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from bench._timing import Comparison, compare, report, seconds
from optima_research.coding.quantitative import mca

ROWS, QUESTIONS, CATEGORIES, RUNS = 1_000_000, 20, 5, 5
FEWER_ROWS, TIMES_BINCOUNTS, TIMES_FASTER, MOST_BYTES = 20_000, 10, 50, 2**30


def main() -> int:
    answers = _answers(ROWS)
    codes = [answers[name].to_numpy() - 1 for name in answers]
    found = [
        compare(
            "1 000 000 × 20 × 5, all coordinates, beside the bincounts of the Burt table",
            lambda: mca(answers, list(answers)),
            lambda: _burt_by_bincounts(codes),
            runs=RUNS,
            promised=TIMES_BINCOUNTS,
        )
    ]
    if shutil.which("Rscript"):
        found.append(_beside_factominer(_answers(FEWER_ROWS)))
    else:
        print("R is not installed: nothing to compare with.")
    broken = report("mca", found)
    above = _bytes_above(answers)
    print(f"\nMemory above the data: {above / 2**20:.0f} MiB (promised: under {MOST_BYTES / 2**20:.0f} MiB)")
    return int(broken or above > MOST_BYTES)


def _answers(rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    latent = rng.standard_normal((rows, 2)).astype(np.float32)
    columns = {}
    for place in range(QUESTIONS):
        value = 0.8 * latent[:, place % 2] + rng.standard_normal(rows, dtype=np.float32)
        columns[f"q{place + 1}"] = np.digitize(value, [-1.2, -0.4, 0.4, 1.2]) + 1
    return pd.DataFrame(columns)


def _burt_by_bincounts(codes: list[np.ndarray]) -> np.ndarray:
    table = np.empty((QUESTIONS, QUESTIONS, CATEGORIES, CATEGORIES))
    for i, first in enumerate(codes):
        for j in range(i):
            joint = np.bincount(first * CATEGORIES + codes[j], minlength=CATEGORIES**2)
            table[i, j] = joint.reshape(CATEGORIES, CATEGORIES)
    return table


def _beside_factominer(answers: pd.DataFrame) -> Comparison:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answers.csv"
        answers.to_csv(file, index=False)
        mca(answers, list(answers))
        pairs = [
            (seconds(lambda: mca(answers, list(answers))), _r_seconds(file, answers)) for _ in range(RUNS)
        ]
    ours, yardstick = zip(*pairs, strict=True)
    return Comparison("20 000 × 20 × 5, beside FactoMineR::MCA", ours, yardstick, promised=1 / TIMES_FASTER)


def _r_seconds(file: Path, answers: pd.DataFrame) -> float:
    script = str(Path(__file__).with_suffix(".R"))
    done = subprocess.run(["Rscript", script, str(file)], check=True, capture_output=True, text=True)
    elapsed, eigenvalue = map(float, done.stdout.split())
    ours = mca(answers, list(answers)).eigenvalues[1]
    if not np.isclose(ours, eigenvalue, rtol=1e-9):
        raise RuntimeError(f"the two eigenvalues differ: {ours} and {eigenvalue}")
    return elapsed


def _bytes_above(answers: pd.DataFrame) -> int:
    tracemalloc.start()
    mca(answers, list(answers))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


if __name__ == "__main__":
    sys.exit(main())
