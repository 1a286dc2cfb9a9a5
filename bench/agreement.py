"""Agreement with 2 000 bootstrap draws costs at most 50 coefficients without, on 5 000 units × 5 coders."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench._timing import Comparison, compare, report
from optima_research.coding.qualitative.coders.agreement import Coefficient, Level, agreement

UNITS, CODERS, DRAWS = 5_000, 5, 2_000
# One coefficient takes two milliseconds, less than a busy machine's turn: a series of them is timed instead.
TIMES = 25


def ratings(*, continuous: bool) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    names = [f"codeur {i + 1}" for i in range(CODERS)]
    if continuous:
        table = rng.normal(size=(UNITS, 1)) + 0.5 * rng.normal(size=(UNITS, CODERS))
    else:
        truth = rng.integers(1, 6, size=(UNITS, 1))
        drawn = rng.integers(1, 6, size=(UNITS, CODERS))
        table = np.where(rng.random((UNITS, CODERS)) < 0.7, truth, drawn).astype(float)
        table[rng.random((UNITS, CODERS)) < 0.05] = np.nan
    return pd.DataFrame(table, columns=names)


def main() -> int:
    few, many = ratings(continuous=False), ratings(continuous=True)
    measured: list[tuple[str, pd.DataFrame, Coefficient, Level]] = [
        ("alpha, nominal, 5 values", few, "krippendorff_alpha", "nominal"),
        ("alpha, ordinal, 5 values", few, "krippendorff_alpha", "ordinal"),
        ("alpha, interval, 25 000 values", many, "krippendorff_alpha", "interval"),
        ("AC1, 5 values", few, "gwet_ac1", "nominal"),
        ("Conger, 5 values", few, "conger_kappa", "nominal"),
    ]
    return report("agreement", [compared(*one) for one in measured])


def compared(name: str, table: pd.DataFrame, coefficient: Coefficient, level: Level) -> Comparison:
    def several() -> None:
        for _time in range(TIMES):
            agreement(table, coefficient, level, interval="none")

    return compare(
        f"{name}: {DRAWS} draws / {TIMES} coefficients",
        lambda: agreement(table, coefficient, level, draws=DRAWS),
        several,
        promised=50.0 / TIMES,
    )


if __name__ == "__main__":
    raise SystemExit(main())
