"""Local actors of Auvergne, 2014, simulated: an archive, a Google Form, a workbook kept by hand, an OFGL table.

Those who asked for coaching were already more at ease, so the coached look much better than the others; matched with
their likes, less. The workbook of the programme lost the zeros of its SIRET numbers and ends with totals.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optima_research.observatory import item_bank
from optima_research.simulation.limesurvey import Group, Question, Questionnaire, write_lsa
from optima_research.simulation.people import Generator, likert
from optima_research.simulation.reze_barometre_rh import AGREEMENT
from optima_research.simulation.workbooks import save_dated

SEED = 20140318
SID = 140318
OPENING = datetime(2014, 3, 18, 8, 0)
ACTORS = 780
DEPARTMENTS = {"03": "Allier", "15": "Cantal", "43": "Haute-Loire", "63": "Puy-de-Dôme"}
SECTORS = {"TOU": "Tourisme", "COM": "Commerce", "ART": "Artisanat", "ASS": "Association"}
SIZES = {"T0": "Aucun salarié", "T1": "1 à 9 salariés", "T2": "10 à 49 salariés", "T3": "50 salariés et plus"}
RURAL_LOGIT, SKILL_LOGIT, SIZE_LOGIT = -0.60, 0.85, 0.25
COACHED, CANDIDATES = 150, 450
COACHING_EFFECT = 0.16


@dataclass(frozen=True)
class Truth:
    """What the simulation is told to do; ``sign=-1`` turns every effect round."""

    sign: float = 1.0
    seed: int = SEED


def simulate(folder: Path, truth: Truth | None = None) -> dict[str, Any]:
    """Write the files of four tools, and return what is true of the actors surveyed."""
    truth = truth or Truth()
    rng = np.random.default_rng(truth.seed)
    folder.mkdir(parents=True, exist_ok=True)
    actors = _actors(rng, truth.sign)
    write_lsa(questionnaire(), _responses(rng, actors), folder / f"survey_archive_{SID}.lsa")
    candidates, effect = _programme(rng, actors, truth.sign)
    _write_workbook(rng, candidates, folder / "suivi_coaching.xlsx")
    _write_form(rng, candidates, folder / "reponses_12_mois.csv")
    _write_ofgl(rng, folder / "ofgl_communes.csv")
    return {
        "study": "auvergne_numerique",
        "seed": truth.seed,
        "coaching_effect": round(effect, 6),
        "lowest_adoption": "rural" if truth.sign > 0 else "urbain",
        "rural_logit": truth.sign * RURAL_LOGIT,
        "nulls": ["DEP"],
    }


def questionnaire() -> Questionnaire:
    """Two pages: the establishment, its digital tools."""
    scale, items = item_bank("FAC")
    rows = {f"SQ{rank:03d}": item.question for rank, item in enumerate(items, start=1)}
    you = [
        Question("SIRET", "S", "Numéro SIRET de l'établissement", mandatory=True),
        Question("DEP", "!", "Département", DEPARTMENTS, mandatory=True),
        Question(
            "ZON", "L", "L'établissement se trouve", {"U": "En ville", "R": "À la campagne"}, mandatory=True
        ),
        Question("SEC", "L", "Secteur", SECTORS, mandatory=True),
        Question("TAI", "L", "Taille", SIZES, mandatory=True),
        Question("CA", "N", "Chiffre d'affaires en ligne de l'an dernier, en milliers d'euros"),
    ]
    tools = [
        Question("FAC", "F", f"{scale.label} : êtes-vous d'accord ?", AGREEMENT, rows),
        Question("LIG", "Y", "Vendez-vous ou prenez-vous des réservations en ligne ?", mandatory=True),
        Question("CAN", "Y", "Souhaitez-vous l'aide d'un coach numérique ?", mandatory=True),
    ]
    return Questionnaire(
        "Le numérique des acteurs locaux", [Group("Vous", you), Group("Vos outils", tools)], sid=SID
    )


def _actors(rng: Generator, sign: float) -> pd.DataFrame:
    actors = pd.DataFrame({"SIRET": _sirets(rng, ACTORS)})
    actors["DEP"] = rng.choice(list(DEPARTMENTS), ACTORS, p=[0.25, 0.12, 0.17, 0.46])
    rural = rng.random(ACTORS) < actors["DEP"].map({"03": 0.5, "15": 0.8, "43": 0.65, "63": 0.35}).to_numpy(
        dtype=float
    )
    actors["ZON"] = np.where(rural, "R", "U")
    actors["SEC"] = rng.choice(list(SECTORS), ACTORS, p=[0.35, 0.28, 0.22, 0.15])
    size = rng.choice(4, ACTORS, p=[0.40, 0.42, 0.14, 0.04])
    actors["TAI"] = np.array(list(SIZES))[size]
    skill = rng.standard_normal(ACTORS) - 0.25 * rural
    actors["skill"] = skill
    logit = -0.4 + sign * (RURAL_LOGIT * rural + SKILL_LOGIT * skill + SIZE_LOGIT * size)
    actors["logit"] = logit
    actors["LIG"] = np.where(rng.random(ACTORS) < 1 / (1 + np.exp(-logit)), "Y", "N")
    scale, items = item_bank("FAC")
    for rank, item in enumerate(items, start=1):
        actors[f"FAC[SQ{rank:03d}]"] = likert(rng, skill, 0.78, turned=item.name in scale.reversed)
    turnover = np.round(np.exp(rng.normal(2.2 + 0.6 * size, 1.0)), 1)
    actors["CA"] = np.where(actors["LIG"] == "Y", turnover, 0.0)
    return actors


def _sirets(rng: Generator, n: int) -> list[str]:
    """Numbers with a right key, one in six starting with a zero, that belong to nobody in particular."""
    found: dict[str, None] = {}
    while len(found) < n:
        first = "0" if rng.random() < 1 / 6 else str(rng.integers(1, 10))
        digits = first + "".join(map(str, rng.integers(0, 10, 12)))
        found[digits + _luhn_key(digits)] = None
    return list(found)


def _luhn_key(digits: str) -> str:
    doubled = [int(d) * (2 if place % 2 == 0 else 1) for place, d in enumerate(reversed(digits))]
    return str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)


def _responses(rng: Generator, actors: pd.DataFrame) -> pd.DataFrame:
    frame = actors.drop(columns=["skill", "logit"]).astype(object)
    chance = 1 / (1 + np.exp(-(0.35 + 0.5 * actors["skill"])))
    frame["CAN"] = np.where(rng.random(len(frame)) < chance, "Y", "N")
    minutes = np.sort(rng.integers(0, 45, len(frame)) * 24 * 60 + rng.integers(0, 660, len(frame)))
    start = [OPENING + timedelta(minutes=int(minute)) for minute in minutes]
    frame["startdate"] = [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in start]
    frame["submitdate"] = [f"{moment + timedelta(minutes=8):%Y-%m-%d %H:%M:%S}" for moment in start]
    frame["datestamp"], frame["lastpage"], frame["startlanguage"] = frame["submitdate"], 2, "fr"
    frame["seed"] = rng.integers(10**8, 2 * 10**9, len(frame)).astype(str)
    actors["CAN"] = frame["CAN"].to_numpy()
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="id")
    return frame


def _programme(rng: Generator, actors: pd.DataFrame, sign: float) -> tuple[pd.DataFrame, float]:
    """Who was coached, and who sells on line twelve months later; also the true effect on the coached."""
    wanted = actors[actors["CAN"] == "Y"].head(CANDIDATES).reset_index(drop=True)
    score = 0.9 * wanted["skill"] + 0.5 * (wanted["LIG"] == "Y") + rng.logistic(0, 1, len(wanted))
    wanted["coached"] = score.rank(ascending=False) <= COACHED
    before = 1 / (1 + np.exp(-(wanted["logit"] + 1.1 * sign * (wanted["LIG"] == "Y"))))
    after = np.clip(before + sign * COACHING_EFFECT, 0.02, 0.98)
    chance = np.where(wanted["coached"], after, before)
    wanted["later"] = rng.random(len(wanted)) < chance
    effect = float((after - before)[wanted["coached"]].mean())
    wanted["replied"] = rng.random(len(wanted)) < np.where(wanted["later"], 0.93, 0.86)
    return wanted, effect


def _write_workbook(rng: Generator, candidates: pd.DataFrame, path: Path) -> None:
    """The programme's workbook: a merged title, numbers for SIRET, hours typed in three ways, totals at the end."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet("Coaching")
    sheet["A1"] = "Suivi du coaching numérique 2014"
    sheet.merge_cells("A1:D1")
    sheet.append([])
    sheet.append(["SIRET", "Département", "Coach", "Heures de coaching"])
    names = {"03": ("Allier", "ALLIER"), "15": ("Cantal", "Cantal "), "43": ("Haute-Loire", "Hte-Loire"),
             "63": ("Puy-de-Dôme", "Puy de Dôme")}  # fmt: skip
    total = 0.0
    for number, row in enumerate(candidates[candidates["coached"]].itertuples()):
        hours = round(float(rng.gamma(9, 0.6)) * 2) / 2
        total += hours
        shown: Any = (
            "n.d." if number % 25 == 24 else f"{hours:.1f}".replace(".", ",") if number % 3 else hours
        )
        sheet.append([int(row.SIRET), names[row.DEP][number % 7 == 0], f"Coach {1 + number % 6}", shown])
    sheet.append(["Total", None, None, total])
    save_dated(book, path, datetime(2014, 12, 31))


def _write_form(rng: Generator, candidates: pd.DataFrame, path: Path) -> None:
    """The Google Form of the twelfth month: whole questions as headings, answers in words."""
    replies = candidates[candidates["replied"]].sample(frac=1, random_state=rng)
    tools = ("Site de réservation", "Réseaux sociaux", "Place de marché")
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(["Horodateur", "Numéro SIRET de l'établissement",
                         "Vendez-vous ou prenez-vous des réservations en ligne aujourd'hui ?",
                         "Quels outils utilisez-vous ?"])  # fmt: skip
        moment = datetime(2015, 3, 20, 9, 0)
        for row in replies.itertuples():
            moment += timedelta(minutes=int(rng.integers(5, 180)))
            chosen = [tool for tool in tools if rng.random() < (0.6 if row.later else 0.15)]
            writer.writerow(
                [f"{moment:%d/%m/%Y %H:%M:%S}", row.SIRET, "Oui" if row.later else "Non", ";".join(chosen)]
            )


def _write_ofgl(rng: Generator, path: Path) -> None:
    """Equipment expenditure of twenty communes; two were born of a merger and stand on two rows."""
    rows = []
    for number in range(20):
        department = list(DEPARTMENTS)[number % 4]
        code, people = f"{department}{101 + number:03d}", int(rng.integers(400, 30_000))
        parts = 2 if number in (3, 11) else 1
        for part in range(parts):
            population = people // parts + (people % parts if part == 0 else 0)
            amount = int(population * rng.normal(330, 60))
            rows.append([2014, code, f"Commune {number + 1}", "Budget principal", "Dépenses d'équipement", amount,
                         population, f"{amount / population:.2f}".replace(".", ",")])  # fmt: skip
    names = [
        "exer",
        "insee",
        "com_name",
        "type_de_budget",
        "agregat",
        "montant",
        "ptot",
        "euros_par_habitant",
    ]
    table = pd.DataFrame(rows, columns=names)
    path.write_text(table.to_csv(sep=";", index=False, lineterminator="\n"), encoding="utf-8")
