"""A table and a figure with everything that goes wrong in an export: spanners, hidden cells, special characters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from optima_research.publishing import using_setting
from optima_research.results import Column, PublicationTable

NAMES = {"Ville de Rezé": "Collectivité A", "Rezé": "Collectivité A", "Ville de Pau": "Collectivité B"}


def make_table(**changes: Any) -> PublicationTable:
    rows = ["Culture", "Voirie & propreté", "Police municipale", "Ensemble"]
    body = pd.DataFrame(
        {
            "n": [52, 1231, 8, 1291],
            "mean": [3.214, 2.9, 3.1, np.nan],
            "low": [3.02, 2.61, 2.0, np.nan],
            "high": [3.40, 3.19, 4.0, np.nan],
            "share": [0.652, 0.4812, 0.5, 0.67],
            "p": [0.0004, 0.036, 0.2, np.nan],
            "method": ["welch", "=SUM(A1)", "R_1 \\ 100 % #~^{}", "« oui »"],
        },
        index=rows,
    )
    suppressed = pd.DataFrame(False, index=rows, columns=body.columns)
    suppressed.loc["Police municipale", ["n", "mean", "low", "high", "share", "p"]] = True
    group = "Satisfaction (1 à 5)"
    table = PublicationTable(
        title="Satisfaction des agents de la Ville de Rezé",
        body=body,
        columns=(
            Column("n", "Répondants", kind="count"),
            Column("mean", "Moyenne", decimals=2, group=group),
            Column(("low", "high"), "IC à 95 %", kind="interval", decimals=2, group=group),
            Column("share", "Satisfaits", kind="percent"),
            Column("p", "p", kind="p_value"),
            Column("method", "Méthode", kind="text"),
        ),
        stub="Direction",
        bases=body[["n"]].rename(columns={"n": "mean"}),
        reading="à la Culture, la moyenne est de 3,21.",
        scope="agents permanents de Rezé ; hors stagiaires.",
        source="baromètre RH, 2013.",
        suppressed=suppressed,
        policy="seuil 10",
        simulated=True,
    )
    return table.with_notes(**changes)


@pytest.fixture
def table() -> PublicationTable:
    return make_table()


@pytest.fixture
def ax() -> Iterator[Any]:
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(4, 2), layout="constrained")
    axes.barh(["Culture", "Voirie & propreté"], [3.2, 2.9])
    axes.set_xlabel("Satisfaction à Rezé")
    yield axes
    plt.close(figure)


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Path]:
    """The export folder of a study whose partner and author must not be named."""
    with using_setting(
        study="bareme", notebook="bareme", author="Camille Dupont", partner="Ville de Pau", names=NAMES
    ):
        yield tmp_path / "exports" / "bareme"
