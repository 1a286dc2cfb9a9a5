"""Alpha with its item table on 1 000 000 × 10 answers, beside psych and pingouin doing the same job.

Run ``python -m bench.reliability``. psych gives the table in one call; pingouin has no item table, so that a user calls
its alpha once for the scale and once without each item, and correlates each item with the rest. Ours also gives omega
with its interval. Only the calls are timed, not the reading of the file.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from bench._timing import Comparison, compare, report, seconds
from optima_research.coding.quantitative import reliability

ROWS, ITEMS, RUNS, TIMES_FASTER = 1_000_000, 10, 3, 20


def main() -> int:
    answers = _answers()
    items = list(answers.columns)
    found: list[Comparison] = []
    if importlib.util.find_spec("pingouin"):
        found.append(
            compare(
                "beside pingouin (alpha, and alpha and item-rest without each item)",
                lambda: reliability(answers, items),
                lambda: _by_pingouin(answers),
                runs=RUNS,
                promised=1 / TIMES_FASTER,
            )
        )
    else:
        print("pingouin is not installed (optional group oracles): nothing to compare with.")
    if shutil.which("Rscript"):
        found.append(_beside_psych(answers))
    else:
        print("R is not installed: nothing to compare with.")
    return report("reliability", found) if found else 0


def _answers() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    latent = 0.7 * rng.standard_normal((ROWS, 1)) + rng.standard_normal((ROWS, ITEMS))
    codes = np.digitize(latent, [-1.2, -0.4, 0.4, 1.2]) + 1
    return pd.DataFrame(codes, columns=[f"q{i}" for i in range(1, ITEMS + 1)])


def _by_pingouin(answers: pd.DataFrame) -> None:
    import pingouin

    pingouin.cronbach_alpha(answers)
    for item in answers:
        rest = answers.drop(columns=item)
        pingouin.cronbach_alpha(rest)
        answers[item].corr(rest.sum(axis=1))


def _beside_psych(answers: pd.DataFrame) -> Comparison:
    items = list(answers.columns)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answers.csv"
        answers.to_csv(file, index=False)
        reliability(answers, items)
        pairs = [
            (seconds(lambda: reliability(answers, items)), _r_seconds(file, answers)) for _ in range(RUNS)
        ]
    ours, yardstick = zip(*pairs, strict=True)
    return Comparison("beside psych::alpha", ours, yardstick, promised=1 / TIMES_FASTER)


def _r_seconds(file: Path, answers: pd.DataFrame) -> float:
    script = str(Path(__file__).with_suffix(".R"))
    done = subprocess.run(["Rscript", script, str(file)], check=True, capture_output=True, text=True)
    elapsed, alpha = map(float, done.stdout.split())
    ours = reliability(answers, list(answers.columns)).alpha.value
    if not np.isclose(ours, alpha, rtol=1e-9):
        raise RuntimeError(f"the two alphas differ: {ours} and {alpha}")
    return elapsed


if __name__ == "__main__":
    sys.exit(main())
