"""The indicators of ``pau_politiques`` as one keeps them by hand: a sheet a quarter, changing headings, colours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optima_research.simulation.people import Generator
from optima_research.simulation.workbooks import save_dated

N, QUARTERS = 96, 12
HAZARD, RATIO = 0.14, 0.45
# Name of the sheet, and headings, of each year: another hand took over.
HANDS = {
    2012: ("T{q} {y}", ("N°", "Indicateur", "Valeur", "Cible", "Commentaire")),
    2013: ("{o} trim. {y}", ("Code", "Libellé de l'indicateur", "Réalisé", "Objectif", "Observations")),
    2014: ("{y}-T{q}", ("Réf.", "Intitulé", "Résultat\ndu trimestre", "Cible 2014", "Remarques")),
}
DIRECTIONS = (
    "Voirie", "Petite enfance", "Culture", "Sports", "Logement", "Espaces verts", "Propreté", "Urbanisme", "Jeunesse",
    "Déplacements", "Action sociale", "Affaires générales",
)  # fmt: skip
KINDS = {
    "activité": (
        "Nombre de dossiers traités",
        "Nombre de demandes reçues",
        "Heures d'ouverture",
        "Réunions tenues",
    ),
    "résultat": ("Part des demandes closes en 15 jours", "Satisfaction des usagers", "Taux de fréquentation"),
    "moyens": ("Dépense par habitant", "Postes pourvus", "Taux d'exécution du budget"),
}
GREEN, AMBER, RED, GREY = "FFC6EFCE", "FFFFEB9C", "FFFFC7CE", "FFD9D9D9"


def write(rng: Generator, sign: float, path: Path) -> dict[str, Any]:
    """Write the workbook, and return what is true: complete sheets make indicators last."""
    from openpyxl import Workbook

    indicators = _indicators(rng, sign)
    book = Workbook()
    book.remove(book.worksheets[0])
    _describe(book.create_sheet("Fiches"), indicators)
    for quarter in range(QUARTERS):
        _quarter(rng, book, indicators, quarter)
    save_dated(book, path, datetime(2015, 1, 16, 17, 42))
    return {
        "rapport de risque": round(float(RATIO**sign), 6),
        "lowest_survival": "fiche incomplète" if sign > 0 else "fiche complète",
    }


def _indicators(rng: Generator, sign: float) -> pd.DataFrame:
    """Ninety-six indicators: who keeps them, what their sheet says, how many quarters they last."""
    kind = rng.choice(list(KINDS), N, p=[0.45, 0.35, 0.20])
    complete = rng.permutation(np.repeat([True, False], N // 2))
    parts = np.ones((N, 3), dtype=bool)
    # An incomplete sheet lacks one of the three parts or more, its responsible person first.
    lacking = ~complete
    parts[lacking, 2] = rng.random(lacking.sum()) < 0.30
    parts[lacking, 0] = rng.random(lacking.sum()) < 0.55
    parts[lacking, 1] = parts[lacking, 1] & (rng.random(lacking.sum()) < 0.75)
    parts[lacking & parts.all(axis=1), 2] = False
    hazard = HAZARD * RATIO ** (sign * complete)
    return pd.DataFrame(
        {
            "code": [f"IND{number:03d}" for number in range(1, N + 1)],
            "direction": rng.choice(DIRECTIONS, N),
            "kind": kind,
            "label": [KINDS[k][int(rng.integers(len(KINDS[k])))] for k in kind],
            "formula": parts[:, 0],
            "source": parts[:, 1],
            "owner": parts[:, 2],
            "lasts": np.ceil(rng.exponential(1 / hazard)).astype(int),
            "lingers": rng.integers(0, 3, N),
            "level": rng.uniform(20, 95, N).round(0),
        }
    )


def _describe(sheet: Any, indicators: pd.DataFrame) -> None:
    sheet.append(
        ["Code", "Libellé", "Direction", "Nature", "Formule écrite", "Source désignée", "Responsable désigné"]
    )
    for row in indicators.itertuples():
        said = ["oui" if part else "non" for part in (row.formula, row.source, row.owner)]
        sheet.append([row.code, row.label, row.direction, row.kind, *said])


def _quarter(rng: Generator, book: Any, indicators: pd.DataFrame, quarter: int) -> None:
    """One sheet: a title, headings of the year, the lines still kept by direction, and what a hand leaves behind."""
    year, place = 2012 + quarter // 4, quarter % 4 + 1
    name, headings = HANDS[year]
    order = "1er" if place == 1 else f"{place}e"
    sheet = book.create_sheet(name.format(q=place, y=year, o=order))
    sheet.append([f"Tableau de bord des politiques publiques – {order} trimestre {year}"])
    if year > 2012:
        sheet.append([])
    sheet.append(list(headings))
    kept = indicators[quarter < indicators["lasts"] + indicators["lingers"]]
    for direction, own in kept.groupby("direction", sort=True):
        sheet.append([None, str(direction).upper()])
        for row in own.itertuples():
            _line(rng, sheet, row, quarter)


def _line(rng: Generator, sheet: Any, row: Any, quarter: int) -> None:
    from openpyxl.styles import PatternFill

    target = float(row.level)
    value = target * float(rng.normal(1.0, 0.12))
    alive = quarter < row.lasts and rng.random() > 0.05
    shown: Any = _typed(rng, value) if alive else ("n.d.", "-", None)[int(rng.integers(3))]
    comment = None if rng.random() > 0.05 else "à vérifier"
    sheet.append([row.code, row.label, shown, int(target), comment])
    colour = (
        GREY if not alive else (GREEN, AMBER, RED)[int(np.searchsorted([-0.02, 0.10], 1 - value / target))]
    )
    if rng.random() < 0.6:
        sheet.cell(sheet.max_row, 3 if shown is not None else 2).fill = PatternFill("solid", fgColor=colour)


def _typed(rng: Generator, value: float) -> Any:
    """A number, or a number as text with a comma: both are found in one column."""
    ways: Sequence[Any] = (round(value, 1), f"{value:.1f}".replace(".", ","), round(value))
    return ways[int(rng.integers(3))]
