"""Secondary suppression and its audit: time against the size of the table, on simulated counts.

``python bench/disclosure.py``: a 50 x 20 table with its margins must be a matter of seconds.
"""

from __future__ import annotations

import time

import numpy as np

from optima_research.privacy import POLICIES
from optima_research.privacy.hierarchy import Dimension, protect_cube

SIZES = ((5, 4), (10, 5), (14, 8), (25, 10), (50, 20), (80, 30))
SECONDS = 10.0


def flat(name: str, n: int) -> Dimension:
    """A way with a total and no level between."""
    return Dimension(name, (*(f"{name}{number}" for number in range(n)), "Ensemble"), {n: tuple(range(n))})


def main() -> int:
    """Print one line a size; 1 when the 50 x 20 table takes too long."""
    print(
        "| table | cells | primary | hidden | narrowest interval | seconds |\n|---|---:|---:|---:|---:|---:|"
    )
    broken = False
    for mean in (40.0, 8.0):
        for rows, columns in SIZES:
            counts = np.random.default_rng(1).negative_binomial(1.2, 1.2 / (1.2 + mean), (rows, columns))
            start = time.perf_counter()
            cube = protect_cube(counts.astype(float), [flat("r", rows), flat("c", columns)], POLICIES["cinq"])
            seconds = time.perf_counter() - start
            width = float((cube.high - cube.low)[cube.hidden].min())
            sizes = f"{cube.published.size} | {cube.primary} | {int(cube.hidden.sum())}"
            print(f"| {rows} x {columns}, mean {mean:.0f} | {sizes} | {width:.0f} | {seconds:.2f} |")
            broken |= (rows, columns) == (50, 20) and seconds > SECONDS
    return int(broken)


if __name__ == "__main__":
    raise SystemExit(main())
