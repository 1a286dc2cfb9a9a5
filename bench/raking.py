"""Raking 1 000 000 respondents to three margins, beside R's ``survey::rake`` on the same file.

Run ``python -m bench.raking``. Only the raking call is timed on both sides; both end with the same weights.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from bench._timing import Comparison, report, seconds
from optima_research.sampling import SurveyDesign, rake

ROWS, RUNS, TIMES_FASTER = 1_000_000, 5, 10
SHARES = {
    "sex": {"F": 0.5, "H": 0.5},
    "grade": {"A": 0.25, "B": 0.25, "C": 0.5},
    "age": {"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.3, "e": 0.1},
}


def main() -> int:
    if shutil.which("Rscript") is None:
        print("R is not installed: nothing to compare with.")
        return 0
    answers = _answers()
    size = float(answers["weight"].sum())
    margins = {name: {key: share * size for key, share in parts.items()} for name, parts in SHARES.items()}
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("answers.csv", "margins.json")]
        answers.to_csv(files[0], index=False)
        files[1].write_text(json.dumps(margins))
        # As ours, R sees the columns as text read from a file.
        design = SurveyDesign(pd.read_csv(files[0]), weights="weight")
        pairs = [
            (seconds(lambda: rake(design, margins)), _r_seconds(design, margins, files)) for _ in range(RUNS)
        ]
    ours, yardstick = zip(*pairs, strict=True)
    return report(
        "raking", [Comparison(f"rake {ROWS} × 3 margins", ours, yardstick, promised=1 / TIMES_FASTER)]
    )


def _answers() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    columns = {name: rng.choice(list(parts), ROWS, p=_tilted(len(parts))) for name, parts in SHARES.items()}
    return pd.DataFrame({**columns, "weight": rng.uniform(1, 3, ROWS).round(4)})


def _tilted(k: int) -> np.ndarray:
    return np.arange(k, 0, -1) / (k * (k + 1) / 2)


def _r_seconds(design: SurveyDesign, margins: dict[str, dict[str, float]], files: list[Path]) -> float:
    script = str(Path(__file__).with_suffix(".R"))
    printed = subprocess.run(
        ["Rscript", script, *map(str, files)], check=True, capture_output=True, text=True
    ).stdout.split()
    squares = float((rake(design, margins).weights ** 2).sum())
    if not np.isclose(squares, float(printed[1]), rtol=1e-8):
        raise RuntimeError(f"the two raked weights differ: {squares} and {printed[1]}")
    return float(printed[0])


if __name__ == "__main__":
    sys.exit(main())
