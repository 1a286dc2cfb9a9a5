"""Importing the package loads little more than pandas (bench/import_cost.py measures the time)."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("statsmodels", "scipy.stats", "seaborn", "matplotlib.pyplot", "docx", "openpyxl", "typst", "IPython")


def loaded_by(statement: str) -> set[str]:
    program = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_import_leaves_the_heavy_libraries_for_later() -> None:
    assert loaded_by("import optima_research").isdisjoint(HEAVY)


def test_so_do_the_objects_everyone_starts_with() -> None:
    everyday = loaded_by(
        "from optima_research import Codebook, Estimate, OptimaError, Survey, Trail, Verdict"
    )
    assert everyday.isdisjoint(HEAVY)
