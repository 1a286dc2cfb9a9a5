"""Ladder of measurement invariance, 6 groups × 10 items, beside lavaan on the same file.

Run ``python -m bench.invariance``. Both fit the configural, metric, scalar and strict models with their fit measures;
ours also tests every item and computes the latent means. Only the calls are timed; both end with the same chi2.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from bench._timing import Comparison, report, seconds
from optima_research.coding.quantitative import Invariance, invariance

RUNS = 5
SIZES = (60, 100, 150, 200, 250, 300)
MODEL = {"f1": [f"q{i}" for i in range(1, 6)], "f2": [f"q{i}" for i in range(6, 11)]}


def main() -> int:
    if shutil.which("Rscript") is None:
        print("R is not installed: nothing to compare with.")
        return 0
    answers = _answers()
    expected = _ladder(answers)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answers.csv"
        answers.to_csv(file, index=False)
        pairs = [(seconds(lambda: _ladder(answers)), _r_seconds(file, expected)) for _ in range(RUNS)]
    ours, yardstick = zip(*pairs, strict=True)
    return report("invariance", [Comparison("four models, beside lavaan", ours, yardstick, promised=1.0)])


def _ladder(answers: pd.DataFrame) -> Invariance:
    return invariance(answers, MODEL, "group")


def _answers() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    group = np.repeat(np.arange(len(SIZES)), SIZES)
    factors = rng.multivariate_normal([0, 0], [[1, 0.4], [0.4, 1]], len(group)) + 0.1 * group[:, None]
    latent = 0.8 * factors[:, [0] * 5 + [1] * 5] + 0.6 * rng.standard_normal((len(group), 10))
    codes = np.digitize(latent, [-1.2, -0.4, 0.4, 1.2]) + 1
    return pd.DataFrame(codes, columns=[f"q{i}" for i in range(1, 11)]).assign(group=group)


def _r_seconds(file: Path, expected: Invariance) -> float:
    script = str(Path(__file__).with_suffix(".R"))
    done = subprocess.run(["Rscript", script, str(file)], check=True, capture_output=True, text=True)
    elapsed, *chi2 = map(float, done.stdout.split())
    if not np.allclose(expected.table["chi2"], chi2, atol=1e-4):
        raise RuntimeError(f"the two ladders differ: {expected.table['chi2'].tolist()} and {chi2}")
    return elapsed


if __name__ == "__main__":
    sys.exit(main())
