"""One-way analysis of variance to the digits NIST certifies."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from optima_research.comparison import compare
from optima_research.comparison.result import Comparison


def analysed(groups: list[list[float]]) -> Comparison:
    rows = [(group, value) for group, values in enumerate(groups) for value in values]
    return compare(pd.DataFrame(rows, columns=["g", "y"]), "y", "g", method="anova")


@pytest.mark.parametrize(("name", "digits"), [("SiRstv", 12), ("AtmWtAg", 9)])
def test_certified_values(reference: Path, name: str, digits: int) -> None:
    certified = json.loads((reference / "nist_anova.json").read_text(encoding="utf-8"))[name]
    result = analysed(certified["groups"])
    assert result.statistic == pytest.approx(certified["f"], rel=10.0**-digits)
    assert result.effects["eta_squared"].value == pytest.approx(certified["r_squared"], rel=10.0**-digits)


@pytest.mark.parametrize("replicates", [21, 201, 2001])
@pytest.mark.parametrize(("offset", "digits"), [(1.0, 11), (1e6, 8), (1e12, 2)])
def test_simon_lesage_families(replicates: int, offset: float, digits: int) -> None:
    """SmLs01 to SmLs09 follow a rule: nine levels and the replicates of each alternate by a tenth around offset + 0.4.

    At 10¹² a tenth itself is held to three digits only: no program can do better.
    """
    steps = np.array([0.0, *[-0.1, 0.1] * ((replicates - 1) // 2)])
    groups = [(offset + 0.4 + step + steps).tolist() for step in steps[:9]]
    assert analysed(groups).statistic == pytest.approx(float(replicates), rel=10.0**-digits)
