"""Agreement with 2 000 bootstrap draws against one coefficient, on 5 000 units × 5 coders."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench._timing import Comparison, compare, report
from optima_research.coding.qualitative.agreement import Coefficient, Level, agreement

UNITS, CODERS, DRAWS = 5_000, 5, 2_000


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
    return compare(
        f"{name}: {DRAWS} draws / one",
        lambda: agreement(table, coefficient, level, draws=DRAWS),
        lambda: agreement(table, coefficient, level, interval="none"),
        promised=50.0,
    )


if __name__ == "__main__":
    raise SystemExit(main())
