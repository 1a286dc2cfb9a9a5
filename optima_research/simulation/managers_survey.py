"""The managers' survey of ``pau_politiques``: two waves that overlap; purposeful use rises, display does not."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optima_research.observatory import item_bank
from optima_research.simulation.limesurvey import Group, Question, Questionnaire, write_lsa
from optima_research.simulation.people import Generator, likert
from optima_research.simulation.reze_barometre_rh import AGREEMENT

SURVEYS = {"2012": 644512, "2014": 644514}
OPENINGS = {"2012": datetime(2012, 3, 5, 8, 0), "2014": datetime(2014, 9, 22, 8, 0)}
POPULATION, STAYERS = 260, 225
# Who answers: both waves, the first alone, the second alone; among those who left, and those who came.
BOTH, FIRST_ONLY, SECOND_ONLY, LEFT, CAME = 105, 40, 27, 20, 18
RISE, LASTING = 0.30, 0.6
LOADINGS = (0.84, 0.80, 0.74, 0.70)
BLOCKS = ("USR", "AFF")
SENIORITY = {"A1": "Moins de 5 ans", "A2": "De 5 à 14 ans", "A3": "15 ans et plus"}
RANKS = {"R1": "Responsable d'équipe", "R2": "Chef de service", "R3": "Direction"}


def managers(rng: Generator, sign: float) -> pd.DataFrame:
    """Everybody who managed at one of the two dates: traits, attitudes, who was there and who answers."""
    n = 2 * POPULATION - STAYERS
    place = np.arange(n)
    kept = rng.standard_normal((n, 2))
    frame = pd.DataFrame(
        {
            "CLE": [f"M{number:04d}" for number in rng.permutation(n) + 1],
            "ANC": rng.choice(list(SENIORITY), n, p=[0.28, 0.40, 0.32]),
            "RNG": rng.choice(list(RANKS), n, p=[0.50, 0.36, 0.14]),
            "present_2012": place < POPULATION,
            "present_2014": (place < STAYERS) | (place >= POPULATION),
            "answers_2012": (place < BOTH + FIRST_ONLY) | ((place >= STAYERS) & (place < STAYERS + LEFT)),
            "answers_2014": (place < BOTH)
            | ((place >= BOTH + FIRST_ONLY) & (place < BOTH + FIRST_ONLY + SECOND_ONLY))
            | ((place >= POPULATION) & (place < POPULATION + CAME)),
        }
    )
    for year in SURVEYS:
        new = rng.standard_normal((n, 2))
        latent = np.sqrt(LASTING) * kept + np.sqrt(1 - LASTING) * new
        frame[f"use_{year}"] = latent[:, 0] + sign * RISE * (year == "2014")
        frame[f"display_{year}"] = latent[:, 1]
    return frame


def write(rng: Generator, people: pd.DataFrame, folder: Path) -> dict[str, Any]:
    """Write one archive a wave and the staff numbers, and return what is true of all managers."""
    scores = {}
    for year, sid in SURVEYS.items():
        answers = _answers(rng, people, year)
        scores[year] = {block: _score(answers, block)[people[f"present_{year}"]].mean() for block in BLOCKS}
        write_lsa(
            questionnaire(year), _responses(rng, people, answers, year), folder / f"survey_archive_{sid}.lsa"
        )
    staff = f"annee;cadres;deja_la_en_2012\n2012;{POPULATION};{POPULATION}\n2014;{POPULATION};{STAYERS}\n"
    (folder / "effectifs_cadres.csv").write_text(staff, encoding="utf-8")
    change = {block: float(scores["2014"][block] - scores["2012"][block]) for block in BLOCKS}
    return {
        "population": POPULATION,
        "stayers": STAYERS,
        "évolution de l'usage réfléchi": round(change["USR"], 6),
        "évolution de l'affichage": round(change["AFF"], 6),
        "lowest_use_year": min(SURVEYS, key=lambda year: scores[year]["USR"]),
    }


def questionnaire(year: str) -> Questionnaire:
    """One page on the post, one on what indicators are used for."""
    you = [
        Question("ANC", "L", "Depuis combien de temps encadrez-vous ?", SENIORITY, mandatory=True),
        Question("RNG", "L", "Vous êtes", RANKS, mandatory=True),
        Question("CLE", "S", "Votre code personnel, le même à chaque enquête", mandatory=True),
    ]
    grids = []
    for block in BLOCKS:
        scale, items = item_bank(block)
        rows = {f"SQ{rank:03d}": item.question for rank, item in enumerate(items, start=1)}
        grids.append(Question(block, "F", f"{scale.label} : êtes-vous d'accord ?", AGREEMENT, rows))
    groups = [Group("Votre poste", you), Group("Vos indicateurs", grids)]
    return Questionnaire(f"Encadrer et piloter, {year}", groups, sid=SURVEYS[year], anonymized=True)


def _answers(rng: Generator, people: pd.DataFrame, year: str) -> pd.DataFrame:
    columns = {}
    for block, attitude in zip(BLOCKS, ("use", "display"), strict=True):
        for rank, _item in enumerate(item_bank(block)[1]):
            columns[f"{block}[SQ{rank + 1:03d}]"] = likert(rng, people[f"{attitude}_{year}"], LOADINGS[rank])
    return pd.DataFrame(columns)


def _score(answers: pd.DataFrame, block: str) -> pd.Series:
    return answers[[name for name in answers if str(name).startswith(block)]].mean(axis=1)


def _responses(rng: Generator, people: pd.DataFrame, answers: pd.DataFrame, year: str) -> pd.DataFrame:
    """Who answered, in the order they came; three tests before the opening, and five who stopped at the first page."""
    there = people[f"answers_{year}"].to_numpy()
    frame = pd.concat([people.loc[there, ["ANC", "RNG", "CLE"]], answers[there].astype(object)], axis=1)
    frame = frame.iloc[rng.permutation(len(frame))].reset_index(drop=True)
    silent = people[people[f"present_{year}"] & ~there].sample(5, random_state=rng)[["ANC", "RNG", "CLE"]]
    frame = pd.concat([frame, silent], ignore_index=True)
    items = list(answers)
    frame[items] = frame[items].mask(rng.random((len(frame), len(items))) < 0.012, "")
    moments = _moments(rng, len(frame), OPENINGS[year])
    frame["startdate"] = [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in moments]
    frame["datestamp"] = [f"{moment + timedelta(minutes=8):%Y-%m-%d %H:%M:%S}" for moment in moments]
    stopped = frame["CLE"].isin(silent["CLE"])
    frame.loc[stopped, items] = None
    frame["submitdate"] = frame["datestamp"].where(~stopped, None)
    frame["lastpage"], frame["startlanguage"] = np.where(stopped, 1, 2), "fr"
    tests = frame[~stopped].head(3).assign(CLE=["ESSAI1", "ESSAI2", "ESSAI3"])
    day = OPENINGS[year] - timedelta(days=5)
    for column in ("startdate", "datestamp", "submitdate"):
        tests[column] = [f"{day + timedelta(hours=rank):%Y-%m-%d %H:%M:%S}" for rank in range(3)]
    frame = pd.concat([tests, frame]).sort_values("startdate", kind="stable").reset_index(drop=True)
    frame["seed"] = rng.integers(10**8, 2 * 10**9, len(frame)).astype(str)
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="id")
    return frame


def _moments(rng: Generator, n: int, opening: datetime) -> list[datetime]:
    minutes = rng.integers(0, 26, n) * 24.0 * 60 + rng.integers(0, 600, n)
    return [opening + timedelta(minutes=float(minute)) for minute in minutes]
