"""The estate of Pau and its agglomeration, 2011–2014, simulated: tools of 192 bodies, costs and gas of 420 buildings.

The questionnaire went out by e-mail and whoever wished answered. The buildings are those of ``simulation.buildings``:
one swimming pool carries the mean cost, and a mild winter passes for a saving.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optima_research.simulation import buildings
from optima_research.simulation.limesurvey import Group, Question, Questionnaire, write_lsa
from optima_research.simulation.people import Generator, population

SEED = 20120917
SID = 120917
OPENING = datetime(2012, 9, 17, 8, 0)
TYPES = {"COM": "Commune", "EPCI": "Intercommunalité", "DEP": "Département", "REG": "Région"}
ANSWERED = {"COM": 88, "EPCI": 58, "DEP": 41, "REG": 5}
# Bodies of each type that the mailing could have reached: the sample is none of their random draws.
FRAME = {"COM": 1912, "EPCI": 2456, "DEP": 101, "REG": 26}
SIZES = {
    "P1": "Moins de 10 000 habitants",
    "P2": "10 000 à 49 999",
    "P3": "50 000 à 199 999",
    "P4": "200 000 et plus",
}
SIZE_SHARES = {
    "COM": {"P1": 0.42, "P2": 0.36, "P3": 0.19, "P4": 0.03},
    "EPCI": {"P1": 0.20, "P2": 0.45, "P3": 0.27, "P4": 0.08},
    "DEP": {"P3": 0.15, "P4": 0.85},
    "REG": {"P4": 1.0},
}
# Each tool: its wording, and the chance to have it in the three ways of managing an estate.
TOOLS = {
    "SQ001": ("Un inventaire des bâtiments", (0.55, 0.94, 0.97)),
    "SQ002": ("Un suivi annuel des dépenses", (0.48, 0.93, 0.95)),
    "SQ003": ("Un suivi des consommations de fluides", (0.16, 0.85, 0.93)),
    "SQ004": ("Un registre des interventions", (0.14, 0.84, 0.86)),
    "SQ005": ("Un plan annuel de travaux", (0.22, 0.86, 0.84)),
    "SQ006": ("Une programmation pluriannuelle des travaux", (0.05, 0.25, 0.86)),
    "SQ007": ("Un schéma directeur immobilier", (0.02, 0.06, 0.80)),
    "SQ008": ("Un coût complet par bâtiment", (0.02, 0.10, 0.76)),
    "SQ009": ("Un suivi de l'occupation des locaux", (0.05, 0.14, 0.82)),
    "SQ010": ("Des indicateurs de performance énergétique", (0.03, 0.16, 0.80)),
    "SQ011": ("Un comité de pilotage du patrimoine", (0.03, 0.08, 0.74)),
}
MULTI_YEAR = "SQ006"
# Chance that a body steers its estate: small communes, other communes, EPCI, départements, régions.
STEERING = {"petite": 0.111, "COM": 0.33, "EPCI": 0.28, "DEP": 0.569, "REG": 0.60}
ELEMENTARY = 0.55
DECIDERS = {"SQ001": "Les élus", "SQ002": "La direction générale", "SQ003": "Le service technique",
            "SQ004": "Le service financier", "SQ005": "Les occupants"}  # fmt: skip


@dataclass(frozen=True)
class Truth:
    """What the simulation is told to do; ``sign=-1`` turns every effect round."""

    sign: float = 1.0
    seed: int = SEED


def simulate(folder: Path, truth: Truth | None = None) -> dict[str, Any]:
    """Write the study's raw files, and return what is true."""
    truth = truth or Truth()
    rng = np.random.default_rng(truth.seed)
    folder.mkdir(parents=True, exist_ok=True)
    bodies = _bodies(rng, truth.sign)
    write_lsa(questionnaire(), _responses(rng, bodies), folder / f"survey_archive_{SID}.lsa")
    _write_frame(folder / "cadre.csv")
    # Streams of their own: what changes in the questionnaire leaves the buildings as they are.
    rng, bills = (np.random.default_rng([truth.seed, stream]) for stream in (1, 2))
    estate = buildings.estate(rng, truth.sign)
    buildings.write_inventory(rng, estate, folder / "inventaire_batiments.xlsx")
    buildings.write_invoices(bills, estate, truth.sign, folder / "factures_gaz.csv")
    buildings.write_degree_days(folder / "dju.csv")
    chance = multi_year_chance(bodies["steering"])
    by_type = chance.groupby(bodies["TYP"].map(TYPES)).mean()
    return {
        "study": "pau_patrimoine",
        "seed": truth.seed,
        "multi_year_by_type": {name: round(float(share), 6) for name, share in by_type.items()},
        "lowest_multi_year": str(by_type.idxmin()),
        "ways_of_managing": 3,
        **buildings.known(truth.sign),
        "nulls": ["locataire"],
    }


def questionnaire() -> Questionnaire:
    """Two pages: the body that answers, its tools and who decides."""
    you = [
        Question("TYP", "L", "Votre collectivité est", TYPES, mandatory=True),
        Question("POP", "!", "Sa population", SIZES, mandatory=True),
    ]
    tools = [
        Question(
            "OUT", "M", "De quels outils disposez-vous pour gérer vos bâtiments ?",
            subquestions={code: wording for code, (wording, _chances) in TOOLS.items()}, other=True,
        ),
        Question("DEC", "M", "Qui prend part aux décisions sur les bâtiments ?", subquestions=DECIDERS),
        Question("REM", "T", "Une remarque ?"),
    ]  # fmt: skip
    return Questionnaire(
        "La gestion patrimoniale des collectivités", [Group("Vous", you), Group("Vos outils", tools)], sid=SID
    )


def multi_year_chance(steering: pd.Series) -> pd.Series:
    """Chance to plan works over several years, for bodies that steer their estate with that chance."""
    elementary, current, steered = TOOLS[MULTI_YEAR][1]
    otherwise = ELEMENTARY * elementary + (1 - ELEMENTARY) * current
    return steering * steered + (1 - steering) * otherwise


def _bodies(rng: Generator, sign: float) -> pd.DataFrame:
    """The bodies that answered: type, size, way of managing, tools."""
    bodies = population(ANSWERED, "TYP").sample(frac=1, random_state=rng).reset_index(drop=True)
    bodies["POP"] = [rng.choice(list(SIZE_SHARES[t]), p=list(SIZE_SHARES[t].values())) for t in bodies["TYP"]]
    small = (bodies["TYP"] == "COM") & bodies["POP"].isin(["P1", "P2"])
    steering = bodies["TYP"].mask(small, "petite").map(_steering(sign)).astype(float)
    draw = rng.random(len(bodies))
    elementary = steering + (1 - steering) * ELEMENTARY
    way = np.where(draw < steering, 2, np.where(draw < elementary, 0, 1))
    for code, (_wording, chances) in TOOLS.items():
        held = rng.random(len(bodies)) < np.array(chances)[way]
        bodies[f"OUT[{code}]"] = np.where(held, "Y", "")
    return bodies.assign(steering=steering)


def _steering(sign: float) -> Mapping[str, float]:
    """Turned round, those who steered most steer least."""
    if sign > 0:
        return STEERING
    ends = min(STEERING.values()) + max(STEERING.values())
    return {name: ends - chance for name, chance in STEERING.items()}


def _responses(rng: Generator, bodies: pd.DataFrame) -> pd.DataFrame:
    """The stored responses: three trials by the team before the opening, the bodies, and those who gave up."""
    left = bodies.sample(14, random_state=rng).drop(
        columns=[name for name in bodies if name.startswith("OUT")]
    )
    trials = bodies.head(3)
    frame = pd.concat([trials, bodies, left], ignore_index=True).drop(columns="steering").astype(object)
    answered = np.arange(len(frame)) < len(trials) + len(bodies)
    frame["OUT[other]"] = np.where(answered & (rng.random(len(frame)) < 0.05), "Un tableur à moi", "")
    for code, chance in zip(DECIDERS, (0.82, 0.74, 0.69, 0.38, 0.12), strict=True):
        frame[f"DEC[{code}]"] = np.where(answered & (rng.random(len(frame)) < chance), "Y", "")
    frame["REM"] = ""
    minutes = rng.integers(0, 60, len(frame)) * 24 * 60 + rng.integers(0, 600, len(frame))
    minutes[: len(trials)] = -3000 - 60 * np.arange(len(trials))
    start = [OPENING + timedelta(minutes=int(minute)) for minute in minutes]
    end = [
        moment + timedelta(minutes=int(lasting))
        for moment, lasting in zip(start, rng.integers(6, 35, len(start)), strict=True)
    ]
    frame["startdate"] = [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in start]
    frame["datestamp"] = [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in end]
    frame["submitdate"] = frame["datestamp"].where(answered, None)
    frame["lastpage"], frame["startlanguage"] = np.where(answered, 2, 1), "fr"
    frame["seed"] = rng.integers(10**8, 2 * 10**9, len(frame)).astype(str)
    frame = frame.sort_values("startdate", kind="stable")
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="id")
    return frame


def _write_frame(path: Path) -> None:
    table = pd.DataFrame({"type": list(TYPES.values()), "nombre": list(FRAME.values())})
    path.write_text(table.to_csv(sep=";", index=False, lineterminator="\n"), encoding="utf-8")
