"""Reinert's classification: sparse against the same algorithm on a dense table, and time against the non-zeros.

The dense yardstick differs in the reallocation only, which it does as rainette does: for every pass, the chi² of every
single move from the 2 × p table of column sums. It keeps our sparse first axis, which is in its favour. It takes
minutes, hence one run.

Neither side gains by threads. On a machine that does other work, set OPENBLAS_NUM_THREADS=1: else what is timed is BLAS
threads waiting for a core.
"""

from __future__ import annotations

import json
import resource
from functools import partial
from unittest.mock import patch

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from bench._timing import RESULTS, Comparison, report, seconds
from optima_research.coding.qualitative import TermMatrix, reinert
from optima_research.coding.qualitative.words import _reinert_kernels as kernels

Floats = NDArray[np.float64]
SIZES = ((3_000, 1_000), (6_400, 2_300), (12_500, 3_000), (25_000, 5_000), (50_000, 7_000), (100_000, 10_000))
WORDS, CHUNK = 14, 256
STEEPEST, MOST_MEMORY_GIB = 1.15, 2.0


def segments(n: int, terms: int, *, seed: int = 5) -> TermMatrix:
    """Segments of about fourteen terms drawn by Zipf's law, half of them from one of ten themes."""
    rng = np.random.default_rng(seed)
    share = 1 / (np.arange(terms) + 20.0)
    words = rng.choice(terms, size=(n, WORDS), p=share / share.sum())
    theme = rng.integers(0, 10, size=(n, 1))
    words = np.where(rng.random((n, WORDS)) < 0.5, np.minimum(words // 10 * 10 + theme, terms - 1), words)
    rows = np.repeat(np.arange(n), WORDS)
    counts = csr_array((np.ones(n * WORDS, dtype=np.int64), (rows, words.ravel())), shape=(n, terms))
    counts.sum_duplicates()
    index = pd.RangeIndex(n)
    names = pd.Index([f"t{i}" for i in range(terms)])
    return TermMatrix(counts, index, names, np.full(n, WORDS), pd.DataFrame(index=index))


def dense_moves(table: csr_array, in_first: NDArray[np.bool_], sizes: Floats, totals: Floats) -> int:
    """The reallocation on a dense table: the chi² of every move from its own 2 × p table."""
    dense, grand = table.toarray().astype(np.float64), sizes.sum()
    t, size, moves = dense[in_first].sum(axis=0), sizes[in_first].sum(), 0
    score = grand * ((t**2 / totals).sum() / size + ((totals - t) ** 2 / totals).sum() / (grand - size) - 1)
    while moves < 10 * len(sizes):
        sign = np.where(in_first, -1.0, 1.0)
        first = size + sign * sizes
        tried = np.empty(len(sizes))
        for start in range(0, len(sizes), CHUNK):
            part = slice(start, start + CHUNK)
            one = t + sign[part, None] * dense[part]
            a = (one**2 / totals).sum(axis=1) / first[part]
            b = ((totals - one) ** 2 / totals).sum(axis=1) / (grand - first[part])
            tried[part] = grand * (a + b - 1)
        best = int(np.argmax(tried))
        if not tried[best] > score * (1 + 1e-12):
            break
        score, size, moves = float(tried[best]), float(first[best]), moves + 1
        t, in_first[best] = t + sign[best] * dense[best], not in_first[best]
    return moves


def against_dense() -> Comparison:
    """Ten classes of 6 400 segments × 2 300 terms, both ways; the classes must be the same."""
    matrix = segments(6_400, 2_300)
    ours = tuple(seconds(lambda: reinert(matrix, 10)) for _ in range(3))
    found = []
    with patch.object(kernels, "_best_moves", dense_moves):
        dense = seconds(lambda: found.append(reinert(matrix, 10)))
    mine = reinert(matrix, 10)
    if not np.allclose(mine.heights, found[0].heights, rtol=1e-9):
        raise SystemExit("the dense yardstick found other classes")
    return Comparison("Reinert, k = 10, 6 400 × 2 300: sparse / dense", ours, (dense,) * 3, promised=0.01)


def growth() -> int:
    """Slope of log time on log non-zeros, and the peak memory."""
    rows = []
    for n, terms in SIZES:
        matrix = segments(n, terms)
        taken = min(seconds(partial(reinert, matrix, 10)) for _ in range(2))
        rows.append(
            {"segments": n, "terms": terms, "non_zeros": int(matrix.counts.nnz), "seconds": round(taken, 3)}
        )
        print(f"| {n} × {terms} | {matrix.counts.nnz} non-zeros | {taken:.2f} s |")
    x, y = (np.log([row[key] for row in rows]) for key in ("non_zeros", "seconds"))
    slope = float(np.polyfit(x, y, 1)[0])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    kept = slope <= STEEPEST and memory < MOST_MEMORY_GIB
    print(f"slope {slope:.2f} (promised ≤ {STEEPEST}), peak {memory:.2f} GiB: {'kept' if kept else 'BROKEN'}")
    RESULTS.mkdir(exist_ok=True)
    record = {"sizes": rows, "slope": slope, "peak_gib": memory}
    (RESULTS / "reinert_growth.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return int(not kept)


def main() -> int:
    # Growth first: the dense yardstick would count in the peak of memory.
    grown = growth()
    return max(grown, report("reinert", [against_dense()]))


if __name__ == "__main__":
    raise SystemExit(main())
